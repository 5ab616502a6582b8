"""The response to a request (RFC 3261 §8.2.6)."""

from collections.abc import Iterable

from .errors import SipParseError
from .fields import Headers
from .message_types import Request, Response


def response_to(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    to_tag: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    content_type: str | None = None,
) -> Response:
    """
    Answer a request (§8.2.6): Via, From, To, Call-ID and CSeq are copied as they came.

    ``to_tag`` is put on To if it has no tag yet. Record-Route is copied into 101-299.
    """
    response = Response(status, reason, Headers(), body)
    answer, source = response.headers, request.headers
    for key in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in source.get_all(key):
            answer.add(key, value)
    if to_tag is not None and "to" in source and _has_no_tag(request):
        answer.set("To", f"{source.get('to')};tag={to_tag}")
    if 100 < status < 300:
        for value in source.get_all("Record-Route"):
            answer.add("Record-Route", value)
    for name, value in headers:
        answer.add(name, value)
    if content_type is not None:
        answer.add("Content-Type", content_type)
    return response


def _has_no_tag(request: Request) -> bool:
    try:
        return request.to.tag is None
    except SipParseError:
        return False
