"""
What a change's event says of the record beside its name: what figures are made of.

States, words of ours, ids and sums; nothing that :mod:`cti_server.privacy.declared` calls personal,
for the log outlives a person's right to be forgotten (a test compares the two).
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.wire.events import RecordChanged

from .base import Base

Fact = str | int | float | bool | None

FACTS: Mapping[str, tuple[str, ...]] = {
    "customer": ("version", "kind", "tier", "language", "team", "merged_into"),
    "order": (
        *("state", "customer_id", "contact_id", "taken_by", "team"),
        *("currency", "total", "fulfilment"),
    ),
    "ticket": (
        *("type", "state", "priority", "risk", "customer_id", "contact_id", "queue", "owner_id"),
        *("team", "reason_id", "cause_id", "reopened"),
    ),
    "disposition": ("contact_id", "agent_id", "queue", "code_id"),
    "lead": ("state", "source", "score", "campaign_id", "customer_id", "contact_id", "owner_id"),
    "opportunity": (
        *("stage", "customer_id", "pipeline_id", "currency", "amount", "probability", "owner_id"),
    ),
    "care_occasion": ("rule_id", "customer_id", "contact_id", "state", "rating"),
    "reservation": ("state", "customer_id", "contact_id"),
}
"""Columns by table."""


async def with_facts(session: AsyncSession, events: Sequence[RecordChanged]) -> list[RecordChanged]:
    """
    The same, each with what holds when the transaction ends; nothing of what is gone. What an event
    knows of its own stays.
    """
    if any(event.record in FACTS for event in events):
        await session.flush()
    return [
        msgspec.structs.replace(event, facts=event.facts | await _facts(session, event))
        if event.record in FACTS
        else event
        for event in events
    ]


async def _facts(session: AsyncSession, event: RecordChanged) -> dict[str, Fact]:
    record = await session.get(_class_of(event.record), event.record_id)
    if record is None:
        return {}
    return {name: getattr(record, name) for name in FACTS[event.record]}


def _class_of(table: str) -> type[Base]:
    """An editor has its class imported, or it would have nothing to record."""
    return next(
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.local_table is Base.metadata.tables[table]
    )
