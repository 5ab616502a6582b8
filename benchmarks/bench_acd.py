"""
What a routing decision costs, in CPU time of one core.

Agents have three to five of the skills at levels 1-9 (so hardly two are alike: the worst case for
the index), each queue requires one skill, a third of the contacts asks for a second one.

    python -m benchmarks.bench_acd [--agents 1000 --waiting 10000 --queues 50]
"""

import argparse
import gc
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

from acd.effects import OfferMade
from acd.model import (
    AgentId,
    ContactId,
    Offer,
    Region,
    WaitingContact,
)
from acd.policies import LONGEST_IDLE, Policy, Scored
from acd.profile import Profile
from acd.queue import Queue
from acd.requirements import required
from acd.router import Router

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Bench:
    """A full floor: every agent talks, everybody else waits."""

    router: Router
    queues: int
    cities: int = 0  # that callers are from
    now: datetime = START
    contacts: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(2026))

    def later(self, milliseconds: float = 10) -> datetime:
        self.now += timedelta(milliseconds=milliseconds)
        return self.now

    def contact(self) -> WaitingContact:
        self.contacts += 1
        queue = self.chance.randrange(self.queues)
        extra = {f"skill{self.chance.randrange(self.queues)}": 1}
        return WaitingContact(
            ContactId(f"contact{self.contacts}"),
            f"queue{queue}",
            self.later(),
            self.chance.choice((0, 0, 0, 1)),
            required(extra) if self.contacts % 3 == 0 else (),
            region=self.region(),
        )

    def region(self) -> Region:
        if not self.cities:
            return ()
        city = self.chance.randrange(self.cities)
        return ("86", f"province{city % 31}", f"city{city}")


def lines(queues: int, *, alike: bool, policy: Policy = LONGEST_IDLE) -> list[Queue]:
    return [
        Queue(
            f"queue{number}",
            required({"common": 1} if alike else {f"skill{number}": 1 + number % 3}),
            ring_for=timedelta(days=1),
            wrap_up=timedelta(0),
            policy=policy,
        )
        for number in range(queues)
    ]


def skills(chance: random.Random, queues: int) -> dict[str, int]:
    """Of an agent who is hardly like another one."""
    chosen = chance.sample(range(queues), min(queues, chance.randint(3, 5)))
    return {f"skill{skill}": chance.randint(1, 9) for skill in chosen}


def build(
    agents: int, queues: int, *, alike: bool, policy: Policy = LONGEST_IDLE, cities: int = 0
) -> Bench:
    numbers = count()
    router = Router(lines(queues, alike=alike, policy=policy), lambda: f"offer{next(numbers)}")
    bench = Bench(router, queues, cities)
    for number in range(agents):
        has = skills(bench.chance, queues)
        router.put_agent(
            AgentId(f"agent{number}"),
            Profile({"common": 1} if alike else has, region=bench.region()),
            bench.later(1),
            always_ready=True,
        )
    return bench


def made(effects: Iterable[object]) -> list[Offer]:
    return [effect.offer for effect in effects if isinstance(effect, OfferMade)]


def cpu_us(action: Callable[[], list[Offer]]) -> tuple[float, list[Offer]]:
    before = time.thread_time_ns()
    offers = action()
    return (time.thread_time_ns() - before) / 1000, offers


def fill(bench: Bench, waiting: int) -> list[Offer]:
    """Let contacts come until so many wait; the offers that the others became, accepted."""
    talking = []
    while bench.router.census().waiting < waiting:
        for offer in made(bench.router.enqueue(bench.contact(), bench.now)):
            bench.router.accept(offer.id, bench.later(0.1))
            talking.append(offer)
    return talking


def agent_becomes_ready(bench: Bench, talking: list[Offer], rounds: int) -> list[float]:
    """An agent ends a conversation; the waiting line is kept at its length."""
    costs = []
    for _ in range(rounds):
        offer = talking.pop(bench.chance.randrange(len(talking)))
        now = bench.later()
        cost, offers = cpu_us(
            lambda: made(bench.router.end_interaction(offer.id, now, "caller"))  # noqa: B023
        )
        costs.append(cost)
        for next_one in offers:
            bench.router.accept(next_one.id, bench.later(0.1))
            talking.append(next_one)
            bench.router.enqueue(bench.contact(), bench.now)
    return costs


def contact_arrives(bench: Bench, rounds: int) -> list[float]:
    """Everybody is ready; one contact comes and is served."""
    costs = []
    for _ in range(rounds):
        contact = bench.contact()
        cost, offers = cpu_us(lambda: made(bench.router.enqueue(contact, bench.now)))  # noqa: B023
        costs.append(cost)
        for offer in offers:
            bench.router.accept(offer.id, bench.later(0.1))
            bench.router.end_interaction(offer.id, bench.later(), "caller")
        if not offers:
            bench.router.withdraw(contact.id, bench.now)
    return costs


def positions(bench: Bench, rounds: int) -> list[float]:
    costs = []
    for _ in range(rounds):
        name = ContactId(f"contact{bench.chance.randrange(bench.contacts)}")
        before = time.thread_time_ns()
        bench.router.position(name)
        costs.append((time.thread_time_ns() - before) / 1000)
    return costs


def assignments_per_second(bench: Bench, talking: list[Offer], rounds: int) -> float:
    """The whole life of a contact - queued, offered, accepted, ended - with the line kept full."""
    before = time.thread_time()
    agent_becomes_ready(bench, talking, rounds)
    return rounds / (time.thread_time() - before)


def show(what: str, costs: list[float]) -> None:
    costs = sorted(costs)
    p50, p99 = costs[len(costs) // 2], costs[int(len(costs) * 0.99)]
    print(f"{what:<46} p50 {p50:7.1f} µs   p99 {p99:7.1f} µs   max {costs[-1]:8.1f} µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--queues", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5000)
    options = parser.parse_args()
    gc.freeze()
    print(f"{options.agents} agents, {options.waiting} waiting, {options.queues} queues")
    for alike, policy, cities in (
        (False, LONGEST_IDLE, 0),
        (True, LONGEST_IDLE, 0),
        (False, Scored(), 340),
    ):
        kind = "agents all alike" if alike else "agents hardly two alike"
        print(f"{kind}, {policy.name}" + (f", from {cities} cities" if cities else ""))
        build_one = partial(
            build, options.agents, options.queues, alike=alike, policy=policy, cities=cities
        )
        idle = build_one()
        show("  contact arrives, everybody is ready", contact_arrives(idle, options.rounds))
        busy = build_one()
        talking = fill(busy, options.waiting)
        show("  agent becomes ready", agent_becomes_ready(busy, talking, options.rounds))
        show("  position in the queue", positions(busy, options.rounds))
        rate = assignments_per_second(busy, talking, options.rounds)
        print(f"  assignments, contact's whole life{rate:26,.0f} a second")


if __name__ == "__main__":
    main()
