"""An edit's event says what figures are made of, and nothing of the person."""

from datetime import UTC, datetime
from itertools import count

import pytest

from cti_server.privacy.declared import DECLARED
from cti_server.store.changes import Changes
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.record_facts import FACTS
from cti_server.store.tables import Base
from cti_server.wire.events import Event, RecordChanged

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize("table", FACTS)
def test_no_fact_is_a_column_that_is_declared_personal(table: str) -> None:
    assert set(FACTS[table]) <= set(Base.metadata.tables[table].columns.keys())
    assert not set(FACTS[table]) & set(DECLARED[table].personal)


async def test_the_facts_are_those_that_the_transaction_leaves_behind(database: Database) -> None:
    logged: list[Event] = []
    numbers = count(1)
    changes = Changes(
        database, logged.append, now=lambda: NINE, new_id=lambda: f"change-{next(numbers)}"
    )
    async with changes.begin("li") as change:
        customer = Customer(id="c1", name="Wang Fang", created_at=NINE, updated_at=NINE)
        change.session.add(customer)
        change.record("customer", "c1", "created")
        customer.tier = "gold"
        change.record("customer_field", "x", "updated")
    async with changes.begin("li") as change:
        await change.session.delete(await change.session.get_one(Customer, "c1"))
        change.record("customer", "c1", "deleted")

    facts = [each.facts for each in logged if isinstance(each, RecordChanged)]
    gold = {"version": 1, "kind": "person", "tier": "gold", "language": "zh"}
    assert facts == [gold | {"team": None, "merged_into": None}, {}, {}]
