"""The response to a request (RFC 3261 §8.2.6)."""

from collections.abc import Iterable

from .errors import SipParseError
from .fields import Headers
from .message_types import Request, Response

_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")


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
    source = request.headers
    items: list[tuple[str, str]] = []
    for name in _COPIED:
        values = source.get_all(name)
        if name == "To" and values and to_tag is not None and _has_no_tag(request):
            values = [f"{values[0]};tag={to_tag}"]
        for value in values:
            items.append((name, value))  # noqa: PERF401 - a list for one value costs more
    if 100 < status < 300:
        items += [("Record-Route", value) for value in source.get_all("Record-Route")]
    items += headers
    if content_type is not None:
        items.append(("Content-Type", content_type))
    return Response(status, reason, Headers(items), body)


def _has_no_tag(request: Request) -> bool:
    try:
        return request.to.tag is None
    except SipParseError:
        return False
