"""Why an agent got nothing, held against a second opinion that watched the whole day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import pytest

from acd.agents import AgentState
from acd.effects import AgentChanged, Effect, FitnessChanged, OfferMade
from acd.explanations import NAMED, OVERLOOKED, Explanation, Stretch, explain
from acd.matching import QUEUE_AT_LIMIT
from acd.memory import Bounds, Memory, PlaceThen
from acd.model import AgentId, Offer
from acd.policies import load
from acd.profile import Profile
from acd.queue import Queue, Step
from acd.requirements import required
from acd.router import Router

from .build import MORNING, at, contact, counting, ready, span
from .ledger import Ledger
from .random_days import AGENTS, QUEUES, RULES, Day, attempt


class Floor:
    """A router with a memory."""

    def __init__(self, *queues: Queue, bounds: Bounds | None = None) -> None:
        self.memory = Memory(MORNING, bounds)
        self.router = Router(queues, counting(), RULES, self.memory)

    def at(self, seconds: float) -> datetime:
        """It is this time now."""
        self.memory.at(at(seconds))
        self.router.handle_timer(at(seconds))
        return at(seconds)

    def why(self, agent: str, since: float = 0, until: float = 10_000) -> Explanation:
        return explain(self.memory, agent, at(since), at(until))

    def story(self, agent: str) -> list[tuple[str, float]]:
        """The agent's states, each with its length in seconds."""
        stretches = self.why(agent).stretches
        return [(one.state, (one.until - one.since).total_seconds()) for one in stretches]


def test_every_stretch_tells_its_state_and_its_reasons() -> None:
    floor = Floor(Queue("sales", (), ring_for=span(5), wrap_up=span(10)))
    router = floor.router
    ready(router, "ann")
    router.set_fitness(AgentId("ann"), ("microphone-muted",), floor.at(10))
    router.set_fitness(AgentId("ann"), (), floor.at(20))
    router.enqueue(contact("call", 30), floor.at(30))
    router.accept(offer_of(router, "ann").id, floor.at(32))
    router.end_interaction(offer_of(router, "ann").id, floor.at(60), "caller")
    floor.at(70)
    router.set_not_ready(AgentId("ann"), "lunch", floor.at(75))
    floor.at(100)

    assert floor.story("ann") == [
        ("ready", 10.0),
        ("unfit", 10.0),
        ("ready", 10.0),
        ("ringing", 2.0),
        ("talking", 28.0),
        ("wrap_up", 10.0),
        ("ready", 5.0),
        ("not_ready", 25.0),
    ]
    stretches = floor.why("ann").stretches
    assert stretches[1].reasons == ("microphone-muted",)
    assert [one.contact_id for one in stretches[3:6]] == ["call"] * 3
    assert stretches[-1].reasons == ("lunch",)


def test_who_had_no_microphone_was_ready_but_for_calls() -> None:
    floor = Floor(Queue("sales", ()))
    ready(floor.router, "ann")
    ann = AgentId("ann")
    floor.router.set_fitness(ann, (), floor.at(10), voiceless=("microphone-muted",))
    floor.router.enqueue(contact("call", 20), floor.at(20))
    floor.router.set_fitness(ann, (), floor.at(30))
    floor.at(40)

    assert floor.story("ann") == [("ready", 10.0), ("ready", 20.0), ("ringing", 10.0)]
    without = floor.why("ann").stretches[1]
    assert without.reasons == ("microphone-muted",)
    (lot,) = without.not_theirs
    assert (lot.queue, lot.reason, lot.contacts) == ("sales", "microphone-muted", 1)
    assert (lot.since, lot.until) == (at(20), at(30))


def test_contacts_that_outlast_many_stretches_are_looked_at_once() -> None:
    floor = Floor(Queue("sales", required({"zh": 1})))
    ready(floor.router, "ann")
    for number in range(200):
        floor.router.enqueue(contact(f"call{number}", 1), floor.at(1))
    for number in range(100):
        floor.router.set_not_ready(AgentId("ann"), "lunch", floor.at(2 + 2 * number))
        floor.router.set_ready(AgentId("ann"), floor.at(3 + 2 * number))
    floor.at(210)
    walked = Counted(floor.memory, at(0))

    told = explain(walked, "ann", at(0), at(210))

    assert walked.spans == 200
    free = [one for one in told.stretches if one.state == "ready"]
    assert len(free) == 101
    assert all([lot.contacts for lot in one.not_theirs] == [200] for one in free)


class Counted(Memory):
    """A copy that counts how many contacts are looked at."""

    def __init__(self, memory: Memory, since: datetime) -> None:
        self.__dict__.update(memory.about("ann", since).__dict__)
        self.spans = 0

    def place_spans(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[PlaceThen, datetime, datetime, int]]:
        for one in super().place_spans(since, until):
            self.spans += 1
            yield one


def test_a_copy_explains_the_same_whatever_happens_to_the_memory_meanwhile() -> None:
    floor = Floor(Queue("sales", ()))
    ready(floor.router, "ann")
    ready(floor.router, "bob", 5)
    floor.router.enqueue(contact("call", 20), floor.at(20))
    floor.at(30)
    before, copy = floor.why("bob"), floor.memory.about("bob", at(0))
    floor.router.set_not_ready(AgentId("bob"), "lunch", floor.at(40))
    floor.at(5000)

    assert explain(copy, "bob", at(0), at(10_000)) == before


def test_who_stands_behind_by_policy_sees_both_standings() -> None:
    floor = Floor(Queue("sales", (), policy=load("fewest_contacts")))
    ready(floor.router, "ann")
    ready(floor.router, "bob", 5)
    floor.router.enqueue(contact("call", 20), floor.at(20))
    floor.at(30)

    (passed,) = floor.why("bob").stretches[-1].passed_by
    assert (passed.chosen, passed.reason, passed.policy) == (
        "ann",
        "more_contacts",
        "fewest_contacts",
    )
    assert passed.own is not None
    assert passed.theirs is not None
    assert (passed.own.idle, passed.theirs.idle) == (span(15), span(20))
    assert passed.own.cost > passed.theirs.cost
    assert passed.own.terms == passed.theirs.terms == {"handled": 0.0, "in_hand": 0.0}
    assert not floor.why("ann").stretches[0].passed_by


def test_what_waited_and_was_not_theirs_is_told_by_queue_and_reason() -> None:
    floor = Floor(
        Queue("sales", (), steps=(Step(span(40), reach=2),), reach=1),
        Queue("repair", QUEUES[1].requirements),
    )
    router = floor.router
    router.put_agent(AgentId("ann"), Profile({}, {"sales": 2, "repair": 1}), at(0))
    router.log_in(AgentId("ann"), at(0))
    router.set_ready(AgentId("ann"), at(0))
    router.enqueue(contact("one", 10), floor.at(10))
    router.enqueue(contact("two", 15), floor.at(15))
    router.enqueue(contact("three", 20, "repair"), floor.at(20))
    floor.at(30)

    (stretch,) = floor.why("ann").stretches
    told = [(one.queue, one.reason, one.contacts, one.since) for one in stretch.not_theirs]
    assert told == [
        ("repair", "lacks english>=2", 1, at(20)),
        ("sales", "level 2 not asked yet", 2, at(10)),
    ]
    floor.at(50)
    floor.at(51)
    assert [one.state for one in floor.why("ann").stretches] == ["ready", "ringing"]


def test_who_was_not_asked_for_by_name_is_told_so() -> None:
    floor = Floor(Queue("sales", ()))
    ready(floor.router, "ann")
    ready(floor.router, "bob")
    floor.router.offer_to(AgentId("bob"), contact("call", 5), floor.at(5))

    (passed,) = floor.why("ann").stretches[0].passed_by
    assert (passed.reason, passed.chosen, passed.rule) == (NAMED, "bob", "named_agent")


def test_what_is_forgotten_is_not_guessed_and_what_is_held_stays_bounded() -> None:
    bounds = Bounds(kept=span(60), decisions=40, versions=100)
    floor = Floor(Queue("sales", (), ring_for=span(5), wrap_up=span(0)), bounds=bounds)
    router = floor.router
    for name in ("ann", "bob"):
        ready(router, name)
    sizes = set()
    for number in range(500):
        now = floor.at(1 + number * 0.5)
        router.enqueue(contact(f"call{number}", 1 + number * 0.5), now)
        for name in ("ann", "bob"):
            if (offer := router.offer_of(AgentId(name))) is not None:
                router.accept(offer.id, now)
                router.end_interaction(offer.id, now, "agent")
        if number > 300:
            sizes.add(len(floor.memory))

    assert max(sizes) <= 100 + 40 + 4
    told = floor.why("ann")
    assert told.since == floor.memory.known_since > at(200)
    assert told.stretches[0].since == told.since
    assert floor.why("nobody").stretches == ()


def offer_of(router: Router, agent: str) -> Offer:
    offer = router.offer_of(AgentId(agent))
    assert offer is not None
    return offer


# --- the second opinion -----------------------------------------------------------------------


@dataclass
class Opinion:
    """What a ledger, which shares no code with the router, would have said at each moment."""

    ledger: Ledger
    passed_by: dict[str, list[tuple[datetime, str, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    waited: dict[str, set[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(set))
    states: dict[str, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, effects: list[Effect], now: datetime) -> None:
        """One by one, as the ledger does."""
        for effect in effects:
            if isinstance(effect, OfferMade):
                self.ledger.take([], now)
                self._decided(effect.offer, now)
            self.ledger.take([effect], now)
            match effect:
                case AgentChanged(agent=agent):
                    self._state(agent.id, now)
                case FitnessChanged(agent_id=agent_id):
                    self._state(agent_id, now)
        self.ledger.take([], now)

    def lasts(self) -> None:
        """For a while nothing happens: what waits now was not theirs."""
        for agent_id in filter(self.ledger.is_free, AGENTS):
            for contact_id in self.ledger.waiting:
                queue = self.ledger.contacts[contact_id].queue
                self.waited[agent_id].add((contact_id, queue, self._kind(agent_id, contact_id)))

    def _decided(self, offer: Offer, now: datetime) -> None:
        for agent_id in filter(self.ledger.is_free, AGENTS):
            if agent_id != offer.agent_id:
                told = (
                    now,
                    offer.contact_id,
                    offer.agent_id,
                    self._kind(agent_id, offer.contact_id),
                )
                self.passed_by[agent_id].append(told)

    def _kind(self, agent_id: str, contact_id: str) -> str:
        """By brute force, in the words of the explanation without their details."""
        ledger, wanted = self.ledger, self.ledger.contacts[contact_id]
        profile = ledger.profiles[agent_id]
        level = 1 if profile.queues is None else profile.queues.get(wanted.queue)
        if level is None:
            return "not in queue"
        if level > ledger.reach(wanted):
            return f"level {level} not asked yet"
        if not all(one.met_by(profile.skills) for one in ledger.asked(wanted)):
            return "lacks"
        if (keeper := ledger.kept.get(contact_id, agent_id)) != agent_id:
            return f"kept_for {keeper}"
        if (contact_id, agent_id) in ledger.backoff:
            return "backing_off"
        return "behind" if ledger.can(agent_id, contact_id) else QUEUE_AT_LIMIT

    def _state(self, agent_id: str, now: datetime) -> None:
        state = self.ledger.agents[agent_id].state
        unfit = state is AgentState.READY and not self.ledger.is_free(agent_id)
        self.states[agent_id].append((now, "unfit" if unfit else state.value))


def kind_of(reason: str) -> str:
    if reason.startswith("lacks"):
        return "lacks"
    known = ("not in queue", "level", "kept_for", "backing_off", QUEUE_AT_LIMIT)
    return reason if reason.startswith(known) and "asked later" not in reason else "behind"


@pytest.mark.parametrize("seed", range(10))
def test_on_random_days_every_explanation_agrees_with_a_second_opinion(seed: int) -> None:
    memory = Memory(MORNING)
    day = Day(seed, lambda queues, now: Router(queues, counting(), RULES, memory))
    ledger = Ledger({queue.name: queue for queue in day.queues}, RULES)
    ledger.profiles = day.profiles
    opinion = Opinion(ledger)
    before = day.now
    for action, whom in day.happenings(1000):
        if day.now > before:
            opinion.lasts()
            before = day.now
        memory.at(day.now)
        effects = attempt(action)
        day.note(effects)
        if whom.startswith("call") and not effects:
            ledger.left(whom)
        opinion.take(effects, day.now)

    for agent_id in AGENTS:
        told = explain(memory.about(agent_id, MORNING), agent_id, MORNING, day.now)
        assert_agreed(told, opinion, agent_id)
    assert sum(map(len, opinion.passed_by.values())) > 20
    assert sum(map(len, opinion.waited.values())) > 20


def assert_agreed(told: Explanation, opinion: Opinion, agent_id: str) -> None:
    passed = [one for stretch in told.stretches for one in stretch.passed_by]
    seen = [(one.at, one.contact_id, one.chosen, kind_of(one.reason)) for one in passed]
    assert seen == opinion.passed_by[agent_id]
    for one in passed:
        if kind_of(one.reason) == "behind":
            assert one.own is not None
            assert one.theirs is not None
            own, theirs = (one.own.level, *one.own.cost), (one.theirs.level, *one.theirs.cost)
            assert (own, agent_id) > (theirs, one.chosen)
    for stretch in told.stretches:
        assert all(one.reason != OVERLOOKED for one in stretch.not_theirs)
    counted = sum(one.contacts for stretch in told.stretches for one in stretch.not_theirs)
    assert counted >= len(opinion.waited[agent_id])
    said = {(one.queue, kind_of(one.reason)) for s in told.stretches for one in s.not_theirs}
    assert said == {(queue, kind) for _, queue, kind in opinion.waited[agent_id]}
    assert_states(told.stretches, opinion.states[agent_id])


def assert_states(stretches: tuple[Stretch, ...], seen: list[tuple[datetime, str]]) -> None:
    """In every stretch that lasted, the last word of the second opinion before it holds."""
    for before, after in pairwise(stretches):
        assert before.until == after.since
    for stretch in stretches:
        if stretch.since < stretch.until:
            states = [state for moment, state in seen if moment <= stretch.since]
            assert stretch.state == (states[-1] if states else "logged_out")
