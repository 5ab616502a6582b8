"""A store that has lost its files gets them again from the others."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cti_server.file_keys import FileKeys
from cti_server.store.database import Database
from cti_server.store.recordings import Recording, Recordings
from recording.errors import RecordingError
from recording.rereading import Kept, fault_of, lacks, mend
from recording.stores.port import Store

from .errors import BackupError
from .kept import is_current, kept_of, lies_sealed

_ROWS = 200  # of one query
_AT_ONCE = 4  # recordings: a store elsewhere is slow in answering rather than in giving
_IN_A_ROW = 10  # that cannot be brought, after which nothing can


class StoreSilent(BackupError):
    """A store takes or tells nothing; what was brought until then is there."""


@dataclass(slots=True)
class Brought:
    """How far it is: recordings ``looked`` at, those ``brought``, their bytes, and what cannot."""

    looked: int = 0
    brought: int = 0
    size: int = 0
    faults: list[str] = field(default_factory=list)


class BringingBack:
    """
    Goes through all recordings that are to be in the store ``target``.

    What is there with its size is passed over; with ``whole`` it is read to its end. So whoever was
    interrupted begins again, and is soon where it was.
    """

    def __init__(
        self,
        database: Database,
        keys: FileKeys,
        stores: Sequence[Store],
        target: str,
        *,
        whole: bool,
        tell: Callable[[Brought], None],
    ) -> None:
        """``tell`` is called after some hundred rows each."""
        self._database = database
        self._keys = keys
        self._stores: Mapping[str, Store] = {each.name: each for each in stores}
        self._target = self._stores[target]
        self._whole = whole
        self._tell = tell
        self._failed_in_a_row = 0
        self.brought = Brought()

    async def run(self) -> Brought:
        """Raises StoreSilent, and what the database raises."""
        after = ""
        while found := await self._page(after):
            wanted = [each for each in found if self._is_to_be_there(each)]
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                await asyncio.gather(*(self._see_to(each) for each in some))
                if self._failed_in_a_row >= _IN_A_ROW:
                    raise StoreSilent(f"nothing can be brought: {self.brought.faults[-1]}")
            after = found[-1].id
            self._tell(self.brought)
        return self.brought

    def _is_to_be_there(self, recording: Recording) -> bool:
        return lies_sealed(recording) and self._target.name in recording.stores

    async def _see_to(self, recording: Recording) -> None:
        try:
            keys = await self._keys.of([recording.id])
        except RecordingError as error:
            self._fault(recording.id, f"its key does not open: {error}")
            return
        if recording.id not in keys:
            return  # it is being erased
        kept = kept_of(recording, keys[recording.id])
        try:
            fault = await asyncio.to_thread(self._look, kept)
        except OSError as error:
            raise StoreSilent(str(error)) from error
        self.brought.looked += 1
        if fault:
            await self._bring(kept, fault)

    def _look(self, kept: Kept) -> str:
        return (fault_of if self._whole else lacks)(kept, self._target)

    async def _bring(self, kept: Kept, fault: str) -> None:
        finding = await asyncio.to_thread(mend, kept, self._target.name, fault, self._stores)
        if not await is_current(kept, self._database, self._keys):
            await asyncio.to_thread(self._target.delete, kept.file)
            return
        if not finding.mended:
            self._failed_in_a_row += bool(finding.source)
            self._fault(kept.recording_id, f"{fault}, and {finding.reason}")
            return
        self._failed_in_a_row = 0
        self.brought.brought += 1
        self.brought.size += kept.sound.size

    def _fault(self, recording_id: str, fault: str) -> None:
        self.brought.faults.append(f"recording {recording_id}: {fault}")

    async def _page(self, after: str) -> Sequence[Recording]:
        async with self._database.readers() as session:
            return await Recordings(session).after(after, _ROWS)
