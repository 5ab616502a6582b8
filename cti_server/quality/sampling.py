"""The due work of sampling plans: when a week is over, its recordings are chosen and assigned."""

from collections.abc import Callable
from datetime import datetime, timedelta

from crm.errors import AlreadyThere, EditConflict, InvalidField
from crm.quality.sampling import Chosen, Draw, Plan, Week
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.recordings import Recordings
from cti_server.store.sampling_plans import SamplingPlan, SamplingPlans
from cti_server.tickets.edit import SYSTEM, Edit

from .reviewers import Reviewing, able
from .reviewing import active_version, make


class Sampling:
    """
    Chooses by what is stored; each week of a plan in one transaction, so that a crash leaves all of
    it or nothing, and whoever samples again takes what is missing only.
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
    ) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id
        self._zone = zone
        self._reviewing = reviewing

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await SamplingPlans(session).earliest()

    async def do(self, now: datetime) -> None:
        async with self._database.readers() as session:
            plan_ids = await SamplingPlans(session).due(now)
        for plan_id in plan_ids:
            try:
                await self.sample(plan_id, Week.of(now, self._zone).before, SYSTEM, now)
            except (AlreadyThere, EditConflict):
                continue  # somebody was faster with one of them; it is still due, and comes again

    async def sample(self, plan_id: str, week: Week, by: str, now: datetime) -> int:
        """
        Have the plan's reviews of that week made, as far as there are recordings by now.

        Returns how many were. Raises UnknownRecord, AlreadyThere and EditConflict.
        """
        async with self._database.readers() as session:
            stored = await SamplingPlans(session).need(plan_id)
            plan, version = stored.plan, stored.version
        draw = await self._draw(stored, plan, week)
        async with self._changes.begin(by) as change:
            edit = Edit(change, now, self._new_id)
            plans = SamplingPlans(edit.session)
            locked = await plans.need(plan_id, locked=True)
            if locked.version != version:
                raise EditConflict("sampling_plan", plan_id, locked.version)
            chosen = draw.chosen(await plans.taken(plan_id, plan, week))
            made = await self._make(edit, plan_id, plan, week, chosen)
            if week.end <= now:
                locked.next_at = max(locked.next_at, Week.of(now, self._zone).end)
            locked.updated_at = now
            edit.change.record("sampling_plan", plan_id, "sampled", fields=["next_at"])
        return made

    async def _draw(self, stored: SamplingPlan, plan: Plan, week: Week) -> Draw:
        """Read before the transaction: whoever writes does not wait for a week's recordings."""
        async with self._database.readers() as session:
            reviewers = await able(session, plan.reviewers, self._reviewing)
        draw = Draw(plan, stored.seed, week.name, reviewers)
        behind, more = None, True
        while more:
            async with self._database.readers() as session:
                found, behind = await SamplingPlans(session).candidates(plan, week, behind)
            for one in found:
                draw.add(one)
            more = behind is not None
        return draw

    async def _make(
        self, edit: Edit, plan_id: str, plan: Plan, week: Week, chosen: list[Chosen]
    ) -> int:
        try:
            number = await active_version(edit, plan.scorecard, "scorecard")
        except InvalidField:
            return 0  # it is in use no more: nobody can review by it
        recordings = await Recordings(edit.session).in_order([one.recording_id for one in chosen])
        whose = {one.recording_id: one.reviewer_id for one in chosen}
        for recording in recordings:
            await make(
                edit,
                recording,
                whose[recording.id],
                scorecard=(plan.scorecard, number),
                due_at=edit.now + timedelta(days=plan.days),
                plan_id=plan_id,
                week=week.name,
            )
        return len(recordings)
