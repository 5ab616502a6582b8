"""
Which recordings were erased, noted in the stores apart from the database.

A backup of the database from before an erasure has the recording's key and its row. So each store
has pages ``erased/00000001``, ``…2`` with the ids, sealed under the master key: whoever can write
to a store cannot have recordings erased by it. After a restore they are read, and what they name is
erased again. Ids alone are in them, of what is no more.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import select

from cti_server.file_keys import FileKeys
from cti_server.privacy.recordings import Archive, forget
from cti_server.store.archive_entries import ArchiveEntries
from cti_server.store.database import Database
from cti_server.store.erased_notes import ErasedNotes
from cti_server.store.recordings import ERASED, Recording
from recording.errors import KeyNotOpened
from recording.keys import WrappedKey
from recording.stores.port import Store

log = structlog.get_logger()

_A_PAGE = 500  # recordings


class Erased(msgspec.Struct, frozen=True):
    recording_id: str
    at: datetime


class _Page(msgspec.Struct, frozen=True):
    master: str
    sealed: bytes  # base64 in JSON


class ErasedList:
    def __init__(self, database: Database, keys: FileKeys, stores: Sequence[Store]) -> None:
        self._database = database
        self._keys = keys
        self._stores = stores

    async def publish(self) -> None:
        """Note what is not noted yet; a store that is silent gets it another time."""
        for store in self._stores:
            try:
                while await self._publish_some(store):
                    pass
            except OSError as error:
                log.warning("archive.erasures_not_noted", store=store.name, reason=str(error))

    async def _publish_some(self, store: Store) -> bool:
        async with self._database.readers() as session:
            known = await session.get(ErasedNotes, store.name)
            after = 0 if known is None else known.sequence
            found = await ArchiveEntries(session).erased_after(after, _A_PAGE)
        if not found:
            return False
        erased = [Erased(each.recording_id, each.at) for each in found]
        page = await asyncio.to_thread(self._put, store, 0 if known is None else known.page, erased)
        async with self._database.sessions.begin() as session:
            row = ErasedNotes(store=store.name, page=page, sequence=found[-1].sequence)
            await session.merge(row)
        return True

    def _put(self, store: Store, last: int, erased: Sequence[Erased]) -> int:
        """On the first page that is free; its number."""
        page = last + 1
        while store.size(_name(page)) is not None:
            page += 1
        sealed = self._keys.seal(msgspec.json.encode(erased), _name(page))
        store.put(_name(page), [msgspec.json.encode(_Page(sealed.master, sealed.wrapped))])
        return page

    async def erase_again(self, archive: Archive, now: datetime) -> tuple[int, Sequence[str]]:
        """
        Erase what the stores name and this database has; how many, and what could not be read.

        Raises what the database raises, and OSError for a store that has to be asked again.
        """
        named: dict[str, datetime] = {}
        faults = list[str]()
        for store in self._stores:
            named |= await asyncio.to_thread(self._read, store, faults)
        ids, again = list(named), 0
        for start in range(0, len(ids), _A_PAGE):
            again += await self._erase(archive, ids[start : start + _A_PAGE], now)
        return again, faults

    def _read(self, store: Store, faults: list[str]) -> Mapping[str, datetime]:
        named: dict[str, datetime] = {}
        for name, content in _pages(store):
            try:
                page = msgspec.json.decode(content, type=_Page)
                opened = self._keys.unseal(WrappedKey(page.master, page.sealed), name)
                found = msgspec.json.decode(opened, type=list[Erased])
            except (msgspec.DecodeError, UnicodeDecodeError, KeyNotOpened) as error:
                faults.append(f"{name} in {store.name!r}: {error}")
                continue
            named |= {each.recording_id: each.at for each in found}
        return named

    async def _erase(self, archive: Archive, ids: Sequence[str], now: datetime) -> int:
        here = select(Recording).where(Recording.id.in_(ids), Recording.state != ERASED)
        async with self._database.readers() as session:
            found = (await session.scalars(here)).all()
        for each in found:
            await archive.destroy(each.id, each.file)
        async with self._database.sessions.begin() as session:
            rows = [await session.get_one(Recording, each.id) for each in found]
            await forget(session, rows, now)
        return len(found)


def _name(page: int) -> str:
    return f"erased/{page:08}"


def _pages(store: Store) -> Iterator[tuple[str, bytes]]:
    page = 1
    while (size := store.size(_name(page))) is not None:
        yield _name(page), b"".join(store.get(_name(page), 0, size))
        page += 1
