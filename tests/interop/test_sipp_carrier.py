"""SIPp as a carrier: digest, early media and answer of a call that an agent dials."""

import asyncio
import subprocess
from pathlib import Path

import aiohttp
import pytest

from simulator.audio import tone
from tests.audio import write_tone
from tests.e2e.carrier import LOOPBACK
from tests.e2e.centre import LI, centre
from tests.ports import free_port

pytestmark = pytest.mark.interop

SCENARIO = Path(__file__).parent / "sipp" / "uas-carrier-asks-who-calls-then-183-then-200.xml"
NETWORK, CUSTOMER = 1200, 1000  # Hz


def write_a_law(folder: Path, name: str, hz: float) -> None:
    """Raw A-law by SoX, as SIPp's rtp_stream wants it."""
    wav = write_tone(folder / f"{name}.wav", hz)
    subprocess.run(["sox", str(wav), "-t", "al", str(folder / f"{name}.alaw")], check=True)


async def test_an_agent_hears_what_the_carrier_says_and_then_the_customer(tmp_path: Path) -> None:
    await asyncio.to_thread(write_a_law, tmp_path, "network", NETWORK)
    await asyncio.to_thread(write_a_law, tmp_path, "customer", CUSTOMER)
    port = free_port()
    outbound = {
        "to": f"127.0.0.1:{port}",
        "username": "bank",
        "password": "carriers-secret",
        "caller_id": "+8675595588",
        "domain": "carrier.example",
    }
    async with centre(
        tmp_path,
        LI,
        sip={
            "trunks": [LOOPBACK, {"name": "carrier", "outbound": outbound}],
            "trunks_asked_every": None,  # the scenario knows INVITEs alone
        },
        routes=[{"prefix": "+86", "trunks": ["carrier"]}],
    ) as it:
        carrier = await asyncio.create_subprocess_exec(
            *("sipp", "-sf", str(SCENARIO), "-i", "127.0.0.1", "-p", str(port), "-m", "1"),
            *("-mp", str(free_port()), "-nostdin", "-timeout", "40", "-timeout_error"),
            *("-trace_err", "-error_file", str(tmp_path / "sipp-errors.log")),
            cwd=tmp_path,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        li = it.agents["li"]
        await li.desk.set_state("ready")
        headers = {"Authorization": f"Bearer {li.desk.token}"}
        async with (
            aiohttp.ClientSession(it.server.api, headers=headers) as session,
            session.post(
                "/api/v1/contacts", json={"number": "13800138000", "queue": "quick"}
            ) as placed,
        ):
            assert placed.status == 201, await placed.text()
        mine = await li.rung()
        mine.say(tone(700))
        await mine.hears(NETWORK)
        await it.book.when("customer.ringing", early_media=True)
        assert it.book.find("interaction.started") is None
        await it.book.when("interaction.started", agent_id="li")
        await mine.hears(CUSTOMER)
        mine.hang_up()
        code = await carrier.wait()
        await it.settled()

    errors = tmp_path / "sipp-errors.log"
    assert code == 0, errors.read_text() if errors.exists() else "no word of SIPp"
