"""One real call, all the way, with phones that nobody here wrote on both ends."""

import asyncio
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.audio import Samples, loudest_frequency, read_pcm, seconds_of, stereo
from tests.interop.foreign_phones import baresip, pjsua
from tests.running_server import PASSWORD, Desktop, RunningServer, serving
from tests.sizes import this_weeks

pytestmark = pytest.mark.interop

CUSTOMERS = "name,phone,tier\n李娜,13800138000,vip\n".encode()
TALK = 4.0  # seconds


async def prepare(server: RunningServer, folder: Path) -> None:
    """An agent with a phone of their own, a supervisor, a customer who is known."""
    await server.add_agent("li", "8026", "--skill", "bench:5", "--skill", "sales:5")
    await server.add_agent("zhao", "8001", "--role", "supervisor")
    file = folder / "customers.csv"
    file.write_bytes(CUSTOMERS)
    await server.command("customer", "import", str(file))
    await server.logged("server.reloaded")


async def recorded(supervisor: Desktop, **wanted: Any) -> dict[str, Any]:
    """The recording, when it is in the archive."""
    rows = await supervisor.when("/api/v1/recordings", lambda rows: len(rows) == 1)
    row: dict[str, Any] = rows[0]
    assert wanted.items() <= row.items()
    return row


def by_sox(folder: Path, audio: bytes) -> list[Samples]:
    """The recording's two channels, as SoX reads them, whichever law it is in."""
    wav = folder / "recording.wav"
    wav.write_bytes(audio)
    sides = []
    for channel in ("1", "2"):
        side = folder / f"channel-{channel}.wav"
        convert = ["sox", str(wav), "-e", "signed", "-b", "16", str(side), "remix", channel]
        subprocess.run(convert, check=True)
        sides.append(read_pcm(side))
    return sides


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"][this_weeks(2)])
async def test_pjsua2_calls_presses_a_key_talks_with_pjsua2_and_is_recorded(
    tmp_path: Path, codec: str
) -> None:
    """The agent's phone speaks PCMU only: with a PCMA caller the laws are translated."""
    changes: dict[str, Any] = {
        "queues": [
            {"name": "recorded", "skills": {"bench": 1}, "wrap_up": 1, "announce_agent": False},
            {"name": "unrecorded", "skills": {"bench": 1}, "wrap_up": 1, "record": False},
        ]
    }
    async with serving(tmp_path, **changes) as server:
        await prepare(server, tmp_path)
        desk, supervisor = await server.log_in("li"), await server.log_in("zhao")
        registrar = f"sip:127.0.0.1:{server.sip_port}"
        async with (
            pjsua(
                tmp_path,
                "li",
                tone=1000,
                registrar=registrar,
                username="li",
                auto_answer=True,
            ) as agent,
            desk.stream() as feed,
        ):
            await desk.set_state("ready")
            async with pjsua(tmp_path, "13800138000", tone=440, codec=codec) as caller:
                await caller.do("call", uri=server.uri("1000"))
                await caller.happened.next(event="audio")
                await asyncio.sleep(1.0)  # into the prompt: barge-in
                await caller.do("press", keys="1")
                offered = await feed.until("contact.offered")
                popped_at = feed.received[-1][0]
                rang_at, _ = await agent.happened.next(event="ringing")
                await agent.happened.next(event="audio")
                await feed.until("agent.state_changed", state="talking")
                await asyncio.sleep(TALK)
                await caller.do("hang_up")
                await caller.happened.next(event="ended")
                await agent.happened.next(event="ended")
                await feed.until("agent.state_changed", state="wrap_up")
                await feed.until("agent.state_changed", state="ready")
        row = await recorded(supervisor, caller_number="13800138000", agent_id="li")
        audio = await supervisor.get_bytes(row["audio"])
        history = await supervisor.get(f"/api/v1/contacts/{row['contact_id']}")
        await desk.close()
        await supervisor.close()

    assert popped_at < rang_at
    pop = offered["pop"]
    assert pop["customer"]["match"] == "one"
    assert pop["customer"]["customers"][0]["name"] == "李娜"
    assert pop["menu_path"] == ["choice", "recorded"]
    assert hashlib.sha256(audio).hexdigest() == row["sha256"]
    left, right = by_sox(tmp_path, audio)
    assert seconds_of(left, 440) > TALK - 1.5
    assert seconds_of(right, 1000) > TALK - 1.5
    assert seconds_of(left, 1000) == seconds_of(right, 440) == 0
    assert seconds_of(caller.heard(), 1000) > TALK - 1.5
    assert seconds_of(agent.heard(), 440) > TALK - 1.5
    assert [leg["role"] for leg in history["legs"]] == ["caller", "agent"]
    assert history["contact"]["outcome"] == "handled"
    assert history["segments"][0]["agent_id"] == "li"
    for leg in history["legs"]:
        assert leg["quality"]["packets_lost"] == 0
        assert leg["quality"]["mos"] > 4.0


async def test_baresip_calls_presses_a_key_and_baresip_answers(tmp_path: Path) -> None:
    common = {"skills": {"sales": 1}, "announce_agent": False}
    queues = [{"name": name, **common} for name in ("recorded", "unrecorded")]
    async with serving(tmp_path, queues=queues) as server:
        await prepare(server, tmp_path)
        desk, supervisor = await server.log_in("li"), await server.log_in("zhao")
        account = (
            f"<sip:li@127.0.0.1:{server.sip_port}>;auth_user=li;auth_pass={PASSWORD}"
            ";regint=60;answermode=auto;audio_codecs=PCMU/8000/1"
        )
        customer = "<sip:13800138000@127.0.0.1>;regint=0;audio_codecs=PCMU/8000/1"
        async with baresip(tmp_path, "li", tone=1000, account=account) as agent:
            await server.when_metric("sip_bindings", 1.0)
            await desk.set_state("ready")
            async with baresip(tmp_path, "caller", tone=440, account=customer) as caller:
                await caller.command("dial", server.uri("1000"))
                await caller.happened.next(type="CALL_ESTABLISHED")
                await asyncio.sleep(1.0)  # into the prompt: barge-in
                await caller.command("sndcode", "1")
                await agent.happened.next(type="CALL_ESTABLISHED")
                await asyncio.sleep(TALK)
                await caller.command("hangup")
                await agent.happened.next(type="CALL_CLOSED")
        row = await recorded(supervisor, agent_id="li", queue="recorded")
        left, right = stereo(await supervisor.get_bytes(row["audio"]))
        await desk.close()
        await supervisor.close()

    assert seconds_of(left, 440) > TALK - 1.5
    assert seconds_of(right, 1000) > TALK - 1.5
    heard = caller.heard()
    assert abs(loudest_frequency(heard[-8000:]) - 1000) < 15
    assert seconds_of(agent.heard(), 440) > TALK - 1.5
