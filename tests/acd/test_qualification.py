"""Who qualifies is known without asking each time, and nothing of it piles up."""

from acd.demand import Demand
from acd.model import CHANNEL_RULES, Channel, OfferId
from acd.policies import LONGEST_IDLE
from acd.profile import Profile
from acd.qualification import Qualification
from acd.queues import Waiting
from acd.rankings import Ranking
from acd.requirements import required
from acd.seats import Seats
from acd.witness import NOBODY

from .build import at, contact, queue

IDLE = Ranking(LONGEST_IDLE, Channel.VOICE, None)


def test_crews_and_groups_find_each_other_whichever_comes_first() -> None:
    known = Qualification()
    early = known.group(Demand("sales", required({"english": 2})), IDLE)
    crew = known.crew(Profile({"english": 3}))
    late = known.group(Demand("vip", required({"english": 3})), IDLE)
    too_much = known.group(Demand("expert", required({"english": 4})), IDLE)

    assert crew in early.crews
    assert crew in late.crews
    assert crew not in too_much.crews
    assert known.crew(Profile({"english": 3})) is crew
    assert known.group(Demand("sales", required({"english": 2})), IDLE) is early


def test_a_dissolved_crew_is_in_no_group() -> None:
    known = Qualification()
    group = known.group(Demand("sales", ()), IDLE)
    crew = known.crew(Profile({"english": 3}))

    known.dissolve(crew)

    assert not group.crews
    assert known.crew(Profile({"english": 3})) is not crew


def test_groups_of_rare_requirements_are_forgotten_and_used_ones_are_not() -> None:
    known = Qualification()
    used = known.group(Demand("sales", required({"french": 1})), IDLE)
    used.users += 1
    crew = known.crew(Profile({"french": 9}))
    for number in range(5000):
        known.group(Demand(f"queue{number}", required({"french": 1 + number % 9})), IDLE)

    assert known.group_count <= 1024
    assert len(crew.groups) <= 1024
    assert used in crew.groups
    assert known.group(Demand("sales", required({"french": 1})), IDLE) is used


def test_a_contact_that_left_needs_its_group_no_longer_whether_it_waited_or_was_offered() -> None:
    known = Qualification()
    seats = Seats(known, CHANNEL_RULES, NOBODY)
    waiting = Waiting([queue()], known, seats, NOBODY)
    for number in range(5000):
        place = waiting.join(
            contact(f"call{number}", 0, "sales", 0, **{f"skill{number}": 1}), at(0), 0
        )
        waiting.wait(place)
        if number % 2:
            waiting.take(place, OfferId("offer"))
        waiting.leave(place)

    assert known.group_count <= 1024
    assert not waiting.places
    assert not waiting.groups
