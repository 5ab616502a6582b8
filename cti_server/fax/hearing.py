"""What a fax machine hears of an RTP stream: each sample once, in order, holes and all. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cti_server.media.rtp import signed16, signed32

HELD_BACK: Final = 4
"""Packets that are waited with until the one before them counts as lost."""
_JUMP: Final = 500  # packets: farther away it is another stream
_LONGEST_HOLE: Final = 8000  # samples


@dataclass(frozen=True, slots=True)
class Lost:
    """So many samples did not come."""

    samples: int


@dataclass(frozen=True, slots=True)
class Silent:
    """So many samples were none: the other side sends no silence, or nothing at all."""

    samples: int


Heard = bytes | Lost | Silent


class Hearing:
    """
    A modem's receiver must miss no sample and hear none twice: there is no clock of ours here.

    Only where nothing comes at all (:meth:`pass_time`) time is made up, and taken off again from
    the hole that shows afterwards.
    """

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._sequence = 0  # that is due
        self._timestamp = 0  # that is due
        self._held: dict[int, tuple[int, bytes]] = {}
        self._made_up = 0
        self.lost = 0
        """Packets."""

    def receive(self, ssrc: int, sequence: int, timestamp: int, payload: bytes) -> list[Heard]:
        """What can be heard now that this packet is there."""
        ahead = signed16(sequence - self._sequence)
        if ssrc != self._ssrc or abs(ahead) > _JUMP:
            self._ssrc, self._sequence, self._timestamp = ssrc, sequence, timestamp
            self._held.clear()
            ahead = 0
        if ahead < 0:
            return []  # a copy, or too late
        self._held[sequence] = (timestamp, payload)
        return list(self._due())

    def pass_time(self, samples: int) -> Silent:
        """Nothing has come for a while."""
        self._made_up += samples
        return Silent(samples)

    def _due(self) -> Iterator[Heard]:
        while self._held:
            found = self._held.pop(self._sequence, None)
            if found is None:
                if len(self._held) < HELD_BACK:
                    return
                first = min(self._held, key=lambda one: signed16(one - self._sequence))
                self.lost += signed16(first - self._sequence)
                yield from self._hole(self._held[first][0], lost=True)
                self._sequence = first
                continue
            timestamp, payload = found
            yield from self._hole(timestamp, lost=False)
            yield payload
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._timestamp = (timestamp + len(payload)) & 0xFFFFFFFF

    def _hole(self, until: int, *, lost: bool) -> Iterator[Heard]:
        samples = signed32(until - self._timestamp) - self._made_up
        self._made_up = 0
        self._timestamp = until
        if 0 < samples <= _LONGEST_HOLE:
            yield Lost(samples) if lost else Silent(samples)
