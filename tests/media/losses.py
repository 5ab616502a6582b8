"""What networks lose, as data; and what of the keys in the audio arrives through them."""

import random
from dataclasses import dataclass

from cti_server.media.digits import KEYS
from cti_server.media.g711 import encode

from .keypad import dialled, samples

# What is shorter is no key that arrived: whoever hears it cannot tell it from speech (Q.24: 40 ms
# must be a key, 23 ms must not).
AUDIBLE_MS = 30


def some_keys(count: int, chance: random.Random) -> str:
    """One in three the same as the one before."""
    keys = "0"
    while len(keys) <= count:
        keys += keys[-1] if chance.random() < 1 / 3 else chance.choice(KEYS)
    return keys[1:]


@dataclass(frozen=True, slots=True)
class Losses:
    """The chances that a packet is lost: after one that came, and after one that did not."""

    after_one_that_came: float
    after_a_lost_one: float

    def of(self, count: int, chance: random.Random) -> list[bool]:
        """Which of so many packets are lost."""
        lost = [False]
        for _ in range(count):
            odds = self.after_a_lost_one if lost[-1] else self.after_one_that_came
            lost.append(chance.random() < odds)
        return lost[1:]


NETWORKS = {
    "2 % at random": Losses(0.02, 0.02),
    "2 % in rows of one and a half": Losses(0.0133, 0.35),
    "2 % in rows of three": Losses(0.0068, 0.667),
}


class Dialler:
    """Somebody without telephone-events who dials, of whose packets of 20 ms not all arrive."""

    def __init__(
        self, keys: int, ms: int, pause: int, network: Losses, chance: random.Random
    ) -> None:
        lead = chance.randint(20, 40)
        self._keys = some_keys(keys, chance)
        audio = encode(samples(dialled(self._keys, ms, pause, lead)), "PCMU")
        self.packets = [audio[at : at + 160] for at in range(0, len(audio) - 159, 160)]
        self._lost = network.of(len(self.packets), chance)
        self._arrived = [self._arrived_ms(lead + n * (ms + pause), ms) for n in range(keys)]

    def arriving(self, number: int) -> bytes | None:
        """That packet, unless it is lost or there are no more."""
        gone = number >= len(self.packets) or self._lost[number]
        return None if gone else self.packets[number]

    @property
    def swallowed(self) -> int:
        """How many keys did not arrive."""
        return sum(ms < AUDIBLE_MS for ms in self._arrived)

    def mistakes(self, found: str) -> tuple[int, int]:
        """
        How many keys that arrived were lost, and how many were found that were not dialled.

        Of all ways to lay what was found beside what was dialled it is the one with the fewest.
        """
        best = [(number, 0, number) for number in range(len(found) + 1)]
        for key, ms in zip(self._keys, self._arrived, strict=True):
            missed = ms >= AUDIBLE_MS
            row = [(best[0][0] + missed, best[0][1] + missed, best[0][2])]
            for number, one in enumerate(found):
                total, lost, doubled = best[number + 1]
                ways = [(total + missed, lost + missed, doubled)]
                total, lost, doubled = row[number]
                ways.append((total + 1, lost, doubled + 1))
                if one == key:
                    ways.append(best[number])
                row.append(min(ways))
            best = row
        return best[-1][1:]

    def _arrived_ms(self, begins: int, lasts: int) -> int:
        """How much of a stretch of the audio was in packets that came."""
        ends = begins + lasts
        return sum(
            min(ends, (number + 1) * 20) - max(begins, number * 20)
            for number in range(begins // 20, ends // 20 + 1)
            if not self._lost[number]
        )
