"""
Requests and responses (RFC 3261 §7) as values.

Of a parsed message Via, From, To, Call-ID and CSeq were read and checked by the parser, so reading
them cannot fail. Any other structured header is read when it is asked for, and may raise
SipParseError (400) then.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from .errors import SipParseError
from .fields import Headers
from .grammar import LWS, bad, split_list
from .headers import CSeq, Via
from .reasons import REASONS
from .uri import NameAddr, Uri

SIP_VERSION = "SIP/2.0"

_PRETTY = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
_MAX_EXPIRES = 2**32 - 1

T = TypeVar("T")


class Message:
    """What requests and responses have in common."""

    __slots__ = ("body", "headers")

    headers: Headers
    body: bytes

    @property
    def via(self) -> Via:
        """The topmost Via."""
        return self.headers.cache.get("via") or self._read("via", parse_top_via)

    @property
    def vias(self) -> list[Via]:
        return self._read_list("via", Via.parse)

    @property
    def from_(self) -> NameAddr:
        return self.headers.cache.get("from") or self._read("from", NameAddr.parse)

    @property
    def to(self) -> NameAddr:
        return self.headers.cache.get("to") or self._read("to", NameAddr.parse)

    @property
    def sip_call_id(self) -> str:
        return self.headers.cache.get("call-id") or self._read("call-id", parse_call_id)

    @property
    def cseq(self) -> CSeq:
        return self.headers.cache.get("cseq") or self._read("cseq", CSeq.parse)

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
        further = split_list(line)[1:] if "," in line else ()
        self.headers.set_first("Via", ", ".join([str(via), *further]))

    def _read(self, key: str, parse: Callable[[str], T]) -> T:
        try:
            value = self.headers.cache[key] = parse(self.headers.get(key) or missing(key))
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
        if "\r" in start or "\n" in start:
            raise ValueError("a line break cannot stand in a start line")
        lines = [f"{name}: {value}\r\n" for name, value in self.headers.without_length()]
        head = f"{start}\r\n{''.join(lines)}Content-Length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body

    def _comparable(self) -> tuple[Any, ...]:
        fields = [field for field in self.headers.comparable() if field[0] != "content-length"]
        return (fields, self.body)


class Request(Message):
    """A request; ``uri`` is the Request-URI as on the wire."""

    __slots__ = ("method", "uri")

    def __init__(
        self, method: str, uri: str, headers: Headers | None = None, body: bytes = b""
    ) -> None:
        self.headers = Headers() if headers is None else headers
        self.body = body
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
        return self._to_bytes(f"{self.method} {self.uri} {SIP_VERSION}")

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
        self.headers = Headers() if headers is None else headers
        self.body = body
        self.status = status
        self.reason = REASONS.get(status, "") if reason is None else reason

    def __bytes__(self) -> bytes:
        return self._to_bytes(f"{SIP_VERSION} {self.status} {self.reason}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        start = (self.status, self.reason) == (other.status, other.reason)
        return start and self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash((self.status, self.reason, self.body))

    def __repr__(self) -> str:
        return f"Response({self.status!r}, {self.reason!r}, {self.headers!r}, {self.body!r})"


def missing(key: str) -> NoReturn:
    raise SipParseError(400, f"Missing {_PRETTY[key]}")


def parse_top_via(line: str) -> Via:
    return Via.parse(split_list(line)[0] if "," in line else line)


def parse_call_id(text: str) -> str:
    if " " in text or "\t" in text:
        raise bad("Call-ID")
    return text
