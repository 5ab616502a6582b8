"""Call-backs over REST: asked for, listed in pages, moved, taken off; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.consents import Preferences
from cti_server.calls.losses import ABANDONED
from cti_server.store.contacts import ContactCustomer
from cti_server.store.customers import Customer, CustomerNumber
from cti_server.wire.events import CallBackWanted
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, asking
from .conftest import NINE, Centre, opened

__all__ = ["database_url", "postgres", "postgres_url"]

TEXTER = "+8613800138005"
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    """A centre with a customer who wants text only."""
    async with opened(tmp_path, database_url=database_url) as centre:
        async with centre.parts.database.sessions.begin() as session:
            texter = Customer(id="c1", name="王伟", created_at=NINE, updated_at=NINE)
            texter.preferences = Preferences(never=("voice",)).model_dump(mode="json")
            texter.numbers = [
                CustomerNumber(number=TEXTER, kind="international", use="phone", tail="0138005")
            ]
            session.add(texter)
        yield centre


async def ask(office: Centre, number: str, queue: str = "sales", **more: Any) -> Answer:
    return await asking(office, "li")(
        "POST", "call-backs", {"number": number, "queue": queue, **more}
    )


async def listed(office: Centre, who: str = "li", **query: str) -> Any:
    await office.parts.log.stored()
    return (await asking(office, who)("GET", "call-backs", **query)).body


def numbers(page: Any) -> list[str]:
    return [one["number"] for one in page["items"]]


async def test_who_waited_longest_is_first_and_a_page_goes_on_where_the_last_one_ended(
    office: Centre,
) -> None:
    for n in (3, 1, 2):  # two of them queued in the same moment
        office.parts.log.append(
            CallBackWanted(
                contact_id=f"lost{n}",
                number=f"1380013800{n}",
                queue="sales",
                queued_at=FIRST + timedelta(microseconds=n // 2),
                reason=ABANDONED,
            )
        )
    first = await listed(office, limit="2")
    rest = await listed(office, limit="2", after=first["next"])
    elsewhere = await listed(office, queue="secret")

    assert numbers(first) == ["*******8001", "*******8002"]
    assert (numbers(rest), rest["next"]) == (["*******8003"], None)
    assert first["items"][0]["queued_at"] == "2026-03-02T09:00:00Z"
    assert elsewhere["items"] == []


async def test_a_call_back_is_asked_for_moved_and_taken_off_and_each_step_shows(
    office: Centre,
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    made = await ask(office, "13900139000", wished_at=tomorrow.isoformat(), language="zh")
    again = await ask(office, "+86 139 0013 9000")
    path = f"call-backs/{made.body['id']}"
    moved = await asking(office, "li")("POST", f"{path}/reschedule", {"due_at": NINE.isoformat()})
    waiting, scheduled = [await listed(office, state=name) for name in ("waiting", "scheduled")]
    office.parts.call_backs.need(made.body["id"]).by_hand = True  # as of an older release
    left_to_people = await asking(office, "li")("GET", path)
    by_agent = await asking(office, "li")("DELETE", path)
    removed = await asking(office, "zhao")("DELETE", path)
    gone = await asking(office, "zhao")("POST", f"{path}/reschedule", {"due_at": NINE.isoformat()})
    closed = await listed(office, state="removed")
    one = await asking(office, "li")("GET", path)

    assert (made.status, made.body["state"], made.body["reason"]) == (201, "scheduled", "requested")
    assert datetime.fromisoformat(made.body["due_at"]) == tomorrow
    assert again.body["id"] == made.body["id"]
    assert (moved.status, moved.body["state"]) == (200, "waiting")
    assert (numbers(waiting), numbers(scheduled)) == (["*******9000"], [])
    assert left_to_people.body["state"] == "by_hand"
    assert (by_agent.status, removed.status, gone.status) == (403, 204, 404)
    assert [each["closed_by"] for each in closed["items"]] == ["zhao"]
    assert (one.body["state"], one.body["tried"], one.body["attempts"]) == ("removed", [], 0)


async def test_who_will_not_be_called_is_not_and_what_cannot_be_asked_is_refused(
    office: Centre,
) -> None:
    by_number = await ask(office, TEXTER)
    by_name = await asking(office, "li")(
        "POST", "call-backs", {"customer_id": "c1", "queue": "sales"}
    )
    too_far = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    wrong = {
        "nowhere": await ask(office, "13900139000", queue="nowhere"),
        "nobody": await ask(office, "anonymous"),
        "emergency": await ask(office, "110"),
        "barred": await ask(office, "+8690012345678"),
        "unrouted": await ask(office, "+4930123456"),
        "far": await ask(office, "13900139000", wished_at=too_far),
        "state": await asking(office, "li")("GET", "call-backs", state="odd"),
        "unknown": await asking(office, "li")("GET", "call-backs/nobody"),
    }

    for refused in (by_number, by_name):
        assert (refused.status, refused.kind) == (409, "CustomerDeclines")
        assert "channel_refused" in refused.body["detail"]
    assert {name: each.status for name, each in wrong.items()} == {
        "nowhere": 404,
        "nobody": 422,
        "emergency": 422,
        "barred": 422,
        "unrouted": 422,
        "far": 422,
        "state": 422,
        "unknown": 404,
    }
    assert (await listed(office))["items"] == []


async def test_numbers_are_whole_for_whom_customers_numbers_are_and_anybody_may_call_them(
    office: Centre,
) -> None:
    made = await ask(office, "13900139000")
    by_agent, by_chief = await asyncio.gather(listed(office), listed(office, "zhao"))
    dialled = await asking(office, "li")("POST", f"call-backs/{made.body['id']}/dial")

    assert made.body["number"] == "*******9000"
    assert (numbers(by_agent), numbers(by_chief)) == (["*******9000"], ["13900139000"])
    assert dialled.status != 404


async def test_another_teams_customer_is_on_nobody_elses_list_but_of_who_asked_or_was_offered_it(
    office: Centre,
) -> None:
    async with office.parts.database.sessions.begin() as session:
        sven = Customer(id="sven", name="Sven", team="south", created_at=NINE, updated_at=NINE)
        sven.numbers = [
            CustomerNumber(
                number="+8613800138009", kind="international", use="phone", tail="0138009"
            )
        ]
        session.add(sven)
        link = ContactCustomer(customer_id="sven", contact_id="left", arrived_at=NINE)
        session.add(link)
    lost = {"told": "sven", "left": None, "nobodys": None}
    for digit, (id, customer_id) in enumerate(lost.items()):
        office.parts.log.append(
            CallBackWanted(
                contact_id=id,
                number=f"1390013900{digit}",
                queue="sales",
                queued_at=FIRST,
                reason=ABANDONED,
                customer_id=customer_id,
            )
        )
    asked = await asking(office, "chen")(
        "POST", "call-backs", {"number": "13800138009", "queue": "sales"}
    )

    async def ids(who: str) -> set[str]:
        return {one["id"] for one in (await listed(office, who))["items"]}

    mine = asked.body["id"]
    assert asked.body["customer_id"] is None
    assert await ids("lin") == {"told", "left", "nobodys", mine}
    assert await ids("chen") == {"nobodys", mine}
    assert await ids("huang") == {"nobodys", mine}  # what the team's agent asked for
    chen, huang = asking(office, "chen"), asking(office, "huang")
    for id in ("told", "left"):
        path = f"call-backs/{id}"
        strange = [
            await chen("GET", path),
            await chen("POST", f"{path}/dial"),
            await chen("POST", f"{path}/reschedule", {"due_at": NINE.isoformat()}),
            await huang("DELETE", path),
        ]
        assert [each.status for each in strange] == [404] * 4
    assert (await chen("GET", f"call-backs/{mine}")).body["customer_id"] is None
    assert (await huang("DELETE", "call-backs/nobodys")).status == 204
