"""Merges and their undoing in both databases: nothing of either customer is lost."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from crm.errors import NotNow
from crm.merging import Record, UndoContradicted, merge
from crm.numbers import normalise
from cti_server.store.consents import Consent, Consents
from cti_server.store.customer_erasure import erase_customer
from cti_server.store.customer_merges import CustomerMerges
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.store.duplicates import Duplicates
from cti_server.store.tables import Base

from .test_customers import NOW, take_in

A, B, C = (f"customer-{n:06}" for n in (1, 2, 3))
FILE = (
    "id,name,tier,phone,tags\n"
    "C1,王伟,standard,13800138000,5G\n"
    "C2,王玮,gold,13800138000;13900139000,宽带\n"
    "C3,Wang Wei,standard,13700137000,\n"
)


TRACES = ("王伟", "王玮", "13800138000", "13900139000", "宽带", "C1", "C2")
"""Of the first two."""


class Office:
    """Who merges customers, one transaction after the other."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self._numbers = count(1)

    def _new_id(self) -> str:
        return f"merge-{next(self._numbers)}"

    async def merge(self, survivor_id: str, merged_id: str) -> str:
        self.now += timedelta(minutes=1)
        async with self.database.sessions.begin() as session:
            survivor = await Customers(session).need(survivor_id, None)
            merged = await Customers(session).need(merged_id, None)
            done = await CustomerMerges(session, self._new_id).merge(
                survivor, merged, merge(survivor.record, merged.record), "zhao", self.now
            )
            return done.id

    async def undo(self, merge_id: str) -> None:
        self.now += timedelta(minutes=1)
        async with self.database.sessions.begin() as session:
            stored = CustomerMerges(session, self._new_id)
            found = await stored.get(merge_id)
            assert found is not None
            await stored.undo(found, "zhao", self.now)

    async def consent(self, customer_id: str, given: bool) -> None:
        self.now += timedelta(minutes=1)
        async with self.database.sessions.begin() as session:
            Consents(session).add(
                Consent(
                    id=self._new_id(),
                    customer_id=customer_id,
                    channel="voice",
                    purpose="marketing",
                    given=given,
                    source="call",
                    at=self.now,
                    recorded_by="li",
                )
            )

    async def agreed(self, customer_id: str) -> bool:
        async with self.database.readers() as session:
            names = await Customers(session).names_of(customer_id)
            return (await Consents(session).in_force(names))["voice", "marketing"].given

    async def record(self, customer_id: str) -> Record:
        async with self.database.readers() as session:
            return (await Customers(session).need(customer_id, None)).record

    async def found_by(self, number: str) -> list[str]:
        async with self.database.readers() as session:
            found = await Customers(session).by_number(normalise(number, "CN"))
            return [customer.id for customer in found]


@pytest.fixture
async def office(database: Database) -> Office:
    await take_in(database, FILE)
    return Office(database)


async def test_one_who_was_merged_is_found_under_every_name_and_number(office: Office) -> None:
    await office.merge(B, C)
    await office.merge(A, B)

    record = await office.record(C)

    assert record.id == A
    assert [entry.number for entry in record.numbers] == [
        *("+8613800138000", "+8613900139000"),
        "+8613700137000",
    ]
    assert (record.tier, record.tags) == ("gold", ["5G", "宽带"])
    assert await office.found_by("13700137000") == [A]
    assert await office.found_by("13800138000") == [A]
    async with office.database.readers() as session:
        assert set(await Customers(session).names_of(A)) == {A, B, C}
        assert [each.id for each in await Customers(session).page(10)] == [A]
        assert (await Duplicates(session).pairs(None, 10, None)).pairs == []


async def test_undone_both_are_exactly_what_they_were(office: Office) -> None:
    before = [await office.record(A), await office.record(B)]

    merge_id = await office.merge(A, B)
    await office.undo(merge_id)

    assert [await office.record(A), await office.record(B)] == before
    assert await office.found_by("13900139000") == [B]
    assert sorted(await office.found_by("13800138000")) == [A, B]
    async with office.database.readers() as session:
        page = await Duplicates(session).pairs(None, 10, None)
        assert [(pair.one.id, pair.other.id) for pair in page.pairs] == [(A, B)]
    with pytest.raises(NotNow, match="undone already"):
        await office.undo(merge_id)


async def test_merges_are_undone_in_the_opposite_order(office: Office) -> None:
    before = [await office.record(each) for each in (A, B, C)]
    first = await office.merge(B, C)
    second = await office.merge(A, B)

    with pytest.raises(NotNow, match=second):
        await office.undo(first)
    await office.undo(second)
    await office.undo(first)

    assert [await office.record(each) for each in (A, B, C)] == before


async def test_what_the_merge_brought_and_somebody_changed_is_not_undone(office: Office) -> None:
    merge_id = await office.merge(A, B)
    async with office.database.sessions.begin() as session:
        customer = await Customers(session).need(A, None)
        customer.tier = "vip"
        customer.updated_at = office.now
    merged = await office.record(A)

    with pytest.raises(UndoContradicted, match="tier"):
        await office.undo(merge_id)

    assert await office.record(A) == merged


async def test_an_import_still_knows_the_other_systems_two_ids_and_renames_nobody(
    office: Office,
) -> None:
    await office.merge(A, B)

    done = await take_in(office.database, "id,name,phone\nC2,王玮,13600136000\n")

    record = await office.record(A)
    assert (done.created, record.name) == (0, "王伟")
    assert record.numbers[-1].number == "+8613600136000"
    async with office.database.readers() as session:
        stored = await session.get(Customer, A)
        assert stored is not None
        assert stored.external_id == "C1"


async def test_of_one_who_was_erased_nothing_is_left_under_any_name(office: Office) -> None:
    await office.consent(B, given=True)
    merge_id = await office.merge(A, B)

    async with office.database.sessions.begin() as session:
        customer = await Customers(session).need(A, None)
        assert set(await erase_customer(session, customer, office.now)) == {A, B}

    async with office.database.readers() as session:
        for table in Base.metadata.sorted_tables:
            stored = str((await session.execute(select(table))).all())
            assert not any(trace in stored for trace in TRACES), table.name
    async with office.database.sessions.begin() as session:  # to write something of theirs
        with pytest.raises(NotNow, match="erased"):
            await Customers(session).need_whole(B, None)
    with pytest.raises(NotNow, match="erased"):
        await office.undo(merge_id)


@pytest.mark.parametrize("refuses", [A, B])
async def test_a_refusal_of_one_holds_for_the_one_who_they_are_until_the_undoing(
    office: Office, refuses: str
) -> None:
    await office.consent(refuses, given=False)
    await office.consent(A if refuses == B else B, given=True)

    merge_id = await office.merge(A, B)
    assert not await office.agreed(A)
    await office.undo(merge_id)

    assert await office.agreed(A) == (refuses == B)
    assert await office.agreed(B) == (refuses == A)
