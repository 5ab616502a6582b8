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
import sys
import tempfile
from pathlib import Path
from typing import Any

from cti_server.media.worker_reports import CaptureClosed
from recording.capture import AGENT, CALLER, HEADER_SIZE

from .studio import Generator, capture, machine, one_worker, open_calls, wish

PACKET = 160  # samples
SILENCE = b"\xff"  # of mu-law; no packet of the generator begins or ends with it


async def record(calls: int, seconds: float, spool: Path) -> dict[str, Any]:
    """Run the calls and their captures; the generator's account."""
    async with one_worker(spool) as plane:
        opened = await open_calls(plane, calls)
        for caller, agent in opened:
            caller.bridge(agent)
        capture(plane, opened, spool)
        load = await Generator.start("rtp_load")
        await load.prepare(wish(opened, seconds, warm_up=0.0))
        load.go()
        result = await load.account()
        for number in range(calls):
            closed = await plane.stop_capture(f"c{number}")
            if not isinstance(closed, CaptureClosed):
                raise TypeError(f"capture {number}: {closed.reason}")
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
    print(machine())
    print(f"{options.calls} recorded calls, {options.seconds:g} s: ", end="")
    print(f"{2 * options.calls} channels, {len(wrong)} differ from what was said", wrong[:20])
    print(f"relayed packets lost: {result['lost']} of {result['counted']}; ", end="")
    print(f"generator late: {result['late']} (p99 {result['send_lateness_ms_p99']} ms)")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
