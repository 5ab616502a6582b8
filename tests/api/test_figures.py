"""Live figures over REST and on the stream, for who may see them."""

import json
from typing import Any

from aiohttp import ClientWebSocketResponse

from acd.model import ContactId, WaitingContact

from .asking import asking
from .conftest import NINE, Centre
from .test_stream import closed, connect, receive


async def figures(socket: Any, kind: str) -> dict[str, Any]:
    """The next message of that kind."""
    while (message := await receive(socket))["type"] != kind:
        pass
    return message


async def test_a_supervisor_sees_queues_agents_and_the_centre(centre: Centre) -> None:
    socket = await connect(centre, "zhao", floor=True, figures=True)
    whole = (await figures(socket, "figures"))["figures"]
    for agent in ("li", "wang"):
        await centre.token(agent)
        centre.parts.floor.set_ready(agent)
    centre.parts.floor.enqueue(WaitingContact(ContactId("k1"), "sales", NINE))
    patch = await figures(socket, "figures.changed")  # the first may tell of the agents only
    while "ringing" not in patch["patch"].get("queues", {}).get("sales", {}):
        patch = await figures(socket, "figures.changed")
    zhao = asking(centre, "zhao")
    queues, floor = await zhao("GET", "figures/queues"), await zhao("GET", "figures/centre")
    agents = await zhao("GET", "figures/agents", limit="1")
    rest = await zhao("GET", "figures/agents", after=agents.body["agents"][-1]["agent_id"])

    assert set(whole) == {"day", "interval_from", "agents", "queues", "centre"}
    assert whole["queues"]["sales"]["waiting"] == 0
    assert patch["patch"]["queues"]["sales"]["ringing"] == 1
    assert patch["sequence"] >= queues.body["sequence"] - 1
    [sales] = queues.body["queues"]
    assert (sales["queue"], sales["ringing"], sales["today"]["offered"]) == ("sales", 1, 1)
    assert (sales["agents"]["ringing"], sales["agents"]["ready"]) == (1, 1)
    states = {one["agent_id"]: one["state"] for one in agents.body["agents"] + rest.body["agents"]}
    assert states == {"li": "ringing", "wang": "ready", "zhao": "not_ready"}
    assert [one["agent_id"] for one in agents.body["agents"]] == ["li"]
    assert floor.body["centre"]["queues"]["ringing"] == 1


async def test_agents_get_their_own_figures_and_a_teams_supervisor_those_of_the_team(
    centre: Centre,
) -> None:
    north = await connect(centre, "huang", floor=True, figures=True)
    mine = await connect(centre, "lin", figures=True)
    await figures(north, "figures")
    whole = await figures(mine, "figures")
    for agent in ("li", "chen", "lin"):  # of no team, of the north, of the south
        centre.parts.floor.log_in(agent)
        centre.parts.floor.set_ready(agent)
    seen: set[str] = set()
    while not {"li", "chen"} <= seen:
        seen |= set((await figures(north, "figures.changed"))["patch"].get("agents", ()))
    patch = (await figures(mine, "figures.changed"))["patch"]
    lin, huang = asking(centre, "lin"), asking(centre, "huang")

    assert set(whole["figures"]) == {"day", "interval_from", "agents"}
    assert patch["agents"]["lin"]["state"] == "ready"
    assert "lin" not in seen
    assert (await lin("GET", "figures/agents/lin")).body["agent"]["state"] == "ready"
    assert (await lin("GET", "figures/agents/chen")).status == 403
    assert (await lin("GET", "figures/queues")).status == 403
    assert (await huang("GET", "figures/agents/lin")).status == 404
    assert (await huang("GET", "figures/agents/chen")).status == 200
    rows = (await huang("GET", "figures/agents")).body["agents"]
    assert [each["agent_id"] for each in rows] == ["chen", "huang", "li"]
    assert (await huang("GET", "figures/agents/nobody")).kind == "NotFound"


async def together(socket: ClientWebSocketResponse) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = json.loads(await socket.receive_str(timeout=30))
    return messages


async def test_a_wall_screen_is_shown_figures_alone(centre: Centre) -> None:
    wall = await connect(centre, "screen", wall=True, together=True)
    snapshot = await receive(wall)
    shown, *told = await together(wall)
    await centre.token("li")
    centre.parts.floor.set_ready("li")
    centre.parts.floor.enqueue(WaitingContact(ContactId("k1"), "sales", NINE))
    while not any("ringing" in one["patch"].get("queues", {}).get("sales", {}) for one in told):
        told += await together(wall)
    trunks = (await asking(centre, "zhao")("GET", "figures/centre")).body["centre"]["trunks"]

    assert {name: value for name, value in snapshot.items() if value} == {
        "type": "snapshot",
        "sequence": snapshot["sequence"],
        "agent": {"id": "screen"},
    }
    assert set(shown["figures"]) == {"day", "interval_from", "agents", "queues", "centre"}
    assert shown["figures"]["agents"] == {}
    assert shown["figures"]["centre"]["trunks"] == []
    assert trunks != []
    assert {one["type"] for one in told} == {"figures.changed"}
    assert not any("agents" in one["patch"] for one in told)


async def test_a_wall_screen_sees_nothing_else_and_an_agent_no_wall(centre: Centre) -> None:
    asked: list[dict[str, Any]] = [
        {},
        {"figures": True},
        {"floor": True},
        {"floor": True, "figures": True},
        {"channels": True},
        {"waiting": True},
        {"alerts": True},
        {"desk": "a-desk-of-the-wall"},
    ]
    for wish in asked:
        assert await closed(await connect(centre, "screen", **wish)) == 4401, wish
        if wish:
            both = await connect(centre, "screen", wall=True, **wish)
            assert await closed(both) == 4400, wish
    assert await closed(await connect(centre, "screen", wall=True, since=0)) == 4400
    assert await closed(await connect(centre, "li", wall=True)) == 4401

    assert centre.parts.desks.connected == 0
    supervisors = await connect(centre, "zhao", wall=True)
    assert (await receive(supervisors))["type"] == "snapshot"
    assert (await receive(supervisors))["type"] == "figures"
    assert centre.parts.desks.connected == 1


async def test_reports_are_of_whole_local_days_and_say_no_to_others(centre: Centre) -> None:
    sun, li = asking(centre, "sun"), asking(centre, "li")
    report = await sun("GET", "reports/queues", by="30m", since="2026-11-22", queue="sales")
    resolution = await sun("GET", "reports/resolution", days="3")

    assert (report.body["since"], report.body["until"]) == (
        "2026-11-22T00:00:00+08:00",
        "2026-11-23T00:00:00+08:00",
    )
    assert (resolution.body["days"], resolution.body["rows"]) == (3, [])
    assert (await li("GET", "reports/resolution")).status == 403
    assert (await sun("GET", "reports/resolution", by="week")).status == 422
