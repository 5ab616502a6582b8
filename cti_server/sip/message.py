"""
Requests and responses (RFC 3261 §7), parsed lazily.

The header block is split once. What every message is looked up by (Via, From, To, Call-ID, CSeq)
is read and checked at once, so that reading it later cannot fail; any other structured header is
read when it is asked for, and may raise SipParseError (400) then. Pure.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from .errors import SipParseError
from .fields import Headers
from .grammar import LWS, bad, is_token, parse_number, split_list
from .headers import METHODS, CSeq, Via
from .limits import DEFAULT_LIMITS, Limits
from .reasons import REASONS
from .uri import NameAddr, Uri

__all__ = [
    "DEFAULT_LIMITS",
    "REASONS",
    "Headers",
    "Limits",
    "Message",
    "Request",
    "Response",
    "parse",
    "parse_head",
    "response_to",
]

_VERSION = "SIP/2.0"
_FOLD = re.compile(r"\r\n[ \t]+")
_PRETTY = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
_SINGLE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")
_MAX_EXPIRES = 2**32 - 1

T = TypeVar("T")


class Message:
    """What requests and responses have in common."""

    __slots__ = ("body", "headers")

    def __init__(self, headers: Headers | None = None, body: bytes = b"") -> None:
        self.headers = Headers() if headers is None else headers
        self.body = body

    @property
    def via(self) -> Via:
        """The topmost Via."""
        return self._read("via", _parse_top_via)

    @property
    def vias(self) -> list[Via]:
        return self._read_list("via", Via.parse)

    @property
    def from_(self) -> NameAddr:
        return self._read("from", NameAddr.parse)

    @property
    def to(self) -> NameAddr:
        return self._read("to", NameAddr.parse)

    @property
    def sip_call_id(self) -> str:
        return self._read("call-id", _parse_call_id)

    @property
    def cseq(self) -> CSeq:
        return self._read("cseq", CSeq.parse)

    @property
    def contacts(self) -> list[NameAddr]:
        """The Contact values; empty as well if it is "*" (see :attr:`contact_is_star`)."""
        return [] if self.contact_is_star else self._read_list("contact", NameAddr.parse)

    @property
    def contact_is_star(self) -> bool:
        """Whether it is ``Contact: *``: all bindings (RFC 3261 §10.2.2)."""
        return self.headers.get("contact") == "*" and len(self.headers.get_all("contact")) == 1

    @property
    def contact_uri(self) -> Uri | None:
        """The URI of the first Contact: the remote target of a dialog."""
        contacts = self.contacts
        return contacts[0].uri if contacts else None

    @property
    def routes(self) -> list[NameAddr]:
        return self._read_list("route", NameAddr.parse)

    @property
    def record_routes(self) -> list[NameAddr]:
        return self._read_list("record-route", NameAddr.parse)

    @property
    def max_forwards(self) -> int | None:
        """None if the header is missing; more than 255 counts as 255."""
        number = self._read_number("max-forwards", "Max-Forwards")
        return None if number is None else min(number, 255)

    @property
    def expires(self) -> int | None:
        """Seconds, at most 2**32 - 1; None if the header is missing."""
        number = self._read_number("expires", "Expires")
        return None if number is None else min(number, _MAX_EXPIRES)

    @property
    def content_type(self) -> str | None:
        """The media type alone, in lower case: "application/sdp"."""
        value = self.headers.get("content-type")
        return None if value is None else value.partition(";")[0].rstrip(LWS).lower()

    def validate(self) -> None:
        """Read all structured headers that are there. Raises SipParseError (400)."""
        for attribute in ("vias", "contacts", "routes", "record_routes", "max_forwards", "expires"):
            getattr(self, attribute)
        try:
            for address in (self.from_, self.to, *self.contacts, *self.routes, *self.record_routes):
                address.uri  # noqa: B018
        except SipParseError as error:
            error.message = self
            raise

    def replace_top_via(self, via: Via) -> None:
        """Put another Via in the place of the topmost one, as a receiver does (§18.2.1)."""
        line = self.headers.get("via") or ""
        self.headers.set_first("Via", ", ".join([str(via), *split_list(line)[1:]]))

    def _read(self, key: str, parse: Callable[[str], T]) -> T:
        cache = self.headers.cache
        if key in cache:
            return cache[key]  # type: ignore[no-any-return]
        try:
            value = cache[key] = parse(_present(self.headers, key))
        except SipParseError as error:
            error.message = self
            raise
        return value

    def _read_list(self, key: str, parse: Callable[[str], T]) -> list[T]:
        cache = self.headers.cache
        slot = key + "*"
        if slot not in cache:
            try:
                cache[slot] = [parse(text) for text in self.headers.get_list(key)]
            except SipParseError as error:
                error.message = self
                raise
        return list(cache[slot])

    def _read_number(self, key: str, what: str) -> int | None:
        text = self.headers.get(key)
        if text is None:
            return None
        digits = text.partition(";")[0].rstrip(LWS)
        if not (digits.isdigit() and digits.isascii()):
            error = bad(what)
            error.message = self
            raise error
        return int(digits) if len(digits) <= 20 else 10**20

    def _to_bytes(self, start: str) -> bytes:
        lines = [start]
        lines += [
            f"{name}: {value}"
            for name, value in self.headers
            if name not in _CONTENT_LENGTH and name.lower() != "content-length"
        ]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode(errors="surrogateescape") + self.body

    def _comparable(self) -> tuple[Any, ...]:
        fields = [field for field in self.headers.comparable() if field[0] != "content-length"]
        return (fields, self.body)


_CONTENT_LENGTH = ("Content-Length", "l", "L")


class Request(Message):
    """A request; ``uri`` is the Request-URI as on the wire."""

    __slots__ = ("method", "uri")

    def __init__(
        self, method: str, uri: str, headers: Headers | None = None, body: bytes = b""
    ) -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri

    @property
    def request_uri(self) -> Uri:
        """Raises SipParseError (400)."""
        try:
            return Uri.parse(self.uri)
        except SipParseError as error:
            error.message = self
            raise

    def validate(self) -> None:
        """Read the Request-URI and all structured headers. Raises SipParseError (400)."""
        _ = self.request_uri
        super().validate()

    def __bytes__(self) -> bytes:
        return self._to_bytes(f"{self.method} {self.uri} {_VERSION}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Request):
            return NotImplemented
        start = (self.method, self.uri) == (other.method, other.uri)
        return start and self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash((self.method, self.uri, self.body))

    def __repr__(self) -> str:
        return f"Request({self.method!r}, {self.uri!r}, {self.headers!r}, {self.body!r})"


class Response(Message):
    """A response; without a reason it gets the usual one of its status."""

    __slots__ = ("reason", "status")

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        headers: Headers | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = REASONS.get(status, "") if reason is None else reason

    def __bytes__(self) -> bytes:
        return self._to_bytes(f"{_VERSION} {self.status} {self.reason}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        start = (self.status, self.reason) == (other.status, other.reason)
        return start and self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash((self.status, self.reason, self.body))

    def __repr__(self) -> str:
        return f"Response({self.status!r}, {self.reason!r}, {self.headers!r}, {self.body!r})"


def parse(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """
    Read one datagram, or one complete message of a stream.

    Raises SipParseError; its ``message`` is set as soon as the header block could be split.
    """
    if len(data) > limits.datagram:
        raise SipParseError(513, "Message Too Large")
    start = 0
    while data.startswith(b"\r\n", start):
        start += 2
    end = data.find(b"\r\n\r\n", start)
    if end < 0:
        raise _truncated(data[start:], limits)
    message = parse_head(data[start:end], limits)
    message.body = data[end + 4 :]
    try:
        length = content_length(message, limits)
        if length is not None and length != len(message.body):
            if length > len(message.body):
                raise SipParseError(400, "Incomplete Body")  # noqa: TRY301
            message.body = message.body[:length]
        check(message)
    except SipParseError as error:
        error.message = message
        raise
    return message


def parse_head(head: bytes, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """Read a start line and headers, without the empty line; nothing is checked beyond that."""
    if len(head) > limits.head:
        raise SipParseError(513, "Message Too Large")
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("latin-1")  # old phones write display names so; answers come in UTF-8
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = text.split("\r\n")
    if text.count("\n") >= len(lines) or text.count("\r") >= len(lines):
        raise SipParseError(400, "Bare CR Or LF")
    if len(lines) > limits.header_count + 1:
        raise SipParseError(513, "Too Many Headers")
    if len(text) > limits.line and max(map(len, lines)) > limits.line:
        raise SipParseError(513, "Header Line Too Long")
    start = lines.pop(0)
    headers = Headers()
    headers.read_lines(lines)
    return _from_start_line(start, headers)


def content_length(message: Message, limits: Limits = DEFAULT_LIMITS) -> int | None:
    """The announced length of the body. Raises SipParseError (400, 413)."""
    text = message.headers.get("content-length")
    if text is None:
        return None
    length = parse_number(text, 10**20, "Content-Length")
    if length > limits.body:
        raise SipParseError(413, "Request Entity Too Large")
    return length


def check(message: Request | Response) -> None:
    """Hold a message against what RFC 3261 §8.1.1 demands. Raises SipParseError (400)."""
    headers, cache = message.headers, message.headers.cache
    if headers.has_repeats():
        for key in _SINGLE:
            if len(headers.get_all(key)) > 1:
                raise SipParseError(400, f"Repeated {_PRETTY.get(key, key.title())}")
    cache["via"] = _parse_top_via(_present(headers, "via"))
    cache["from"] = NameAddr.parse(_present(headers, "from"))
    cache["to"] = NameAddr.parse(_present(headers, "to"))
    cache["call-id"] = _parse_call_id(_present(headers, "call-id"))
    number = cache["cseq"] = CSeq.parse(_present(headers, "cseq"))
    if isinstance(message, Request) and number.method != message.method:
        raise SipParseError(400, "CSeq Does Not Match Method")


def _from_start_line(line: str, headers: Headers) -> Request | Response:
    if line.startswith("SIP/"):
        return _from_status_line(line, headers)
    parts = line.split(" ")
    method = parts[0]
    if len(parts) == 3 and parts[2] == _VERSION and (method in METHODS or is_token(method)):
        uri = parts[1]
        if uri and "<" not in uri:
            return Request(method, uri, headers)
    version = parts[-1].upper()
    if (
        len(parts) == 3
        and version == _VERSION
        and is_token(method)
        and parts[1][:1] not in ("", "<")
    ):
        return Request(method, parts[1], headers)
    if len(parts) == 3 and version.startswith("SIP/") and version != _VERSION:
        error = SipParseError(505, "Version Not Supported")
    else:
        error = SipParseError(400, "Bad Request Line")
    if is_token(method):
        error.message = Request(method, " ".join(parts[1:-1]), headers)
    raise error


def _from_status_line(line: str, headers: Headers) -> Response:
    version, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    if version != _VERSION:
        raise SipParseError(505, "Version Not Supported")
    if len(code) != 3 or not (code.isascii() and code.isdigit()) or not 100 <= int(code) <= 699:
        raise SipParseError(400, "Bad Status Line")
    return Response(int(code), reason, headers)


def _truncated(head: bytes, limits: Limits) -> SipParseError:
    """The header block never ended; whatever can be read of it may still be answered."""
    error = SipParseError(400, "Incomplete Header Block")
    try:
        error.message = parse_head(head, limits)
    except SipParseError:
        error.message = None
    return error


def _present(headers: Headers, key: str) -> str:
    text = headers.get(key)
    if text is None:
        raise SipParseError(400, f"Missing {_PRETTY[key]}")
    return text


def _parse_top_via(line: str) -> Via:
    return Via.parse(split_list(line)[0])


def _parse_call_id(text: str) -> str:
    if not text or " " in text:
        raise bad("Call-ID")
    return text


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
