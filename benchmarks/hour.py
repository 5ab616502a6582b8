"""
An hour of calls, at the end of which nothing may be wrong, or left over.

``python -m benchmarks.hour [--seconds 3600] [--rate 20] [--recorded]``. Callers come at random, by
real SIP and RTP over loopback, to somewhat more seats than they keep busy, so that some of them
wait. At the end every call went as planned, the self-check found nothing, nobody waits, rings or
talks, and all decisions come out again when the routing's record is replayed. The exit code says
whether: 3 if calls failed, but the generator itself was too late to be believed.
"""

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

from cti_server.floor.record_files import read
from cti_server.floor.replay import replay
from simulator.load.plan import LoadPlan
from simulator.load.report import Report
from simulator.load.run import LoadRun

from .server import BenchServer

HOLD: Final = 5.0  # seconds
SPARE: Final = 1.1  # seats by calls at once
PATIENCE: Final = 60.0  # seconds
QUIET_WITHIN: Final = 20.0  # seconds in which nothing more ends
ANSWERS_WITHIN: Final = 60.0  # seconds; a machine that stands still for so long is a fault
UNRECORDED: Final = "1001"  # numbers that lead to a queue without a menu
RECORDED: Final = "1002"
TOO_BUSY: Final = 3  # exit code
_NONE: Final = (
    "hotline_calls_running",
    "hotline_queues_waiting",
    "hotline_recordings_backlog",
    "hotline_agents_ringing",
    "hotline_agents_talking",
    "hotline_agents_wrap_up",
    "hotline_events_lost_total",
    "hotline_events_underived_total",
    "hotline_routing_record_lost_total",
    "hotline_self_check_incidents_found_total",
    "hotline_sip_dialogs",
)
"""Figures that are 0 when all is well and over."""


def called(server: BenchServer, number: str, seconds: float, rate: float) -> Report:
    plan = LoadPlan(
        target=server.uri(number),
        agents_at=(server.agents_at,),
        duration=seconds,
        rate=rate,
        arrivals="poisson",
        concurrent=2000,
        hold=HOLD,
        patience=PATIENCE,
    )
    with LoadRun(plan) as run:
        run.all_over()
        return run.finish()


def left_over(server: BenchServer) -> dict[str, float]:
    """Which figures are not 0 once everything has ended that does, however slow the machine is."""
    left: dict[str, float] = {}
    until = silent_since = 0.0
    while True:
        try:
            before, figures = left, server.figures()
        except OSError:  # it has no time for that yet
            if (
                silent_since := silent_since or time.monotonic()
            ) + ANSWERS_WITHIN < time.monotonic():
                raise
            continue
        silent_since = 0.0
        left = {name: figures.get(name, math.nan) for name in _NONE if figures.get(name) != 0}
        if left != before:
            until = time.monotonic() + QUIET_WITHIN
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.5)


def complaints(server: BenchServer) -> Iterator[str]:
    """The server's own, each kind once, with how often it came."""
    lines = (json.loads(line) for line in server.log.splitlines() if line.startswith("{"))
    kinds = Counter((line["event"], line.get("kind", "")) for line in lines)
    return (f"the server's log: {n} x {event} {kind}" for (event, kind), n in kinds.items())


def decided_otherwise(server: BenchServer, calls: int) -> Iterator[str]:
    """The record, when the server has ended."""
    days = sorted((server.data / "routing").iterdir())
    verdict = replay(read(days[-1]))
    print(f"{verdict.inputs} inputs and {verdict.decisions} decisions are on record")
    for one in verdict.differences:
        yield f"{one.at} {one.happened}: {one.recorded} came out as {one.replayed}"
    if verdict.decisions < calls:
        yield f"{calls} calls left {verdict.decisions} decisions on record"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=3600)
    arguments.add_argument("--rate", type=float, default=20, help="calls a second")
    arguments.add_argument("--recorded", action="store_true", help="keep what is said")
    options = arguments.parse_args()
    with BenchServer(seats=round(options.rate * HOLD * SPARE)) as server:
        number = RECORDED if options.recorded else UNRECORDED
        report = called(server, number, options.seconds, options.rate)
        print(report.to_table())
        failed = [f"{count} x {kind}" for kind, count in report.failures.items()]
        wrong = [f"{name} is {value:g}" for name, value in left_over(server).items()]
        failed += complaints(server)
        server.stop()
        wrong += decided_otherwise(server, report.succeeded)
    said = f"{options.seconds:g} s of {options.rate:g} calls a second"
    for each in (*failed, *wrong):
        print(f"{said}: {each}", file=sys.stderr)
    print(f"{said}: {'something' if failed or wrong else 'nothing'} was wrong", file=sys.stderr)
    if failed and not wrong and not report.valid:
        print(f"{said}: the machine had too little time even for the generator", file=sys.stderr)
        sys.exit(TOO_BUSY)
    sys.exit(bool(failed or wrong))


if __name__ == "__main__":
    main()
