"""
What routing costs as the server runs it, on one core: router, estimates, memory and record.

The floor of :mod:`.bench_acd`: hardly two agents alike, all of them busy, everybody else waits. The
facts are made and thrown away (:mod:`.bench_event_log` is about their log), nobody is rung, and the
server's own log is silent. Estimates have learnt from a first round, so that each wait has one.

    python -m benchmarks.bench_floor [--agents 1000 --waiting 10000 --queues 50]
"""

import argparse
import asyncio
import gc
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from acd.memory import Memory
from acd.model import Offer, Outcome, Rules
from acd.router import Router
from cti_server.floor.floor import Floor
from cti_server.floor.profile import AgentProfile
from cti_server.floor.record import RoutingRecord
from cti_server.floor.record_lines import Opened

from .bench_acd import START, Bench, lines, show, skills

_EVIDENCE = 1500  # contacts that are served before anything is measured


@dataclass
class Desk:
    """Whoever is rung picks up at once."""

    floor: Floor
    talking: list[Offer] = field(default_factory=list)

    def offered(self, offer: Offer) -> None:
        self.floor.accept(offer.id)
        self.talking.append(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        raise AssertionError("nobody lets it ring")


@dataclass
class Time:
    """The benchmark's, as a clock."""

    bench: Bench

    def now(self) -> datetime:
        return self.bench.now


@dataclass
class Scene:
    bench: Bench
    floor: Floor
    desk: Desk

    def arrives(self) -> Callable[[], None]:
        contact = self.bench.contact()
        return lambda: self.floor.enqueue(contact)

    def ends(self) -> Callable[[], None]:
        talking = self.desk.talking
        offer = talking.pop(self.bench.chance.randrange(len(talking)))
        self.bench.later()
        return lambda: self.floor.end_interaction(offer.id, "caller")


def build(options: argparse.Namespace, record: RoutingRecord) -> Scene:
    memory, numbers = Memory(START), iter(range(10**9))
    queues = lines(options.queues, alike=False)
    router = Router(queues, lambda: f"offer{next(numbers)}", witness=memory)
    bench = Bench(router, options.queues)
    record.open(Opened(START, "benchmark", Rules(), tuple(queues)))
    floor = Floor(router, Time(bench), lambda event: None, record=record.append, memory=memory)
    scene = Scene(bench, floor, Desk(floor))
    floor.offers = scene.desk
    for number in range(options.agents):
        name, has = f"agent{number}", skills(bench.chance, options.queues)
        floor.put_agent(AgentProfile(name, name, str(number), skills=has, always_ready=True))
        bench.later(1)
    while floor.census().waiting < options.waiting:
        scene.arrives()()
    return scene


def us(action: Callable[[], None]) -> float:
    before = time.thread_time_ns()
    action()
    return (time.thread_time_ns() - before) / 1000


def measure(scene: Scene, rounds: int) -> None:
    """An agent ends a conversation and has the next one; somebody comes and waits."""
    for _ in range(_EVIDENCE):
        scene.ends()()
        scene.arrives()()
    ready, arrives = list[float](), list[float]()
    for _ in range(rounds):
        ready.append(us(scene.ends()))
        arrives.append(us(scene.arrives()))
    show("  contact arrives, and waits", arrives)
    show("  agent becomes ready, and takes the next", ready)
    rate = rounds / (sum(ready) + sum(arrives)) * 1_000_000
    print(f"  assignments, contact's whole life{rate:26,.0f} a second")


async def run(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        zone = ZoneInfo("Asia/Shanghai")
        record = RoutingRecord(Path(folder), zone=zone, kept=timedelta(days=1))
        scene = build(options, record)
        gc.freeze()
        measure(scene, options.rounds)
        scene.floor.close()
        record.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--queues", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3000)
    options = parser.parse_args()
    silent = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=silent)
    print(f"{options.agents} agents, {options.waiting} waiting, {options.queues} queues")
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
