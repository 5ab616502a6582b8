"""SIPp on both ends of a call, with RTP: what each says stands on its channel of the recording."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.audio import seconds_of, stereo, write_tone
from tests.ports import free_port
from tests.running_server import serving

pytestmark = pytest.mark.interop

SCENARIOS = Path(__file__).parent / "sipp"
CALLS = 3


def write_mu_law(folder: Path, name: str, hz: float) -> None:
    """Raw mu-law by SoX, as SIPp's rtp_stream wants it."""
    wav = write_tone(folder / f"{name}.wav", hz)
    convert = ["sox", str(wav), "-t", "ul", str(folder / f"{name}.ulaw")]
    subprocess.run(convert, check=True)


async def sipp(folder: Path, scenario: str, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("sipp", "-sf", str(SCENARIOS / scenario), "-i", "127.0.0.1", "-m", str(CALLS)),
        *("-nostdin", "-timeout", "60", "-timeout_error", "-trace_err", *words),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def test_sipp_calls_and_sipp_answers_with_rtp_both_ways(tmp_path: Path) -> None:
    write_mu_law(tmp_path, "caller", 440)
    write_mu_law(tmp_path, "agent", 1000)
    agents_port = free_port()
    seats = [
        {"last": 5, "phone": f"sip:agent{{:04d}}@127.0.0.1:{agents_port}", "skills": {"sales": 1}}
    ]
    async with serving(tmp_path, seats=seats) as server:
        await server.add_agent("zhao", "8001", "--role", "supervisor")
        await server.logged("server.reloaded")
        agents = await sipp(
            *(tmp_path, "uas-answers-and-talks.xml", "-p", str(agents_port)),
            *("-mp", "34000"),
        )
        callers = await sipp(
            *(tmp_path, "uac-talks-and-hangs-up.xml", "-p", str(free_port()), "-s", "1001"),
            *("-r", "2", "-mp", "35000"),
            f"127.0.0.1:{server.sip_port}",
        )
        codes = [await callers.wait(), await agents.wait()]
        supervisor = await server.log_in("zhao")
        rows = await supervisor.when("/api/v1/recordings", lambda rows: len(rows) == CALLS)
        recordings = [stereo(await supervisor.get_bytes(row["audio"])) for row in rows]
        await supervisor.close()

    assert codes == [0, 0]
    for left, right in recordings:
        assert seconds_of(left, 440) > 3.5
        assert seconds_of(right, 1000) > 3.5
        assert seconds_of(left, 1000) == seconds_of(right, 440) == 0
