"""
How loud the legs of a worker are, for as long as somebody watches; else it costs nothing.

What a leg says is measured from its packets, what it hears is put together from what those say
whom it hears, and what it is played: no packet is looked at twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log10
from typing import Final

import numpy as np
import numpy.typing as npt

from .g711 import decode, is_law, law
from .incoming import Arrival
from .leg import Leg
from .play import PlayInProgress
from .protocol import Codec
from .rtp import TICK_SAMPLES
from .worker_reports import LegAccount, LegLevel, LevelsHeard

WINDOW: Final = 10  # ticks: 0.2 s
ACCOUNT_WINDOWS: Final = 5  # each leg's account is told once a second
SAMPLES: Final = WINDOW * TICK_SAMPLES
SILENT: Final = -127  # dBFS, as RFC 6465 has it
LONGEST: Final = 60.0  # seconds that may be asked for at once
UNKNOWN: Final = LegLevel(None, None)

_FULL_SCALE: Final = 32768.0
_CODES: Final = bytes(range(256))


def _powers(codec: Codec) -> npt.NDArray[np.float64]:
    return (decode(_CODES, codec).astype(np.float64) / _FULL_SCALE) ** 2


_POWERS: Final[dict[Codec, npt.NDArray[np.float64]]] = {
    "PCMU": _powers("PCMU"),
    "PCMA": _powers("PCMA"),
}


def power(audio: bytes, codec: Codec) -> float:
    """The mean power of G.711, 1 being that of the largest sample; of nothing it is 0."""
    if not audio:
        return 0.0
    powers = _POWERS[codec].take(
        np.frombuffer(audio, np.uint8), mode="clip"
    )  # there is none beyond
    return float(np.add.reduce(powers)) / len(audio)


def decibels(mean: float | None) -> int | None:
    """A power in dBFS."""
    if mean is None:
        return None
    return SILENT if mean <= 0.0 else max(SILENT, round(10 * log10(mean)))


class _Meter:
    """How loud one leg was in the last window, and what was told of it."""

    __slots__ = ("account", "power", "told")

    def __init__(self) -> None:
        self.power: float | None = None
        self.told = UNKNOWN
        self.account: LegAccount | None = None

    def close_window(self, leg: Leg) -> None:
        arrivals, remote = leg.incoming.metered(), leg.remote
        if remote is None or not is_law(remote.codec):
            self.power = None
            return
        self.power = power(_speech(arrivals, remote.payload_type), law(remote.codec))


def _speech(arrivals: Iterable[Arrival | None], payload_type: int) -> bytes:
    """Without keys and comfort noise. In whatever order: it is only summed up."""
    return b"".join(one[3] for one in arrivals if one is not None and one[0] == payload_type)


class Levels:
    """The meters of all ``legs``, which come and go; ``report`` tells what they show."""

    def __init__(self, legs: Mapping[str, Leg], report: Callable[[LevelsHeard], None]) -> None:
        self._legs = legs
        self._report = report
        self._meters: dict[Leg, _Meter] = {}
        self._slots: list[dict[Leg, _Meter]] = [{} for _ in range(WINDOW)]
        self._levels: dict[str, LegLevel] = {}  # to be told
        self._accounts: dict[str, LegAccount] = {}
        self._until: float | None = None
        self._ticks = 0

    def watch(self, seconds: float, now: float) -> None:
        """Until then; a later word counts, whatever the earlier one was."""
        self._until = now + min(seconds, LONGEST)
        if seconds <= 0.0:
            self._stop()

    def tick(self, now: float) -> None:
        """What came in the last 20 ms; before the mixing's tick, which takes what it is given."""
        if self._until is None:
            return
        if now >= self._until:
            self._stop()
            return
        for leg in self._meters:
            if leg.incoming.mixed:
                leg.incoming.gather()
        self._ticks += 1
        slot = self._slots[self._ticks % WINDOW]  # not all of them in one tick
        for leg, meter in slot.items():
            meter.close_window(leg)
        for leg, meter in slot.items():
            self._note(leg, meter)
        if self._ticks % WINDOW == 0:
            self._tell()
            self._follow()

    def _stop(self) -> None:
        for leg in self._meters:
            leg.incoming.meter(False)
        self._meters.clear()
        for slot in self._slots:
            slot.clear()
        self._levels.clear()
        self._accounts.clear()
        self._until = None

    def _follow(self) -> None:
        """Legs that are no more are forgotten, those that came are measured from now on."""
        there = set(self._legs.values())
        for leg in [leg for leg in self._meters if leg not in there]:
            del self._meters[leg], self._slots[leg.slot % WINDOW][leg]
        for leg in there - self._meters.keys():
            self._meters[leg] = self._slots[leg.slot % WINDOW][leg] = _Meter()
            leg.incoming.meter(True)

    def _note(self, leg: Leg, meter: _Meter) -> None:
        """What is another than was told before."""
        level = LegLevel(decibels(meter.power), decibels(_sent_to(leg, self._meters)))
        if level != meter.told:
            self._levels[leg.name] = meter.told = level
        turn = self._ticks // WINDOW % ACCOUNT_WINDOWS
        if leg.slot % ACCOUNT_WINDOWS == turn and (account := _account(leg)) != meter.account:
            self._accounts[leg.name] = meter.account = account

    def _tell(self) -> None:
        if self._levels or self._accounts:
            self._report(LevelsHeard(levels=self._levels, accounts=self._accounts))
            self._levels, self._accounts = {}, {}


def _sent_to(leg: Leg, meters: Mapping[Leg, _Meter]) -> float | None:
    """The power of what a leg hears; None where it is not known of one of those whom it hears."""
    if leg.remote is None or leg.sender.send is None or leg.digits:
        return 0.0 if leg.remote is not None else None
    if leg.play is not None:
        voices: Sequence[float | None] = [_played(leg.play)]
    else:
        heard = [meters.get(one) for one in leg.hears if not one.incoming.muted]
        voices = [meter.power if meter is not None else None for meter in heard]
    if leg.over is not None:
        voices = [*voices, _played(leg.over)]
    known = [voice for voice in voices if voice is not None]
    return sum(known) if len(known) == len(voices) else None


def _played(play: PlayInProgress) -> float:
    return power(*play.latest(SAMPLES))


def _account(leg: Leg) -> LegAccount:
    quality = leg.quality()
    loss = None if quality.loss is None else round(quality.loss, 4)
    mos = None if quality.mos is None else round(quality.mos, 1)
    return LegAccount(loss, round(quality.jitter_ms, 1), mos)
