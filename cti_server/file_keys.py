"""The keys of recordings' files: made, given and destroyed; the master keys never leave here."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from recording import keys
from recording.certificates import Signature
from recording.errors import KeysRefused, RecordingError
from recording.keys import MasterKeys, WrappedKey, new_file_key

from .store.database import Database
from .store.recording_keys import RecordingKeys

log = structlog.get_logger()

_AT_ONCE = 500  # keys that are sealed anew in one transaction

KeyOrFault = bytes | RecordingError
"""A recording's key, or why it does not open: KeyNotOpened, KeysRefused."""


class FileKeys:
    """
    Keys by recording, kept in the database under the master keys of a file.

    The file is read again for a master key that is not known yet: another process may add one.
    """

    def __init__(self, database: Database, path: Path, active: str | None = None) -> None:
        """Raises KeysRefused."""
        self._database = database
        self._path = path
        self._active = active
        self._masters = MasterKeys.load(path, active)

    @classmethod
    async def open(
        cls, database: Database, path: Path, active: str | None, *, now: datetime, own: bool
    ) -> "FileKeys":
        """
        Check that what is sealed can be opened; an ``own`` file is made for the first recording.

        Raises KeysRefused: for a file that is missing though keys were sealed under it, too.
        """
        async with database.readers() as session:
            masters = await RecordingKeys(session).masters()
            samples = [
                row for master in masters for row in await RecordingKeys(session).below(master, 1)
            ]
        if own and not masters:
            await asyncio.to_thread(keys.create, path, now)
        try:
            found = cls(database, path, active)
            for row in samples:
                found._open(row.key, row.recording_id)
        except RecordingError as error:
            reason = str(error).removeprefix(f"{path}: ")
            if masters:
                reason += f"; there are recordings sealed under {', '.join(masters)}: bring the "
                reason += "file of master keys back from its copy"
            raise KeysRefused(f"{path}: {reason}") from error
        return found

    def reload(self) -> None:
        """Read the file of master keys again. Raises KeysRefused."""
        self._masters = MasterKeys.load(self._path, self._active)

    async def ensure(self, recording_ids: Sequence[str]) -> Mapping[str, bytes]:
        """
        Their keys; who had none has one when this returns. Raises what the database raises.

        One that does not open is left out, and told of: it holds no other up.
        """
        there = await self.each(recording_ids)
        opened = {each: key for each, key in there.items() if isinstance(key, bytes)}
        for each in there.keys() - opened.keys():
            log.error("recording.key_not_opened", recording_id=each, reason=str(there[each]))
        missing = [each for each in recording_ids if each not in there]
        if not missing:
            return opened
        made = {each: new_file_key() for each in missing}
        async with self._database.sessions.begin() as session:
            for recording_id, key in made.items():
                RecordingKeys(session).add(recording_id, self._masters.wrap(key, recording_id))
        return {**opened, **made}

    async def each(self, recording_ids: Sequence[str]) -> dict[str, KeyOrFault]:
        """Of those that have one: it, or why it does not open. Raises what the database does."""
        async with self._database.readers() as session:
            found = await RecordingKeys(session).of(recording_ids)
        return {each: self._opened(key, each) for each, key in found.items()}

    async def of(self, recording_ids: Sequence[str]) -> Mapping[str, bytes]:
        """The keys of those that have one. Raises KeyNotOpened and KeysRefused for any of them."""
        found = await self.each(recording_ids)
        return {each: _need(key) for each, key in found.items()}

    def seal(self, content: bytes, name: str) -> WrappedKey:
        """Something else than a key, for whoever has the master keys; under this name only."""
        return self._masters.wrap(content, name)

    def unseal(self, sealed: WrappedKey, name: str) -> bytes:
        """Raises KeyNotOpened."""
        return self._open(sealed, name)

    def sign(self, content: bytes) -> Signature:
        """That it comes from whoever has the master keys."""
        return self._masters.sign(content)

    def public_keys(self) -> Mapping[str, bytes]:
        """What signatures are checked by, by the ids of the master keys."""
        return self._masters.public_keys()

    async def destroy(self, recording_id: str) -> None:
        """From now on nobody opens the recording's file, wherever a copy of it may be."""
        async with self._database.sessions.begin() as session:
            await RecordingKeys(session).destroy(recording_id)

    async def rotate(self) -> int:
        """
        Seal all keys anew that are not under the active master key; how many those were.

        Each transaction is whole: whoever is interrupted goes on with what is left.
        """
        done = 0
        async with self._database.readers() as session:
            masters = await RecordingKeys(session).masters()
        for master in masters:
            while master != self._masters.active and (some := await self._rotate_some(master)):
                done += some
        return done

    async def _rotate_some(self, master: str) -> int:
        async with self._database.sessions.begin() as session:
            stored = RecordingKeys(session)
            found = await stored.below(master, _AT_ONCE)
            await stored.replace([(row, self._anew(row.key, row.recording_id)) for row in found])
            return len(found)

    def _anew(self, key: WrappedKey, recording_id: str) -> WrappedKey:
        return self._masters.wrap(self._open(key, recording_id), recording_id)

    def _opened(self, key: WrappedKey, recording_id: str) -> KeyOrFault:
        try:
            return self._open(key, recording_id)
        except RecordingError as fault:
            return fault

    def _open(self, key: WrappedKey, recording_id: str) -> bytes:
        if key.master not in self._masters.ids:
            self.reload()
        return self._masters.open(key, recording_id)


def _need(key: KeyOrFault) -> bytes:
    if isinstance(key, RecordingError):
        raise key
    return key
