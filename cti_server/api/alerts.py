"""What a supervisor is to look at: complaints, and whatever else a flow raises."""

from datetime import datetime

from aiohttp import web

from cti_server.store.alerts import Alert, Alerts
from cti_server.wire.alerts import AlertPage, AlertView
from cti_server.wire.events import AlertAcknowledged

from .contact_scope import in_sight
from .paging import PAGING, after, cursor, limit
from .parameters import flag
from .parts import identity, parts
from .problems import NotFound
from .routing import Query, Routes, answer

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/alerts",
    needs=("alerts.read",),
    answers=AlertPage,
    query=(*PAGING, Query("open", description='"true": those that nobody has taken note of')),
)
async def alerts(request: web.Request) -> web.Response:
    """The newest first; not those about another team's customers."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await Alerts(session).page(
            most,
            in_sight(identity(request), Alert.contact_id),
            before=place,
            only_open=flag(request, "open") is True,
        )
    last = found[-1] if len(found) == most else None
    following = None if last is None else cursor(last.raised_at, last.id)
    return answer(AlertPage(items=[_view(one) for one in found], next=following))


@routes.add(
    "POST", "/api/v1/alerts/{alert_id}/acknowledge", needs=("alerts.acknowledge",), status=204
)
async def acknowledge(request: web.Request) -> web.Response:
    """Take note of an alert; who was first stays the one who did."""
    here, who, alert_id = parts(request), identity(request), request.match_info["alert_id"]
    async with here.database.readers() as session:
        found = await Alerts(session).get(alert_id, in_sight(who, Alert.contact_id))
    if found is None:
        raise NotFound("alert", alert_id)
    if found.acknowledged_at is None:
        here.log.append(AlertAcknowledged(alert_id=alert_id, acknowledged_by=who.agent_id))
    return web.Response(status=204)


def _view(alert: Alert) -> AlertView:
    return AlertView(
        id=alert.id,
        kind=alert.kind,
        raised_at=alert.raised_at,
        contact_id=alert.contact_id,
        agent_id=alert.about_agent,
        queue=alert.queue,
        interaction_id=alert.interaction_id,
        recording_id=alert.recording_id,
        ticket_number=alert.ticket_number,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=alert.acknowledged_by,
    )
