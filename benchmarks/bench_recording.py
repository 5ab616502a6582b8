"""
Whether a recording is what was said, sample by sample, over a long time.

``python -m benchmarks.bench_recording [--calls 200] [--seconds 600]``: recorded bridged calls on
one worker, driven as the server drives it. The generator (rtp_load.py) hashes all the audio that
each phone sends; each channel of each capture, without the silence before its first packet, must
have that hash. Prints how many channels differ, and by how many samples in length.
"""

import argparse
import asyncio
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cti_server.media.plane import MediaLeg, MediaPlane
from cti_server.media.protocol import CaptureClosed
from recording.capture import AGENT, CALLER, HEADER_SIZE

from .bench_media import HOST, LOAD_BASE, PORTS, open_calls

PACKET = 160  # samples
SILENCE = b"\xff"  # of mu-law; no packet of the generator begins or ends with it


async def record(calls: int, seconds: float, spool: Path) -> dict[str, Any]:
    """Run the calls and their captures; the generator's account."""
    plane = MediaPlane(
        workers=1,
        host=HOST,
        ports=PORTS,
        run_folder=spool / "run",
        on_worker_died=lambda number, legs: print("died", number, len(legs)),
    )
    await plane.start()
    opened = await open_calls(plane, calls, None)
    for number, (caller, agent) in enumerate(opened):
        plane.start_capture(f"c{number}", spool / f"c{number}", caller, agent)
    result = await _speak(opened, seconds)
    for number in range(calls):
        closed = await plane.stop_capture(f"c{number}")
        if not isinstance(closed, CaptureClosed):
            raise TypeError(f"capture {number}: {closed.reason}")
    await plane.close()
    return result


async def _speak(opened: list[tuple[MediaLeg, MediaLeg]], seconds: float) -> dict[str, Any]:
    pairs = [
        [LOAD_BASE + 4 * i, caller.port, LOAD_BASE + 4 * i + 2, agent.port]
        for i, (caller, agent) in enumerate(opened)
    ]
    load = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("rtp_load.py")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 20,
    )
    if load.stdin is None or load.stdout is None:
        raise RuntimeError("the generator has no pipes")
    wish = {"host": HOST, "pairs": pairs, "seconds": seconds, "warm_up": 0.0}
    load.stdin.write(json.dumps(wish).encode() + b"\n")
    await load.stdout.readline()
    load.stdin.write(b"go\n")
    result: dict[str, Any] = json.loads(await load.stdout.readline())
    await load.wait()
    return result


def differences(spool: Path, calls: int, spoken: list[tuple[int, str]]) -> list[int]:
    """For each channel that is not what was said: how many samples it is too long."""
    found = []
    for number in range(calls):
        for name, (packets, said) in zip(
            (CALLER, AGENT), spoken[2 * number : 2 * number + 2], strict=True
        ):
            audio = (spool / f"c{number}" / name).read_bytes()[HEADER_SIZE:].strip(SILENCE)
            if hashlib.sha256(audio).hexdigest() != said:
                found.append(len(audio) - packets * PACKET)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=200)
    arguments.add_argument("--seconds", type=float, default=600)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder)
        result = asyncio.run(record(options.calls, options.seconds, spool))
        wrong = differences(spool, options.calls, result["spoken"])
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{options.calls} recorded calls, {options.seconds:g} s: ", end="")
    print(f"{2 * options.calls} channels, {len(wrong)} differ from what was said", wrong[:20])
    print(f"relayed packets lost: {result['lost']} of {result['counted']}; ", end="")
    print(f"generator late: {result['late']} (p99 {result['send_lateness_ms_p99']} ms)")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
