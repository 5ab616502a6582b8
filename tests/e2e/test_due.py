"""What falls due while no server runs is done at the next start, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from cti_server.store.database import Database
from cti_server.store.stored_events import StoredEvents
from cti_server.wire.events import RecordChanged
from tests.running_server import Feed, RunningServer

from .centre import LI, define, planned


async def reminders(folder: Path) -> list[tuple[str, str | None]]:
    """Which tasks somebody was reminded of, and who; with no server running."""
    database = Database(f"sqlite+aiosqlite:///{folder}/data/hotline.db")
    try:
        async with database.readers() as session:
            events = [one.event for one in await StoredEvents(session).since(0, 10_000)]
    finally:
        await database.close()
    return [
        (event.record_id, event.agent_id)
        for event in events
        if isinstance(event, RecordChanged) and event.action == "reminded"
    ]


async def life(server: RunningServer, token: str, task_id: str) -> None:
    """One life of the same server, in which the agent's desktop hears of the task."""
    again = RunningServer(server.folder, server.config, server.sip_port, server.api)
    await again.start()
    async with (
        aiohttp.ClientSession(server.api) as session,
        session.ws_connect("/api/v1/stream") as socket,
    ):
        await socket.send_json({"type": "hello", "token": token, "since": 0})
        await Feed(socket).until("record.changed", record_id=task_id, action="reminded")
    assert await again.stop() == 0, again.log_lines[-20:]


async def test_a_reminder_of_a_moment_at_which_no_server_ran_comes_once(tmp_path: Path) -> None:
    server = planned(tmp_path)
    await define(server, [LI])
    await server.start()
    li = await server.log_in("li")
    remind_at = datetime.now(UTC) + timedelta(seconds=1)
    status, task = await li.post(
        "/api/v1/tasks", title="Call Mr Gu", remind_at=remind_at.isoformat()
    )
    types = await li.get("/api/v1/ticket-types")
    await li.close()
    await server.kill()
    assert (status, await reminders(tmp_path)) == (201, [])
    await asyncio.sleep(max(0.0, (remind_at - datetime.now(UTC)).total_seconds()))

    await life(server, li.token, task["id"])
    await life(server, li.token, task["id"])

    assert await reminders(tmp_path) == [(task["id"], "li")]
    assert {one["id"] for one in types} == {
        *("complaint", "enquiry", "fault", "problem", "suggestion")
    }
