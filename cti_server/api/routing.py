"""Routes as data: what a path takes, gives and needs; the application and OpenAPI read it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from cti_server.wire.events import AccessRefused
from cti_server.wire.storable import fault_of

from . import idempotency
from .errors import NotPermitted
from .keys import PREFIX
from .parts import IDENTITY, parts
from .permissions import SENSITIVE, Identity
from .problems import BadRequest

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
M = TypeVar("M", bound=BaseModel)

BODY_LIMIT = 64 * 1024  # bytes of a JSON body
_NO_JSON = "body: not JSON in UTF-8"


@dataclass(frozen=True, slots=True)
class Query:
    """A query parameter, for the page."""

    name: str
    kind: str = "string"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    needs: tuple[str, ...] | None
    body: type[BaseModel] | None
    answers: type[BaseModel] | None
    many: bool
    status: int
    query: tuple[Query, ...]
    media_type: str
    accepts: str
    open_locally: bool

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").strip().split("\n")[0]


@dataclass(slots=True)
class Routes:
    """The routes of one module."""

    routes: list[Route] = field(default_factory=list)

    def add(
        self,
        method: str,
        path: str,
        *,
        needs: tuple[str, ...] | None,
        body: type[BaseModel] | None = None,
        answers: type[BaseModel] | None = None,
        many: bool = False,
        status: int = 200,
        query: tuple[Query, ...] = (),
        media_type: str = "application/json",
        accepts: str = "application/json",
        open_locally: bool = False,
    ) -> Callable[[Handler], Handler]:
        """
        ``needs``: permissions of which the caller must have one.

        None lets anybody in; so does ``open_locally`` where only this machine can ask.
        """

        def register(handler: Handler) -> Handler:
            self.routes.append(
                Route(
                    method,
                    path,
                    handler,
                    needs,
                    body,
                    answers,
                    many,
                    status,
                    query,
                    media_type,
                    accepts,
                    open_locally,
                )
            )
            return handler

        return register


def guarded(route: Route, *, public: bool) -> Handler:
    """The handler behind its permissions; ``public``: other machines can ask, too."""
    if route.needs is None or (route.open_locally and not public):
        return route.handler
    needs = route.needs

    async def check_then_handle(request: web.Request) -> web.StreamResponse:
        who = _identify(request)
        request[IDENTITY] = who
        try:
            _need_one(who, needs)
            if request.method == "POST" and idempotency.HEADER in request.headers:
                return await idempotency.once(request, who.agent_id, route.accepts, route.handler)
            return await route.handler(request)
        except NotPermitted as error:
            tell_refused(request, f"{route.method} {route.path}", who, error.permission)
            raise

    return check_then_handle


def _need_one(who: Identity, needs: tuple[str, ...]) -> None:
    """Raises NotPermitted."""
    if not any(who.may(permission) for permission in needs):
        raise NotPermitted(needs[0])


def _identify(request: web.Request) -> Identity:
    """Raises NotLoggedIn."""
    here, token = parts(request), bearer(request)
    if token.startswith(PREFIX):
        return here.keys.identify(token, here.clock.now(), request.remote or "")
    return here.sessions.identify(token, here.clock.now())


def tell_refused(request: web.Request, route: str, who: Identity, permission: str) -> None:
    """Have a refusal that is worth an eye in the audit trail, once in a while each."""
    here = parts(request)
    if permission in SENSITIVE and here.refusals.due((who.agent_id, permission), here.clock.now()):
        here.log.append(
            AccessRefused(
                refused=who.agent_id,
                permission=permission,
                route=route,
                address=request.remote or "",
            )
        )


def bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def read(request: web.Request, kind: type[M], *, most: int = BODY_LIMIT) -> M:
    """
    The JSON body, of at most so many bytes, as a wire type.

    Raises BadRequest or pydantic's ValidationError.
    """
    _need_at_most(most, request.content_length or 0)
    if most <= BODY_LIMIT:
        return _validated(await _text(request), kind)
    body = await read_bytes(request, most)
    return await asyncio.to_thread(lambda: _validated(_decoded(body), kind))


async def read_bytes(request: web.Request, most: int) -> bytearray:
    """The body as it is. Raises BadRequest for a larger one."""
    _need_at_most(most, request.content_length or 0)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        _need_at_most(most, len(body))
    return body


def _need_at_most(most: int, size: int) -> None:
    if size > most:
        raise BadRequest(f"body: larger than {most} bytes")


async def _text(request: web.Request) -> str:
    try:
        return await request.text()
    except (ValueError, LookupError) as error:
        raise BadRequest(_NO_JSON) from error


def _decoded(body: bytearray) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(_NO_JSON) from error


def _validated(text: str, kind: type[M]) -> M:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(_NO_JSON) from error
    if (fault := fault_of(body, "body")) is not None:
        raise BadRequest(fault)
    return kind.model_validate(body)


def answer(resource: BaseModel, status: int = 200) -> web.Response:
    return web.Response(
        text=resource.model_dump_json(), status=status, content_type="application/json"
    )


def answer_many(resources: list[M]) -> web.Response:
    text = "[" + ",".join(resource.model_dump_json() for resource in resources) + "]"
    return web.Response(text=text, content_type="application/json")
