"""Where recordings lie, and the keys that they are sealed under."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from config.archive import FolderSettings, StoreSettings
from cti_server.calls.owed_copies import OwedCopies
from cti_server.calls.reencoding import Reencoding
from cti_server.edited_sound import EditedSounds
from cti_server.file_keys import FileKeys
from cti_server.job_processes import JobProcesses
from cti_server.recorded_peaks import RecordedPeaks
from cti_server.recorded_sound import RecordedSounds
from cti_server.refusals import StartFailed
from recording.errors import KeysRefused
from recording.stores.opening import open_stores
from recording.stores.port import Store

from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsArchive:
    settings: Mapping[str, StoreSettings]  # of the stores
    stores: Sequence[Store]
    plain: Path  # the folder of files of releases that did not seal
    keys: FileKeys
    jobs: Executor
    owed: OwedCopies
    reencoding: Reencoding
    sounds: RecordedSounds
    peaks: RecordedPeaks
    edited: EditedSounds


async def open_archive(ground: Ground, jobs: Executor) -> RecordingsArchive:
    """Raises StartFailed for master keys that do not open what there is."""
    settings, stores = ground.settings.archive_stores, open_stores(ground.settings.archive_stores)
    plain = ground.data / "archive"
    try:
        keys = await FileKeys.open(
            ground.database,
            ground.settings.archive_keys,
            ground.settings.archive.active_key,
            now=ground.clock.now(),
            own=ground.settings.archive.keys is None,
        )
    except KeysRefused as error:
        raise StartFailed(str(error)) from error
    if not all(isinstance(each, FolderSettings) for each in settings.values()):
        jobs = _jobs_of_its_own(ground)
    owed = OwedCopies(ground.database, ground.log, keys=keys, jobs=jobs, settings=settings)
    ground.run(owed)
    sounds = RecordedSounds(ground.database, keys, stores, plain)
    peaks = RecordedPeaks(
        sounds,
        keys,
        jobs=jobs,
        settings=settings,
        spool=ground.data / "spool",
        kept=ground.data / "peaks",
    )
    reencoding = Reencoding(ground.database, ground.log, keys=keys, jobs=jobs, settings=settings)
    ground.run(reencoding)
    return RecordingsArchive(
        settings=settings,
        stores=stores,
        plain=plain,
        keys=keys,
        jobs=jobs,
        owed=owed,
        sounds=sounds,
        peaks=peaks,
        edited=EditedSounds(ground.database, sounds),
        reencoding=reencoding,
    )


def _jobs_of_its_own(ground: Ground) -> JobProcesses:
    """Nobody else waits while a store elsewhere is slow, or silent."""
    jobs = JobProcesses(1)
    ground.opening.callback(jobs.shutdown, cancel_futures=True)
    return jobs
