"""
What live figures cost, in CPU time: each event that is folded, each second's snapshot. How old they
are, in real time: from an event's moment in the log to the figures on the last stream.

1,000 agents, 50 queues of 100 agents each, 20 calls a second, and streams that watch.

    python -m benchmarks.bench_live [--seconds 20]
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from acd.effects import OfferMade
from acd.estimates import Estimates
from acd.inputs import Accept, EndInteraction, Enqueue, Input, apply
from acd.model import OfferId
from acd.service_level import ServiceLevel
from config.floor import QueueSettings
from cti_server.clock import SystemClock
from cti_server.floor.profile import AgentProfile
from cti_server.live import checkpoint
from cti_server.live.audience import Audience, Scope
from cti_server.live.estimated_waits import EstimatedWaits
from cti_server.live.figures import LiveFigures
from cti_server.live.fold import Fold
from cti_server.live.ledger import Terms
from cti_server.live.periods import Periods, in_ms
from cti_server.live.shots import Shots
from cti_server.live.staff import Staff
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire import events
from cti_server.wire.events import Event, Logged

from .bench_acd import build

AGENTS, QUEUES, STREAMS, CALLS_A_SECOND, SECONDS = 1000, 50, 300, 20, 120
NINE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
ZONE, INTERVAL = "Asia/Shanghai", timedelta(minutes=15)


class Traffic:
    """The log of a busy centre: calls that wait, are served, held, transferred now and then."""

    def __init__(self, begins: datetime = NINE) -> None:
        self.begins = begins
        self.log: list[Logged] = []
        self._chance = random.Random(2026)
        self._free = [f"agent{n}" for n in range(AGENTS)]
        self._busy: list[tuple[float, str, str, str]] = []
        for agent in self._free:
            self._tell(0, self._state(agent, "ready", 0))
        self.warm = len(self.log)

    def second(self, number: int) -> None:
        for n in range(CALLS_A_SECOND):
            at = number + n / CALLS_A_SECOND
            self._call(at, f"c{number}-{n}", f"queue{self._chance.randrange(QUEUES)}")
            while self._busy and self._busy[0][0] <= at:
                self._end(*self._busy.pop(0))

    def _call(self, at: float, contact: str, queue: str) -> None:
        call = {"call_id": f"call-{contact}", "contact_id": contact}
        numbers = {"sip_call_id": "", "caller_number": "", "dialled_number": ""}
        self._tell(at, events.CallArrived(**call, **numbers, trunk="carrier"))
        moment = self.begins + timedelta(seconds=at)
        self._tell(
            at,
            events.ContactQueued(
                contact_id=contact, queue=queue, queued_at=moment, priority=0, requirements={}
            ),
        )
        agent = self._free.pop(self._chance.randrange(len(self._free)))
        part: dict[str, Any] = {
            "contact_id": contact,
            "interaction_id": f"i-{contact}",
            "agent_id": agent,
        }
        self._tell(at, events.OfferMade(**part, queue=queue, expires_at=moment))
        self._tell(at, self._state(agent, "ringing", at, contact))
        self._tell(at, events.OfferAccepted(**part))
        self._tell(at, self._state(agent, "talking", at, contact))
        self._tell(at, events.InteractionStarted(**part, queue=queue))
        self._busy.append((at + 40, contact, agent, queue))

    def _end(self, at: float, contact: str, agent: str, queue: str) -> None:
        part: dict[str, Any] = {
            "contact_id": contact,
            "interaction_id": f"i-{contact}",
            "agent_id": agent,
        }
        self._tell(at, events.InteractionEnded(**part, ended_by="caller"))
        self._tell(at, self._state(agent, "ready", at))
        self._tell(at, events.ContactEnded(contact_id=contact, outcome="handled", reason=""))
        over = {"call_id": f"call-{contact}", "contact_id": contact}
        self._tell(at, events.CallEnded(**over, result="ok", reason=""))
        self._free.append(agent)

    def _state(self, agent: str, state: str, at: float, contact: str | None = None) -> Event:
        since = self.begins + timedelta(seconds=at)
        return events.AgentStateChanged(
            agent_id=agent, state=state, since=since, contact_id=contact
        )

    def _tell(self, at: float, event: Event) -> None:
        self.log.append(Logged(len(self.log) + 1, self.begins + timedelta(seconds=at), event))


def staff() -> Staff:
    """Each agent serves five queues, so each queue has a hundred agents."""
    each = QUEUES * 100 // AGENTS
    profiles = {
        f"agent{n}": AgentProfile(
            f"agent{n}",
            f"agent{n}",
            str(n),
            queues={f"queue{(n + step * 10) % QUEUES}": 1 for step in range(each)},
        )
        for n in range(AGENTS)
    }
    queues = {f"queue{n}": QueueSettings(name=f"queue{n}") for n in range(QUEUES)}
    return Staff(lambda: profiles, queues)


def estimated() -> EstimatedWaits:
    """Of a floor on which everybody talks and some wait, and which has served some before."""
    bench = build(AGENTS, QUEUES, alike=False)
    estimates, taken = Estimates(bench.router), list[OfferId]()

    def take(happened: Input) -> None:
        effects = apply(bench.router, happened, bench.later())
        estimates.hear(happened, effects, bench.now)
        for effect in effects:
            if isinstance(effect, OfferMade):
                taken.append(effect.offer.id)
                take(Accept(effect.offer.id))

    while bench.router.census().waiting < 200:
        take(Enqueue(bench.contact()))
    for _ in range(100 * QUEUES):
        take(Enqueue(bench.contact()))
        take(EndInteraction(taken.pop(bench.chance.randrange(len(taken))), "caller"))
    return EstimatedWaits(estimates)


async def ages(folder: Path, seconds: int, waits: EstimatedWaits) -> list[float]:
    """Of each event, until the last stream has it; seconds."""
    database, loop = Database(f"sqlite:///{folder}/hotline.db"), asyncio.get_running_loop()
    await database.upgrade()
    log = EventLog(database, folder / "journal", SystemClock())
    await log.start()
    level = ServiceLevel()
    figures = LiveFigures(
        *(log, database, SystemClock(), staff(), Terms(lambda queue: level, frozenset()), waits),
        lines={},
        zone=ZONE,
        interval=INTERVAL,
        file=folder / "figures.state",
        team_of=lambda agent_id: None,
    )
    figures.start()
    shown: list[tuple[int, float]] = []
    for _ in range(STREAMS - 1):
        figures.audience.join(lambda message: None, Scope())
    figures.audience.join(
        lambda message: shown.append((figures.snapshot.sequence, loop.time())), Scope()
    )
    traffic = Traffic(datetime.now(UTC))
    for number in range(seconds):
        traffic.second(number)
    happened = await _play(log, traffic)
    await asyncio.sleep(2)
    await figures.close()
    await log.close()
    await database.close()
    sequences = [sequence for sequence, _ in shown]
    return [shown[bisect_left(sequences, sequence)][1] - at for sequence, at in happened]


async def _play(log: EventLog, traffic: Traffic) -> list[tuple[int, float]]:
    """Everything at its moment; of each call's event its number, and when that was."""
    happened, loop = list[tuple[int, float]](), asyncio.get_running_loop()
    for logged in traffic.log[: traffic.warm]:
        log.append(logged.event)
    await log.stored()
    begun = loop.time()
    for logged in traffic.log[traffic.warm :]:
        due = begun + (logged.at - traffic.begins).total_seconds()
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        log.append(logged.event)
        happened.append((log.last_sequence, loop.time()))
    return happened


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=20, help="for how long ages are measured")
    given = options.parse_args()
    waits = estimated()
    costs(waits)
    with tempfile.TemporaryDirectory() as name:
        found = sorted(uvloop.run(ages(Path(name), given.seconds, waits)))
    p50, p99 = found[len(found) // 2], found[len(found) * 99 // 100]
    print(
        f"until the last of {STREAMS} streams has an event's figures: p50 {p50:.3f} s, "
        f"p99 {p99:.3f} s, longest {found[-1]:.3f} s; {len(found)} events"
    )


def costs(waits: EstimatedWaits) -> None:
    traffic = Traffic()
    for number in range(SECONDS):
        traffic.second(number)
    level = ServiceLevel()
    fold = Fold(Periods(ZONE, 900_000), Terms(lambda queue: level, frozenset()))
    shots = Shots(fold, staff(), waits, {})
    audience = Audience(lambda agent_id: None)
    sent: list[int] = []
    for _ in range(STREAMS):
        audience.join(lambda message: sent.append(len(message)), Scope())
    for logged in traffic.log[: traffic.warm]:
        fold.take(logged)
    audience.tell(shots.take())
    whole, folded, seconds = sent[0], list[float](), list[float]()
    sent.clear()
    left = traffic.log[traffic.warm :]
    for number in range(1, SECONDS):
        until = NINE + timedelta(seconds=number)
        some = [logged for logged in left if logged.at < until]
        left = left[len(some) :]
        begun = time.process_time()
        for logged in some:
            fold.take(logged)
        folded.append((time.process_time() - begun) / max(1, len(some)))
        begun = time.process_time()
        fold.advance(in_ms(until))
        audience.tell(shots.take())
        seconds.append(time.process_time() - begun)
    begun = time.process_time()
    stored = checkpoint.encode(fold.state)
    kept = time.process_time() - begun
    told = len(traffic.log) - traffic.warm
    print(f"{AGENTS} agents, {QUEUES} queues, {CALLS_A_SECOND} calls a second: {told} events")
    print(f"an event: {1e6 * statistics.median(folded):.1f} µs")
    print(
        f"a second's snapshot for {STREAMS} streams: median {1e3 * statistics.median(seconds):.1f}"
        f" ms, longest {1e3 * max(seconds):.1f} ms"
    )
    print(f"whole: {whole} bytes; what changed in a second: {statistics.median(sent):.0f} bytes")
    print(f"a checkpoint: {1e3 * kept:.1f} ms, {len(stored)} bytes")


if __name__ == "__main__":
    main()
