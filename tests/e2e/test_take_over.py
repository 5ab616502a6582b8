"""Two servers on one PostgreSQL: one is at work, the other stands by, and both never write."""

import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from cti_server.serving import SUPERSEDED
from simulator.phone import answer
from simulator.phone_call import CallEnd
from tests.fakes.postgres import PostgresServer
from tests.ports import free_port
from tests.running_server import RunningServer

from . import possessions
from .centre import LI, Centre, centre, queue
from .next_life import bury
from .people import Caller

PLAN: dict[str, Any] = {
    "queues": [queue("quick")],
    "numbers": {"2001": {"queue": "quick", "language": "en"}},
    "life": {"lease": "PT4S"},
}
SECRETS = "*.key"
"""What a second machine needs of the first one's data folder: so sessions go on."""


def complaints(line: Any) -> bool:
    """What a server says that was frozen, and from whom another one has taken over."""
    known = ("server.superseded", "store.database_failed", "self_check.incident_found")
    return line.get("event") in known


def beside(first: RunningServer, folder: Path) -> RunningServer:
    """As on another machine: a data folder and ports of its own, the same database and secrets."""
    sip_port, api_port = free_port(), free_port()
    listen = [each | {"port": sip_port} for each in first.config["sip"]["listen"]]
    config = first.config | {
        "data": str(folder / "data"),
        "sip": first.config["sip"] | {"listen": listen},
        "media": first.config["media"] | {"ports": [33000, 33999]},
        "api": {"port": api_port},
    }
    (folder / "data").mkdir(parents=True)
    for secret in first.data.glob(SECRETS):
        shutil.copy(secret, folder / "data")
    return RunningServer(folder, config, sip_port, f"http://127.0.0.1:{api_port}")


@contextlib.asynccontextmanager
async def standing_by(server: RunningServer) -> AsyncIterator[None]:
    """It stands by, and is not left behind, whatever happens."""
    await server.launch()
    try:
        await server.logged("server.standing_by", within=120)
        yield
    finally:
        assert server.process is not None
        if server.process.returncode is None:
            await bury(server, *possessions.descendants(server.process.pid))


async def incidents(it: Centre, kind: str) -> dict[str, tuple[str, str]]:
    """The detail and the action of each kind, when this one is there."""
    page = await it.chief.when(
        "/api/v1/incidents", lambda page: any(one["kind"] == kind for one in page["items"])
    )
    return {one["kind"]: (one["detail"], one["action"]) for one in page["items"]}


async def outcome(it: Centre, caller: Caller) -> tuple[str, str]:
    history = await it.history(caller.contact_id)
    return history["contact"]["outcome"], history["contact"]["reason"]


async def one_is_served(it: Centre) -> None:
    li = it.agents["li"]
    li.on_ring(answer())
    await li.desk.set_state("ready")
    caller = it.caller()
    await caller.dial("2001")
    await caller.happens("interaction.started", agent_id="li")
    caller.call.hang_up()
    assert await caller.over() == ("handled", "caller-hung-up")


async def test_who_stands_by_takes_over_from_a_frozen_server_which_then_writes_nothing(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """And the other way round from one that was killed; state is recovered each time."""
    url = postgres.create("take_over")
    folder = tmp_path / "one"
    folder.mkdir()
    async with centre(folder, LI, allowed=complaints, database_url=url, **PLAN) as it:
        one, li = it.server, it.agents["li"]
        two = beside(one, tmp_path / "two")
        async with standing_by(two):
            li.on_ring(answer())
            await li.desk.set_state("ready")
            talking, waiting = it.caller(), it.caller()
            await talking.dial("2001")
            phone = await li.rung()
            await talking.happens("interaction.started")
            await waiting.dial("2001")
            await waiting.happens("contact.queued")
            await it.chief.when("/api/v1/contacts", lambda rows: len(rows) == 2)
            os.kill(it.control_pid, signal.SIGSTOP)
            await two.logged("server.started", within=120)
            os.kill(it.control_pid, signal.SIGCONT)
            code = await one.wait()
            for call in (talking.call, phone, waiting.call):
                call.finish(CallEnd("network", "its server has ended"))
            again = await it.moved_to(two)
            ends = [await outcome(again, talking), await outcome(again, waiting)]
            view = await again.chief.get("/api/v1/agents/li")
            owed = await again.chief.get("/api/v1/call-backs")
            taken_over = await incidents(again, "server_taken_over")
            await one_is_served(again)

            revived = RunningServer(one.folder, one.config, one.sip_port, one.api)
            async with standing_by(revived):
                await again.close()
                await two.kill()
                await revived.logged("server.started", within=120)
                at_last = await it.moved_to(revived)
                ends += [await outcome(at_last, talking), await outcome(at_last, waiting)]
                set_aside = await incidents(at_last, "events_set_aside")
                await one_is_served(at_last)
                await at_last.close()
                assert await revived.stop() == 0, revived.log_lines[-20:]

    assert code == SUPERSEDED
    assert ends == [("handled", "server-died"), ("failed", "server-died")] * 2
    assert (view["state"], view["reason"]) == ("not_ready", "server_restarted")
    assert [each["number"] for each in owed["items"]] == [waiting.number]
    assert taken_over == {"server_taken_over": ("epoch 1; this one's is 2", "took_over")}
    [file] = (one.data / "journal" / "aside").iterdir()
    lost = file.read_text().splitlines()
    assert any('"contact.ended"' in line for line in lost)
    assert set_aside["events_set_aside"] == (
        f"{len(lost)} events that never came to the database: {file}",
        "set_aside",
    )
