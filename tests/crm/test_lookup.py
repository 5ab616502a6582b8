import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from crm.next_action import Condition
from crm.pop import UNAVAILABLE, Match, PastContact
from cti_server.store.base import Base
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.database import Database
from cti_server.store.lookup import CustomerLookup
from cti_server.store.next_actions import NextActionRule
from cti_server.store.ticket_types import TicketType, WorkingCalendar
from cti_server.store.tickets import Ticket
from cti_server.wire.events import Logged, RecordChanged

from .test_customers import demo, take_in

NOON = datetime(2031, 7, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
async def lookup(database: Database) -> CustomerLookup:
    """Over the demo's customers."""
    await take_in(database, demo())
    return CustomerLookup(database, "CN")


@pytest.mark.parametrize(
    ("caller", "match", "confidence", "names"),
    [
        ("+8613800138000", "one", 1.0, ["王伟"]),
        ("013800138000", "one", 1.0, ["王伟"]),
        ("13800138000", "one", 1.0, ["王伟"]),
        ("sip:+8613800138000@192.0.2.1", "one", 1.0, ["王伟"]),
        ("17951013800138000", "one", 0.8, ["王伟"]),
        ("65529988", "one", 0.6, ["王伟"]),
        ("+12025550123", "one", 1.0, ["John Smith"]),
        ("0012025550123", "one", 1.0, ["John Smith"]),
        ("4008001234", "one", 1.0, ["北京蓝海科技有限公司"]),
        ("075583765566", "several", 1.0, ["张敏", "李强"]),
        ("83765566", "several", 0.6, ["张敏", "李强"]),
        ("13800138001", "none", 0.0, []),
        ("+8613900138000", "none", 0.0, []),
        ("95588", "none", 0.0, []),
        ("alice", "none", 0.0, []),
        ("sip user alice", "none", 0.0, []),
        ("anonymous", "none", 0.0, []),
        ("", "none", 0.0, []),
        ("\0", "none", 0.0, []),
        ("\ud800", "none", 0.0, []),
        ("1" * 10_000, "none", 0.0, []),
        ("' OR 1=1 --", "none", 0.0, []),
    ],
)
async def test_every_caller_has_a_defined_pop(
    lookup: CustomerLookup, caller: str, match: Match, confidence: float, names: list[str]
) -> None:
    pop = await lookup.look_up(caller)

    assert (pop.match, pop.confidence) == (match, confidence)
    assert [customer.name for customer in pop.customers] == names


async def test_the_summary_says_what_an_agent_needs_first(lookup: CustomerLookup) -> None:
    [customer] = (await lookup.look_up("+8618612345678")).customers

    assert (customer.name, customer.kind, customer.tier, customer.language) == (
        "李娜",
        "person",
        "vip",
        "zh",
    )
    assert (customer.company, customer.tags) == ("上海远景物流有限公司", ["企业联系人", "国际漫游"])


def contact(contact_id: str, hours_ago: int, number: str, *, over: bool = True) -> Contact:
    arrived_at = NOON - timedelta(hours=hours_ago)
    return Contact(
        id=contact_id,
        channel="call",
        call_id=f"call-{contact_id}",
        caller_number=number,
        dialled_number="1000",
        arrived_at=arrived_at,
        ended_at=arrived_at + timedelta(minutes=5) if over else None,
        queue="sales",
        agent_id="agent-1",
        outcome="handled" if over else None,
    )


async def store(database: Database, *rows: Contact | ContactCustomer) -> None:
    async with database.sessions.begin() as session:
        session.add_all(rows)


async def test_a_known_customers_history_is_theirs_from_any_number_the_newest_first(
    database: Database, lookup: CustomerLookup
) -> None:
    [customer] = (await lookup.look_up("13800138000")).customers
    rows = [contact(f"c{hours}", hours, "+861065529988") for hours in range(1, 8)]
    links = [
        ContactCustomer(customer_id=customer.id, contact_id=row.id, arrived_at=row.arrived_at)
        for row in rows
    ]
    await store(database, *rows, *links, contact("other", 1, "+8613999999999"))

    history = (await lookup.look_up("13800138000")).history

    assert [past.contact_id for past in history] == ["c1", "c2", "c3", "c4", "c5"]
    assert history[0] == PastContact(
        contact_id="c1",
        channel="call",
        arrived_at=NOON - timedelta(hours=1),
        ended_at=NOON - timedelta(minutes=55),
        queue="sales",
        agent_id="agent-1",
        outcome="handled",
    )


async def test_a_strangers_history_is_the_numbers(
    database: Database, lookup: CustomerLookup
) -> None:
    await store(
        database,
        contact("as-shown", 1, "013911112222"),
        contact("in-one-form", 2, "+8613911112222"),
        contact("of-another", 3, "+8613911112223"),
    )

    pop = await lookup.look_up("013911112222")

    assert pop.match == "none"
    assert [past.contact_id for past in pop.history] == ["as-shown", "in-one-form"]


def ticket(number: int, customer_id: str, *, closed: bool = False) -> Ticket:
    at = NOON + timedelta(minutes=number)
    return Ticket(
        id=f"t{number}",
        serial=number,
        number=f"T{number}",
        type="fault",
        state="closed" if closed else "open",
        state_since=at,
        subject="No dial tone",
        customer_id=customer_id,
        week="2031-W27",
        opened_at=at,
        opened_by="li",
        closed_at=at if closed else None,
        created_at=at,
        updated_at=at,
    )


async def test_the_pop_tells_what_the_customer_still_waits_for_and_what_to_do_about_it(
    database: Database, lookup: CustomerLookup
) -> None:
    [customer] = (await lookup.look_up("13800138000")).customers
    async with database.sessions.begin() as session:
        session.add(WorkingCalendar(id="always", definition={}, created_at=NOON, updated_at=NOON))
        await session.flush()
        session.add(
            TicketType(
                id="fault",
                calendar_id="always",
                definition={},
                created_at=NOON,
                updated_at=NOON,
            )
        )
        await session.flush()
        session.add_all(
            [ticket(1, customer.id), ticket(2, customer.id), ticket(3, customer.id, closed=True)]
        )
        session.add(
            rule(
                "r2",
                2,
                "apologise",
                Condition(field="open_tickets", comparison="at_least", value=1),
            )
        )
        session.add(
            rule(
                "r1", 1, "offer_upgrade", Condition(field="tier", comparison="is", value="platinum")
            )
        )
    lookup.hear(edited("r1"))

    pop = await lookup.look_up("13800138000")

    assert [one.number for one in pop.open_tickets] == ["T2", "T1"]
    assert [(one.rule_id, one.action) for one in pop.actions] == [("r2", "apologise")]


async def test_a_rule_that_was_edited_is_followed_from_the_next_call_on(
    database: Database, lookup: CustomerLookup
) -> None:
    assert (await lookup.look_up("13800138000")).actions == []

    async with database.sessions.begin() as session:
        session.add(rule("r1", 1, "greet", Condition(field="tier", comparison="is", value="gold")))
    lookup.hear(edited("r1"))

    assert [one.action for one in (await lookup.look_up("13800138000")).actions] == ["greet"]


def rule(rule_id: str, position: int, action: str, condition: Condition) -> NextActionRule:
    return NextActionRule(
        id=rule_id,
        position=position,
        action=action,
        labels={"zh": action, "en": action},
        conditions=[msgspec.to_builtins(condition)],
        created_at=NOON,
        updated_at=NOON,
    )


def edited(rule_id: str) -> Logged:
    event = RecordChanged(
        change_id="c1",
        record="next_action_rule",
        record_id=rule_id,
        action="created",
        changed_by="sun",
    )
    return Logged(1, NOON, event)


async def test_the_call_under_way_is_no_history(database: Database, lookup: CustomerLookup) -> None:
    await store(database, contact("now", 0, "+8613911112222", over=False))

    assert (await lookup.look_up("+8613911112222")).history == []


async def test_a_caller_who_withholds_the_number_has_no_history(
    database: Database, lookup: CustomerLookup
) -> None:
    await store(database, contact("c1", 1, ""), contact("c2", 1, "anonymous"))

    assert (await lookup.look_up("anonymous")).history == []


async def test_a_look_up_takes_two_queries_and_one_more_for_whom_it_knows(
    database: Database, lookup: CustomerLookup
) -> None:
    await lookup.look_up("13800138000")  # the rules of advice are read once
    queries: list[str] = []

    def note(_: object, __: object, query: str, *rest: object) -> None:
        queries.append(query)

    event.listen(Engine, "before_cursor_execute", note)
    for caller, known in (
        ("13800138000", True),
        ("075583765566", False),
        ("13999999999", False),
        ("alice", False),
    ):
        queries.clear()
        await lookup.look_up(caller)
        assert len([query for query in queries if query.startswith("SELECT")]) == 2 + known
    event.remove(Engine, "before_cursor_execute", note)


# PostgreSQL reads tables this small from end to end, and so tells nothing.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_queries_find_their_rows_by_index(
    database: Database, lookup: CustomerLookup
) -> None:
    plans: list[str] = []
    async with database.engine.connect() as connection:
        for query, values in await statements(database, lookup):
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
            plans += plan.scalars("detail").all()

    assert plans
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert not scanned & set(Base.metadata.tables)  # what another query has found may well be


async def statements(
    database: Database, lookup: CustomerLookup
) -> list[tuple[str, tuple[object, ...]]]:
    """What the look-ups of a customer and of a stranger ask the database."""
    asked: list[tuple[str, tuple[object, ...]]] = []

    def note(_: object, __: object, query: str, values: tuple[object, ...], *rest: object) -> None:
        if query.startswith("SELECT"):
            asked.append((query, values))

    await lookup.look_up("13800138000")  # reads the rules of advice, which are few, once
    event.listen(Engine, "before_cursor_execute", note)
    await lookup.look_up("13800138000")
    await lookup.look_up("13999999999")
    event.remove(Engine, "before_cursor_execute", note)
    return asked


async def test_a_database_that_is_gone_makes_nobody_wait_and_nobody_fail(tmp_path: Path) -> None:
    (tmp_path / "rubbish.db").write_bytes(b"not a database" * 100)
    for url in (
        f"sqlite:///{tmp_path}/no/such/folder/hotline.db",
        f"sqlite:///{tmp_path}/rubbish.db",
        f"sqlite:///{tmp_path}/without-tables.db",
        "postgresql://hotline:secret@127.0.0.1:1/hotline",  # nobody listens there
    ):
        database = Database(url)
        with capture_logs() as logs:
            pop = await CustomerLookup(database, "CN").look_up("+8613800138000")
        await database.close()

        assert pop == UNAVAILABLE
        assert [(entry["event"], entry["caller_number"]) for entry in logs] == [
            ("crm.lookup_failed", "**********8000")
        ]


async def test_a_database_that_hangs_is_given_up() -> None:
    left = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql://hotline:secret@127.0.0.1:{port}/hotline")

    pop = await CustomerLookup(database, "CN", patience=0.05).look_up("+8613800138000")

    assert pop == UNAVAILABLE
    async with asyncio.timeout(30):
        await left.wait()  # no connection is left behind
    await database.close()
    server.close()
    await server.wait_closed()
