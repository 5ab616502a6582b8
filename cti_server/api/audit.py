"""The audit trail, for auditors to read; nobody can write it."""

import msgspec
from aiohttp import web

from cti_server.store.audit import AuditEntry
from cti_server.store.audit_trail import AuditTrail
from cti_server.wire.users import AuditEntryView, AuditPage

from .contacts import moment
from .paging import PAGING, after, cursor, limit
from .parts import parts
from .routing import Query, Routes, answer

routes = Routes()

FILTERS = (
    Query("actor", description="an agent's id, key:<id> or system"),
    Query("action", description="what was done: read, updated, played …"),
    Query("record", description="to what kind of record: customer, recording, agent …"),
    Query("record_id"),
    Query("since", description="entries of this moment and later (ISO 8601)"),
    Query("until", description="entries before this moment (ISO 8601)"),
)


@routes.add(
    "GET",
    "/api/v1/audit",
    needs=("audit.read",),
    answers=AuditPage,
    query=(*PAGING, *FILTERS),
)
async def audit(request: web.Request) -> web.Response:
    """Who did what to which record, the newest first."""
    most = limit(request)
    place = after(request, tuple[int])
    async with parts(request).database.readers() as session:
        found = await AuditTrail(session).page(
            most,
            before=place[0] if place else None,
            actor=request.query.get("actor"),
            action=request.query.get("action"),
            record=request.query.get("record"),
            record_id=request.query.get("record_id"),
            since=moment(request, "since"),
            until=moment(request, "until"),
        )
    following = cursor(found[-1].sequence) if len(found) == most else None
    return answer(AuditPage(items=[_view(entry) for entry in found], next=following))


def _view(entry: AuditEntry) -> AuditEntryView:
    return AuditEntryView(
        sequence=entry.sequence,
        event_sequence=entry.event_sequence,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        record=entry.record,
        record_id=entry.record_id,
        details=msgspec.json.decode(entry.details),
        hash=entry.hash,
    )
