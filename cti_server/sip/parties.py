"""Who calls whom, as a request tells it: caller number (ANI) and dialled number (DNIS)."""

from collections.abc import Iterable, Iterator

from .errors import SipParseError
from .message import Request
from .uri import NameAddr, Uri

LONGEST = 64  # characters of a number or name that are kept


def caller_number(request: Request, *, trusted: bool) -> str:
    """
    P-Asserted-Identity, else Remote-Party-ID, else From; the first two only of a trusted peer.

    Empty if there is nothing that looks like a number or name (RFC 3325, RFC 3323). What cannot be
    read counts as absent.
    """
    names = ["P-Asserted-Identity", "Remote-Party-ID"] if trusted else []
    for value in (*_listed(request, names), request.headers.get("From") or ""):
        try:
            number = _presentable(NameAddr.parse(value).uri.number)
        except SipParseError:
            continue
        if number:
            return number
    return ""


def dialled_number(request: Request) -> str:
    """The user of the Request-URI; To's, for gateways that put only their address there."""
    try:
        return _presentable(Uri.parse(request.uri).number) or _presentable(request.to.uri.number)
    except SipParseError:
        return ""


def _listed(request: Request, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        try:
            yield from request.headers.get_list(name)
        except SipParseError:
            continue


def _presentable(number: str | None) -> str:
    """
    Without line breaks, controls and what is no text, which "%0d%0a" may hide; not too long.

    It goes on into logs, other messages, the database and onto screens.
    """
    text = (number or "")[: 4 * LONGEST]
    if not text.isprintable():
        text = "".join(each for each in text if each.isprintable())
    return text[:LONGEST]
