"""What has come by fax is kept and handed over, once, whenever the server dies in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from acd.errors import UnknownQueue
from crm.pop import Pop
from cti_server.channels.work import NOBODY, About
from cti_server.fax.inbox import CUT, FaxInbox
from cti_server.fax.received import ReceivedFax
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.fax_documents import FaxDocument, FaxDocuments
from cti_server.store.log import EventLog
from cti_server.wire.events import ContactReceived
from tests.fax_sms_email.fax.pages import document
from tests.store.logs import open_log
from tests.store.stories import NINE

_ids = count(1)


@dataclass
class Tray:
    """Who waits, in the log and in memory; queues may be missing."""

    log: EventLog
    queues: frozenset[str]
    received: list[tuple[str, str, About]] = field(default_factory=list)

    def receive(
        self,
        about: About,
        queue: str,
        received_from: str,
        *,
        customer: Pop = NOBODY,
        contact_id: str | None = None,
        since: datetime | None = None,
    ) -> str:
        if queue not in self.queues:
            raise UnknownQueue(queue)
        assert contact_id is not None
        assert since == NINE
        self.received.append((contact_id, queue, about))
        self.log.append(
            ContactReceived(
                contact_id=contact_id,
                channel=about.channel.value,
                queue=queue,
                received_from=received_from,
                address=about.address,
                subject=about.subject,
            )
        )
        return contact_id


@dataclass
class Office:
    folder: Path
    database: Database
    log: EventLog
    tray: Tray
    inbox: FaxInbox

    async def settled(self) -> None:
        """All that was begun is done."""
        await self.inbox.settled()
        await self.log.stored()

    async def kept(self, fax_id: str = "f1") -> FaxDocument | None:
        async with self.database.readers() as session:
            return await session.get(FaxDocument, fax_id)


class Clock:
    def now(self) -> datetime:
        return NINE


@asynccontextmanager
async def office(
    database: Database, folder: Path, *, queues: str = "faxes", fallback: str | None = None
) -> AsyncIterator[Office]:
    incoming = folder / "incoming"
    incoming.mkdir(exist_ok=True)
    async with open_log(database, folder / "journal") as log:
        changes = Changes(database, log.append, now=Clock().now, new_id=lambda: f"id{next(_ids)}")
        inbox = FaxInbox(incoming, database, changes, Clock(), log.stored, nobody, fallback)
        tray = Tray(log, frozenset(queues.split()))
        inbox.open(tray)
        yield Office(incoming, database, log, tray, inbox)
        await inbox.close()


async def nobody(number: str) -> Pop:
    return NOBODY


def fax(**changes: Any) -> ReceivedFax:
    usual: dict[str, Any] = {
        "id": "f1",
        "queue": "faxes",
        "number": "+8675512345678",
        "dialled_number": "+862155550001",
        "ident": "+86 755 1234",
        "pages": 1,
        "whole": True,
        "reason": "",
        "way": "t38",
        "received_at": NINE,
        "call_contact_id": "call",
    }
    return ReceivedFax(**usual | changes)


def came(here: Office, fax_id: str = "f1") -> bytes:
    """Its pages, as the machine has written them."""
    return document(here.inbox.place(fax_id), 1, rows=200, lines=98).read_bytes()


def left(here: Office) -> list[str]:
    return sorted(path.name for path in here.folder.iterdir())


async def test_it_is_in_the_database_and_with_agents_and_nothing_lies_around(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        pages = came(here)
        here.inbox.put(fax())
        await here.settled()
        [(contact_id, queue, about)] = here.tray.received
        assert (contact_id, queue, about.address) == ("f1", "faxes", "+8675512345678")
        kept = await here.kept()
        assert kept is not None
        assert (kept.pages, kept.whole, kept.call_contact_id) == (1, True, "call")
        async with database.readers() as session:
            assert await FaxDocuments(session).pages_of("f1") == pages
        assert left(here) == []


async def test_a_crash_after_each_step_hands_it_over_once(
    database: Database, tmp_path: Path
) -> None:
    """Noted and no more; in the database; with agents: the next start does what is left."""
    async with office(database, tmp_path) as here:
        came(here)
        here.inbox.note(fax())
    async with office(database, tmp_path, queues="") as here:  # dies before anybody has it
        here.inbox.take_up()
        await here.settled()
        assert await here.kept() is not None
        assert here.tray.received == []
    async with office(database, tmp_path) as here:
        here.inbox.take_up()
        await here.settled()
        assert len(here.tray.received) == 1
        came(here)  # it died before these were removed
        here.inbox.note(fax())
        here.inbox.take_up()
        await here.settled()
        assert len(here.tray.received) == 1
        assert left(here) == []


async def test_what_a_dead_server_was_receiving_is_taken_with_its_whole_pages(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path, fallback="faxes") as here:
        came(here)
        here.inbox.place("f2").write_bytes(b"II*\0\x08\0\0\0")
        here.inbox.place("f3").write_bytes(b"")
        here.inbox.take_up(lambda path: NINE)
        await here.settled()
        assert [contact_id for contact_id, _, _ in here.tray.received] == ["f1"]
        kept = await here.kept()
        assert kept is not None
        assert (kept.pages, kept.whole, kept.reason) == (1, False, CUT)
        assert left(here) == []


async def test_a_note_of_which_half_is_there_hinders_nothing(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path, fallback="faxes") as here:
        came(here)
        (here.folder / "f1.json").write_bytes(b'{"id": "f1", "que')
        here.inbox.take_up(lambda path: NINE)
        await here.settled()
        assert len(here.tray.received) == 1
        assert left(here) == []


async def test_a_queue_that_is_gone_leaves_it_to_another_or_to_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path, queues="other") as here:
        came(here)
        here.inbox.put(fax())
        await here.settled()
        assert here.tray.received == []
        assert left(here) == ["f1.json", "f1.tif"]
    async with office(database, tmp_path, queues="other", fallback="other") as here:
        here.inbox.take_up()
        await here.settled()
        assert [queue for _, queue, _ in here.tray.received] == ["other"]
        assert left(here) == []


@pytest.mark.parametrize("fax_id", ["f1", "f9"])
async def test_what_did_not_come_leaves_nothing(
    database: Database, tmp_path: Path, fax_id: str
) -> None:
    async with office(database, tmp_path) as here:
        came(here)
        here.inbox.drop(fax_id)
        assert left(here) == ([] if fax_id == "f1" else ["f1.tif"])
