"""
What a supervisor has defined, and real callers: a rule's alert is raised, seen, noted, and over by
itself; a target's light turns from green to red, and what is done about it is noted.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from .centre import Centre, centre
from .talking import LI, queue, with_li

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWO_WAIT = {
    "labels": {"zh": "排队过长", "en": "Many wait"},
    "severity": "critical",
    "subject": "queue",
    "name": "desk",
    "measure": "waiting",
    "above": 1,
    "lasts": 1,
    "over_for": 1,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("alerts"),
        LI,
        queues=[queue("desk", "desk"), queue("shop", "desk", service_level={"short_abandon": 0})],
        numbers={
            "2000": {"queue": "desk", "language": "en"},
            "2001": {"queue": "shop", "language": "en"},
        },
    ) as it:
        yield it


class Board:
    """The open alerts on a stream of the floor."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.alerts: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []

    async def until(self, ready: Callable[["Board"], Any]) -> Any:
        async with asyncio.timeout(60):
            while not (found := ready(self)):
                message = json.loads(await self._socket.receive_str())
                if message["type"] == "delta":
                    self.events.append(message["data"])
                if message["type"] in {"alerts", "alerts.changed"}:
                    self.alerts |= message["alerts"]
        return found

    def open(self) -> list[dict[str, Any]]:
        return [one for one in self.alerts.values() if one is not None]

    def told(self, event: str, alert_id: str) -> bool:
        return any((one["event"], one.get("alert_id")) == (event, alert_id) for one in self.events)


@asynccontextmanager
async def board(hotline: Centre) -> AsyncIterator[Board]:
    async with (
        aiohttp.ClientSession(hotline.server.api) as session,
        session.ws_connect("/api/v1/stream") as socket,
    ):
        hello = {"type": "hello", "token": hotline.chief.token, "floor": True, "alerts": True}
        await socket.send_json(hello)
        yield Board(socket)


async def test_callers_who_wait_are_an_alert_until_they_do_not(hotline: Centre) -> None:
    chief = hotline.chief
    status, rule = await chief.post("/api/v1/alert-rules", **TWO_WAIT)
    assert status == 201, rule
    callers = [hotline.caller(), hotline.caller()]
    async with board(hotline) as shown:
        for caller in callers:
            await caller.dial("2000")
            await caller.queued()

        [alert] = await shown.until(Board.open)
        assert (alert["kind"], alert["severity"], alert["queue"], alert["rule_id"]) == (
            *("threshold", "critical", "desk", rule["id"]),
        )
        assert (alert["threshold"]["value"], alert["labels"]) == (2.0, TWO_WAIT["labels"])
        await shown.until(lambda it: it.told("alert.raised", alert["id"]))

        def listed(answered: dict[str, Any]) -> bool:
            return alert["id"] in {one["id"] for one in answered["items"]}

        await chief.when("/api/v1/alerts?open=true", listed)
        assert (await chief.post(f"/api/v1/alerts/{alert['id']}/acknowledge"))[0] == 204
        noted = await shown.until(lambda it: [one for one in it.open() if one["acknowledged_by"]])
        assert [one["id"] for one in noted] == [alert["id"]]  # it goes on, and somebody knows

        callers[0].call.hang_up()
        await shown.until(lambda it: it.told("alert.cleared", alert["id"]))
        await shown.until(lambda it: not it.open())
        callers[1].call.hang_up()

    def over(answered: dict[str, Any]) -> bool:
        [one] = answered["items"]
        return one["cleared_at"] is not None and one["acknowledged_by"] == chief.agent_id

    await chief.when("/api/v1/alerts", over)


ABANDONED = {
    "kpi": "abandon_rate",
    "subject": "queue",
    "name": "shop",
    "green": 0.1,
    "yellow": 0.2,
    "valid_from": "2020-01-01",
}


@pytest.mark.req("KP-07")
async def test_a_target_turns_from_green_to_red_and_what_is_done_about_it_is_noted(
    hotline: Centre,
) -> None:
    chief = hotline.chief
    status, target = await chief.post("/api/v1/targets", **ABANDONED)
    assert status == 201, target
    async with hotline.on_duty("li"):
        served, _, at_li = await with_li(hotline, "2001")
        at_li.hang_up()
        await served.over()
    [shown] = await chief.when("/api/v1/targets", lambda found: found[0]["light"] == "green")
    assert (shown["value"], shown["in_force"]) == (0.0, True)

    left = hotline.caller()
    await left.dial("2001")
    await left.queued()
    left.call.hang_up()
    await left.over()
    [shown] = await chief.when("/api/v1/targets", lambda found: found[0]["light"] == "red")
    assert shown["value"] == 0.5
    one = f"/api/v1/targets/{target['id']}"
    action = {"measure": "One more agent at noon.", "owner": "zhao", "begun_on": "2026-01-01"}
    status, noted = await chief.post(f"{one}/actions", **action)
    assert (status, noted["light_before"], noted["value_before"]) == (201, "red", shown["value"])
    changed = f"{one}/actions/{noted['id']}"
    await chief.patch(changed, version=1, outcome="Nobody leaves any more.")
    history = await chief.get(f"{one}/history?by=all")
    assert [point["light"] for point in history["points"]] == ["red"]
    assert [each["outcome"] for each in history["actions"]] == ["Nobody leaves any more."]
