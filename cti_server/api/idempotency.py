"""
A POST that may come twice is done once: the ``Idempotency-Key`` header
(draft-ietf-httpapi-idempotency-key-header).

The key is the caller's own, for a day. The same request again is answered as the first was; what
was refused has done nothing and may be tried again. A request that was cut by a crash stays
unanswered: nobody can say what of it was done, so it is not done a second time.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from pydantic import ValidationError

from crm.erasure import Likeness
from cti_server.store.database import Database
from cti_server.store.idempotent_requests import IdempotentRequest, IdempotentRequests

from .errors import AccessError
from .parts import Parts, parts
from .problems import REFUSALS, BadRequest
from .seal import Seal, SealBroken

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""Set on an answer that was given before."""

_KEY = re.compile(r'"?([!#-\[\]-~]{1,255})"?')  # quoted by the draft (RFC 8941 §3.3.3), or bare
NOTHING_DONE = (*REFUSALS, ValidationError, web.HTTPException)


class KeyReused(BadRequest):
    """The key came with another request before."""


class NotAnsweredYet(AccessError):
    """The first request of this key is under way, or was cut by the server's end."""

    retry_after = 1


class _Answer(msgspec.Struct):
    status: int
    content_type: str
    body: bytes


_GONE = _Answer(
    410,
    "application/problem+json",
    b'{"type":"Erased","title":"Gone","status":410,"detail":"what was answered was erased"}',
)
_AT_ONCE = 500  # answers of one transaction


async def once(
    request: web.Request,
    caller: str,
    accepts: str,
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """
    Handle the request, unless it was handled before: then answer the same.

    Raises BadRequest, KeyReused and NotAnsweredYet.
    """
    key, here = _key(request, accepts), parts(request)
    fingerprint = await _fingerprint(request)
    async with here.database.sessions.begin() as session:
        before = await IdempotentRequests(session).begin(caller, key, fingerprint, here.clock.now())
    if before is not None:
        return _again(here, before, fingerprint)
    try:
        answer = await handle(request)
    except NOTHING_DONE:
        async with here.database.sessions.begin() as session:
            await IdempotentRequests(session).forget(caller, key)
        raise
    await _keep(here, caller, key, answer)
    return answer


def _key(request: web.Request, accepts: str) -> str:
    if accepts != "application/json":
        raise BadRequest(f"{HEADER}: not for a body of {accepts}")
    found = _KEY.fullmatch(request.headers[HEADER].strip())
    if found is None:
        raise BadRequest(f"{HEADER}: must be 1 to 255 printable ASCII characters")
    return found[1]


async def _fingerprint(request: web.Request) -> str:
    """What makes a request the same: where it goes, and every byte of its body."""
    seen = hashlib.sha256(request.path_qs.encode(errors="surrogateescape"))
    seen.update(b"\0" + await request.read())
    return seen.hexdigest()


def _again(here: Parts, before: IdempotentRequest, fingerprint: str) -> web.Response:
    if before.fingerprint != fingerprint:
        raise KeyReused(f"{HEADER}: came with another request before")
    if before.answer is None:
        raise NotAnsweredYet(
            "the first request with this key is not answered yet; if the server was restarted "
            "meanwhile, look at what it did and use a new key"
        )
    data = here.seal.open(before.answer, _owner(before.caller, before.key))
    answer = msgspec.msgpack.decode(data, type=_Answer)
    headers = {REPLAYED: "true"}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=answer.status, body=answer.body or None, headers=headers)


async def _keep(here: Parts, caller: str, key: str, answer: web.StreamResponse) -> None:
    """Sealed: an answer may show a secret this once, and tells of people."""
    body = answer.body if isinstance(answer, web.Response) else None
    if not isinstance(body, bytes | bytearray | None):
        raise TypeError("an answer that is no bytes cannot be given again")
    content_type = answer.headers.get("Content-Type", "") if body else ""
    data = msgspec.msgpack.encode(_Answer(answer.status, content_type, bytes(body or b"")))
    sealed = here.seal.close(data, _owner(caller, key))
    async with here.database.sessions.begin() as session:
        await IdempotentRequests(session).answered(caller, key, sealed)


async def forget_person(database: Database, seal: Seal, likeness: Likeness) -> int:
    """
    Answer with 410 in place of every answer that has the person in it; how many there were.

    The request stays known: done a second time it might make the person anew.
    """
    forgotten, after = 0, ("", "")
    while True:
        async with database.sessions.begin() as session:
            some = await IdempotentRequests(session).answers(after, _AT_ONCE)
            for each in some:
                answer = _opened(seal, each)
                if answer is not None and likeness.in_text(answer.body.decode("utf-8", "replace")):
                    each.answer = seal.close(msgspec.msgpack.encode(_GONE), _owner_of(each))
                    forgotten += 1
            if len(some) < _AT_ONCE:
                return forgotten
            after = (some[-1].caller, some[-1].key)


def _opened(seal: Seal, request: IdempotentRequest) -> _Answer | None:
    """None for what was sealed under another key: nobody can read it."""
    try:
        data = seal.open(request.answer or "", _owner_of(request))
    except SealBroken:
        return None
    return msgspec.msgpack.decode(data, type=_Answer)


def _owner_of(request: IdempotentRequest) -> str:
    return _owner(request.caller, request.key)


def _owner(caller: str, key: str) -> str:
    return f"idempotent_request {caller} {key}"
