"""
Texts that gateways hand over. A gateway proves itself by its secret, from its own address.

The answer has no body: Kannel would send it to the customer. What the sender did wrong is answered
202 and is gone: an smsbox hands over again whatever is answered otherwise than with 200 or 202.
"""

import base64
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from cti_server.sms.inbox import Inbox
from fax_sms_email.errors import TextRefused
from fax_sms_email.kannel import received

from .errors import ForeignAddress, NotLoggedIn
from .parts import parts
from .problems import BadRequest, NotFound
from .routing import Query, Routes, read_bytes

routes = Routes()
log = structlog.get_logger()

LARGEST: Final = 8192  # bytes of a text
OPERATORS: Final = frozenset({"id", "to"})
"""Fields that are wrong where the gateway or our numbers are set up wrongly."""


@routes.add(
    "POST",
    "/api/v1/sms/{gateway}",
    needs=None,
    accepts="text/plain",
    query=(
        Query("id", description="the gateway's own id of the text: one that it gives twice is one"),
        Query("from", description="the customer's number"),
        Query("to", description="our number"),
        Query("coding", description="0, or 2 for 16-bit units"),
        Query("charset", description="of the body; UTF-8 by default"),
    ),
)
async def take_text(request: web.Request) -> web.Response:
    """Take a text in (SMS): it is kept before this answers, and seen to after that."""
    gateway, inbox = _gateway(request)
    try:
        text = received(request.query, await _body(request))
        is_new = await inbox.take(gateway, text)
    except TextRefused as refused:
        log.warning("sms.refused", gateway=gateway, reason=str(refused))
        if refused.field in OPERATORS:
            raise BadRequest(str(refused)) from None
        return web.Response(status=HTTPStatus.ACCEPTED)
    log.info("sms.received", gateway=gateway, gateway_id=text.gateway_id, new=is_new)
    return web.Response()


async def _body(request: web.Request) -> bytes:
    """Raises TextRefused."""
    try:
        return bytes(await read_bytes(request, LARGEST))
    except BadRequest:
        raise TextRefused("body", f"is larger than {LARGEST} bytes") from None


def _gateway(request: web.Request) -> tuple[str, Inbox]:
    """Raises NotFound, ForeignAddress and NotLoggedIn."""
    gateway, inbox = request.match_info["gateway"], parts(request).sms
    if inbox is None or not inbox.has(gateway):
        raise NotFound("gateway", gateway)
    if not inbox.lets_in(gateway, request.remote or ""):
        log.warning("sms.gateway_elsewhere", gateway=gateway, address=request.remote)
        raise ForeignAddress(request.remote or "nowhere")
    if not inbox.is_proved(gateway, _secret(request)):
        log.warning("sms.gateway_unproved", gateway=gateway, address=request.remote)
        raise NotLoggedIn
    return gateway, inbox


def _secret(request: web.Request) -> str:
    """The password of HTTP's own scheme (RFC 7617), which Kannel takes from the address."""
    scheme, _, known = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(known, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
