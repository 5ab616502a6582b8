"""Phones that speak G.722 and Opus only: decoded for one another, and for whoever has G.711."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.audio import seconds_of, stereo
from tests.interop.foreign_phones import baresip, pjsua
from tests.running_server import PASSWORD, RunningServer, serving

pytestmark = pytest.mark.interop

TALK = 3.0  # seconds
QUEUES: list[dict[str, Any]] = [
    {"name": name, "skills": {"sales": 1}, "announce_agent": False}
    for name in ("recorded", "unrecorded")
]


def account(server: RunningServer, codec: str) -> str:
    """Of an agent's baresip."""
    return (
        f"<sip:li@127.0.0.1:{server.sip_port}>;auth_user=li;auth_pass={PASSWORD}"
        f";regint=60;answermode=auto;audio_codecs={codec}"
    )


async def test_pjsua2_with_g722_talks_with_baresip_with_opus_and_is_recorded(
    tmp_path: Path,
) -> None:
    """Nothing of this can be relayed: two codecs, neither of them that of the recording."""
    async with serving(tmp_path, queues=QUEUES) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        await server.add_agent("zhao", "8001", "--role", "supervisor")
        desk, supervisor = await server.log_in("li"), await server.log_in("zhao")
        async with baresip(
            tmp_path, "li", tone=1000, account=account(server, "opus/48000/2")
        ) as agent:
            await server.when_metric("sip_bindings", 1.0)
            await desk.set_state("ready")
            async with pjsua(tmp_path, "13800138000", tone=440, codec="G722") as caller:
                await caller.do("call", uri=server.uri("1000"))
                await caller.happened.next(event="audio")
                await asyncio.sleep(1.0)  # into the prompt: barge-in
                await caller.do("press", keys="1")
                await agent.happened.next(type="CALL_ESTABLISHED")
                await asyncio.sleep(TALK)
                await caller.do("hang_up")
                await agent.happened.next(type="CALL_CLOSED")
        rows = await supervisor.when("/api/v1/recordings", lambda rows: len(rows) == 1)
        left, right = stereo(await supervisor.get_bytes(rows[0]["audio"]))
        history = await supervisor.get(f"/api/v1/contacts/{rows[0]['contact_id']}")
        await desk.close()
        await supervisor.close()

    assert [leg["codec"] for leg in history["legs"]] == ["G722", "OPUS"]
    assert seconds_of(caller.heard(), 1000) > TALK - 1.5
    assert seconds_of(agent.heard(), 440) > TALK - 1.5
    assert seconds_of(left, 440) > TALK - 1.5
    assert seconds_of(right, 1000) > TALK - 1.5
    assert seconds_of(left, 1000) == seconds_of(right, 440) == 0


async def test_baresip_with_opus_presses_a_key_and_talks_with_pjsua2_with_g711(
    tmp_path: Path,
) -> None:
    """baresip's events are of the 8 kHz clock, beside Opus too."""
    async with serving(tmp_path, queues=QUEUES) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        desk = await server.log_in("li")
        customer = "<sip:13800138000@127.0.0.1>;regint=0;audio_codecs=opus/48000/2"
        registrar = f"sip:127.0.0.1:{server.sip_port}"
        async with pjsua(
            tmp_path, "li", tone=1000, registrar=registrar, username="li", auto_answer=True
        ) as agent:
            await desk.set_state("ready")
            async with baresip(tmp_path, "caller", tone=440, account=customer) as caller:
                await caller.command("dial", server.uri("1000"))
                await caller.happened.next(type="CALL_ESTABLISHED")
                await asyncio.sleep(1.0)
                await caller.command("sndcode", "1")
                await agent.happened.next(event="audio")
                await asyncio.sleep(TALK)
                await caller.command("hangup")
                await agent.happened.next(event="ended")
        await desk.close()

    assert seconds_of(agent.heard(), 440) > TALK - 1.5
    assert seconds_of(caller.heard(), 1000) > TALK - 1.5


async def test_a_caller_with_g722_talks_g722_with_a_phone_that_would_rather_have_g711(
    tmp_path: Path,
) -> None:
    """The caller's codec is the first of the offer, so that nothing has to be decoded."""
    async with serving(tmp_path, queues=QUEUES) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        await server.add_agent("zhao", "8001", "--role", "supervisor")
        desk, supervisor = await server.log_in("li"), await server.log_in("zhao")
        customer = "<sip:13800138000@127.0.0.1>;regint=0;audio_codecs=G722/16000/1"
        registrar = f"sip:127.0.0.1:{server.sip_port}"
        async with pjsua(
            tmp_path, "li", tone=1000, codec="PCMU G722",
            registrar=registrar, username="li", auto_answer=True,
        ) as agent:  # fmt: skip
            await desk.set_state("ready")
            async with baresip(tmp_path, "caller", tone=440, account=customer) as caller:
                await caller.command("dial", server.uri("1000"))
                await caller.happened.next(type="CALL_ESTABLISHED")
                await asyncio.sleep(1.0)
                await caller.command("sndcode", "1")
                await agent.happened.next(event="audio")
                await asyncio.sleep(TALK)
                await caller.command("hangup")
                await agent.happened.next(event="ended")
        rows = await supervisor.when("/api/v1/recordings", lambda rows: len(rows) == 1)
        history = await supervisor.get(f"/api/v1/contacts/{rows[0]['contact_id']}")
        await desk.close()
        await supervisor.close()

    assert [leg["codec"] for leg in history["legs"]] == ["G722", "G722"]
    assert seconds_of(agent.heard(), 440) > TALK - 1.5
    assert seconds_of(caller.heard(), 1000) > TALK - 1.5
