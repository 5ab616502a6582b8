"""Who calls whom, as a request tells it: caller number (ANI) and dialled number (DNIS)."""

from .errors import SipParseError
from .message import Request
from .uri import NameAddr, Uri


def caller_number(request: Request, *, trusted: bool) -> str:
    """
    P-Asserted-Identity, else Remote-Party-ID, else From; the first two only of a trusted peer.

    Empty if there is nothing that looks like a number or name (RFC 3325, RFC 3323).
    """
    values = [request.headers.get("From") or ""]
    if trusted:
        values = [
            *request.headers.get_list("P-Asserted-Identity"),
            *request.headers.get_list("Remote-Party-ID"),
            *values,
        ]
    for value in values:
        try:
            number = NameAddr.parse(value).uri.number
        except SipParseError:
            continue
        if number:
            return number
    return ""


def dialled_number(request: Request) -> str:
    """The user of the Request-URI; To's, for gateways that put only their address there."""
    try:
        return Uri.parse(request.uri).number or request.to.uri.number or ""
    except SipParseError:
        return ""
