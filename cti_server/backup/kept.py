"""From a recording's row to what the stores are asked for."""

from collections.abc import Mapping, Sequence

from cti_server.file_keys import FileKeys
from cti_server.store.database import Database
from cti_server.store.recordings import Recording, Recordings
from recording.copies import Sound
from recording.rereading import Kept


def kept_of(recording: Recording, key: bytes) -> Kept:
    return Kept(
        recording_id=recording.id,
        file=recording.file or "",
        sound=sound_of(recording),
        key=key,
        stores=tuple(recording.stores),
    )


def sound_of(recording: Recording) -> Sound:
    return Sound(recording.sha256 or "", recording.size or 0)


def lies_sealed(recording: Recording) -> bool:
    """Not so of one that is not stored, is no more, or is of a release that did not seal."""
    return recording.state == "stored" and bool(recording.stores)


async def is_current(kept: Kept, database: Database, keys: FileKeys) -> bool:
    """Not if it was erased, or encoded anew, while it was looked at: its file is to be gone."""
    if kept.recording_id not in await keys.of([kept.recording_id]):
        return False
    async with database.readers() as session:
        now = await Recordings(session).get(kept.recording_id)
    return now is not None and now.file == kept.file


def with_keys(found: Sequence[Recording], keys: Mapping[str, bytes]) -> Sequence[Kept]:
    """Those that have one: who is erased loses the key first."""
    return [kept_of(each, keys[each.id]) for each in found if each.id in keys]
