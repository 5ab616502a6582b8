"""The pipelines, lead rules and occasions of care that a new centre begins with."""

from datetime import datetime
from typing import Any

from config import yaml_text
from config.settings import SHIPPED
from crm.care import Rule
from crm.errors import AlreadyThere
from crm.opportunities import Pipeline
from cti_server.store.care import Care, CareRule
from cti_server.store.changes import Change, Changes
from cti_server.store.leads import LeadRule
from cti_server.store.opportunities import Opportunities, SalesPipeline
from cti_server.tickets.edit import SYSTEM
from cti_server.wire.leads import LeadRuleCreate

SALES = SHIPPED / "crm" / "sales.yaml"
CARE = SHIPPED / "crm" / "care.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    try:
        async with changes.begin(SYSTEM) as change:
            if not await Opportunities(change.session).pipelines():
                _sales(change, now, yaml_text.load(SALES.read_text("utf-8")))
            if not await Care(change.session).rules():
                _care(change, now, yaml_text.load(CARE.read_text("utf-8")))
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


def _sales(change: Change, now: datetime, written: dict[str, Any]) -> None:
    for name, pipeline in written["pipelines"].items():
        definition = Pipeline.model_validate(pipeline).model_dump(mode="json")
        stored = SalesPipeline(id=name, definition=definition, created_at=now, updated_at=now)
        change.session.add(stored)
        change.record("sales_pipeline", name, "created")
    for name, rule in written["lead_rules"].items():
        values = LeadRuleCreate(id=name, **rule).model_dump()
        change.session.add(LeadRule(**values, created_at=now, updated_at=now))
        change.record("lead_rule", name, "created")


def _care(change: Change, now: datetime, written: dict[str, Any]) -> None:
    for name, rule in written.items():
        definition = Rule.model_validate(rule).model_dump(mode="json")
        change.session.add(
            CareRule(id=name, definition=definition, enabled=False, created_at=now, updated_at=now)
        )
        change.record("care_rule", name, "created")
