"""Which recordings a plan chooses, and who reviews them."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm.quality.sampling import Candidate, Chosen, Draw, Plan, Reviewer, Week, rank

ZONE = "Asia/Shanghai"
PLAN = Plan.model_validate(
    {
        "labels": {"zh": "每周", "en": "weekly"},
        "scorecard": "card",
        "reviewers": ["zhao", "huang"],
        "a_week": 2,
    }
)
ZHAO, HUANG = Reviewer("zhao", 0), Reviewer("huang", 0)


def candidate(number: int, agent: str = "li", queue: str = "sales", **more: Any) -> Candidate:
    agents = frozenset({agent, *more.pop("agents", ())})
    return Candidate(f"r{number}", agent, queue, more.pop("team", None), agents)


def plan(**changes: Any) -> Plan:
    return PLAN.model_copy(update=changes)


def drawn(
    plan: Plan,
    some: list[Candidate],
    *reviewers: Reviewer,
    taken: dict[str, int] | None = None,
    week: str = "2026-W47",
) -> list[Chosen]:
    draw = Draw(plan, "seed", week, reviewers or (ZHAO, HUANG))
    for one in some:
        draw.add(one)
    return draw.chosen(taken or {})


THEIRS = [candidate(number + (100 if agent == "wang" else 0), agent)
          for agent in ("li", "wang") for number in range(20)]  # fmt: skip


@given(st.permutations(THEIRS))
def test_the_same_are_chosen_in_whatever_order_they_come(order: list[Candidate]) -> None:
    found = drawn(PLAN, order)

    assert found == drawn(PLAN, THEIRS)
    assert len(found) == 4
    whose = {one.recording_id: one.agent_id for one in THEIRS}
    assert Counter(whose[one.recording_id] for one in found) == {"li": 2, "wang": 2}


def test_the_chosen_are_those_of_least_rank_and_another_week_has_others() -> None:
    li = [one for one in THEIRS if one.agent_id == "li"]
    least = sorted(li, key=lambda one: rank("seed", "2026-W47", one.recording_id))[:2]

    assert {one.recording_id for one in drawn(PLAN, li)} == {one.recording_id for one in least}
    assert drawn(PLAN, li) != drawn(PLAN, li, week="2026-W48")


def test_what_was_chosen_already_counts() -> None:
    assert len(drawn(PLAN, THEIRS, taken={"li": 1})) == 3
    assert len(drawn(PLAN, THEIRS, taken={"li": 2, "wang": 5})) == 0


@pytest.mark.parametrize(("per", "number"), [("agent", 4), ("queue", 2), ("team", 4), ("plan", 2)])
def test_so_many_of_each_agent_queue_or_team(per: Any, number: int) -> None:
    some = [candidate(n, "li", team="north") for n in range(9)]
    some += [candidate(n + 100, "wang", team="south") for n in range(9)]

    assert len(drawn(plan(per=per), some)) == number


def test_a_share_is_by_chance_and_near_what_it_says() -> None:
    some = [candidate(number) for number in range(1000)]

    found = drawn(plan(share=20, a_week=1000), some)

    assert 150 < len(found) < 250
    assert len(drawn(plan(share=20, a_week=10), some)) == 10


def test_nobody_reviews_what_they_had_a_part_in_or_may_not_hear() -> None:
    some = [
        candidate(1, agents=["zhao"]),
        candidate(2, queue="secret"),
        candidate(3, "wang", team="north"),
    ]
    zhao = Reviewer("zhao", 0, queues=["sales"])
    huang = Reviewer("huang", 9, team="north")

    assert drawn(PLAN, some, zhao, huang) == [Chosen("r3", "zhao")]
    assert drawn(PLAN, some, Reviewer("zhao", 0), huang) == [
        Chosen("r2", "zhao"),
        Chosen("r3", "zhao"),
    ]
    assert drawn(PLAN, [candidate(1, "zhao")], ZHAO) == []


def test_what_nobody_may_judge_takes_no_others_place() -> None:
    some = [candidate(number, queue="secret") for number in range(10)]
    some += [candidate(number + 100) for number in range(10)]

    found = drawn(PLAN, some, Reviewer("zhao", 0, queues=["sales"]))

    assert len(found) == 2


def test_who_has_less_to_do_gets_the_next() -> None:
    some = [candidate(number) for number in range(10)]

    found = drawn(plan(a_week=7), some, Reviewer("zhao", 3), HUANG)

    assert Counter(one.reviewer_id for one in found) == {"huang": 5, "zhao": 2}


def test_weeks_are_those_of_the_centre_and_named_as_everybody_names_them() -> None:
    sunday = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)
    monday = datetime(2026, 11, 22, 16, tzinfo=UTC)

    assert Week.of(sunday, ZONE).name == "2026-W47"
    assert Week.of(monday, ZONE).name == "2026-W48"
    assert Week.of(sunday, ZONE).end == Week.of(monday, ZONE).begin == monday
    assert Week.of(monday, ZONE).before == Week.of(sunday, ZONE)
    assert Week(date(2026, 12, 28), ZONE).name == "2026-W53"
    berlin = Week(date(2026, 10, 19), "Europe/Berlin")  # clocks are set back in it
    assert (berlin.end - berlin.begin).total_seconds() == (7 * 24 + 1) * 3600


def test_a_plan_that_nothing_fits_is_refused() -> None:
    refused: list[dict[str, Any]] = [
        {"shortest": 60, "longest": 30},
        {"share": 0},
        {"reviewers": []},
    ]
    for changes in refused:
        with pytest.raises(ValidationError):
            Plan.model_validate(PLAN.model_dump() | changes)
