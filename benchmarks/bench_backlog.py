"""
Whether calls notice that thousands of recordings are archived beside them.

``python -m benchmarks.bench_backlog [--captures 5000] [--spoken 30] [--rate 5] [--seconds 40]``: a
server finds so many finished captures in its spool, as after a disk's or a store's bad day, and
callers come at once, by real SIP and RTP over loopback. As many come again when the spool is empty.
Prints how long callers of either kind waited for the 200, and what a capture took.
"""

import argparse
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from recording.capture import AGENT, CALLER, SAMPLE_RATE, CaptureInfo, write_header

from .hour import UNRECORDED, called
from .server import BenchServer
from .studio import machine

WITHIN: Final = 1800.0  # seconds
BACKLOG: Final = "hotline_recordings_backlog"


def left_behind(spool: Path, captures: int, seconds: float) -> None:
    """Of conversations that both sides spoke in all the time; no two captures are alike."""
    second = bytes(range(256)) * (SAMPLE_RATE // 256) + bytes(SAMPLE_RATE % 256)
    audio = second * round(seconds)
    for number in range(captures):
        name = f"{number:08x}"
        folder = spool / name
        CaptureInfo(
            recording_id=name,
            call_id=f"call{name}",
            contact_id=f"contact{name}",
            interaction_id=f"interaction{name}",
            agent_id="agent0001",
            queue="recorded",
            caller_number=f"+86138{number:08}",
            dialled_number="1002",
            started_at=datetime.now(UTC),
        ).save(folder)
        for channel in (CALLER, AGENT):
            (folder / channel).write_bytes(
                write_header("PCMU", number % 160) + name.encode() + audio
            )


class Drain:
    """Looks at the backlog all the while, from a thread of its own."""

    def __init__(self, server: BenchServer) -> None:
        self._server = server
        self.seen: list[tuple[float, float]] = []  # when, and how many
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            backlog = self._server.figures().get(BACKLOG, 0.0)
            self.seen.append((time.monotonic(), backlog))
            if not backlog:
                return
            time.sleep(1.0)

    def over(self) -> bool:
        """Waits for it; whether the spool is empty."""
        self._thread.join()
        return not self.seen[-1][1]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--captures", type=int, default=5000)
    arguments.add_argument("--spoken", type=float, default=30, help="seconds of each")
    arguments.add_argument("--rate", type=float, default=5, help="calls a second")
    arguments.add_argument("--seconds", type=float, default=40, help="in which they come")
    options = arguments.parse_args()
    server = BenchServer(seats=200)
    left_behind(server.data / "spool", options.captures, options.spoken)
    with server:
        began, before = time.monotonic(), server.cost()
        drain = Drain(server)
        during = called(server, UNRECORDED, options.seconds, options.rate)
        called_until, empty = time.monotonic(), drain.over()
        spent, took = server.cost().since(before), drain.seen[-1][0] - began
        after = called(server, UNRECORDED, options.seconds, options.rate)
    left = [backlog for at, backlog in drain.seen if at <= called_until]
    print(machine())
    print(f"{options.captures} captures of {options.spoken:g} s: ", end="")
    print(f"{took:.0f} s, jobs {1e3 * spent.jobs / options.captures:.1f} ms CPU each; ", end="")
    print(f"backlog when the callers had come: {left[-1] if left else 0:g}")
    for name, report in (("beside it", during), ("without", after)):
        print(
            f"{name:10} {report.succeeded} of {report.calls} calls as planned; "
            f"INVITE to 200, ms p50 / p90 / p99 / max: {report.invite_to_200}; "
            f"packets lost: {report.packets_lost} of {report.packets_heard}; "
            f"{'valid' if report.valid else 'NOT VALID: ' + '; '.join(report.invalid)}"
        )
    sys.exit(not empty or during.succeeded < during.calls)


if __name__ == "__main__":
    main()
