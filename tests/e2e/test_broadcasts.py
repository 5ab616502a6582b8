"""A supervisor sees who waits, tells them something in one request, and moves them all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from .centre import Centre, centre, queue
from .next_life import risen
from .people import Caller, Hire
from .sounds import hears_text, said_whole

STORM = "There is a storm. Please call again tomorrow."
BRIDGE = "The bridge is open again."
QUEUES = [
    queue("service", ring_for=30),
    queue("english", skills={"english": 1}, ring_for=30),
]
NUMBERS = {
    "1000": {"flow": "hotline.yaml"},
    "2000": {"queue": "service", "language": "en"},
}
ZHOU = Hire("zhou", "8028", skills=("english:5",))
BROADCASTS = "/api/v1/broadcasts"


async def waits(hotline: Centre, number: str = "2000") -> Caller:
    caller = hotline.caller()
    await caller.dial(number)
    await caller.queued()
    return caller


async def put_on(hotline: Centre, text: str, **more: Any) -> str:
    wish = {"queues": ["service"], "texts": {"en": text}, **more}
    status, made = await hotline.chief.post(BROADCASTS, **wish)
    assert status == 201, made
    return str(made["id"])


async def waiting_list(hotline: Centre) -> list[tuple[str, int | None, str]]:
    """As a floor's stream begins with it."""
    async with (
        aiohttp.ClientSession(hotline.server.api) as session,
        session.ws_connect("/api/v1/stream") as socket,
    ):
        hello = {"type": "hello", "token": hotline.chief.token, "floor": True, "waiting": True}
        await socket.send_json(hello)
        while (message := await socket.receive_json(timeout=30))["type"] != "waiting":
            assert message["type"] in ("snapshot", "delta")
    contacts = message["queues"]["service"]["contacts"].values()
    rows = [(one["contact_id"], one["place"], one["number"]) for one in contacts]
    return sorted(rows, key=lambda row: row[1] or 0)


def in_order(callers: Sequence[Caller]) -> list[tuple[str, int | None, str]]:
    return [(one.contact_id, place, one.number) for place, one in enumerate(callers, start=1)]


async def test_callers_hear_what_is_on_and_are_moved_at_once(tmp_path: Path) -> None:
    async with centre(tmp_path, ZHOU, queues=QUEUES, numbers=NUMBERS) as hotline:
        storm, callers = await _a_storm(hotline)
        await _moved_at_once(hotline, callers)
        await _what_they_heard_is_on_record(hotline, callers, storm)

        await put_on(hotline, STORM)
        assert await hotline.server.stop() == 0
        async with risen(hotline) as again:  # it is on still
            later = await waits(again)
            await hears_text(later, STORM)
            later.call.hang_up()
            await later.over()


async def _a_storm(hotline: Centre) -> tuple[str, list[Caller]]:
    """One waits when it is put on, one comes while it is, one calls a menu, one comes later."""
    first = await waits(hotline)
    await first.hears_something()  # music
    storm = await put_on(hotline, STORM, numbers=["1000"])
    await hears_text(first, STORM)
    second = await waits(hotline)
    await hears_text(second, STORM)
    chooser = hotline.caller()
    await chooser.dial("1000")
    await chooser.happens("broadcast.heard", broadcast_id=storm, queue=None, whole=True)
    await chooser.happens("contact.node_entered")
    await hears_text(chooser, STORM)
    chooser.call.hang_up()
    [shown] = [one for one in await hotline.chief.get("/api/v1/queues") if one["name"] == "service"]
    assert [one["id"] for one in shown["broadcasts"]] == [storm]

    status, _ = await hotline.chief.delete(f"{BROADCASTS}/{storm}")
    assert status == 204
    third = await waits(hotline)
    await third.hears_something()
    bridge = await put_on(hotline, BRIDGE)
    for one in (first, second, third):  # who has waited for all of it, too
        await hears_text(one, BRIDGE)
        await one.happens("broadcast.heard", broadcast_id=bridge, queue="service", whole=True)
    assert not said_whole(third, STORM)
    await hotline.chief.delete(f"{BROADCASTS}/{bridge}")
    return storm, [first, second, third]


async def _moved_at_once(hotline: Centre, callers: list[Caller]) -> None:
    """To an agent who serves the other queue only, in the order in which they had come."""
    assert await waiting_list(hotline) == in_order(callers)
    async with hotline.on_duty("zhou") as (zhou,):
        assert zhou.silent
        status, moved = await hotline.chief.post(
            "/api/v1/queues/service/move", to="english", all=True
        )
        assert (status, moved["moved"]) == (200, 3)
        for caller in callers:
            await caller.happens("contact.diverted", reason="moved", target="english")
            started = await caller.happens("interaction.started")
            assert (started.data["agent_id"], started.data["queue"]) == ("zhou", "english")
            caller.call.hang_up()
            await caller.over()


async def _what_they_heard_is_on_record(hotline: Centre, callers: list[Caller], storm: str) -> None:
    first, second, third = callers
    for caller, times in ((first, 1), (second, 1), (third, 0)):
        await hotline.history(caller.contact_id)
        told = await hotline.chief.get(f"/api/v1/contacts/{caller.contact_id}/events")
        names = [one["data"].get("broadcast_id") for one in told]
        assert names.count(storm) == times
