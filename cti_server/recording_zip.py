"""The sounds of recordings as one ZIP file that is sent as it grows, with what proves them."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from recording.sound_file import OPUS, SUFFIXES
from recording.zipped import GrowingZip

from .edited_sound import EditedSounds
from .recorded_sound import SoundUnavailable
from .store.archive_entries import ArchiveEntries, ArchiveEntry
from .store.database import Database
from .store.recordings import Recording

MANIFEST = "manifest.json"
_encode = msgspec.json.Encoder().encode


class RecordingZip:
    """
    ``sent`` is told of each recording whose sound is in the file whole.

    Each is as it was edited last (``edits``: that version, 0 for as it was recorded); what was
    edited is a WAV file. One that became smaller meanwhile is as it is by now.
    One whose sound cannot be opened is in the manifest alone, with the reason; one that breaks off
    in its middle breaks the file off: SoundUnavailable. ``number``: how a customer's is shown.
    """

    def __init__(
        self,
        database: Database,
        sounds: EditedSounds,
        sent: Callable[[Recording], None],
        number: Callable[[str], str],
    ) -> None:
        self._database = database
        self._sounds = sounds
        self._sent = sent
        self._number = number

    async def pieces(
        self, batches: AsyncIterator[Sequence[Recording]], now: datetime
    ) -> AsyncIterator[bytes]:
        manifest: list[Mapping[str, Any]] = []
        with GrowingZip() as growing:
            async for batch in batches:
                chain = await self._chain(batch)
                for recording in batch:
                    told = self._told(recording, chain.get(recording.id))
                    manifest.append(told)
                    async for piece in self._sound(growing, recording, told):
                        yield piece
            growing.begin(MANIFEST, now)
            growing.write(_encode(manifest))
            growing.end()
            growing.finish()
            yield growing.take()

    async def _chain(self, batch: Sequence[Recording]) -> Mapping[str, ArchiveEntry]:
        async with self._database.readers() as session:
            return await ArchiveEntries(session).latest_of([one.id for one in batch])

    async def _sound(
        self, growing: GrowingZip, recording: Recording, told: dict[str, Any]
    ) -> AsyncIterator[bytes]:
        try:
            edit = await self._sounds.edit_of(recording)
            try:
                blocks = await self._sounds.heard(recording, edit)
            except SoundUnavailable:
                if (now := await self._sounds.elsewhere(recording)) is None:
                    raise
                recording = now
                told |= self._told(now, (await self._chain([now])).get(now.id))
                blocks = await self._sounds.heard(now, edit)
        except SoundUnavailable as error:
            told["missing"] = str(error)
            return
        if blocks is None:
            told["missing"] = "there is no sound of it"
            return
        suffix = SUFFIXES["opus" if recording.codec == OPUS and edit is None else "wav"]
        name = f"{recording.started_at:%Y-%m-%d}/{recording.id}{suffix}"
        sha256 = hashlib.sha256()
        growing.begin(name, recording.started_at)
        async for block in blocks:
            sha256.update(block)
            growing.write(block)
            yield growing.take()
        growing.end()
        yield growing.take()
        edits = 0 if edit is None else edit.version
        told |= {"file": name, "sha256": sha256.hexdigest(), "edits": edits}
        self._sent(recording)

    def _told(self, recording: Recording, entry: ArchiveEntry | None) -> dict[str, Any]:
        """``stored_sha256``: as it was stored; ``chain``: the archive's last entry of it."""
        return {
            "id": recording.id,
            "started_at": recording.started_at,
            "duration": recording.duration,
            "caller_number": self._number(recording.caller_number),
            "dialled_number": recording.dialled_number,
            "queue": recording.queue,
            "agent_id": recording.agent_id,
            "contact_id": recording.contact_id,
            "size": recording.size,
            "stored_sha256": recording.sha256,
            "chain": None if entry is None else _entry(entry),
        }


def _entry(entry: ArchiveEntry) -> Mapping[str, Any]:
    names = ("sequence", "at", "action", "content", "previous_hash", "hash")
    return {name: getattr(entry, name) for name in names}
