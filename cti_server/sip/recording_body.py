"""
Bodies of requests in a recording session (RFC 7866 §9): a session description, metadata, or both.

Pure. Several parts are a multipart/mixed (RFC 2046 §5.1, RFC 5621); their encoding is undone.
"""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final

from .core import SDP
from .inspection import Refusal
from .message import Message

METADATA: Final = "application/rs-metadata+xml"
MULTIPART: Final = "multipart/mixed"

_METADATA: Final = frozenset({METADATA, "application/rs-metadata"})
"""The second is what the drafts called it; it is still sent."""
_ACCEPT: Final = ("Accept", f"{SDP}, {METADATA}, {MULTIPART}")
_MOST_PARTS: Final = 8


@dataclass(frozen=True, slots=True)
class RecordingBody:
    """Either is empty if it was not sent."""

    sdp: bytes = b""
    metadata: bytes = b""


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    content: bytes
    optional: bool = False
    """Who does not understand it may pass it over (RFC 3204 §4)."""


def read_body(message: Message) -> RecordingBody | Refusal:
    """What a request brought, or the answer to one that cannot be used."""
    encoding = message.headers.get("Content-Encoding")
    if encoding is not None and encoding.lower() != "identity":
        return Refusal(415, headers=(("Accept-Encoding", "identity"),))
    if not message.body:
        return RecordingBody()
    parts = _parts(message)
    if parts is None:
        return Refusal(400, "Bad Multipart Body")
    if any(part.kind != SDP and part.kind not in _METADATA and not part.optional for part in parts):
        return Refusal(415, headers=(_ACCEPT,))
    sdps = [part.content for part in parts if part.kind == SDP]
    documents = [part.content for part in parts if part.kind in _METADATA]
    if len(sdps) > 1 or len(documents) > 1:
        return Refusal(400, "Two Bodies Of A Kind")
    return RecordingBody(next(iter(sdps), b""), next(iter(documents), b""))


def _parts(message: Message) -> list[_Part] | None:
    """None if they cannot be told apart."""
    if message.content_type != MULTIPART:
        return [_Part(message.content_type or "", message.body)]
    head = f"Content-Type: {message.headers.get('Content-Type')}\r\n\r\n"
    # Reads mail's form of the same; only what it says of the parts is taken from it. Headers that
    # make no sense, and hundreds of parts within parts, are more than it can take.
    try:
        whole = message_from_bytes(head.encode() + message.body, policy=policy.HTTP)
        if whole.defects or not whole.is_multipart():
            return None
        parts = list(whole.iter_parts())
        if not 0 < len(parts) <= _MOST_PARTS:
            return None
        return [_part(part) for part in parts if isinstance(part, EmailMessage)]
    except (IndexError, LookupError, RecursionError, ValueError):
        return None


def _part(part: EmailMessage) -> _Part:
    content = part.get_payload(decode=True)
    disposition = part["Content-Disposition"]
    handling = "" if disposition is None else disposition.params.get("handling", "")
    return _Part(
        part.get_content_type(),
        content if isinstance(content, bytes) else b"",
        optional=handling.lower() == "optional",
    )
