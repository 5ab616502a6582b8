"""Logging in by single sign-on: to the provider, back from it, and a session for the ticket."""

from urllib.parse import urlsplit

import structlog
from aiohttp import web

from cti_server.store.agents import Agent, Agents
from cti_server.wire.events import LogInFailed
from cti_server.wire.sessions import Session
from cti_server.wire.users import OidcTicket

from .admission import open_session
from .errors import AccessError, NoSingleSignOn, ProviderUnavailable, SignOnFailed
from .parts import Parts, parts
from .routing import Query, Routes, answer, read
from .sign_on import ATTEMPT_HOLDS, SignedOn, SignOn

log = structlog.get_logger()
routes = Routes()

BEGIN = "/api/v1/sessions/oidc"
COOKIE = "hotline_sign_on"
PROVIDER = "oidc"
"""Who changes roles by what the provider tells."""


@routes.add("GET", BEGIN, needs=None, status=302)
async def begin_sign_on(request: web.Request) -> web.Response:
    """Go to the OpenID Connect provider to log in there; to our page if it does not answer."""
    here = parts(request)
    sign_on = _configured(here)
    try:
        url, browser = await sign_on.begin(here.clock.now())
    except ProviderUnavailable as error:
        return _failed(sign_on, error)
    response = web.Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})
    response.set_cookie(
        COOKIE,
        browser,
        path=BEGIN,
        max_age=int(ATTEMPT_HOLDS.total_seconds()),
        httponly=True,
        samesite="Lax",  # Strict would not come back with the provider's redirect
        secure=urlsplit(str(sign_on.settings.public_url)).scheme == "https",
    )
    return response


@routes.add(
    "GET",
    f"{BEGIN}/callback",
    needs=None,
    status=302,
    query=(Query("code"), Query("state"), Query("error")),
)
async def come_back(request: web.Request) -> web.Response:
    """
    Back from the provider: to our page, with what came of it behind the # of its address.

    That is ``sign-in=<ticket>``, or ``sign-in-failed=<problem>`` by the problem's type.
    """
    here, query = parts(request), request.query
    sign_on = _configured(here)
    try:
        ticket = await sign_on.come_back(
            query.get("state", ""), query.get("code"), _browser(request), here.clock.now()
        )
    except SignOnFailed as error:
        _tell(request, "")
        return _failed(sign_on, error)
    except ProviderUnavailable as error:
        return _failed(sign_on, error)
    return _to_page(sign_on, f"sign-in={ticket}")


@routes.add("POST", BEGIN, needs=None, body=OidcTicket, answers=Session, status=201)
async def redeem(request: web.Request) -> web.Response:
    """A session for the ticket; only for the browser that began this log-in."""
    wanted = await read(request, OidcTicket)
    here = parts(request)
    now = here.clock.now()
    known = _configured(here).redeem(wanted.ticket, _browser(request), now)
    async with here.database.readers() as session:
        agent = await Agents(session).get(known.agent_id)
    if agent is None or not agent.enabled:
        _tell(request, agent.id if agent else "")
        raise SignOnFailed("nobody is defined here by this name")
    agent = await _with_roles(here, agent, known)
    return answer(open_session(request, agent, "oidc", now, []), 201)


async def _with_roles(here: Parts, agent: Agent, known: SignedOn) -> Agent:
    """The agent, with the roles that the provider tells, if it does."""
    if known.roles is None or set(known.roles) == set(agent.roles):
        return agent
    async with here.changes.begin(PROVIDER) as change:
        agent = await change.session.get_one(Agent, agent.id)
        agent.roles = list(known.roles)
        change.record("agent", agent.id, "updated", fields=["roles"])
    await here.reload()
    return agent


def _configured(here: Parts) -> SignOn:
    """Raises NoSingleSignOn."""
    if here.sign_on is None:
        raise NoSingleSignOn
    return here.sign_on


def _failed(sign_on: SignOn, error: AccessError) -> web.Response:
    """A person's browser came here by a link: it gets a page, and not a problem document."""
    log.info("api.sign_on_failed", problem=type(error).__name__, reason=str(error))
    return _to_page(sign_on, f"sign-in-failed={type(error).__name__}")


def _to_page(sign_on: SignOn, fragment: str) -> web.Response:
    page = f"{str(sign_on.settings.public_url).rstrip('/')}/#{fragment}"
    return web.Response(status=302, headers={"Location": page, "Cache-Control": "no-store"})


def _browser(request: web.Request) -> str:
    return request.cookies.get(COOKIE, "")


def _tell(request: web.Request, user_id: str) -> None:
    address = request.remote or ""
    parts(request).log.append(LogInFailed(user_id=user_id, address=address, reason="provider"))
