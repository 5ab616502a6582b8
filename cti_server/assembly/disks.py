"""The disks under the recordings, and what makes room on them."""

import asyncio
import time
from dataclasses import dataclass

from cti_server.compressed_recordings import CompressedRecordings
from cti_server.disk_watch import DiskFault, DiskWatch
from cti_server.disks import measured, places_of
from cti_server.making_room import MakingRoom
from cti_server.metrics import Figures
from cti_server.moved_recordings import MovedRecordings
from cti_server.open_incidents import OpenIncidents
from recording.budget import Stage

from .archive import RecordingsArchive
from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Disks:
    watch: DiskWatch


async def open_disks(ground: Ground, kept: RecordingsArchive) -> Disks:
    """What they have room for is known when this returns: before the first call comes."""
    incidents = OpenIncidents(ground.log.append, ground.new_id)
    await incidents.load(ground.database, DiskFault)
    places = places_of(ground.settings)
    watch = DiskWatch(
        lambda: measured(places),
        ground.settings.disk,
        ground.log.append,
        incidents,
        time.monotonic,
    )
    first = next(iter(kept.settings))
    compressed = CompressedRecordings(
        ground.database,
        kept.reencoding,
        store=first,
        watch=watch,
        now=ground.clock.now,
    )
    moved = MovedRecordings(
        ground.database,
        ground.log,
        keys=kept.keys,
        jobs=kept.jobs,
        settings=kept.settings,
        watch=watch,
        incidents=incidents,
    )
    await watch.look()
    ground.run(watch)
    turn = asyncio.Lock()
    for way, step in ((compressed, Stage.COMPRESS), (moved, Stage.MOVE)):
        ground.run(MakingRoom(way, watch=watch, step=step, store=first, turn=turn))

    async def figures() -> Figures:
        return {
            **await watch.figures(),
            "recordings_compressed_total": compressed.compressed,
            "recordings_moved_total": moved.moved,
        }

    ground.metrics.add("disk", figures)
    return Disks(watch=watch)
