"""The same day twice: the same decisions, whatever Python's hash seed is."""

import hashlib
import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from acd.effects import Effect, OfferAccepted, OfferMade
from acd.errors import IllegalTransition
from acd.model import (
    AgentId,
    ContactId,
    WaitingContact,
)
from acd.queue import Queue
from acd.requirements import required
from acd.router import Router

from .build import MORNING, counting, span

SKILLS = ("english", "chinese", "gold", "repair")


def a_day(seed: int, happenings: int) -> list[Effect]:
    """Everything that the router said on a random day."""
    chance = random.Random(seed)
    queues = [
        Queue(skill, required({skill: level}), ring_for=span(8), wrap_up=span(5))
        for level, skill in enumerate(SKILLS, start=1)
    ]
    router, now, said = Router(queues, counting()), MORNING, list[Effect]()
    agents = [AgentId(f"agent{number}") for number in range(40)]
    for agent_id in agents:
        skills = {skill: chance.randint(1, 9) for skill in chance.sample(SKILLS, 2)}
        said += router.put_agent(agent_id, skills, now, always_ready=True)
    for number in range(happenings):
        now += timedelta(seconds=chance.random())
        said += router.handle_timer(now)
        made = [one.offer for one in said[-60:] if isinstance(one, OfferMade)]
        taken = [one.offer for one in said[-60:] if isinstance(one, OfferAccepted)]
        try:
            match chance.randrange(6):
                case 0 | 1:
                    wanted = required({chance.choice(SKILLS): chance.randint(1, 5)})
                    name, queue = ContactId(f"call{number}"), chance.choice(SKILLS)
                    priority = chance.randint(0, 2)
                    said += router.enqueue(WaitingContact(name, queue, now, priority, wanted), now)
                case 2 if made and (offer := made[-1]).expires_at > now:
                    said += router.decline(offer.id, now)
                case 3 if taken:
                    said += router.end_interaction(chance.choice(taken).id, now, "caller")
                case 4:
                    said += router.withdraw(ContactId(f"call{chance.randrange(number + 1)}"), now)
                case _:
                    for offer in made:
                        if router.offer_of(offer.agent_id) == offer and offer.expires_at > now:
                            said += router.accept(offer.id, now)
        except IllegalTransition:
            continue
    return said


def fingerprint(seed: int) -> str:
    return hashlib.sha256(repr(a_day(seed, 3000)).encode()).hexdigest()


def _elsewhere(hash_seed: str) -> str:
    """The fingerprint as another process, with another hash seed, sees it."""
    ask = "import sys; from tests.acd import test_replay as t; sys.stdout.write(t.fingerprint(7))"
    return subprocess.run(
        [sys.executable, "-c", ask],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_same_day_twice_brings_the_same_decisions() -> None:
    assert a_day(7, 3000) == a_day(7, 3000)
    assert a_day(7, 3000) != a_day(8, 3000)


def test_a_day_sees_work_done() -> None:
    said = a_day(7, 3000)

    assert sum(isinstance(one, OfferAccepted) for one in said) > 150
    assert sum(isinstance(one, OfferMade) for one in said) > 250


def test_no_decision_hangs_on_the_hash_seed() -> None:
    assert {_elsewhere("1"), _elsewhere("2"), fingerprint(7)} == {fingerprint(7)}
