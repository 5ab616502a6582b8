"""
Faxes that have come: on this machine's disk page by page, then in the database, then with agents.

Each step is done again after a crash: a fax lies on the disk until the database and the log have
it. One whose call a dead server did not see the end of is taken with the pages that it has.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec
import structlog

from acd.errors import AcdError
from acd.model import Channel
from crm.pop import Pop
from cti_server.channels.work import NOBODY, About
from cti_server.clock import Clock
from cti_server.store.changes import Changes
from cti_server.store.contacts import Contacts
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.fax_documents import FaxDocument, FaxDocuments
from fax_sms_email.fax.errors import BadDocument
from fax_sms_email.fax.images import count_pages

from .received import ReceivedFax

log = structlog.get_logger()

SYSTEM: Final = "system"
REST: Final = 5.0  # seconds after which a database that was away is asked again
CUT: Final = "the server died"


def written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


class Tray(Protocol):
    """All contacts that are no calls."""

    def receive(
        self,
        about: About,
        queue: str,
        received_from: str,
        *,
        customer: Pop = NOBODY,
        contact_id: str | None = None,
        since: datetime | None = None,
    ) -> str: ...


class FaxInbox:
    """:meth:`open` comes before the first call."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        changes: Changes,
        clock: Clock,
        stored: Callable[[], Awaitable[object]],
        look_up: Callable[[str], Awaitable[Pop]],
        fallback: str | None,
    ) -> None:
        """
        ``stored`` waits until the database has what was told. ``fallback``: the queue of what a
        dead server did not say for whom it was, or whose queue is gone.
        """
        self._folder = folder
        self._database = database
        self._changes = changes
        self._clock = clock
        self._stored = stored
        self._look_up = look_up
        self._fallback = fallback
        self._tray: Tray | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, tray: Tray) -> None:
        self._tray = tray

    def place(self, fax_id: str) -> Path:
        return self._folder / f"{fax_id}.tif"

    def put(self, fax: ReceivedFax) -> None:
        """What it is lies beside its pages when this returns."""
        self.note(fax)
        log.info("fax.received", fax_id=fax.id, pages=fax.pages, whole=fax.whole, way=fax.way)
        self._begin(fax)

    def note(self, fax: ReceivedFax) -> None:
        """Wholly or not at all."""
        note = self._note(fax.id)
        note.with_suffix(".new").write_bytes(msgspec.json.encode(fax))
        note.with_suffix(".new").replace(note)

    async def whole_pages(self, fax_id: str) -> int:
        """As many as the disk has: what was confirmed, whatever became of who wrote it."""
        try:
            return await asyncio.to_thread(count_pages, self.place(fax_id))
        except (BadDocument, OSError):
            return 0

    def drop(self, fax_id: str) -> None:
        self.place(fax_id).unlink(missing_ok=True)

    def take_up(self, written_at: Callable[[Path], datetime] = written_at) -> None:
        """After a start: what the last server did not get done."""
        notes = {path.stem: path for path in self._folder.glob("*.json")}
        for pages in self._folder.glob("*.tif"):
            if (known := _noted(notes.get(pages.stem))) is not None:
                self._begin(known)
            elif (fax := self._cut_short(pages, written_at(pages))) is not None:
                self.put(fax)
            else:
                pages.unlink()

    async def settled(self) -> None:
        """Until nothing is under way."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _note(self, fax_id: str) -> Path:
        return self._folder / f"{fax_id}.json"

    def _begin(self, fax: ReceivedFax) -> None:
        task = asyncio.create_task(self._take(fax), name=f"fax {fax.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, fax: ReceivedFax) -> None:
        while True:
            try:
                await self._keep(fax)
            except UNAVAILABLE as error:
                log.warning("fax.not_kept", fax_id=fax.id, reason=type(error).__name__)
                await asyncio.sleep(REST)
            else:
                return

    async def _keep(self, fax: ReceivedFax) -> None:
        pages = await asyncio.to_thread(self.place(fax.id).read_bytes)
        async with self._changes.begin(SYSTEM) as change:
            documents = FaxDocuments(change.session)
            if not await documents.has(fax.id):
                documents.add(_document(fax, pages))
                change.record(FaxDocument.__tablename__, fax.id, "received")
            is_known = await Contacts(change.session).get(fax.id) is not None
        if not is_known and not self._hand_over(fax, await self._look_up(fax.number)):
            return  # it lies there until the next start
        await self._stored()
        self._note(fax.id).unlink()
        self.place(fax.id).unlink()

    def _hand_over(self, fax: ReceivedFax, customer: Pop) -> bool:
        """Whether agents have it now, of its queue or of the one for whatever has none."""
        if self._tray is None:
            raise RuntimeError("the fax inbox is not open yet")
        about = About(
            channel=Channel.FAX,
            address=fax.number,
            subject=fax.ident or fax.number,
            attributes=_attributes(fax),
        )
        customer = customer if customer.customers else NOBODY
        for queue in filter(None, (fax.queue, self._fallback)):
            try:
                self._tray.receive(
                    about,
                    queue,
                    fax.dialled_number or "fax",
                    customer=customer,
                    contact_id=fax.id,
                    since=fax.received_at,
                )
            except AcdError as error:
                log.warning("fax.not_queued", fax_id=fax.id, queue=queue, reason=str(error))
            else:
                return True
        log.error("fax.for_nobody", fax_id=fax.id)
        return False

    def _cut_short(self, pages: Path, at: datetime) -> ReceivedFax | None:
        """None where there is no whole page."""
        try:
            count = count_pages(pages)
        except BadDocument:
            return None
        return ReceivedFax(
            id=pages.stem,
            queue=self._fallback or "",
            number="",
            dialled_number="",
            ident="",
            pages=count,
            whole=False,
            reason=CUT,
            way="",
            received_at=at,
            call_contact_id="",
        )


def _noted(note: Path | None) -> ReceivedFax | None:
    """None for one that is not there, or of which a disk has kept but a part."""
    if note is None:
        return None
    try:
        return msgspec.json.decode(note.read_bytes(), type=ReceivedFax)
    except (OSError, msgspec.DecodeError) as error:
        log.error("fax.note_unreadable", fax_id=note.stem, reason=str(error))  # noqa: TRY400
        return None


def _document(fax: ReceivedFax, tiff: bytes) -> FaxDocument:
    return FaxDocument(
        id=fax.id,
        received_at=fax.received_at,
        number=fax.number,
        dialled_number=fax.dialled_number,
        ident=fax.ident,
        pages=fax.pages,
        whole=fax.whole,
        reason=fax.reason,
        way=fax.way,
        call_contact_id=fax.call_contact_id or None,
        tiff=tiff,
    )


def _attributes(fax: ReceivedFax) -> dict[str, str]:
    """What else there is to say, the fax itself says (``GET /contacts/{id}/fax``)."""
    return {"pages": str(fax.pages)}
