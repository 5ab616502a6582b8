"""The log becomes facts: each event once, in whatever batches, and again from nothing."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from cti_server.clock import SystemClock
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.journal_files import Entry
from cti_server.store.warehouse import EventFact, OrderFact
from cti_server.store.warehouse_rows import ElsewhereLoaded
from cti_server.warehouse.checking import Comparison, check
from cti_server.warehouse.describing import Description
from cti_server.warehouse.loading import Loader
from cti_server.wire import events
from cti_server.wire.events import CustomersDescribed, Event
from tests.fakes.databases import new_sqlite
from tests.sizes import examples
from tests.store.stories import NINE, arrival, entries, menu, second

from .facts import (
    Tables,
    changed,
    customer,
    described,
    emptied,
    load,
    log,
    tables,
)

CALL: list[Event] = [
    *arrival(),
    *menu(),
    events.InteractionStarted(
        contact_id="contact1", interaction_id="i1", agent_id="li", queue="sales"
    ),
    events.ContactNoted(contact_id="contact1", agent_id="li", text="mother's name is Fang"),
    events.ContactEnded(contact_id="contact1", outcome="handled", reason="caller-hung-up"),
]
"""Eleven events, a second apart; customer1 calls, waits from the 8th and talks from the 9th."""

SOLD: list[Event] = [
    customer("customer1", 1),
    changed("order", "o1", "created", customer_id="customer1", state="taken", total=129_00),
    changed("ticket", "t1", "created", customer_id="customer1", type="fault", state="open"),
    changed("disposition", "i1", "created", contact_id="contact1", agent_id="li", code_id="sold"),
    changed("customer", "customer1", "refused", "consents.voice.marketing", version=1, tier="gold"),
    events.OutreachRefused(
        customer_id="customer1", channel="sms", purpose="marketing", cause="refused", asked_by="li"
    ),
]


def one(found: Tables, table: str) -> dict[str, Any]:
    [row] = found[table]
    return row


async def test_what_happened_is_typed_and_linked_by_the_customers_key(database: Database) -> None:
    await log(database, [*CALL, *SOLD])
    await load(database)

    found = await tables(database)
    key = one(found, "dw_customer")["key"]
    contact = one(found, "dw_contact")
    assert (contact["customer_key"], contact["queue"], contact["agent_id"]) == (key, "sales", "li")
    assert (contact["wait_seconds"], contact["outcome"]) == (1.0, "handled")
    order = one(found, "dw_order")
    assert (order["customer_key"], order["state"], order["total"]) == (key, "taken", 129_00)
    ticket = one(found, "dw_ticket")
    assert (ticket["customer_key"], ticket["type"], ticket["state"]) == (key, "fault", "open")
    disposition = one(found, "dw_disposition")
    assert (disposition["customer_key"], disposition["code_id"]) == (key, "sold")
    assert [
        (row["kind"], row["channel"], row["purpose"], row["outcome"], row["customer_key"])
        for row in found["dw_promotion"]
    ] == [
        ("consent", "voice", "marketing", "refused", key),
        ("outreach", "sms", "marketing", "refused", key),
    ]
    assert [row["sequence"] for row in found["dw_event"]] == list(range(1, 18))
    assert "Fang" not in str(found)
    assert "138000" not in str(found)


async def test_a_customer_has_a_version_for_each_time_and_facts_keep_the_one_of_theirs(
    database: Database,
) -> None:
    order = changed("order", "o1", "created", customer_id="c1", total=1)
    late = changed("order", "o1", "paid", customer_id="c1", total=1)
    await log(
        database,
        [
            order,  # heard of before anything is known of them
            customer("c1", 1, "standard"),
            customer("c1", 2, "standard"),  # an edit of something else
            customer("c1", 3, "gold"),
            CustomersDescribed(customers=[described("c1", 2), described("c2", 1)]),
            late,
        ],
    )
    await load(database)

    found = await tables(database)
    assert [
        (row["key"], row["member"], row["customer_id"], row["tier"], row["valid_to"])
        for row in found["dw_customer"]
    ] == [
        (1, 1, "c1", "standard", second(4)),
        (2, 1, "c1", "gold", None),
        (3, 3, "c2", "silver", None),
    ]
    assert [row["customer_key"] for row in found["dw_order"]] == [1, 2]


async def test_facts_follow_merges_their_undoing_and_outlive_an_erasure(
    database: Database,
) -> None:
    people = [customer(each, 1) for each in ("a", "b", "c")]
    await log(database, [*people, customer("a", 2, merged_into="b")])
    await log(database, [customer("b", 2, merged_into="c")], first=5)
    await load(database)
    merged = await survivors(database)
    await log(database, [customer("b", 3)], first=6)
    await load(database)
    undone = await survivors(database)
    await log(database, [changed("customer", "b", "erased")], first=7)
    await load(database)
    erased = [row for row in (await tables(database))["dw_customer"] if row["erased"]]

    assert merged == {"a": "c", "b": "c", "c": "c"}
    assert undone == {"a": "b", "b": "b", "c": "c"}
    assert [(row["customer_id"], row["valid_to"]) for row in erased] == [("b", None)]


async def survivors(database: Database) -> dict[str, str]:
    rows = (await tables(database))["dw_customer"]
    names = {row["member"]: row["customer_id"] for row in rows}
    return {row["customer_id"]: names[row["survivor"]] for row in rows}


async def test_whoever_loads_after_somebody_else_did_loads_nothing_twice(
    database: Database,
) -> None:
    await log(database, CALL)
    late = Loader(database, database, SystemClock())
    early = Loader(database, database, SystemClock(), batch=4)
    original = database.in_transaction
    goes = 0

    async def overtaken(work: Any) -> Any:
        nonlocal goes
        goes += 1
        if goes == 2:  # between its look and its writing
            database.in_transaction = original  # type: ignore[method-assign]
            await early.load_some()
        return await original(work)

    database.in_transaction = overtaken  # type: ignore[method-assign]
    with pytest.raises(ElsewhereLoaded):
        await late.load_some()
    await late.load_some()

    assert [row["sequence"] for row in (await tables(database))["dw_event"]] == list(range(1, 12))


async def test_the_warehouse_may_be_a_database_of_its_own(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    own = new_sqlite(tmp_path / "own")
    await log(database, [*CALL, *SOLD])
    loader = Loader(database, own, SystemClock(), batch=6)
    try:
        goes = [await loader.load_some() for _ in range(4)]

        assert goes == [6, 6, 5, 0]
        assert (await check(database, own)).faults == []
        assert one(await tables(own), "dw_contact")["outcome"] == "handled"
        assert (await tables(database))["dw_event"] == []
    finally:
        await own.close()


async def test_a_batch_of_large_events_keeps_nobody_waiting_for_longer(database: Database) -> None:
    large: list[Event] = [
        CustomersDescribed(customers=[described(f"customer{n}-{m:028}", 1) for m in range(500)])
        for n in range(5)
    ]
    await log(database, [*CALL, *large])
    loader = Loader(database, database, SystemClock())
    customers, before = [], 0
    while await loader.load_some():
        known = len((await tables(database))["dw_customer"])
        customers.append(known - before)
        before = known

    assert sum(customers) == 2501  # with the one who called
    assert max(customers) <= 1001


async def test_an_event_that_is_larger_than_a_batch_is_one(database: Database) -> None:
    huge = CustomersDescribed(customers=[described(f"c{m:032}", 1) for m in range(2000)])
    await log(database, [*CALL, huge, *SOLD])
    loader = Loader(database, database, SystemClock())

    assert [await loader.load_some() for _ in range(4)] == [11, 1, 6, 0]


async def test_what_is_in_memory_is_not_read_again(database: Database) -> None:
    huge = CustomersDescribed(customers=[described(f"c{m:032}", 1) for m in range(2000)])
    kept = entries([*CALL, huge, *SOLD])
    await log(database, [*CALL, huge, *SOLD][:5])  # the rest could not be read

    def recent(after: int, limit: int) -> list[Entry] | None:
        return kept[after : after + limit] if after >= 5 else None

    loader = Loader(database, database, SystemClock(), batch=5, recent=recent)

    assert [await loader.load_some() for _ in range(6)] == [5, 5, 1, 1, 5, 1]
    assert await loader.load_some() == 0
    found = await tables(database)
    assert [row["sequence"] for row in found["dw_event"]] == list(range(1, 19))
    assert one(found, "dw_contact")["outcome"] == "handled"


async def test_the_check_finds_what_is_missing(database: Database) -> None:
    await log(database, [*CALL, *SOLD])
    await load(database)
    whole = await check(database, database)
    async with database.sessions.begin() as session:
        await session.execute(delete(EventFact).where(EventFact.sequence == 9))
        await session.execute(delete(OrderFact))
    damaged = await check(database, database)

    assert (whole.position, whole.faults) == (17, [])
    assert damaged.faults == [
        Comparison("interaction.started", 1, 0),
        Comparison("dw_event", 17, 16),
        Comparison("dw_order", 1, 0),
    ]


async def test_customers_whom_no_event_told_of_are_described_once(database: Database) -> None:
    async with database.sessions.begin() as session:
        session.add_all(
            Customer(id=f"c{n:04}", name=f"Person {n}", created_at=NINE, updated_at=NINE)
            for n in range(1001)
        )
    appended: list[Event] = []
    description = Description(database, database, appended.append, SystemClock())

    await description.tell()
    await description.tell()
    description.wake()
    await description.tell()

    counts = [len(each.customers) for each in appended if isinstance(each, CustomersDescribed)]
    assert counts == [500, 500, 1]
    assert "Person" not in str(appended)


def arriving_once(story: list[Event]) -> list[Event]:
    """Without the later ones of a contact's arrivals: a log may repeat anything but these."""
    later = [n for n, event in enumerate(story) if isinstance(event, events.CallArrived)][1:]
    return [event for n, event in enumerate(story) if n not in later]


IDS = st.sampled_from(["a", "b", "c", "d"])
TIERS = st.sampled_from(["gold", "silver"])
MAYBE = st.none() | IDS
STORIES = st.lists(
    st.one_of(
        st.builds(
            lambda id, version, tier, other: customer(
                id, version, tier, merged_into=None if other == id else other
            ),
            IDS,
            st.integers(1, 5),
            TIERS,
            MAYBE,
        ),
        st.builds(
            lambda id, version, tier: CustomersDescribed(customers=[described(id, version, tier)]),
            IDS,
            st.integers(1, 5),
            TIERS,
        ),
        st.builds(lambda id: changed("customer", id, "erased"), IDS),
        st.builds(lambda id: changed("order", "o", "paid", customer_id=id, total=3), IDS),
        st.builds(
            lambda id: events.CustomerMatched(
                contact_id="contact1", match="one", customer_ids=[id]
            ),
            IDS,
        ),
        st.sampled_from(CALL),
    ),
    min_size=1,
    max_size=25,
).map(arriving_once)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STORIES, st.integers(1, 7))
async def test_any_log_in_any_batches_gives_what_it_gives_at_once_and_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, story: list[Event], batch: int
) -> None:
    database = new_sqlite(tmp_path_factory.mktemp("log"))
    try:
        for n, event in enumerate(story, 1):
            await log(database, [event], first=n)
            if n % batch == 0:
                await load(database, batch)  # by a loader that knows nothing of the one before
        await load(database, batch)
        as_it_came = await tables(database)
        await emptied(database)
        await load(database)

        assert await tables(database) == as_it_came
        assert (await check(database, database)).faults == []
        assert [row["sequence"] for row in as_it_came["dw_event"]] == [*range(1, len(story) + 1)]
        versions = as_it_came["dw_customer"]
        for before, after in pairwise(sorted(versions, key=lambda v: (v["member"], v["key"]))):
            if before["member"] == after["member"]:
                assert before["valid_to"] == after["valid_from"]
    finally:
        await database.close()
