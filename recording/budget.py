"""
What becomes of recordings when a disk fills: pure decisions from readings of its free space.

The steps come one after the other as space goes, and go in the opposite order when it is back, a
margin later: what would begin and end all the time at one and the same gigabyte does not.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from config.disk import DiskSettings

WINDOW = 3600.0  # seconds that the present rate is taken from
SHORTEST = WINDOW / 4
"""Seconds: of less no rate is told. What a start or an upgrade writes foretells no day."""
_APART = WINDOW / 60  # seconds between two readings that are kept
_CALMER = 1.25  # by how much more time has to be left before a warning for want of it ends


class Stage(IntEnum):
    """How far it has come; each does what those before it do, too, as far as these are wanted."""

    OK = 0
    WARN = 1
    COMPRESS = 2
    MOVE = 3
    SPARE = 4
    REFUSE = 5


class Room(Enum):
    """What there is still room to record."""

    ALL = "all"
    NEEDED = "needed"  # not what is made on demand, or of a share by chance
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """
    A disk at a moment, in bytes and seconds.

    ``cleared``: what was taken off it on purpose since the first reading, to make room.
    """

    at: float
    total: int
    free: int
    cleared: int = 0


class Filling:
    """How fast a disk fills, by the readings of the last hour."""

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque()
        self._newest: Reading | None = None

    def take(self, reading: Reading) -> None:
        self._newest = reading
        kept = self._readings
        if not kept or reading.at - kept[-1].at >= _APART:
            kept.append(reading)
        while kept[0].at < reading.at - WINDOW:
            kept.popleft()

    @property
    def rate(self) -> float | None:
        """Bytes a second that are written and stay; None if it is too early to say."""
        if self._newest is None or self._newest.at - self._readings[0].at < SHORTEST:
            return None
        first, last = self._readings[0], self._newest
        written = (first.free - last.free) + (last.cleared - first.cleared)
        return max(0.0, written / (last.at - first.at))

    @property
    def seconds_left(self) -> float | None:
        """Until nothing is free, at this rate; None if that is not known, or never."""
        rate = self.rate
        return self._newest.free / rate if self._newest is not None and rate else None


def stage_of(
    settings: DiskSettings, before: Stage, reading: Reading, seconds_left: float | None
) -> Stage:
    """``before``: the stage until now, which ends later than it began."""
    return max(
        _stage(settings, reading, seconds_left),
        min(before, _stage(settings, reading, seconds_left, leaving=True)),
    )


def _stage(
    settings: DiskSettings, reading: Reading, seconds_left: float | None, *, leaving: bool = False
) -> Stage:
    free = 100 * reading.free / reading.total if reading.total else 0.0
    margin = settings.margin if leaving else 0.0
    limits = {stage: limit for stage, limit in _limits(settings).items() if limit}
    reached = [stage for stage, limit in limits.items() if free < limit + margin]
    within = settings.warn_within.total_seconds() * (_CALMER if leaving else 1)
    if seconds_left is not None and seconds_left < within:
        reached.append(Stage.WARN)
    return max(reached, default=Stage.OK)


def _limits(settings: DiskSettings) -> Mapping[Stage, float]:
    return {
        Stage.WARN: settings.warn,
        Stage.COMPRESS: settings.compress,
        Stage.MOVE: settings.move,
        Stage.SPARE: settings.spare,
        Stage.REFUSE: settings.refuse,
    }


def is_wanted(settings: DiskSettings, step: Stage) -> bool:
    """Whether it is ever taken. A warning is, by want of time."""
    return step is Stage.WARN or bool(_limits(settings).get(step))


def begun(before: Stage, now: Stage) -> list[Stage]:
    """The steps that begin, in their order."""
    return [stage for stage in Stage if before < stage <= now]


def ended(before: Stage, now: Stage) -> list[Stage]:
    """The steps that end, the last one first."""
    return [stage for stage in reversed(Stage) if now < stage <= before]


def room_at(stage: Stage) -> Room:
    """On the disk that calls are captured to."""
    if stage >= Stage.REFUSE:
        return Room.NONE
    return Room.NEEDED if stage >= Stage.SPARE else Room.ALL
