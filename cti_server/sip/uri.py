"""URIs and the name-addr that wraps them in headers (RFC 3261 §19.1, §20.10, §25.1)."""

import functools
import re
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes, unquote_to_bytes

from .grammar import (
    LWS,
    Params,
    bad,
    find_param,
    format_host_port,
    format_params,
    parse_host_port,
    parse_params,
    past_quote,
    quote,
    unquote,
    with_param,
)

_NOT_IN_A_URI = re.compile(r'[\x00-\x20\x7f<>"]')
_NOT_IN_A_DISPLAY_NAME = re.compile(r'["<>,;:\\]')
# What nearly every From and To looks like; anything else takes the long way to the same result.
_COMMON = re.compile(r'(?:"([^"\\]*)"[ \t]*)?<([^<> \t]*)>(?:;tag=([^;="<> \t]+))?')
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_VISUAL_SEPARATORS = str.maketrans("", "", "-.() ")

KEPT, LONGEST_KEPT = 4096, 160
"""
How many values, up to so many characters long, are remembered: a dialog's From, To and Contact come
in each of its messages, and numbers and phones again and again.
"""

_USER_SAFE = "-_.!~*'()&=+$,;?/"
_PASSWORD_SAFE = "-_.!~*'()&=+$,"  # noqa: S105
_PARAM_SAFE = "-_.!~*'()[]/:&+$"
_HEADER_SAFE = "-_.!~*'()[]/?:+$"
_RESERVED = frozenset(";/?:@&=+$,")
_NEVER_IGNORED = frozenset({"user", "ttl", "method", "maddr", "transport"})


@dataclass(frozen=True, slots=True)
class Uri:
    """
    A SIP or SIPS URI in parts, escapes resolved; any other scheme is ``opaque`` text.

    ``host`` is without brackets when it is an IPv6 address. A parsed URI is written out again
    exactly as it came; ``==`` compares the parts, :meth:`equivalent` is what RFC 3261 calls equal.
    """

    scheme: str
    user: str | None = None
    password: str | None = None
    host: str = ""
    port: int | None = None
    params: Params = ()
    headers: tuple[tuple[str, str], ...] = ()
    opaque: str | None = None
    _text: str | None = field(init=False, default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> "Uri":
        """Raises SipParseError (400)."""
        return _uri_again(text) if len(text) <= LONGEST_KEPT else _parse_uri(text)

    def param(self, name: str) -> str | None:
        """The value of a parameter, "" if it has none; None if it is not there."""
        return find_param(self.params, name)

    @property
    def number(self) -> str | None:
        """The subscriber: the user (or the tel: number) without parameters and separators."""
        if self.scheme == "tel":
            return (self.opaque or "").partition(";")[0].translate(_VISUAL_SEPARATORS)
        return None if self.user is None else self.user.partition(";")[0]

    def equivalent(self, other: "Uri") -> bool:
        """Whether both are equal by RFC 3261 §19.1.4 (which is not transitive)."""
        if self.scheme != other.scheme or self.opaque != other.opaque:
            return False
        return (
            self.host.lower() == other.host.lower()
            and self.port == other.port
            and _comparable_userinfo(str(self)) == _comparable_userinfo(str(other))
            and _params_match(dict(self.params), dict(other.params))
            and _header_key(self) == _header_key(other)
        )

    def __str__(self) -> str:
        if self._text is not None:
            return self._text
        if self.opaque is not None:
            return f"{self.scheme}:{self.opaque}"
        text = f"{self.scheme}:"
        if self.user is not None:
            text += _escape(self.user, _USER_SAFE)
            if self.password is not None:
                text += ":" + _escape(self.password, _PASSWORD_SAFE)
            text += "@"
        text += format_host_port(self.host, self.port)
        for name, value in self.params:
            text += ";" + _escape(name, _PARAM_SAFE)
            text += "" if value is None else "=" + _escape(value, _PARAM_SAFE)
        pairs = (f"{_escape(n, _HEADER_SAFE)}={_escape(v, _HEADER_SAFE)}" for n, v in self.headers)
        return text + "?" + "&".join(pairs) if self.headers else text


def _parse_uri(text: str) -> Uri:
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or _SCHEME.fullmatch(scheme) is None:
        raise bad("URI")
    if _NOT_IN_A_URI.search(text):
        raise bad("Character In URI")
    scheme = scheme.lower()
    uri = _parse_sip(scheme, rest) if scheme in ("sip", "sips") else Uri(scheme, opaque=rest)
    object.__setattr__(uri, "_text", text)
    return uri


_uri_again = functools.lru_cache(KEPT)(_parse_uri)


def _parse_sip(scheme: str, rest: str) -> Uri:
    if "%" in rest and _BROKEN_ESCAPE.search(rest):
        raise bad("Escape In URI")
    user = password = None
    userinfo, at, after = rest.partition("@")
    if at:
        user, colon, secret = userinfo.partition(":")
        if not user:
            raise bad("User In URI")
        user, rest = _unescape(user), after
        password = _unescape(secret) if colon else None
    rest, _, header_text = rest.partition("?")
    host_port, semicolon, param_text = rest.partition(";")
    host, port = parse_host_port(host_port)
    return Uri(
        scheme,
        user,
        password,
        host,
        port,
        _parse_uri_params(param_text) if semicolon else (),
        _parse_uri_headers(header_text) if header_text else (),
    )


def _parse_uri_params(text: str) -> Params:
    params = parse_params(text)
    if "%" not in text:
        return params
    return tuple(
        (_unescape(name).lower(), None if value is None else _unescape(value))
        for name, value in params
    )


def _parse_uri_headers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in text.split("&"))
    return tuple((_unescape(name), _unescape(value)) for name, _, value in pairs)


def _unescape(text: str) -> str:
    """Octets that are not UTF-8 are read as Latin-1, so that the result is always clean text."""
    if "%" not in text:
        return text
    octets = unquote_to_bytes(text)
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _escape(text: str, safe: str) -> str:
    return quote_from_bytes(text.encode(errors="surrogateescape"), safe)


def _comparable_userinfo(uri: str) -> str:
    """User and password with every escape resolved that does not change the meaning."""
    userinfo, at, _ = uri.partition(":")[2].partition("@")
    return _ESCAPE.sub(_resolve, userinfo) if at else ""


def _resolve(escape: re.Match[str]) -> str:
    character = chr(int(escape.group()[1:], 16))
    return escape.group().upper() if character in _RESERVED or character == "%" else character


def _params_match(ours: dict[str, str | None], theirs: dict[str, str | None]) -> bool:
    for name in ours.keys() | theirs.keys():
        if name not in ours or name not in theirs:
            if name in _NEVER_IGNORED:
                return False
        elif (ours[name] or "").lower() != (theirs[name] or "").lower():
            return False
    return True


def _header_key(uri: Uri) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in uri.headers)


class NameAddr:
    """
    A URI in a header, with its display name and the header's parameters. Immutable.

    Of a parsed one the URI is read when it is asked for, and may raise SipParseError then: most
    From and To headers are only looked at for their tag.
    """

    __slots__ = ("_uri", "display", "params")

    def __init__(self, uri: Uri | str, display: str | None = None, params: Params = ()) -> None:
        self.display = display
        self.params = params
        self._uri = uri

    @classmethod
    def parse(cls, text: str) -> "NameAddr":
        """Raises SipParseError (400)."""
        return _name_addr_again(text) if len(text) <= LONGEST_KEPT else _parse_name_addr(text)

    @property
    def uri(self) -> Uri:
        if isinstance(self._uri, str):
            self._uri = Uri.parse(self._uri)
        return self._uri

    @property
    def tag(self) -> str | None:
        for name, value in self.params:
            if name == "tag":
                return value
        return None

    def param(self, name: str) -> str | None:
        """A header parameter, unquoted, "" if it has no value; None if it is not there."""
        return find_param(self.params, name)

    def with_param(self, name: str, value: str | None) -> "NameAddr":
        return NameAddr(self._uri, self.display, with_param(self.params, name, value))

    def __str__(self) -> str:
        addr = f"<{self._uri}>{format_params(self.params)}"
        return addr if self.display is None else f"{quote(self.display)} {addr}"

    def __repr__(self) -> str:
        return f"NameAddr({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NameAddr):
            return NotImplemented
        return (self.display, self.uri, self.params) == (other.display, other.uri, other.params)

    def __hash__(self) -> int:
        return hash((self.display, self.uri, self.params))


def _parse_name_addr(text: str) -> NameAddr:
    if common := _COMMON.fullmatch(text):
        display, uri, tag = common.groups()
        return NameAddr(uri, display, (("tag", tag),) if tag else ())
    display, uri, params = _split_name_addr(text)
    return NameAddr(uri, display, () if params is None else parse_params(params))


_name_addr_again = functools.lru_cache(KEPT)(_parse_name_addr)


def _split_name_addr(text: str) -> tuple[str | None, str, str | None]:
    """Display name, URI, and the text of the parameters (None if there are none)."""
    display: str | None = None
    if text.startswith('"'):
        end = past_quote(text, 1)
        display = unquote(text[:end])
        text = text[end:].lstrip(LWS)
        if not text.startswith("<"):
            raise bad("Name-Addr")
    before, bracket, rest = text.partition("<")
    if not bracket:
        return _split_addr_spec(text)
    if before:
        if _NOT_IN_A_DISPLAY_NAME.search(before):
            raise bad("Display Name")
        display = before.strip(LWS) or None
    uri, bracket, rest = rest.partition(">")
    if not bracket:
        raise bad("Name-Addr")
    if rest and not rest.startswith(";"):
        rest = rest.lstrip(LWS)
        if rest and not rest.startswith(";"):
            raise bad("Name-Addr")
    return display, uri.strip(LWS), rest[1:] if rest else None


def _split_addr_spec(text: str) -> tuple[None, str, str | None]:
    """Without brackets everything from the semicolon on belongs to the header (§20.10)."""
    uri, semicolon, params = text.partition(";")
    if "?" in uri or "," in uri:
        raise bad("Addr-Spec Without Brackets")
    return None, uri.rstrip(LWS), params if semicolon else None
