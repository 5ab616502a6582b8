"""
What can be said of a request before anything is done about it (RFC 3261 §8.2.1-3, §18.2). Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass

from .core import ALLOW, SDP
from .errors import SdpError, SipParseError
from .headers import METHODS
from .message import Message, Request
from .sdp import Sdp
from .transport import Flow


@dataclass(frozen=True, slots=True)
class Refusal:
    """A final response to a request that is not acted on."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Inspected:
    """An INVITE that may become a call, and its offer."""

    sdp: Sdp | None


def inspect_extensions(request: Request, known: Collection[str] = ()) -> Refusal | None:
    """§8.2.2.3: of what a peer may insist on we understand no more than is ``known`` here."""
    required = [*request.headers.get_list("Require"), *request.headers.get_list("Proxy-Require")]
    unknown = [option for option in required if option.lower() not in known]
    if unknown:
        return Refusal(420, headers=(("Unsupported", ", ".join(unknown)),))
    return None


def unsupported_method(request: Request) -> Refusal:
    """405 for what we know and do not do, 501 for what nobody knows (§21.4.6, §21.5.2)."""
    status = 405 if request.method in METHODS else 501
    return Refusal(status, headers=(("Allow", ALLOW),))


def inspect_invite(request: Request) -> Inspected | Refusal:
    """What §8.2.2 and §8.2.3 ask of an initial INVITE."""
    return inspect_head(request) or inspect_offer(request)


def inspect_head(request: Request, known: Collection[str] = ()) -> Refusal | None:
    """The same of all but its body."""
    if not request.uri.lower().startswith(("sip:", "sips:", "tel:")):
        return Refusal(416)
    refusal = inspect_extensions(request, known)
    if refusal is not None:
        return refusal
    try:
        if request.max_forwards == 0:
            return Refusal(483)  # we would place a call of our own (RFC 7332)
    except SipParseError as error:
        return Refusal(error.status, error.reason)
    return None


def inspect_offer(message: Message) -> Inspected | Refusal:
    """The SDP of an INVITE; it may have none."""
    encoding = message.headers.get("Content-Encoding")
    if encoding is not None and encoding.lower() != "identity":
        return Refusal(415, headers=(("Accept-Encoding", "identity"),))
    if not message.body:
        return Inspected(None)
    if message.content_type != SDP:
        return Refusal(415, headers=(("Accept", SDP),))
    try:
        return Inspected(Sdp.parse(message.body))
    except SdpError:
        return Refusal(400, "Bad SDP")


def note_source(request: Request, flow: Flow) -> Flow:
    """
    Write into the Via where the request came from; return where its responses go.

    RFC 3261 §18.2.1-2 and RFC 3581. A maddr is not followed: nobody shall aim our answers.
    """
    via = request.via
    wants_rport = via.wants_rport
    if wants_rport or via.host != flow.host:
        noted = via.from_source(flow.host, flow.port if wants_rport else None)
        cache = request.headers.cache
        request.replace_top_via(noted)
        cache["via"] = noted
        cache.pop("via*", None)
        request.headers.cache = cache  # nothing else has changed
    if flow.reliable or wants_rport:
        return flow
    return Flow(flow.transport, flow.host, via.port or 5060, flow.local)
