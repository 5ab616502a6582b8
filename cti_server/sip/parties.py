"""Who calls whom, as a request tells it: caller (ANI), dialled and first dialled number (DNIS)."""

from collections.abc import Iterable, Iterator

from .errors import SipParseError
from .message import Request
from .uri import NameAddr, Uri

LONGEST = 64  # characters of a number or name that are kept
ANONYMOUS = "anonymous"
"""What stands for a caller who does not want to be known (RFC 3323 §4.1.1.3)."""

_HIDES_CALLER = frozenset({"id", "user"})
"""Of the Privacy header: what the network asserts, and what the caller says (RFC 3323, 3325)."""
_HIDES_HISTORY = frozenset({"history", "header"})
"""Who was dialled before, all of it (RFC 7044 §10.1; RFC 3323 §4.2 of whole headers)."""
_HIDDEN = frozenset({"full", "uri"})
"""The parameter ``privacy`` of Remote-Party-ID (its draft 01 §5.1) and Diversion (RFC 5806 §5)."""


def caller_number(request: Request, *, trusted: bool) -> str:
    """
    P-Asserted-Identity, else Remote-Party-ID, else From; the first two only of a trusted peer.

    Empty if there is nothing that looks like a number or name, ``anonymous`` for who does not want
    to be known, whatever else the request says of them. What cannot be read counts as absent.
    """
    if _HIDES_CALLER & set(_privacy(request)):
        return ANONYMOUS
    callers = [*_asserted_callers(request)] if trusted else []
    if any(_is_private(party) for party in callers):
        return ANONYMOUS
    for party in callers:
        if number := _number_of(party):
            return number
    try:
        return _number_of(NameAddr.parse(request.headers.get("From") or ""))
    except SipParseError:
        return ""


def dialled_number(request: Request) -> str:
    """The user of the Request-URI; To's, for gateways that put only their address there."""
    try:
        return _presentable(Uri.parse(request.uri).number) or _presentable(request.to.uri.number)
    except SipParseError:
        return ""


def original_number(request: Request, *, trusted: bool) -> str:
    """
    What the caller dialled at first, if the call was diverted to us since; only of a trusted peer.

    By History-Info its first entry (RFC 7044 §5.1), by Diversion the last one (RFC 5806 §4: the
    newest is on top). Empty where neither tells, or does not want it told.
    """
    if not trusted or _HIDES_HISTORY & set(_privacy(request)):
        return ""
    history, diversions = ([*_addresses(request, name)] for name in ("History-Info", "Diversion"))
    for found in (history[:1], diversions[-1:]):
        if found and not _is_hidden(found[0]) and (number := _number_of(found[0])):
            return number
    return ""


def _asserted_callers(request: Request) -> Iterator[NameAddr]:
    """Of Remote-Party-ID not the one who is called."""
    for name in ("P-Asserted-Identity", "Remote-Party-ID"):
        for party in _addresses(request, name):
            if (party.param("party") or "calling").lower() == "calling":
                yield party


def _is_private(party: NameAddr) -> bool:
    return (party.param("privacy") or "").lower() in _HIDDEN


def _is_hidden(party: NameAddr) -> bool:
    """An entry of History-Info has its privacy in the URI's headers (RFC 7044 §10.1.2)."""
    if _is_private(party):
        return True
    try:
        told = [value for name, value in party.uri.headers if name.lower() == "privacy"]
    except SipParseError:
        return True
    return any("history" in value.lower() for value in told)


def _privacy(request: Request) -> Iterator[str]:
    for line in request.headers.get_all("Privacy"):
        yield from (each.strip().lower() for each in line.replace(",", ";").split(";"))


def _addresses(request: Request, name: str) -> Iterable[NameAddr]:
    try:
        listed = request.headers.get_list(name)
    except SipParseError:
        return
    for value in listed:
        try:
            yield NameAddr.parse(value)
        except SipParseError:
            continue


def _number_of(party: NameAddr) -> str:
    try:
        return _presentable(party.uri.number)
    except SipParseError:
        return ""


def _presentable(number: str | None) -> str:
    """
    Without line breaks, controls and what is no text, which "%0d%0a" may hide; not too long.

    It goes on into logs, other messages, the database and onto screens.
    """
    text = (number or "")[: 4 * LONGEST]
    if not text.isprintable():
        text = "".join(each for each in text if each.isprintable())
    return text[:LONGEST]
