"""Who waits in a queue, over REST and on the stream; and many of them moved to another one."""

from typing import Any

import pytest

from crm.numbers import mask
from cti_server.wire.events import ContactDiverted

from .asking import Asking, asking
from .conftest import Centre
from .test_stream import closed, connect, receive

NUMBER = "+8613800138000"
MAIL = {"channel": "email", "queue": "sales", "subject": "Where is it?", "address": NUMBER}
SALES, OTHER = "queues/sales/waiting", "queues/other/waiting"


@pytest.fixture
async def zhao(centre: Centre) -> Asking:
    """A supervisor of a centre with two queues."""
    other = {"id": "other", "settings": {"skills": {"sales": 1}}}
    assert (await asking(centre, "sun")("POST", "queue-definitions", other)).status == 201
    return asking(centre, "zhao")


async def mailed(zhao: Asking, **other: Any) -> str:
    answer = await zhao("POST", "work", MAIL | other)
    assert answer.status == 201, answer
    return str(answer.body["contact_id"])


def places(answer: Any) -> dict[str, int | None]:
    assert answer.status == 200, answer
    return {row["contact_id"]: row["place"] for row in answer.body["contacts"]}


async def test_who_waits_is_listed_and_told_to_who_watches(centre: Centre, zhao: Asking) -> None:
    wang = {"kind": "person", "name": "Wang", "team": "south"}
    customer = (await asking(centre, "sun")("POST", "customers", wang)).body["id"]
    known = await mailed(zhao, customer_id=customer, requirements={"sales": 4})
    urgent = await mailed(zhao, priority=5)

    listed = await zhao("GET", SALES)
    assert places(listed) == {urgent: 1, known: 2}
    assert (listed.body["waiting"], listed.body["offered"]) == (2, 0)
    row = listed.body["contacts"][1]
    assert row["customer"] == {"id": customer, "name": "Wang", "tier": "standard"}
    assert (row["number"], row["needs"], row["priority"]) == (NUMBER, ["sales>=4"], 0)
    assert places(await zhao("GET", SALES, limit="1")) == {urgent: 1}
    assert (await zhao("GET", "queues/nowhere/waiting")).status == 404
    assert (await asking(centre, "li")("GET", SALES)).status == 403
    [_, row] = (await asking(centre, "huang")("GET", SALES)).body["contacts"]  # of team north
    assert (row["customer"], row["number"], row["match"]) == (None, mask(NUMBER), "one")

    watching = await connect(centre, "zhao", floor=True, waiting=True)
    assert (await receive(watching))["type"] == "snapshot"
    shown = await receive(watching)
    assert shown["type"] == "waiting"
    assert shown["queues"]["sales"]["contacts"][known] == (listed.body["contacts"][1])
    centre.parts.floor.offers = centre.parts.tray
    centre.parts.floor.log_in("li")
    centre.parts.floor.set_ready("li")
    while (told := await receive(watching))["type"] != "waiting.changed":
        assert told["type"] == "delta"
    assert told["patch"]["sales"]["contacts"][urgent]["offered_to"] == "li"
    assert told["patch"]["sales"]["contacts"][known]["place"] == 1
    assert await closed(await connect(centre, "li", waiting=True)) == 4401


async def test_many_are_moved_at_once_and_it_is_said_of_each_why_not(
    centre: Centre, zhao: Asking
) -> None:
    first, second, third = [await mailed(zhao) for _ in range(3)]
    some = {"to": "other", "contact_ids": [third, "nobody", first, third]}
    moved = await zhao("POST", "queues/sales/move", some)

    assert moved.status == 200
    assert moved.body["moved"] == 2
    assert [(one["contact_id"], one["problem"]) for one in moved.body["contacts"]] == [
        (third, None),
        ("nobody", "NotThere"),
        (first, None),
    ]
    assert places(await zhao("GET", OTHER)) == {first: 1, third: 2}  # by their first moments
    everybody = await zhao("POST", "queues/other/move", {"to": "sales", "all": True})
    assert everybody.body["moved"] == 2
    assert places(await zhao("GET", SALES)) == {first: 1, second: 2, third: 3}
    told = [one.event for one in await centre.parts.log.since(0, 1000)]
    moves = [event for event in told if isinstance(event, ContactDiverted)]
    assert {(one.reason, one.moved_by) for one in moves} == {("moved", "zhao")}
    assert len(moves) == 4

    # To whom another team's agent is rung for, there is nothing there.
    centre.parts.floor.offers = centre.parts.tray
    centre.parts.floor.log_in("lin")
    centre.parts.floor.set_ready("lin")
    huang = asking(centre, "huang")
    moved = await huang("POST", "queues/sales/move", {"to": "other", "all": True})
    assert [one["problem"] for one in moved.body["contacts"]] == ["NotThere", None, None]
    assert (await huang("POST", f"contacts/{first}/move", {"queue": "other"})).status == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("queues/nowhere/move", {"to": "sales", "all": True}, 404, "nowhere"),
        ("queues/sales/move", {"to": "nowhere", "all": True}, 404, "nowhere"),
        ("queues/sales/move", {"to": "sales", "all": True}, 422, "to: "),
        ("queues/sales/move", {"to": "other"}, 422, "contact_ids: "),
        ("queues/sales/move", {"to": "other", "all": True, "contact_ids": ["c"]}, 422, "all"),
    ],
)
async def test_what_cannot_be_moved_there_is_refused_by_its_name(
    zhao: Asking, path: str, body: dict[str, Any], status: int, word: str
) -> None:
    refused = await zhao("POST", path, body)
    assert (refused.status, word in refused.body["detail"]) == (status, True), refused.body
