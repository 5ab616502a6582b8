"""
``/api/v1/web-calls``: calls from pages. Open to everybody, where numbers are configured for it.

What is said on the socket, and its close codes, are in :mod:`cti_server.wire.web_calls`.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NoReturn, TypeVar

import msgspec
import structlog
from aiohttp import WSCloseCode, web

from cti_server.calls.web_caller import WebCaller
from cti_server.calls.web_calls import WebCalls
from cti_server.wire.web_calls import (
    WebCallBegin,
    WebCallEnded,
    WebCallHangUp,
    WebCallKeys,
    WebCallNumber,
    WebCallOffer,
    WebCallRefused,
    WebCallRestart,
    WebCallSaid,
    WebCallTold,
)

from .incoming import TOO_MANY_MESSAGES, Closing, Incoming, Left
from .parts import parts
from .problems import REFUSALS, BadRequest, NotFound, retry_after, status_of
from .routing import Routes, answer
from .sockets import close, until_the_first_ends

log = structlog.get_logger()
routes = Routes()

PATH = "/api/v1/web-calls"
BEGIN_WITHIN: Final = 5.0  # s
HEARTBEAT: Final = 15.0  # s between pings; a page that answers none has lost its socket
LARGEST_MESSAGE: Final = 16 * 1024  # bytes; a browser's session description has 2 to 6 KiB
INBOX: Final = 64
UNUSABLE: Final = 4400
CODES: Final = {
    HTTPStatus.NOT_FOUND: 4404,
    HTTPStatus.TOO_MANY_REQUESTS: TOO_MANY_MESSAGES,
    HTTPStatus.SERVICE_UNAVAILABLE: 4503,
}
"""How the socket closes for a call that is refused; else as for what cannot be used."""

PAGE_LEFT: Final = {0, WSCloseCode.OK, WSCloseCode.GOING_AWAY, 1005}
"""A page that closes its socket, or is closed itself, says so by these; 0 and 1005: by none."""

Said = TypeVar("Said")

_decode_begin = msgspec.json.Decoder(WebCallBegin).decode
_decode = msgspec.json.Decoder[WebCallSaid](WebCallSaid).decode
_encode = msgspec.json.Encoder().encode
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


class _Page:
    """What a page is yet to be told: little, so that one that does not read it is let go."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[WebCallTold] = asyncio.Queue(INBOX)
        self.fell_behind = asyncio.Event()

    def tell(self, message: WebCallTold) -> None:
        try:
            self.inbox.put_nowait(message)
        except asyncio.QueueFull:
            self.fell_behind.set()


@routes.add("GET", PATH, needs=None, answers=WebCallOffer)
async def get_web_calls(request: web.Request) -> web.Response:
    """What may be called from a page."""
    settings = _calls(request).settings
    numbers = [
        WebCallNumber(number=number, title=dict(title))
        for number, title in settings.numbers.items()
    ]
    return answer(WebCallOffer(numbers=numbers, longest=settings.longest.total_seconds()))


@routes.add("GET", PATH + "/socket", needs=None, status=101)
async def call_from_page(request: web.Request) -> web.StreamResponse:
    """A call from a page (WebSocket): say what to call, with a WebRTC offer."""
    calls = _calls(request)
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE, autoping=False
    )
    await socket.prepare(request)
    incoming, page = Incoming(socket), _Page()
    try:
        caller = await _begin(
            socket, incoming, lambda said: calls.begin(said, request.remote or "", page.tell)
        )
        await _serve(socket, incoming, page, caller)
    except Closing as closing:
        await close(request, socket, closing)
    except (Left, ConnectionError):
        log.debug("api.page_left")
    return socket


def _calls(request: web.Request) -> WebCalls:
    """Raises NotFound where no number may be called from a page."""
    calls = parts(request).web_calls
    if calls is None:
        raise NotFound("page", request.path)
    return calls


async def _begin(
    socket: web.WebSocketResponse,
    incoming: Incoming,
    begin: Callable[[WebCallBegin], WebCaller],
) -> WebCaller:
    """Raises Closing and Left."""
    try:
        async with asyncio.timeout(BEGIN_WITHIN):
            message = await incoming.next()
    except TimeoutError:
        raise Closing(UNUSABLE, "no call came") from None
    try:
        return begin(_read(_decode_begin, message.data))
    except REFUSALS as error:
        log.debug("call.page_refused", reason=str(error))
        await socket.send_str(_encode(_refusal(error)).decode())
        raise Closing(CODES.get(status_of(error), UNUSABLE), str(error)) from error


async def _serve(
    socket: web.WebSocketResponse, incoming: Incoming, page: _Page, caller: WebCaller
) -> None:
    """Until the call is over or the page gone: raises Closing, Left or ConnectionError."""
    try:
        await until_the_first_ends(
            _listen(incoming, page, caller), _send(socket, page), _wait_until_behind(page)
        )
    except Closing:
        caller.put_down()
        raise
    except Left:
        if socket.close_code in PAGE_LEFT:
            caller.put_down()
        raise
    finally:
        caller.page_gone()


async def _listen(incoming: Incoming, page: _Page, caller: WebCaller) -> NoReturn:
    """Do what the page says, one thing after the other."""
    while True:
        message = await incoming.next()
        try:
            match _read(_decode, message.data):
                case WebCallKeys(keys=keys):
                    caller.press(keys)
                case WebCallRestart(sdp=sdp):
                    await caller.restart(sdp)
                case WebCallHangUp():
                    caller.put_down()
        except REFUSALS as error:
            page.tell(_refusal(error))


async def _send(socket: web.WebSocketResponse, page: _Page) -> NoReturn:
    while True:
        message = await page.inbox.get()
        await socket.send_str(_encode(message).decode())
        if isinstance(message, WebCallEnded):
            raise Closing(WSCloseCode.OK, "the call is over")


async def _wait_until_behind(page: _Page) -> NoReturn:
    await page.fell_behind.wait()
    raise Closing(TOO_MANY_MESSAGES, "too slow")


def _read(decode: Callable[[str | bytes], Said], text: str | bytes) -> Said:
    """Raises BadRequest."""
    try:
        return decode(text)
    except _UNREADABLE as error:
        raise BadRequest(str(error)) from error


def _refusal(error: Exception) -> WebCallRefused:
    return WebCallRefused(
        problem=type(error).__name__,
        status=int(status_of(error)),
        detail=str(error),
        retry_after=retry_after(error),
    )
