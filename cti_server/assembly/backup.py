"""Who looks after the archive: what is in its stores is whole, and can be restored."""

import random

from cti_server.backup.care import ArchiveCare
from cti_server.backup.drills import Drill
from cti_server.backup.erased_list import ErasedList
from cti_server.backup.incidents import BackupIncidents
from cti_server.backup.published_heads import HeadFault, MailedHeads, NotedHeads
from cti_server.backup.rounds import Rounds
from cti_server.open_incidents import OpenIncidents

from .archive import RecordingsArchive
from .ground import Ground


def open_care(ground: Ground, kept: RecordingsArchive) -> ArchiveCare:
    settings = ground.settings

    def drill() -> Drill:
        return Drill(
            ground.database,
            kept.settings,
            keys=settings.drill_keys,
            scratch=settings.data / "drill",
            jobs=kept.jobs,
            chance=random.SystemRandom(),
        )

    care = ArchiveCare(
        ground.database,
        ground.changes,
        BackupIncidents(ground.database, ground.log.append, ground.new_id),
        rounds=Rounds(
            ground.database,
            keys=kept.keys,
            stores=kept.settings,
            jobs=kept.jobs,
            append=ground.log.append,
            logged=ground.log.stored,
        ),
        drill=drill,
        erased=ErasedList(ground.database, kept.keys, kept.stores),
        settings=settings.archive,
        stores=kept.settings,
        quiet_hour=settings.privacy.quiet_hour,
        zone=ground.time_zone,
        now=ground.clock.now,
        new_id=ground.new_id,
    )
    ground.log.subscribe(care.hear)
    ground.due.add(care)
    ground.run(care)
    ground.metrics.add("archive", care.figures)
    return care


async def open_published_heads(ground: Ground) -> None:
    """What the last server left open of a file that is another now is over."""
    settings, quiet_hour = ground.settings.archive.publish, ground.settings.privacy.quiet_hour
    incidents = OpenIncidents(ground.log.append, ground.new_id)
    await incidents.load(ground.database, HeadFault)
    for kind, subject in incidents.open:
        if subject != str(settings.file):
            incidents.is_over(kind, subject, "not_wanted")
    if settings.file is not None:
        ground.run(
            NotedHeads(
                settings.file,
                ground.database,
                incidents,
                quiet_hour=quiet_hour,
                zone=ground.time_zone,
                now=ground.clock.now,
            )
        )
    if settings.mail:
        ground.due.add(
            MailedHeads(
                settings.mail,
                ground.database,
                quiet_hour=quiet_hour,
                zone=ground.time_zone,
                language=ground.settings.written_language,
                begins_at=ground.clock.now(),
                new_id=ground.new_id,
                due_changed=ground.due.wake,
            )
        )
