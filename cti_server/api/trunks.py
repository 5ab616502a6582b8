"""Trunks with their live health, and the routes to telephone numbers: configuration, to look at."""

from typing import Any

from aiohttp import web

from config.sip import TrunkSettings
from cti_server.live.errors import FiguresNotReady
from cti_server.trunks.health import TrunkHealth
from cti_server.wire.trunks import RouteView, TrunkHealthView, TrunkOutboundView, TrunkView

from .parts import Parts, parts
from .routing import Routes, answer_many

routes = Routes()


@routes.add("GET", "/api/v1/trunks", needs=("floor.read",), answers=TrunkView, many=True)
async def trunks(request: web.Request) -> web.Response:
    """Every trunk of the configuration: whether it lives, how busy it is, what it carried today."""
    here = parts(request)
    figures = _figures(here)
    return answer_many([_view(here, each, figures.get(each.name)) for each in here.trunks])


@routes.add("GET", "/api/v1/routes", needs=("floor.read",), answers=RouteView, many=True)
async def number_routes(request: web.Request) -> web.Response:
    """Which trunks reach which telephone numbers, the longest prefix first."""
    known = sorted(parts(request).number_routes, key=lambda route: -len(route.prefix))
    return answer_many(
        [
            RouteView(
                prefix=each.prefix,
                trunks=list(each.trunks),
                dial_as=each.dial_as,
                barred=not each.trunks,
            )
            for each in known
        ]
    )


def _figures(here: Parts) -> dict[str, dict[str, Any]]:
    """By trunk; none while the day is still being counted."""
    try:
        return {row["trunk"]: row for row in here.figures.snapshot.centre["trunks"]}
    except FiguresNotReady:
        return {}


def _view(here: Parts, trunk: TrunkSettings, figures: dict[str, Any] | None) -> TrunkView:
    outbound = trunk.outbound
    return TrunkView(
        trunk=trunk.name,
        addresses=list(trunk.addresses),
        username=trunk.username,
        inband_digits=trunk.inband_digits,
        lines=trunk.lines,
        busy=None if figures is None else figures["busy"],
        outbound=None
        if outbound is None
        else TrunkOutboundView(
            to=outbound.to,
            username=outbound.username,
            caller_id=outbound.caller_id,
            shows_caller=outbound.shows_caller,
            domain=outbound.domain,
            channels=outbound.channels,
            busy=here.trunk_calls(trunk.name),
        ),
        health=_health(here.trunk_health[trunk.name]),
        today=None if figures is None else figures["today"],
    )


def _health(health: TrunkHealth) -> TrunkHealthView:
    return TrunkHealthView.model_validate(health, from_attributes=True)
