"""Opportunities: seen, changed, moved through their pipeline."""

from collections.abc import Mapping
from typing import Any

from crm.errors import InvalidField, NotNow
from crm.opportunities import Pipeline, Stage, moved
from cti_server.store.opportunities import (
    Opportunities,
    Opportunity,
    OpportunityMove,
    SalesPipeline,
)
from cti_server.tickets.edit import Edit
from cti_server.tickets.opening import check_agent
from cti_server.wire.opportunities import NewOpportunity


def pipeline_of(stored: SalesPipeline) -> Pipeline:
    return Pipeline.model_validate(stored.definition)


async def begin(
    edit: Edit,
    new: NewOpportunity,
    customer_id: str,
    team: str | None,
    *,
    lead_id: str | None = None,
    campaign_id: str | None = None,
) -> Opportunity:
    """Raises UnknownRecord for the pipeline, and InvalidField. Nobody's is whoever began it."""
    stored = await Opportunities(edit.session).pipeline(new.pipeline_id)
    if not stored.active:
        raise InvalidField("pipeline_id", "is not in use any more")
    pipeline = pipeline_of(stored)
    stage = pipeline.stages[0] if new.stage is None else pipeline.stage(new.stage)
    if stage.ends is not None:
        raise InvalidField("stage", "nothing begins at its end")
    await check_agent(edit, "owner_id", new.owner_id)
    made = Opportunity(
        id=edit.new_id(),
        title=new.title,
        customer_id=customer_id,
        pipeline_id=stored.id,
        stage=stage.name,
        stage_since=edit.now,
        currency=new.currency,
        amount=new.amount,
        probability=stage.probability if new.probability is None else new.probability,
        expected_on=None if new.expected_on is None else new.expected_on.isoformat(),
        owner_id=new.owner_id or edit.by,
        team=team,
        lead_id=lead_id,
        campaign_id=new.campaign_id or campaign_id,
        notes=new.notes,
        created_by=edit.by,
        created_at=edit.now,
        updated_at=edit.now,
    )
    edit.session.add(made)
    await edit.session.flush()
    _keep(edit, made, 0, None)
    told = made.owner_id if made.owner_id != edit.by else None
    edit.change.record("opportunity", made.id, "created", agent_id=told)
    return made


async def change(edit: Edit, one: Opportunity, values: Mapping[str, Any]) -> None:
    """Change what is given, by the columns' names. Raises InvalidField, and NotNow at its end."""
    if one.closed_at is not None:
        raise NotNow("an opportunity that is won or lost is not changed; move it first")
    if "owner_id" in values:
        await check_agent(edit, "owner_id", values["owner_id"])
    fields = {name for name, value in values.items() if getattr(one, name) != value}
    for name in fields:
        setattr(one, name, values[name])
    if fields:
        one.updated_at = edit.now
        edit.change.record("opportunity", one.id, "updated", fields=fields)


async def move(
    edit: Edit, one: Opportunity, to: str, lost_reason: str | None, note: str | None
) -> Stage:
    """Into another stage, whose probability it has then. Raises InvalidField, IllegalStage."""
    stored = Opportunities(edit.session)
    pipeline = pipeline_of(await stored.pipeline(one.pipeline_id))
    stage = moved(pipeline, one.stage, to, lost_reason=lost_reason)
    one.stage, one.probability, one.lost_reason = stage.name, stage.probability, lost_reason
    one.stage_since = one.updated_at = edit.now
    one.closed_at = edit.now if stage.ends is not None else None
    _keep(edit, one, len(await stored.moves(one.id)), note)
    edit.change.record("opportunity", one.id, stage.ends or "moved", fields=["stage"])
    return stage


def _keep(edit: Edit, one: Opportunity, position: int, note: str | None) -> None:
    edit.session.add(
        OpportunityMove(
            opportunity_id=one.id,
            position=position,
            at=edit.now,
            stage=one.stage,
            amount=one.amount,
            probability=one.probability,
            moved_by=edit.by,
            note=note,
        )
    )
