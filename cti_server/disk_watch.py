"""The disks under the recordings, looked at all the while: what is to be done about their space."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from config.disk import DiskSettings
from recording.budget import (
    Filling,
    Reading,
    Room,
    Stage,
    begun,
    ended,
    is_wanted,
    room_at,
    stage_of,
)

from .background import Background
from .disks import SPOOL, Disk
from .metrics import Figures
from .open_incidents import OpenIncidents
from .wire.events import DiskStageChanged, Event

log = structlog.get_logger()

_GB = 1_000_000_000


class DiskFault(StrEnum):
    """The kinds of incidents of a disk; its name is their subject."""

    LOW = "disk_low"
    COMPRESSING = "disk_compressing"  # recordings become smaller
    MOVING = "disk_moving"  # recordings leave it
    SPARING = "disk_sparing"  # what need not be recorded is not
    FULL = "disk_full"  # no conversation is recorded
    NOT_RELIEVED = "disk_not_relieved"  # recordings should leave it, and cannot


_FAULTS: Mapping[Stage, DiskFault] = {
    Stage.WARN: DiskFault.LOW,
    Stage.COMPRESS: DiskFault.COMPRESSING,
    Stage.MOVE: DiskFault.MOVING,
    Stage.SPARE: DiskFault.SPARING,
    Stage.REFUSE: DiskFault.FULL,
}


@dataclass(slots=True)
class WatchedDisk:
    """What is known of one disk. ``cleared``: bytes that were taken off it to make room."""

    disk: Disk
    stage: Stage = Stage.OK
    cleared: int = 0
    filling: Filling = field(default_factory=Filling)


class DiskWatch:
    """
    Looks every few seconds, and tells each change of stage: an event, and incidents that last.

    ``on_look`` is called after each look.
    """

    def __init__(
        self,
        measure: Callable[[], Sequence[Disk]],
        settings: DiskSettings,
        append: Callable[[Event], object],
        incidents: OpenIncidents,
        clock: Callable[[], float],
    ) -> None:
        """``measure`` blocks; ``clock`` gives seconds."""
        self.on_look: list[Callable[[], None]] = []
        self._measure = measure
        self._settings = settings
        self._append = append
        self._incidents = incidents
        self._clock = clock
        self._disks: dict[str, WatchedDisk] = {}
        self._running = Background("disk-watch")

    def start(self) -> None:
        self._running.start(self._run())

    async def close(self) -> None:
        await self._running.close()

    @property
    def disks(self) -> Sequence[WatchedDisk]:
        return list(self._disks.values())

    def stage_at(self, place: str) -> Stage:
        """OK where the place is on no disk that is known."""
        found = self._disk_of(place)
        return Stage.OK if found is None else found.stage

    def takes(self, step: Stage, place: str) -> bool:
        """Whether that is to be done on the place's disk now."""
        return is_wanted(self._settings, step) and self.stage_at(place) >= step

    def room(self) -> Room:
        """What can be recorded."""
        return room_at(self.stage_at(SPOOL))

    def clear(self, place: str, size: int) -> None:
        """So many bytes of the place were deleted to make room."""
        if (found := self._disk_of(place)) is not None:
            found.cleared += size

    async def look(self) -> None:
        """Take one reading of every disk, and do what follows from it."""
        disks = await asyncio.to_thread(self._measure)
        self._take(disks, self._clock())
        for hear in self.on_look:
            hear()

    async def figures(self) -> Figures:
        """For ``/metrics``."""
        figures: dict[str, float] = {}
        for watched in self._disks.values():
            name = watched.disk.name.replace("-", "_")
            figures[f"{name}_free_bytes"] = watched.disk.free
            figures[f"{name}_total_bytes"] = watched.disk.total
            figures[f"{name}_stage"] = watched.stage
            figures[f"{name}_bytes_per_second"] = watched.filling.rate or 0.0
        return figures

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(self._settings.look_every.total_seconds())

    def _disk_of(self, place: str) -> WatchedDisk | None:
        return next((one for one in self._disks.values() if place in one.disk.places), None)

    def _take(self, disks: Sequence[Disk], now: float) -> None:
        """A disk that is not there any more, as one that was unmounted, fills no more either."""
        for name in set(self._disks) - {disk.name for disk in disks}:
            gone = self._disks.pop(name)
            self._step(gone, Stage.OK)
        for disk in disks:
            watched = self._disks.get(disk.name)
            if watched is None:
                watched = self._disks[disk.name] = WatchedDisk(disk, self._told(disk.name))
            watched.disk = disk
            reading = Reading(now, disk.total, disk.free, watched.cleared)
            watched.filling.take(reading)
            stage = stage_of(self._settings, watched.stage, reading, watched.filling.seconds_left)
            if stage != watched.stage:
                self._step(watched, stage)

    def _told(self, disk: str) -> Stage:
        """The stage that the last server left, by the incidents that are open."""
        found = [stage for stage, fault in _FAULTS.items() if (fault, disk) in self._incidents.open]
        return max(found, default=Stage.OK)

    def _step(self, watched: WatchedDisk, stage: Stage) -> None:
        before, watched.stage = watched.stage, stage
        disk, left = watched.disk, watched.filling.seconds_left
        log.warning("disk.stage_changed", disk=disk.name, stage=stage.name, free=disk.free)
        self._append(
            DiskStageChanged(
                disk=disk.name,
                places=disk.places,
                stage=stage.name.lower(),
                before=before.name.lower(),
                free=disk.free,
                total=disk.total,
                seconds_left=None if left is None else round(left),
            )
        )
        for each in begun(before, stage):
            if is_wanted(self._settings, each):
                self._incidents.begins(_FAULTS[each], disk.name, told_of(watched))
        for each in ended(before, stage):
            self._incidents.is_over(_FAULTS[each], disk.name)


def told_of(watched: WatchedDisk) -> str:
    """For people: how full it is, and for how long it lasts."""
    disk, left = watched.disk, watched.filling.seconds_left
    share = 100 * disk.free / disk.total if disk.total else 0.0
    text = f"{disk.free / _GB:.3f} of {disk.total / _GB:.3f} GB free ({share:.1f} %)"
    if left is not None:
        text += f", full in {left / 3600:.1f} hours as it goes now"
    return f"{text}; on it: {', '.join(disk.places)}"
