"""Recordings found on both databases: as a list in memory would be filtered, page by page."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from cti_server.store import recording_search
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.dispositions import Disposition, DispositionCode
from cti_server.store.foreign_calls import ForeignCallName
from cti_server.store.note_words import put_words
from cti_server.store.ratings import Rating
from cti_server.store.recording_search import Count, Place, count, search
from cti_server.store.recordings import Recording
from cti_server.store.ticket_types import TicketType, WorkingCalendar
from cti_server.store.tickets import Ticket, TicketContact
from recording.search import RecordingSearch

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOTES = ("客户要求退款", "the invoice was wrong", "wants a refund of the invoice", None)


@dataclass(kw_only=True)
class Kept:
    """A recording and what is known of its contact."""

    id: str
    at: datetime
    number: str
    dialled: str
    agent: str
    queue: str
    kind: str
    state: str
    seconds: float
    rating: int | None
    code: str | None
    ticket: str | None
    flow: str
    path: list[str] = field(default_factory=list)
    note: str | None
    foreign: str | None


def kept(number: int, rng: random.Random) -> Kept:
    return Kept(
        id=f"r{number:04}",
        at=NINE + timedelta(minutes=rng.randrange(600)),  # several at the same moment
        number=rng.choice(
            [
                "",
                "+8613800138000",
                "+8613900139000",
                f"+86755{number:07}",
                "030901820",
                "+4930901820",
                "+4930901821",
            ]
        ),
        dialled=rng.choice(["95599", "4001", "4002"]),
        agent=rng.choice(["li", "wang", ""]),
        queue=rng.choice(["sales", "desk"]),
        kind=rng.choice(["conversation", "conversation", "message"]),
        state=rng.choice(["stored"] * 9 + ["running", "failed", "erased"]),
        seconds=float(rng.randrange(300)),
        rating=rng.choice([None, None, 1, 3, 5]),
        code=rng.choice([None, "sold", "refused", "complaint"]),
        ticket=rng.choice([None, None, None, "T1", "T2"]),
        flow=rng.choice(["main", "bank"]),
        path=rng.choice([["menu", "sales"], ["menu", "Sales"], ["menu", "card", "sales"], []]),
        note=rng.choice(NOTES),
        foreign=rng.choice([None, "often", "seldom" if number % 20 == 0 else None]),
    )


SPELT = {
    number: (number, f"0{number.removeprefix('+49')}", f"00{number.removeprefix('+')}")
    for number in ("+4930901820", "+4930901821")
}
CASES: list[tuple[dict[str, Any], Callable[[Kept], bool]]] = [
    ({}, lambda it: True),
    ({"number": "+8613800138000"}, lambda it: it.number == "+8613800138000"),
    ({"number": "+4930901820"}, lambda it: it.number.endswith("30901820")),
    ({"number": "+4930901821"}, lambda it: it.number == "+4930901821"),
    ({"number": "+86755*"}, lambda it: it.number.startswith("+86755")),
    ({"number": "+86138001*"}, lambda it: it.number.startswith("+86138001")),
    ({"number": "*9000"}, lambda it: it.number.endswith("9000")),
    ({"number": "*39000"}, lambda it: it.number.endswith("39000")),
    ({"number": "+4912345"}, lambda it: False),
    ({"dialled": "4001"}, lambda it: it.dialled == "4001"),
    ({"dialled": "9559*"}, lambda it: it.dialled == "95599"),
    ({"agent_id": "li"}, lambda it: it.agent == "li"),
    ({"queue": "desk", "kind": "message"}, lambda it: (it.queue, it.kind) == ("desk", "message")),
    ({"contact_id": "k0007"}, lambda it: it.id == "r0007"),
    (
        {"since": NINE + timedelta(minutes=60), "before": NINE + timedelta(minutes=90)},
        lambda it: timedelta(minutes=60) <= it.at - NINE < timedelta(minutes=90),
    ),
    ({"shortest": 100, "longest": 200}, lambda it: 100 <= it.seconds <= 200),
    ({"rating_from": 3}, lambda it: (it.rating or 0) >= 3),
    ({"rating_to": 1, "agent_id": "li"}, lambda it: it.rating == 1 and it.agent == "li"),
    ({"disposition": "sold"}, lambda it: it.code == "sold"),
    ({"disposition": "ended"}, lambda it: it.code in ("sold", "refused")),
    ({"ticket": "T1"}, lambda it: it.ticket == "T1" or it.id == "r0001"),
    ({"ticket": "id-T2", "queue": "sales"}, lambda it: it.ticket == "T2" and it.queue == "sales"),
    ({"ticket": "T9"}, lambda it: False),
    ({"flow": "bank"}, lambda it: it.flow == "bank"),
    ({"path": "menu>sales"}, lambda it: it.path == ["menu", "sales"]),
    ({"path": "sales"}, lambda it: "sales" in it.path),
    ({"notes": "退款"}, lambda it: it.note == NOTES[0]),
    ({"notes": "Invoice"}, lambda it: it.note in NOTES[1:3]),
    ({"notes": "invoices refund"}, lambda it: False),
    ({"notes": "invo refund"}, lambda it: it.note == NOTES[2]),
    ({"foreign": "often"}, lambda it: it.foreign == "often"),
    ({"foreign": "seldom"}, lambda it: it.foreign == "seldom"),
    ({"foreign": "nobody"}, lambda it: False),
    (
        {"foreign": "often", "agent_id": "li"},
        lambda it: it.foreign == "often" and it.agent == "li",
    ),
    (
        {"number": "+8613800138000", "agent_id": "li", "before": NINE + timedelta(hours=5)},
        lambda it: it.number == "+8613800138000" and it.agent == "li" and it.at.hour < 14,
    ),
]


async def store(database: Database, rows: list[Kept]) -> None:
    made: dict[str, Any] = {"created_at": NINE, "updated_at": NINE}
    async with database.sessions.begin() as session:
        session.add(DispositionCode(id="ended", labels={}, queues=[], **made))
        session.add(WorkingCalendar(id="always", definition={}, **made))
        await session.flush()
        session.add(TicketType(id="fault", calendar_id="always", definition={}, **made))
        await session.flush()
        for code in ("sold", "refused", "complaint"):
            parent = None if code == "complaint" else "ended"
            session.add(DispositionCode(id=code, parent_id=parent, labels={}, queues=[], **made))
        for ticket in ("T1", "T2"):
            session.add(new_ticket(ticket))
        await session.flush()
        for it in rows:
            contact_id = it.id.replace("r", "k")
            session.add(
                Recording(
                    id=it.id, call_id="c", contact_id=contact_id, interaction_id=f"i{it.id}",
                    agent_id=it.agent, queue=it.queue, caller_number=it.number,
                    last_digits=it.number[-4:], dialled_number=it.dialled, started_at=it.at,
                    state=it.state, duration=it.seconds, kind=it.kind,
                )
            )  # fmt: skip
            session.add(
                Contact(
                    id=contact_id, channel="voice", call_id="c", caller_number=it.number,
                    dialled_number=it.dialled, arrived_at=it.at, flow=it.flow, path=it.path,
                )
            )  # fmt: skip
            for place in range(0 if it.foreign is None else 2):
                named = {"id": f"{it.id} {place}", "recording_id": it.id}
                session.add(ForeignCallName(**named, name=("pbx", it.foreign or "")[place]))
            if it.rating is not None:
                rating = Rating(
                    id=f"i{it.id}.", contact_id=contact_id, interaction_id=f"i{it.id}",
                    rating=it.rating, best=5, at=it.at,
                )  # fmt: skip
                session.add(rating)
            if it.code is not None:
                disposition = Disposition(
                    id=f"i{it.id}", contact_id=contact_id, agent_id=it.agent, queue=it.queue,
                    code_id=it.code, created_at=it.at, updated_at=it.at,
                )  # fmt: skip
                session.add(disposition)
            if it.ticket is not None:
                link = {"ticket_id": f"id-{it.ticket}", "contact_id": contact_id}
                session.add(TicketContact(**link, linked_at=NINE))
            await put_words(session, it.note, contact_id, f"i{it.id}", it.at)


def new_ticket(number: str) -> Ticket:
    return Ticket(
        id=f"id-{number}", serial=int(number[1:]), number=number, type="fault", subject="",
        state="new", state_since=NINE, week="2026-W10", opened_at=NINE, opened_by="li",
        contact_id="k0001" if number == "T1" else None, created_at=NINE, updated_at=NINE,
    )  # fmt: skip


async def all_pages(database: Database, told: dict[str, Any], limit: int) -> list[str]:
    """All that are found; no page but the last one ends without a place to go on from."""
    wanted, found = RecordingSearch.model_validate(told), list[str]()
    if wanted.number in SPELT:
        wanted = wanted.spelt({"number": SPELT[wanted.number]})
    place: Place | None = None
    while True:
        page = await database.in_one_look(
            partial(search, wanted=wanted, seen=[], limit=limit, after=place)
        )
        assert len(page.ids) <= limit
        found += page.ids
        if page.next is None:
            return found
        place = page.next


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a few hundred recordings meet."""
    monkeypatch.setattr(recording_search, "FEW", 40)
    monkeypatch.setattr(recording_search, "FIRST_LOOK", 10)
    monkeypatch.setattr(recording_search, "LOOKS", 60)


@pytest.mark.usefixtures("small")
async def test_what_is_found_page_by_page_is_what_is_meant_each_once_the_latest_first(
    database: Database,
) -> None:
    rng = random.Random(5)
    rows = [kept(number, rng) for number in range(400)]
    await store(database, rows)
    rows.sort(key=lambda it: (it.at, it.id), reverse=True)

    for told, is_meant in CASES:
        expected = [it.id for it in rows if it.state == "stored" and is_meant(it)]
        for limit in (7, 200):
            assert await all_pages(database, told, limit) == expected, told


async def test_how_many_there_are_is_told_as_far_as_it_is_soon_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(6)
    rows = [kept(number, rng) for number in range(100)]
    await store(database, rows)

    async def counted(**told: Any) -> Count:
        wanted = RecordingSearch.model_validate(told)
        return await database.in_one_look(lambda look: count(look, wanted, []))

    stored = [it for it in rows if it.state == "stored"]
    assert await counted() == Count(len(stored), whole=True)
    ofs = sum(it.ticket == "T2" for it in stored)
    assert await counted(ticket="T2") == Count(ofs, whole=True)
    monkeypatch.setattr(recording_search, "COUNTED", 20)
    assert await counted() == Count(20, whole=False)
    monkeypatch.setattr(recording_search, "LOOKS", 10)
    monkeypatch.setattr(recording_search, "FIRST_LOOK", 10)
    assert (await counted(agent_id="li")).whole is False
