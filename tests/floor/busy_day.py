"""A day on a floor whose routing is on record: everybody does anything, and the server restarts."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.errors import AcdError
from acd.model import AgentId, Channel, ContactId, Offer, Outcome, Rules, WaitingContact
from acd.policies import Scored, load
from acd.queue import Queue, Step
from acd.requirements import any_of, required
from acd.router import Router
from cti_server.floor.floor import Floor
from cti_server.floor.profile import BROWSER_PHONE, AgentProfile
from cti_server.floor.record import RoutingRecord
from cti_server.floor.record_lines import Opened
from cti_server.wire.events import Event
from tests import virtual_time
from tests.fakes.loop_clock import LoopClock

UTC = ZoneInfo("UTC")
RULES = Rules(decline_backoff=timedelta(seconds=9), no_answer_limit=2)
QUEUES = (
    Queue("open", wrap_up=timedelta(0), policy=load("tests.acd.test_policies:YoungestName")),
    Queue(
        "english",
        required({"english": 3}),
        ring_for=timedelta(seconds=8),
        wrap_up=timedelta(seconds=4),
        policy=Scored(region=2.5),
        steps=(Step(timedelta(seconds=10), required({"english": 1})),),
    ),
    Queue("sales", (any_of({"chinese": 1, "english": 8}),), policy=load("round_robin")),
    Queue("small", max_waiting=2, policy=load("fewest_contacts")),
)
POLICIES = [queue.policy for queue in QUEUES]
REGIONS = ((), ("86", "浙江", "杭州"), ("86", "广东", "深圳"))
NAMES = [f"agent{number}" for number in range(12)]


@dataclass
class Left:
    """What a server knows of the one before it."""

    at: timedelta = timedelta(0)  # since the morning
    states: list[tuple[str, str, datetime, str | None]] = field(default_factory=list)
    waiting: list[WaitingContact] = field(default_factory=list)


class BusyFloor:
    """One server's life."""

    def __init__(self, record: RoutingRecord, chance: random.Random, before: Left) -> None:
        self._chance = chance
        self._before = before
        self._clock = LoopClock()
        self._clock.step = before.at
        self._contacts: dict[str, WaitingContact] = {}
        self._offers = ["none"]  # the last ones
        self._numbers = count(int(before.at.total_seconds() * 1000))
        self.log: list[Event] = []
        record.open(Opened(self._clock.now(), "today's", RULES, QUEUES))
        router = Router(QUEUES, lambda: f"offer{next(self._numbers)}", RULES)
        self.floor = Floor(
            router, self._clock, self.log.append, reasons=["lunch"], record=record.append
        )
        self.floor.offers = self

    async def live(self, happenings: int) -> Left:
        for name in NAMES:
            self._put(name)
        for agent_id, state, since, reason in self._before.states:
            self.floor.restore(agent_id, state, since, reason)
        for contact in self._before.waiting:
            self._contacts[contact.id] = contact
            self.floor.enqueue(contact, returning=True)
        for _ in range(happenings):
            await asyncio.sleep(self._chance.random())
            self._attempt(self._something)
        left = Left(
            self._clock.now() - LoopClock().now() + timedelta(seconds=30),
            [(one.id, one.state, one.since, one.reason) for one in self.floor.agents()],
            [one for one in self._contacts.values() if self.floor.position(one.id) is not None],
        )
        self.floor.close()
        return left

    # --- the agents' phones -------------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        fate, wait = self._chance.random(), self._chance.uniform(0, 12)
        floor, later = self.floor, asyncio.get_running_loop().call_later
        self._offers = [*self._offers[-20:], offer.id]
        if fate < 0.1:
            self._attempt(lambda: floor.unreachable(offer.id))  # before the floor has told all
        elif fate < 0.2:
            later(wait, self._attempt, lambda: floor.decline(offer.id))
        elif fate < 0.9:
            later(wait, self._attempt, lambda: floor.accept(offer.id))
            later(3 * wait, self._attempt, lambda: floor.end_interaction(offer.id, "caller"))

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        pass

    # --- everybody else -----------------------------------------------------------------------

    @staticmethod
    def _attempt(action: Callable[[], object]) -> None:
        with suppress(AcdError):
            action()

    def _something(self) -> None:
        floor, name = self.floor, self._chance.choice([*NAMES, "nobody"])
        what = self._chance.random()
        if what < 0.4:
            floor.enqueue(self._contact())
        elif what < 0.45 and self._contacts:
            floor.withdraw(self._chance.choice(list(self._contacts)))
        elif what < 0.5:
            floor.offer_to(name, self._contact())
        elif what < 0.55:
            floor.take_over(name, self._contact(), "somebody")
        else:
            queue = self._chance.choice(QUEUES)
            actions: list[Callable[[], object]] = [
                lambda: floor.put_queue(replace(queue, max_served=self._chance.randint(1, 4))),
                lambda: floor.put_queue(replace(queue, policy=self._chance.choice(POLICIES))),
                lambda: floor.remove_queue(queue.name),
                lambda: floor.put_queue(queue),
                lambda: floor.log_in(name),
                lambda: floor.set_ready(name),
                lambda: floor.set_ready(name),
                lambda: floor.set_not_ready(name, "lunch"),
                lambda: floor.log_out(name),
                lambda: floor.log_out(name, give_back=True),
                lambda: floor.give_back(self._chance.choice(self._offers), lost_by=name),
                lambda: floor.end_wrap_up(name),
                lambda: floor.reachable_again(name),
                lambda: floor.phone_lost(name),
                lambda: floor.set_fitness(name, self._chance.choice([(), ("deaf",)])),
                lambda: floor.begins_to_listen(name),
                lambda: floor.listens_no_more(name),
                lambda: floor.set_open_work({name: self._chance.randrange(4)}),
                lambda: floor.remove_agent(name),
                lambda: self._put(name if name in NAMES else NAMES[0]),
            ]
            self._chance.choice(actions)()

    def _put(self, name: str) -> None:
        chance = self._chance
        skills = {skill: chance.randint(1, 9) for skill in ("english", "chinese")}
        self.floor.put_agent(
            AgentProfile(
                id=name,
                name=name,
                number="8026",
                phone=BROWSER_PHONE if chance.random() < 0.2 else None,
                skills=skills,
                queues=chance.choice([None, {"open": 1, "english": 2, "sales": 3}]),
                region=chance.choice(REGIONS),
                works=frozenset(chance.sample(["repair", "advice", "sale"], 2)),
                always_ready=name < "agent4",
            )
        )

    def _contact(self) -> WaitingContact:
        chance, now = self._chance, self._clock.now()
        contact = WaitingContact(
            ContactId(f"contact{next(self._numbers)}"),
            chance.choice([*QUEUES]).name,
            now,
            chance.randint(-1, 2),
            required({"chinese": 2} if chance.random() < 0.2 else {}),
            wanted=AgentId(chance.choice(NAMES)),
            wanted_for=timedelta(seconds=chance.choice([0, 0, 5])),
            region=chance.choice(REGIONS),
            work=chance.choice(["", "repair"]),
            channel=chance.choice([Channel.VOICE, Channel.VOICE, Channel.CHAT, Channel.EMAIL]),
        )
        self._contacts[contact.id] = contact
        return contact


def live(
    folder: Path,
    seed: int,
    happenings: int,
    before: Left | None = None,
    kept: timedelta = timedelta(days=14),
) -> Left:
    """One server's life, on record in the folder; what it leaves to the next."""
    record = RoutingRecord(folder, zone=UTC, kept=kept)

    async def scenario() -> Left:
        busy = BusyFloor(record, random.Random(seed), before or Left())
        return await busy.live(happenings)

    try:
        return virtual_time.run(scenario())
    finally:
        record.close()
