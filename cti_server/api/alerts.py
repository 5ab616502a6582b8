"""What a supervisor is to look at: complaints, and whatever else a flow raises."""

from datetime import datetime

from aiohttp import web
from sqlalchemy import ColumnElement

from cti_server.alerts.views import view_of_record
from cti_server.store.alerts import Alert, Alerts, alerts_seen_by
from cti_server.wire.alerts import AlertPage
from cti_server.wire.events import AlertAcknowledged
from cti_server.wire.surges import ArrivalForecast

from .paging import PAGING, after, cursor, limit
from .parameters import flag
from .parts import Parts, caught_up, identity, parts
from .permissions import Identity
from .problems import NotFound
from .routing import Query, Routes, answer, answer_many

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/alerts",
    needs=("alerts.read",),
    answers=AlertPage,
    query=(
        *PAGING,
        Query(
            "open",
            description='"true": those that go on, and else those that nobody has taken note of',
        ),
    ),
)
async def alerts(request: web.Request) -> web.Response:
    """The newest first; not those about another team, or about its customers."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await Alerts(session).page(
            most,
            _seen_by(identity(request)),
            before=place,
            only_open=flag(request, "open") is True,
        )
    last = found[-1] if len(found) == most else None
    following = None if last is None else cursor(last.raised_at, last.id)
    return answer(AlertPage(items=[view_of_record(one) for one in found], next=following))


@routes.add(
    "POST", "/api/v1/alerts/{alert_id}/acknowledge", needs=("alerts.acknowledge",), status=204
)
async def acknowledge(request: web.Request) -> web.Response:
    """Take note of an alert; who was first stays the one who did."""
    here, who, alert_id = parts(request), identity(request), request.match_info["alert_id"]
    found = await _found(here, who, alert_id)
    if found is None:
        await caught_up(here)  # it is on the screen before it is in the records
        found = await _found(here, who, alert_id)
    if found is None:
        raise NotFound("alert", alert_id)
    if found.acknowledged_at is None:
        here.log.append(AlertAcknowledged(alert_id=alert_id, acknowledged_by=who.agent_id))
    return web.Response(status=204)


async def _found(here: Parts, who: Identity, alert_id: str) -> Alert | None:
    async with here.database.readers() as session:
        return await Alerts(session).get(alert_id, _seen_by(who))


@routes.add(
    "GET",
    "/api/v1/arrival-forecasts",
    needs=("alerts.read",),
    answers=ArrivalForecast,
    many=True,
)
async def arrival_forecasts(request: web.Request) -> web.Response:
    """What usually arrives at this time of the week, by queue and number: surges are beyond it."""
    return answer_many(parts(request).surges.forecasts())


def _seen_by(who: Identity) -> list[ColumnElement[bool]]:
    return alerts_seen_by(who.teams, who.agent_id, of_colleagues=who.may("contacts.read"))
