"""Alerts over REST and on the stream: what is open, who sees it, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from cti_server.store.contacts import ContactCustomer
from cti_server.store.customers import Customer
from cti_server.store.routing_definitions import RoutingDefinitions
from cti_server.wire.events import AlertCleared, AlertRaised

from .conftest import Centre
from .test_stream import connect, receive

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Board:
    """What a stream has been told of alerts."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.alerts: dict[str, dict[str, Any]] = {}
        self.deltas: list[str] = []

    async def shows(self, *alert_ids: str) -> None:
        """Read until these are the open ones."""
        async with asyncio.timeout(30):
            while set(self.alerts) != set(alert_ids):
                await self.read()

    async def read(self) -> str:
        message = await receive(self._socket)
        match message["type"]:
            case "alerts":
                self.alerts = dict(message["alerts"])
            case "alerts.changed":
                for alert_id, alert in message["alerts"].items():
                    self.alerts.pop(alert_id, None)
                    if alert is not None:
                        self.alerts[alert_id] = alert
            case "delta":
                self.deltas.append(message["data"]["event"])
        return str(message["type"])


@asynccontextmanager
async def board(centre: Centre, who: str, **hello: Any) -> AsyncIterator[Board]:
    socket = await connect(centre, who, alerts=True, **hello)
    it = Board(socket)
    assert await it.read() == "snapshot"
    assert await it.read() == "alerts"
    yield it
    await socket.close()


async def define(centre: Centre, customer_id: str, team: str, contact_id: str) -> None:
    """A contact of a customer whom a team looks after."""
    async with centre.parts.database.sessions() as session, session.begin():
        session.add(
            Customer(
                id=customer_id, kind="person", name=customer_id, team=team,
                created_at=NINE, updated_at=NINE,
            )
        )  # fmt: skip
        await session.flush()
        link = ContactCustomer(contact_id=contact_id, customer_id=customer_id, arrived_at=NINE)
        session.add(link)


def complaint(alert_id: str, contact_id: str) -> AlertRaised:
    return AlertRaised(alert_id=alert_id, kind="complaint", contact_id=contact_id)


def lasting(alert_id: str, team: str | None = None) -> AlertRaised:
    return AlertRaised(alert_id=alert_id, kind="threshold", lasting=True, team=team)


async def listed(centre: Centre, who: str, query: str = "") -> list[str]:
    await centre.parts.log.stored()
    answer = await centre.client.get(f"/api/v1/alerts{query}", headers=await centre.headers(who))
    return sorted(one["id"] for one in (await answer.json())["items"])


async def test_a_stream_shows_what_is_open_then_what_is_raised_noted_and_over(
    centre: Centre,
) -> None:
    log, headers = centre.parts.log, await centre.headers("zhao")
    log.append(complaint("old", "k1"))
    log.append(lasting("full"))
    await log.stored()
    async with board(centre, "zhao", floor=True) as zhao:
        assert set(zhao.alerts) == {"old", "full"}
        assert zhao.alerts["old"]["labels"] == {"zh": "客户投诉", "en": "Complaint"}

        log.append(complaint("new", "k2"))
        await zhao.shows("old", "full", "new")
        for alert in ("old", "full"):
            answer = await centre.client.post(
                f"/api/v1/alerts/{alert}/acknowledge", headers=headers
            )
            assert answer.status == 204
        await zhao.shows("full", "new")
        async with asyncio.timeout(30):
            while zhao.alerts["full"]["acknowledged_by"] != "zhao":
                await zhao.read()
        assert await listed(centre, "zhao", "?open=true") == ["full", "new"]

        log.append(AlertCleared(alert_id="full"))
        await zhao.shows("new")
        assert set(zhao.deltas) == {"alert.raised", "alert.acknowledged", "alert.cleared"}
    assert await listed(centre, "zhao", "?open=true") == ["new"]


async def test_a_team_sees_its_own_and_what_is_nobodys_on_the_stream_as_over_rest(
    centre: Centre,
) -> None:
    """huang is of the team "north"; zhao is of none and sees everything."""
    log = centre.parts.log
    await define(centre, "norman", "north", "of-north")
    await define(centre, "simon", "south", "of-south")
    log.append(complaint("south-before", "of-south"))
    log.append(complaint("north-before", "of-north"))
    async with board(centre, "huang", floor=True) as huang, board(centre, "zhao") as zhao:
        assert set(huang.alerts) == {"north-before"}

        log.append(complaint("south", "of-south"))
        log.append(lasting("south-team", "south"))
        log.append(lasting("north-team", "north"))
        log.append(complaint("north", "of-north"))
        log.append(lasting("centre"))
        theirs = {"north-before", "north", "north-team", "centre"}
        await huang.shows(*theirs)
        await zhao.shows(*theirs, "south-before", "south", "south-team")
        log.append(AlertCleared(alert_id="north-team"))
        await huang.shows(*theirs - {"north-team"})
        assert not [each for each in huang.deltas if each.startswith("alert.")]  # of others, too

    assert await listed(centre, "huang") == sorted(theirs)


@pytest.mark.parametrize(("who", "may"), [("li", False), ("qian", True), ("sun", True)])
async def test_who_may_read_alerts_may_watch_them_and_nobody_else(
    centre: Centre, who: str, may: bool
) -> None:
    if may:
        async with board(centre, who) as it:
            assert it.alerts == {}
        return
    socket = await connect(centre, who, alerts=True)
    await socket.receive(timeout=10)
    assert socket.close_code == 4401


RULE = {
    "labels": {"zh": "排队过长", "en": "Many wait"},
    "subject": "queue",
    "measure": "waiting",
    "above": 5,
}
OF_A_TEAM = {**RULE, "subject": "team", "measure": "ready", "name": "north"}


async def asks(centre: Centre, who: str, method: str, path: str, body: Any = None) -> Any:
    """The status and the answer."""
    path = f"/api/v1/alert-rules{path}"
    headers = await centre.headers(who)
    async with centre.client.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def test_rules_are_defined_changed_rolled_back_and_deleted_in_versions(
    centre: Centre,
) -> None:
    status, made = await asks(centre, "zhao", "POST", "", RULE)
    assert (status, made["version"], made["definition"]["lasts"]) == (201, 1, 10)
    one, anew = f"/{made['id']}", {**RULE, "above": 9, "severity": "critical"}

    edit = {"version": 1, "definition": anew}
    status, changed = await asks(centre, "sun", "PATCH", one, edit)
    assert (status, changed["definition"]["above"]) == (200, 9)
    assert (await asks(centre, "zhao", "PATCH", one, edit))[0] == 409
    status, back = await asks(centre, "zhao", "POST", f"{one}/roll-back", {"version": 2, "to": 1})
    assert (status, back["definition"]) == (200, made["definition"])
    assert (await asks(centre, "qian", "GET", ""))[1] == [back]
    assert (await asks(centre, "zhao", "DELETE", f"{one}?version=3"))[0] == 204
    _, versions = await asks(centre, "zhao", "GET", f"{one}/versions")
    assert [each["action"] for each in versions["items"]] == [
        *("deleted", "rolled_back", "updated", "created"),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**RULE, "below": 1}, "above"),
        ({**RULE, "name": "nowhere"}, "name: there is no queue"),
        ({**RULE, "measure": "weather"}, "measure"),
        ({**OF_A_TEAM, "name": "nobody"}, "name: there is no team"),
        ({**RULE, "subject": "trunk", "measure": "lines_busy", "name": "x"}, "there is no trunk"),
    ],
)
async def test_a_rule_about_nothing_is_refused(centre: Centre, body: Any, said: str) -> None:
    await caught_up_figures(centre)
    status, problem = await asks(centre, "zhao", "POST", "", body)

    assert status == 422
    assert said in problem["detail"]


async def caught_up_figures(centre: Centre) -> None:
    """Which trunks there are, they say."""
    headers = await centre.headers("zhao")
    async with asyncio.timeout(30):
        while True:
            answer = await centre.client.get("/api/v1/figures/queues", headers=headers)
            if answer.status == 200:
                return
            await asyncio.sleep(0.05)


async def test_who_is_in_a_team_makes_rules_for_that_team_and_no_other(centre: Centre) -> None:
    status, made = await asks(centre, "huang", "POST", "", OF_A_TEAM)
    assert status == 201
    for body in ({**OF_A_TEAM, "name": "south"}, {**OF_A_TEAM, "name": None}):
        assert (await asks(centre, "huang", "POST", "", body))[0] == 403
    _, other = await asks(centre, "zhao", "POST", "", {**OF_A_TEAM, "name": "south"})
    edit = {"version": 1, "definition": OF_A_TEAM}
    assert (await asks(centre, "huang", "PATCH", f"/{other['id']}", edit))[0] == 403
    assert (await asks(centre, "huang", "DELETE", f"/{made['id']}?version=1"))[0] == 204
    assert (await asks(centre, "li", "GET", ""))[0] == 403


@pytest.mark.parametrize(
    "of",
    [
        {"name": "nowhere"},
        {"subject": "team", "measure": "ready", "name": "nobody"},
        {"subject": "trunk", "measure": "lines_busy", "name": "x"},
    ],
)
async def test_a_rule_outlives_what_it_is_about_and_can_still_be_changed_and_deleted(
    centre: Centre, of: Any
) -> None:
    async with centre.parts.database.sessions.begin() as session:
        rules = RoutingDefinitions(session, "alert_rule")
        for rule_id in ("a", "b"):
            await rules.create(rule_id, {**RULE, **of}, "zhao", NINE)

    assert (await asks(centre, "zhao", "DELETE", "/a?version=1"))[0] == 204
    edit = {"version": 1, "definition": RULE}
    assert (await asks(centre, "zhao", "PATCH", "/b", edit))[0] == 200


async def test_who_reads_alerts_reads_what_is_usual(centre: Centre) -> None:
    """Nothing ever arrived here, so nothing is usual."""
    for who, status in (("zhao", 200), ("qian", 200), ("li", 403)):
        answer = await centre.client.get(
            "/api/v1/arrival-forecasts", headers=await centre.headers(who)
        )
        assert answer.status == status
