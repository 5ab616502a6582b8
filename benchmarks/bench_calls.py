"""
The whole server under calls: what one costs, what RTP is lost, what delay is added.

``python -m benchmarks.bench_calls [--calls 100,150,200] [--seconds 10] [--runs 3] [--short]``.
Starts ``hotline serve`` with the bench profile and loads it with the project's own generator, in
processes of their own on the same machine. CPU is that of all server processes. Medians of the
runs; a run in which the generator itself was too slow is marked, since it proves nothing.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from simulator.load.plan import LoadPlan
from simulator.load.report import Report
from simulator.load.run import LoadRun

from .server import BenchServer, Cost, ServerFailed

RAMP: Final = 25.0  # calls a second
SETTLE: Final = 1.5  # seconds between the last bridge and the measured time
ARCHIVED_WITHIN: Final = 20.0  # seconds
IDLE: Final = 3.0


@dataclass(frozen=True, slots=True)
class Bridged:
    """So many calls talking at once, measured while nothing else happens."""

    calls: int
    cost: Cost  # in the measured time
    seconds: float
    generator_cpu: float  # RTP process, per call-second of the whole run
    archive_cpu: float  # afterwards, all processes
    report: Report

    def ms_a_call_second(self, cpu: float) -> float:
        return 1000 * cpu / (self.calls * self.seconds)


@dataclass(frozen=True, slots=True)
class Signalled:
    """Calls one after another, without speech."""

    calls: int
    cost: Cost
    report: Report


def bridged(server: BenchServer, calls: int, seconds: float, key: str) -> Bridged:
    plan = LoadPlan(
        target=server.target,
        agents_at=(server.agents_at,),
        calls=calls,
        rate=RAMP,
        concurrent=calls,
        hold=calls / RAMP + seconds + 30,
        digit=key,
    )
    with LoadRun(plan) as run:
        if not run.wait(lambda now: now.hearing >= 2 * calls, within=calls / RAMP + 15):
            report = run.finish()
            raise ServerFailed(f"not all calls were bridged:\n{report.to_table()}")
        time.sleep(SETTLE)
        before, began = server.cost(), time.monotonic()
        run.wait(lambda now: False, within=seconds)
        after, took = server.cost(), time.monotonic() - began
        run.stop()
        run.all_over()
        report = run.finish()
    archived = settle(server, after)
    rtp = next(work for work in report.work if work.name == "rtp")
    generator = 1000 * rtp.cpu / (report.packets_heard / 100)
    return Bridged(calls, after.since(before), took, generator, archived, report)


def settle(server: BenchServer, since: Cost) -> float:
    """Wait until the server has nothing more to do; what it did since then."""
    until = time.monotonic() + ARCHIVED_WITHIN
    last = server.cost()
    while time.monotonic() < until:
        time.sleep(0.5)
        now = server.cost()
        if now.total - last.total < 0.03:
            break
        last = now
    return server.cost().since(since).total


def signalled(server: BenchServer, calls: int, rate: float, key: str) -> Signalled:
    plan = LoadPlan(
        target=server.target,
        agents_at=(server.agents_at,),
        calls=calls,
        rate=rate,
        hold=0.2,
        digit=key,
        digit_after=0.1,
        digit_by="info",
        rtp=False,
    )
    before = server.cost()
    with LoadRun(plan) as run:
        run.all_over()
        report = run.finish()
    settle(server, before)
    return Signalled(calls, server.cost().since(before), report)


def idle(server: BenchServer) -> float:
    """CPU seconds a second of a server without calls."""
    before = server.cost()
    time.sleep(IDLE)
    return server.cost().since(before).total / IDLE


def yardstick() -> float:
    """
    CPU milliseconds of a fixed piece of work: how fast this machine is just now.

    Neighbours on the same cores make every figure of CPU time larger, and this one as well.
    """
    spent = []
    for _ in range(5):
        began = time.process_time()
        sum(n * n for n in range(200_000))
        spent.append(1000 * (time.process_time() - began))
    return statistics.median(spent)


def middle(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else float("nan")


def print_bridged(results: Sequence[Bridged], what: str) -> None:
    def ms(part: str) -> float:
        return middle([each.ms_a_call_second(getattr(each.cost, part)) for each in results])

    reports = [each.report for each in results]
    delay = [middle([getattr(each.added_delay, name) for each in reports]) for name in _DELAYS]
    lost = "/".join(str(each.packets_lost) for each in reports)
    archived = middle(
        [1000 * each.archive_cpu / (each.report.packets_heard / 100) for each in results]
    )
    doubts = sum(not each.valid for each in reports)
    failures = sum(sum(each.failures.values()) for each in reports)
    print(
        f"{results[0].calls:>5} {what:<11} {ms('total'):>6.2f} {ms('control'):>8.2f} "
        f"{ms('worker'):>7.2f} {ms('jobs'):>5.2f} {archived:>8.2f} "
        f"{middle([each.generator_cpu for each in results]):>9.2f}   "
        f"{'/'.join(f'{value:.2f}' for value in delay):<16} {lost:<8} {failures:<6} "
        f"{doubts} of {len(results)}"
    )


_DELAYS = ("p50", "p99", "max")
_HEAD = (
    "calls             all  control  worker  jobs  archive generator   "
    "delay p50/99/max lost     failed doubtful"
)


def print_signalled(results: Sequence[Signalled], what: str, resting: float) -> None:
    def ms(part: str) -> float:
        return middle([1000 * getattr(each.cost, part) / each.calls for each in results])

    first = results[0]
    rest = 1000 * resting / first.report.plan.rate
    set_up = [middle([getattr(each.report.invite_to_200, n) for each in results]) for n in _DELAYS]
    queued = [
        middle([getattr(each.report.key_to_agent_invite, n) for each in results]) for n in _DELAYS
    ]
    failures = sum(sum(each.report.failures.values()) for each in results)
    print(
        f"{first.calls} calls, {what}: {ms('total'):.2f} ms CPU a call (control "
        f"{ms('control'):.2f}, worker {ms('worker'):.2f}, jobs {ms('jobs'):.2f}; of it at rest "
        f"{rest:.2f}); INVITE to 200 {'/'.join(f'{v:.1f}' for v in set_up)} ms, key to agent's "
        f"INVITE {'/'.join(f'{v:.1f}' for v in queued)} ms; {failures} failed"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", default="100,150,200", help="calls at once, by commas")
    arguments.add_argument("--seconds", type=float, default=10, help="measured time of each run")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--set-ups", type=int, default=200, help="calls without media; 0: none")
    arguments.add_argument("--rate", type=float, default=10, help="calls a second without media")
    arguments.add_argument("--unrecorded", action="store_true", help="bridged calls both ways")
    arguments.add_argument("--short", action="store_true", help="20 calls for 5 s, once")
    options = arguments.parse_args()
    if options.short:
        options.calls, options.seconds, options.runs, options.set_ups = "20", 5.0, 1, 50
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ",
        end="",
    )
    print(f"{options.seconds:g} s x {options.runs}; load {os.getloadavg()[0]:.1f} before, ", end="")
    print(f"yardstick {yardstick():.1f} ms")
    try:
        with BenchServer() as server:
            measure(server, options)
    except ServerFailed as error:
        sys.exit(str(error))


def measure(server: BenchServer, options: argparse.Namespace) -> None:
    signalled(server, 20, 10, "1")  # warm
    resting = idle(server)
    print(f"at rest: {1000 * resting:.1f} ms CPU a second")
    if options.set_ups:
        print("\nOne call without media: INVITE, menu, key by INFO, queue, agent, BYE")
        for key, what in (("3", "not recorded"), ("1", "recorded")):
            set_ups = [
                signalled(server, options.set_ups, options.rate, key) for _ in range(options.runs)
            ]
            print_signalled(set_ups, what, resting)
    print("\nBridged calls, ms CPU a call-second of all server processes; delay in ms")
    print(_HEAD)
    for calls in map(int, options.calls.split(",")):
        for key, what in (("1", "recorded"), ("3", "unrecorded"))[: 1 + options.unrecorded]:
            print_bridged(
                [bridged(server, calls, options.seconds, key) for _ in range(options.runs)], what
            )
    print(f"\nyardstick {yardstick():.1f} ms, load {os.getloadavg()[0]:.1f} after")
    if server.log.strip():
        print("\nThe server's log:\n" + server.log[-2000:])


if __name__ == "__main__":
    main()
