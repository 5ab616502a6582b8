"""How the whole server is doing, for people; machines have ``/healthz``, ``/readyz``, /metrics."""

from aiohttp import web

from cti_server.wire.health import PartHealth, SystemHealthView

from .parts import parts
from .routing import Routes, answer

routes = Routes()


@routes.add("GET", "/api/v1/system-health", needs=("system.read",), answers=SystemHealthView)
async def system_health(request: web.Request) -> web.Response:
    """Every part: well, worth an eye, or bad, and why."""
    here = parts(request)
    report, turn = await here.system_health.report(), here.system_health.turn
    return answer(
        SystemHealthView(
            at=report.at,
            state=report.state,
            version=here.about.version,
            started_at=turn.started_at,
            uptime_seconds=round((report.at - turn.started_at).total_seconds(), 1),
            holder=turn.holder,
            turn=turn.epoch,
            parts=[
                PartHealth(
                    part=name,
                    state=found.state,
                    reason=found.reason,
                    detail=found.detail,
                    figures=dict(found.figures),
                )
                for name, found in report.parts.items()
            ],
        )
    )
