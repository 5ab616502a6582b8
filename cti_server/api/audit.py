"""The audit trail: auditors and administrators read it and are in it; nobody writes it."""

import msgspec
from aiohttp import web

from cti_server.store.audit import AuditEntry
from cti_server.store.audit_trail import AuditTrail
from cti_server.wire.events import RecordRead
from cti_server.wire.users import AuditEntryView, AuditPage

from .contacts import moment
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .routing import Query, Routes, answer

routes = Routes()

LONGEST_QUESTION = 300  # characters of it that the trail keeps

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
    """Who did what to which record, the newest first; each reading is in the trail itself."""
    most = limit(request)
    place = after(request, tuple[int])
    here = parts(request)
    async with here.database.readers() as session:
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
    reader = identity(request).agent_id
    here.log.append(
        RecordRead(record="audit", record_id="trail", what=_asked_for(request), read_by=reader)
    )
    following = cursor(found[-1].sequence) if len(found) == most else None
    return answer(AuditPage(items=[_view(entry) for entry in found], next=following))


def _asked_for(request: web.Request) -> str:
    """The filters, as they were asked; none is everything."""
    asked = [
        f"{each.name}={request.query[each.name]}" for each in FILTERS if each.name in request.query
    ]
    return ", ".join(asked)[:LONGEST_QUESTION] or "everything"


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
