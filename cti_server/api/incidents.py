"""What the server's self-check came upon."""

from datetime import datetime

from aiohttp import web

from cti_server.store.incidents import Incident, Incidents
from cti_server.wire.incidents import IncidentPage, IncidentView

from .paging import PAGING, after, cursor, limit
from .parameters import flag
from .parts import parts
from .routing import Query, Routes, answer

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/incidents",
    needs=("incidents.read",),
    answers=IncidentPage,
    query=(
        *PAGING,
        Query("kind", description="of this fault only"),
        Query("open", description='"true": those that are not put right'),
    ),
)
async def incidents(request: web.Request) -> web.Response:
    """What was as it must not be, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await Incidents(session).page(
            most,
            before=place,
            kind=request.query.get("kind"),
            only_open=flag(request, "open") is True,
        )
    last = found[-1] if len(found) == most else None
    following = None if last is None else cursor(last.found_at, last.id)
    return answer(IncidentPage(items=[_view(one) for one in found], next=following))


def _view(incident: Incident) -> IncidentView:
    return IncidentView(
        id=incident.id,
        kind=incident.kind,
        subject=incident.subject,
        found_at=incident.found_at,
        healed_at=incident.healed_at,
        action=incident.action,
        agent_id=incident.about_agent,
        contact_id=incident.contact_id,
        interaction_id=incident.interaction_id,
        leg_id=incident.leg_id,
        detail=incident.detail,
    )
