"""Sampling plans over REST and by themselves: once a week, nothing twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from cti_server.api.quality_plans import REVIEWING
from cti_server.privacy.recordings import forget
from cti_server.quality.sampling import Sampling
from cti_server.store.agents import Agent
from cti_server.store.alerts import Alert
from cti_server.store.changes import Change, Changes
from cti_server.store.recordings import Recording
from cti_server.store.reviews import Review
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, asking
from .conftest import Centre
from .quality import LABELS, centre, recorded, review_of

__all__ = ["centre", "database_url", "postgres", "postgres_url"]


async def plan_of(centre: Centre, **changes: Any) -> Answer:
    definition = {
        "labels": LABELS,
        "scorecard": "card",
        "reviewers": ["zhao"],
        "a_week": 2,
        **changes,
    }
    body = {"id": "weekly", "definition": definition}
    return await asking(centre, "zhao")("POST", "quality/sampling-plans", body)


async def test_a_plan_samples_each_week_once_and_nothing_twice(centre: Centre) -> None:
    await recorded(centre, *range(1, 6))
    await recorded(centre, *range(6, 9), agent="wang")
    await recorded(centre, 9, agent="wang", duration=1.0)
    await recorded(centre, 10, agent="chen", sides="customer", layout="mono")
    await review_of(centre, "r1")
    zhao = asking(centre, "zhao")
    made = await plan_of(centre, shortest=5)
    path = "quality/sampling-plans/weekly/samples"

    first = await zhao("POST", path, {"week": "this"})
    again = await zhao("POST", path, {"week": "this"})
    before = await zhao("POST", path, {"week": "last"})
    unheard = await zhao("POST", "quality/reviews", {"recording_id": "r10", "scorecard_id": "card"})

    assert made.status == 201, made.body
    assert (first.body["reviews"], again.body["reviews"], before.body["reviews"]) == (4, 0, 0)
    assert (unheard.status, "not heard" in unheard.body["detail"]) == (422, True)
    found = (await zhao("GET", "quality/reviews", None, plan_id="weekly")).body["items"]
    assert sorted(one["agent_id"] for one in found) == ["li", "li", "wang", "wang"]
    assert {"r1", "r9"}.isdisjoint(one["recording_id"] for one in found)
    assert {one["week"] for one in found} == {first.body["week"]}


async def test_a_week_that_is_over_is_sampled_by_itself_and_after_a_crash_too(
    centre: Centre,
) -> None:
    await recorded(centre, *range(1, 6))
    here = centre.parts
    assert (await plan_of(centre)).status == 201

    broken_parts = (
        here.database,
        Changes(here.database, here.log.append, now=here.clock.now, new_id=here.new_id),
        lambda: "same",
        here.time_zone,
        REVIEWING,
    )
    broken = Sampling(*broken_parts)
    work = Sampling(here.database, here.changes, here.new_id, here.time_zone, REVIEWING)
    due = await work.earliest()
    assert due is not None

    await broken.do(due)  # two reviews with one id: nothing of it stays
    async with here.database.readers() as session:
        assert (await session.scalars(select(Review))).all() == []
    assert await work.earliest() == due
    halfway = Sampling(*broken_parts, at_once=1)
    await halfway.do(due)  # the second one fails
    async with here.database.readers() as session:
        [first] = (await session.scalars(select(Review))).all()
    assert await work.earliest() == due
    await work.do(due)
    await work.do(due)

    async with here.database.readers() as session:
        reviews = (await session.scalars(select(Review))).all()
    assert [one.agent_id for one in reviews] == ["li", "li"]
    assert first.id in {one.id for one in reviews}
    assert await work.earliest() == due + timedelta(days=7)


class _Erasing(Changes):
    """Erases a recording just before the first change begins."""

    def __init__(self, centre: Centre, recording_id: str) -> None:
        here = centre.parts
        super().__init__(here.database, here.log.append, now=here.clock.now, new_id=here.new_id)
        self._centre = centre
        self._left = [recording_id]

    @asynccontextmanager
    async def begin(self, changed_by: str) -> AsyncIterator[Change]:
        while self._left:
            here = self._centre.parts
            async with here.database.sessions.begin() as session:
                gone = await session.get_one(Recording, self._left.pop())
                await forget(session, [gone], here.clock.now())
        async with super().begin(changed_by) as change:
            yield change


async def test_what_is_erased_after_it_was_drawn_gets_no_review_and_another_is_drawn(
    centre: Centre,
) -> None:
    await recorded(centre, 1, 2, 3)
    here = centre.parts
    assert (await plan_of(centre, a_week=3)).status == 201
    work = Sampling(here.database, _Erasing(centre, "r2"), here.new_id, here.time_zone, REVIEWING)
    due = await work.earliest()
    assert due is not None

    await work.do(due)
    async with here.database.readers() as session:
        assert (await session.scalars(select(Review))).all() == []
    assert await work.earliest() == due
    await work.do(due)

    async with here.database.readers() as session:
        reviews = (await session.scalars(select(Review))).all()
    assert sorted(one.recording_id for one in reviews) == ["r1", "r3"]
    assert await work.earliest() == due + timedelta(days=7)


async def test_a_plan_takes_only_what_it_names(centre: Centre) -> None:
    await recorded(centre, 1, 2, 3)
    async with centre.parts.database.sessions.begin() as session:
        session.add(
            Alert(id="a1", kind="complaint", raised_at=centre.parts.clock.now(),
                  contact_id="k2", about_agent="li")
        )  # fmt: skip
    made = await plan_of(centre, complaint=True, queues=["sales"], agents=["li"], per="queue")

    sampled = await asking(centre, "zhao")(
        "POST", "quality/sampling-plans/weekly/samples", {"week": "this"}
    )

    found = (await asking(centre, "zhao")("GET", "quality/reviews")).body["items"]
    assert (made.status, sampled.body["reviews"]) == (201, 1)
    assert [one["recording_id"] for one in found] == ["r2"]
    for changes, field in (
        ({"queues": ["nowhere"]}, "definition.queues"),
        ({"reviewers": ["li"]}, "definition.reviewers"),
        ({"scorecard": "none"}, "definition.scorecard"),
        ({"a_week": 0}, "definition.a_week"),
        ({"agents": ["nobody"]}, "definition.agents"),
        ({"disposition": "nothing"}, "definition.disposition"),
    ):
        refused = await plan_of(centre, **changes)
        assert (refused.status, refused.body["detail"].split(":")[0]) == (422, field)


async def test_a_reviewer_who_may_not_any_more_gets_nothing_new(centre: Centre) -> None:
    await recorded(centre, 1)
    assert (await plan_of(centre, reviewers=["zhao", "huang"])).status == 201
    async with centre.parts.database.sessions.begin() as session:
        await session.execute(update(Agent).where(Agent.id == "huang").values(enabled=False))
        await session.execute(update(Agent).where(Agent.id == "zhao").values(roles=["agent"]))

    work = Sampling(
        centre.parts.database,
        centre.parts.changes,
        centre.parts.new_id,
        centre.parts.time_zone,
        REVIEWING,
    )
    due = await work.earliest()
    assert due is not None
    await work.do(due)

    async with centre.parts.database.readers() as session:
        assert (await session.scalars(select(Review))).all() == []
    assert await work.earliest() == due + timedelta(days=7)
