"""What anybody may know of the centre."""

from aiohttp import web

from config.settings import Settings
from cti_server.wire.about import About, LogInWays

from .oidc import BEGIN
from .parts import parts
from .routing import Routes, answer

routes = Routes()


@routes.add("GET", "/api/v1/about", needs=None, answers=About)
async def about(request: web.Request) -> web.Response:
    """The server's version, the centre's languages and clock, and the ways to log in."""
    return answer(parts(request).about)


def about_centre(settings: Settings, version: str) -> About:
    return About(
        version=version,
        languages=list(settings.speech.languages),
        time_zone=settings.crm.time_zone,
        region=settings.crm.default_region,
        log_in=LogInWays(
            password=True,
            second_factor_for=list(settings.access.second_factor_for),
            single_sign_on=None if settings.access.oidc is None else BEGIN,
        ),
        demo=settings.demo is not None,
    )
