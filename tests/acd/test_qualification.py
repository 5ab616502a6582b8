"""Who qualifies is known without asking each time, and nothing of it piles up."""

from acd.model import required
from acd.qualification import Qualification


def test_crews_and_groups_find_each_other_whichever_comes_first() -> None:
    known = Qualification()
    early = known.group("sales", required({"english": 2}))
    crew = known.crew({"english": 3})
    late = known.group("vip", required({"english": 3}))
    too_much = known.group("expert", required({"english": 4}))

    assert crew in early.crews
    assert crew in late.crews
    assert crew not in too_much.crews
    assert known.crew({"english": 3}) is crew
    assert known.group("sales", required({"english": 2})) is early


def test_a_dissolved_crew_is_in_no_group() -> None:
    known = Qualification()
    group = known.group("sales", ())
    crew = known.crew({"english": 3})

    known.dissolve(crew)

    assert not group.crews
    assert known.crew({"english": 3}) is not crew


def test_groups_of_rare_requirements_are_forgotten_and_used_ones_are_not() -> None:
    known = Qualification()
    used = known.group("sales", required({"french": 1}))
    used.users += 1
    for number in range(5000):
        known.group("sales", required({f"skill{number}": 1}))

    assert known.group_count <= 1024
    assert known.group("sales", required({"french": 1})) is used
