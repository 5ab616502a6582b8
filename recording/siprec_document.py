"""
A document of SIP recording metadata (RFC 7865 §9), read. Pure.

What is not understood is passed over; what cannot be meant is refused by its element.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .errors import MetadataRefused
from .siprec_metadata import Membership, Metadata, Participant, Session, Stream, StreamsOf, Update

LARGEST: Final = 64 * 1024  # bytes of a document
MOST: Final = 64  # elements of one name
LONGEST: Final = 256  # characters of an id, a name or an address

_NAMESPACE: Final = "{urn:ietf:params:xml:ns:recording:1}"


def read(document: bytes) -> Update:
    """Raises MetadataRefused."""
    if len(document) > LARGEST:
        raise MetadataRefused("recording", f"more than {LARGEST} bytes")
    try:
        root = fromstring(document, forbid_dtd=True)
    except DefusedXmlException:
        raise MetadataRefused("recording", "document types and entities are not taken") from None
    except (ParseError, ValueError, LookupError) as error:  # the latter two: of its encoding
        raise MetadataRefused("recording", f"no XML: {error}") from None
    if root.tag != f"{_NAMESPACE}recording":
        raise MetadataRefused("recording", "this is not the root, in the namespace of RFC 7865")
    return Update(_is_complete(root), _told(root))


def _is_complete(root: Element) -> bool:
    """It is, where nothing is said."""
    mode = (_text(root, "datamode") or "complete").lower()
    if mode not in ("complete", "partial"):
        raise MetadataRefused("datamode", "complete or partial")
    return mode == "complete"


def _told(root: Element) -> Metadata:
    streams = [_stream(one) for one in _children(root, "stream")]
    members = [_member(one) for one in _children(root, "participantsessionassoc")]
    recorded = [_recorded(one) for one in _children(root, "sessionrecordingassoc")]
    return Metadata(
        sessions={one.id: one for one in map(_session, _children(root, "session"))},
        participants={one.id: one for one in map(_participant, _children(root, "participant"))},
        streams={one.id: one for one in streams},
        recorded={one.session_id: one for one in recorded},
        members={(one.participant_id, one.session_id): one for one in members},
        voices=_voices(map(_streams_of, _children(root, "participantstreamassoc"))),
    )


def _session(element: Element) -> Session:
    found = (_content(one) for one in _children(element, "sipSessionID"))
    return Session(
        _attribute(element, "session_id"),
        tuple(one for one in found if one),
        group=_text(element, "group-ref"),
        start_at=_moment(element, "start-time"),
        stop_at=_moment(element, "stop-time"),
    )


def _participant(element: Element) -> Participant:
    """Of several addresses and names the first."""
    who = next(iter(_children(element, "nameID")), None)
    participant_id = _attribute(element, "participant_id")
    if who is None:
        return Participant(participant_id)
    aor = _bounded("nameID", who.get("aor") or "")
    return Participant(participant_id, aor, _name(who))


def _name(who: Element) -> str:
    """As people write names: what cannot be shown is left out, and a long one cut off."""
    words = " ".join((who.findtext(f"{_NAMESPACE}name") or "").split())
    return "".join(filter(str.isprintable, words))[:LONGEST]


def _stream(element: Element) -> Stream:
    label = _text(element, "label")
    if label is None:
        raise MetadataRefused("label", "a stream has one")
    return Stream(_attribute(element, "stream_id"), _attribute(element, "session_id"), label)


def _member(element: Element) -> Membership:
    return Membership(
        _attribute(element, "session_id"),
        _attribute(element, "participant_id"),
        since=_moment(element, "associate-time"),
        until=_moment(element, "disassociate-time"),
    )


def _recorded(element: Element) -> Membership:
    return Membership(
        _attribute(element, "session_id"),
        since=_moment(element, "associate-time"),
        until=_moment(element, "disassociate-time"),
    )


def _streams_of(element: Element) -> StreamsOf:
    return StreamsOf(
        _attribute(element, "participant_id"),
        sends=tuple(_content(one) for one in _children(element, "send")),
        receives=tuple(_content(one) for one in _children(element, "recv")),
        since=_moment(element, "associate-time"),
        until=_moment(element, "disassociate-time"),
    )


def _voices(told: Iterable[StreamsOf]) -> dict[str, StreamsOf]:
    """
    By participant: a document may say it in several elements, one for each stream.

    What is over counts beside what goes on only where nothing goes on.
    """
    found: dict[str, StreamsOf] = {}
    for one in told:
        known = found.get(one.participant_id)
        if known is None or (known.until is not None and one.until is None):
            found[one.participant_id] = one
        elif one.until is None:
            sends, receives = (*known.sends, *one.sends), (*known.receives, *one.receives)
            found[one.participant_id] = replace(known, sends=sends, receives=receives)
    return found


def _children(element: Element, name: str) -> list[Element]:
    found = element.findall(f"{_NAMESPACE}{name}")
    if len(found) > MOST:
        raise MetadataRefused(name, f"more than {MOST} of them")
    return found


def _text(element: Element, name: str) -> str | None:
    """Of the first child of that name; None if there is none, or nothing in it."""
    for child in _children(element, name):
        return _content(child) or None
    return None


def _content(element: Element) -> str:
    return _bounded(element.tag.removeprefix(_NAMESPACE), (element.text or "").strip())


def _attribute(element: Element, name: str) -> str:
    """An id; without a prefix, though some write one."""
    value = element.get(name) or element.get(f"{_NAMESPACE}{name}") or ""
    if not value:
        raise MetadataRefused(element.tag.removeprefix(_NAMESPACE), f"it needs a {name}")
    return _bounded(name, value)


def _bounded(name: str, text: str) -> str:
    if len(text) > LONGEST:
        raise MetadataRefused(name, f"more than {LONGEST} characters")
    if not text.isprintable():
        raise MetadataRefused(name, "there are control characters in it")
    return text


def _moment(element: Element, name: str) -> datetime | None:
    """RFC 3339's, or with a zone that has no colon, as OpenSIPS writes it."""
    if (text := _text(element, name)) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MetadataRefused(name, "a date and a time of day with its zone") from None
    if moment.tzinfo is None:
        raise MetadataRefused(name, "a date and a time of day with its zone")
    return moment
