"""
A call from a page: what the page and the server say to one another, and which numbers there are.

``GET /api/v1/web-calls`` (:class:`WebCallOffer`) says what may be called; 404 where nothing may be.
The call itself is a WebSocket of its own, ``GET /api/v1/web-calls/socket``: no log-in, one call a
socket, one JSON object a message, ``type`` says which.

1. The page makes an ``RTCPeerConnection`` with the microphone's track, an offer
   (``setLocalDescription``; no ICE servers, nothing is trickled) and says :class:`WebCallBegin`
   within 5 s.
2. :class:`WebCallAnswer` comes: ``setRemoteDescription({type: "answer", sdp})``. Or
   :class:`WebCallRefused`, and the socket closes.
3. When the audio is there :class:`WebCallConnected` comes, and the menu begins. If it is not there
   ten seconds after the answer, the call ends with "no-audio".
4. Keys: by ``RTCDTMFSender.insertDTMF`` where there is one, or by :class:`WebCallKeys`; a key that
   is told by both is one.
5. The end: the page says :class:`WebCallHangUp`, or closes the connection or the socket (1000, or
   1001 where it is left); or the server says :class:`WebCallEnded` and closes the socket with 1000.
   Then close the ``RTCPeerConnection``.

A socket that is lost without a word ends nothing while audio comes; the connection alone decides
then: who is not heard for 30 s is gone. Where the network has changed, the page restarts ICE
(:class:`WebCallRestart`). Everything else that a caller gets (music, an agent, a survey) is heard,
as on any phone.

The server closes with 1000 (the call is over, :class:`WebCallEnded` came before), 4400 (no
:class:`WebCallBegin` that it can use: :class:`WebCallRefused` came before, but where nothing came),
4404 (that number may not be called from a page), 4429 (too many calls at once, or begun by this
address within a minute: ``retry_after``; or too many messages, 100 in ten seconds, which ends the
call), 4503 (no new calls now: the server starts or stops). Before the upgrade: 404 where no number
may be called, 403 for a page of another origin. Messages have 16 KiB at most. What cannot be used
in the call is answered by :class:`WebCallRefused`, and the call goes on.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from pydantic import Field

from .phone import Keys
from .resource import Resource


class WebCallNumber(Resource):
    """One number that a page may call."""

    number: str = Field(description="As `WebCallBegin` takes it.")
    title: Mapping[str, str] = Field(description="What is reached there, by language: zh, en.")


class WebCallOffer(Resource):
    """What may be called from a page."""

    numbers: list[WebCallNumber]
    longest: float = Field(description="Seconds after which a call ends with `too-long`.")


Description = Annotated[str, msgspec.Meta(max_length=12_000)]


class _Said(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True
):
    pass


class WebCallBegin(_Said, frozen=True, tag="call"):
    """The first message: call this number. ``sdp`` is the browser's offer, with one audio."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    sdp: Description


class WebCallKeys(_Said, frozen=True, tag="keys"):
    """Keys that the caller has pressed, for browsers without ``insertDTMF``."""

    keys: Keys


class WebCallRestart(_Said, frozen=True, tag="restart"):
    """An offer with ``iceRestart`` for the connection that there is; an answer comes to it."""

    sdp: Description


class WebCallHangUp(_Said, frozen=True, tag="hang_up"):
    """The caller wants no more; ``ended`` comes."""


WebCallSaid = WebCallKeys | WebCallRestart | WebCallHangUp
"""What a page may say once the call has begun."""


class _Told(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class WebCallAnswer(_Told, frozen=True, tag="answer"):
    """To ``call`` and ``restart``. ``contact_id`` is what desktops and records know the call by."""

    sdp: str
    contact_id: str


class WebCallConnected(_Told, frozen=True, tag="connected"):
    """Audio goes both ways from now on."""


class WebCallEnded(_Told, frozen=True, tag="ended"):
    """
    The call is over; nothing comes any more.

    ``reason``: "caller-hung-up" (the page did, or went away), "agent-hung-up", "flow-ended" (the
    menu has), "no-audio", "browser-gone" (nothing was heard any more), "too-long", "queue-full",
    "queue-closed", "call-back-promised", "media-unavailable", "media-lost", "server-stopped" and
    whatever else :mod:`cti_server.calls.termination` has for a caller.
    """

    reason: str


class WebCallRefused(_Told, frozen=True, tag="refused"):
    """
    Why not, as RFC 9457 has it over REST (``problem`` is its ``type``).

    ``retry_after``: seconds after which it may be tried again, if that would help.
    """

    problem: str
    status: int
    detail: str
    retry_after: int | None = None


WebCallTold = WebCallAnswer | WebCallConnected | WebCallEnded | WebCallRefused
"""What a page is told."""
