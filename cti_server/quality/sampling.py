"""The due work of sampling plans: when a week is over, its recordings are chosen and assigned."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from crm.errors import AlreadyThere, EditConflict, InvalidField
from crm.quality.sampling import Chosen, Draw, Week
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.recordings import STORED, Recordings
from cti_server.store.sampling_plans import SamplingPlan, SamplingPlans
from cti_server.store.scorecards import Scorecards
from cti_server.tickets.edit import SYSTEM, Edit

from .reviewers import Reviewing, able
from .reviewing import active_version, make

log = structlog.get_logger()

AT_ONCE = 100  # reviews made in one transaction


class Sampling:
    """
    Chooses by what is stored, and makes some reviews at a time, so that others can write between.

    The week is done when ``next_at`` has moved on: after a crash whoever samples again takes what
    is missing, which is the same as if there had been none.
    """

    name = "quality_sampling"
    records = frozenset({"sampling_plan"})

    def __init__(
        self,
        database: Database,
        changes: Changes,
        new_id: Callable[[], str],
        zone: str,
        reviewing: Reviewing,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id
        self._zone = zone
        self._reviewing = reviewing
        self._at_once = at_once

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await SamplingPlans(session).earliest()

    async def do(self, now: datetime) -> None:
        async with self._database.readers() as session:
            plan_ids = await SamplingPlans(session).due(now)
        for plan_id in plan_ids:
            try:
                await self.sample(plan_id, Week.of(now, self._zone).before, SYSTEM, now)
            except (AlreadyThere, EditConflict, InvalidField):
                continue  # somebody changed something meanwhile; it is still due, and comes again

    async def sample(self, plan_id: str, week: Week, by: str, now: datetime) -> int:
        """
        Have the plan's reviews of that week made, as far as there are recordings by now.

        Returns how many were. Raises UnknownRecord, AlreadyThere and EditConflict.
        """
        async with self._database.readers() as session:
            plans = SamplingPlans(session)
            stored = await plans.need(plan_id)
            taken = await plans.taken(plan_id, stored.plan, week)
        chosen = (await self._draw(stored, week)).chosen(taken)
        done = sum(taken.values())
        for start in range(0, len(chosen), self._at_once):
            some = chosen[start : start + self._at_once]
            async with self._changes.begin(by) as change:
                edit = Edit(change, now, self._new_id)
                await self._need_unchanged(edit, stored, week, done + start)
                await self._make(edit, stored, week, some)
        async with self._changes.begin(by) as change:
            edit = Edit(change, now, self._new_id)
            locked = await self._need_unchanged(edit, stored, week, done + len(chosen))
            if week.end <= now:
                locked.next_at = max(locked.next_at, Week.of(now, self._zone).end)
            locked.updated_at = now
            edit.change.record("sampling_plan", plan_id, "sampled", fields=["next_at"])
        return len(chosen)

    async def _draw(self, stored: SamplingPlan, week: Week) -> Draw:
        """Read before anything is written: whoever writes does not wait for a week's recordings."""
        plan = stored.plan
        async with self._database.readers() as session:
            reviewers = await able(session, plan.reviewers, self._reviewing)
            card = await Scorecards(session).need(plan.scorecard)
        if not reviewers or not card.active:
            log.warning("quality.nothing_sampled", plan=stored.id, card=card.active)
            reviewers = []  # nobody, or nobody by this card
        draw = Draw(plan, stored.seed, week.name, reviewers)
        behind, more = None, True
        while more:
            async with self._database.readers() as session:
                found, behind = await SamplingPlans(session).candidates(plan, week, behind)
            for one in found:
                draw.add(one)
            more = behind is not None
        return draw

    async def _need_unchanged(
        self, edit: Edit, stored: SamplingPlan, week: Week, taken: int
    ) -> SamplingPlan:
        """
        The plan, locked, as it was read, and nobody else samples for it.

        Raises EditConflict.
        """
        plans = SamplingPlans(edit.session)
        locked = await plans.need(stored.id, locked=True)
        by_now = sum((await plans.taken(stored.id, stored.plan, week)).values())
        if locked.version != stored.version or by_now != taken:
            raise EditConflict("sampling_plan", stored.id, locked.version)
        return locked

    async def _make(
        self, edit: Edit, stored: SamplingPlan, week: Week, chosen: Sequence[Chosen]
    ) -> None:
        """Raises EditConflict where one is erased by now: it has to be drawn anew."""
        plan = stored.plan
        number = await active_version(edit, plan.scorecard, "scorecard")
        whose = {one.recording_id: one.reviewer_id for one in chosen}
        recordings = await Recordings(edit.session).in_order([*whose], locked=True)
        if [one.id for one in recordings if one.state == STORED] != [*whose]:
            raise EditConflict("sampling_plan", stored.id)
        for recording in recordings:
            await make(
                edit,
                recording,
                whose[recording.id],
                scorecard=(plan.scorecard, number),
                due_at=edit.now + timedelta(days=plan.days),
                plan_id=stored.id,
                week=week.name,
            )
