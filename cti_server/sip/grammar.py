"""The words that all SIP headers are made of (RFC 3261 §25.1). Every scan here is linear."""

import functools
import ipaddress
import re

from .errors import SipParseError

Params = tuple[tuple[str, str | None], ...]
"""Parameters in order: lower-case name, and the value as on the wire; None if it has none."""

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_HOST = re.compile(r"[A-Za-z0-9._\-]+")
_QUOTE_OR_ESCAPE = re.compile(r'["\\]')
_STOPS = {separator: re.compile(f'["<{separator}]') for separator in ",;"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

LWS = " \t"


def bad(what: str) -> SipParseError:
    return SipParseError(400, f"Bad {what}")


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def past_quote(text: str, at: int) -> int:
    """The index after the quoted string whose opening quote is just before ``at``."""
    end = text.find('"', at)
    if end >= 0 and text.find("\\", at, end) < 0:
        return end + 1
    while stop := _QUOTE_OR_ESCAPE.search(text, at):
        if stop.group() == '"':
            return stop.end()
        at = stop.end() + 1
    raise SipParseError(400, "Unterminated Quoted String")


def split(text: str, separator: str) -> list[str]:
    """Split at commas or semicolons, but not inside quotes and angle brackets."""
    if '"' not in text and "<" not in text:
        return text.split(separator)
    parts: list[str] = []
    start = at = 0
    stops = _STOPS[separator]
    while stop := stops.search(text, at):
        at = stop.end()
        match stop.group():
            case '"':
                at = past_quote(text, at)
            case "<":
                at = text.find(">", at) + 1
                if not at:
                    raise SipParseError(400, "Unterminated Angle Bracket")
            case _:
                parts.append(text[start : at - 1])
                start = at
    parts.append(text[start:])
    return parts


def split_list(text: str) -> list[str]:
    """The values of a comma-separated header line; an empty one among them is an error."""
    if "," not in text:
        return [text]
    values = [value.strip(LWS) for value in split(text, ",")]
    if not all(values):
        raise SipParseError(400, "Empty Value In List")
    return values


def parse_params(text: str) -> Params:
    """``a=1;b;c="x;y"``: what follows the first semicolon."""
    spaced = " " in text or "\t" in text
    params: list[tuple[str, str | None]] = []
    for part in split(text, ";") if '"' in text else text.split(";"):
        name, equals, value = part.partition("=")
        if spaced:
            name, value = name.strip(LWS), value.strip(LWS)
        if not name:
            raise SipParseError(400, "Empty Parameter")
        params.append((name.lower(), value if equals else None))
    return tuple(params)


def format_params(params: Params) -> str:
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in params)


def find_param(params: Params, name: str) -> str | None:
    """The first parameter of that (lower-case) name, unquoted; "" if it has no value."""
    for known, value in params:
        if known == name:
            return unquote(value) if value else ""
    return None


def with_param(params: Params, name: str, value: str | None) -> Params:
    """The same parameters, the one of that name replaced, or appended if it is new."""
    changed, new = list(params), (name, value)
    found = False
    for at, (known, _) in enumerate(params):
        if known == name:
            changed[at], found = new, True
    return tuple(changed) if found else (*params, new)


def unquote(text: str) -> str:
    """Take the quotes off a quoted string; any other text stays as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    return _ESCAPED.sub(r"\1", text[1:-1]) if "\\" in text else text[1:-1]


def quote(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise ValueError("a line break cannot stand in a header")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_number(text: str, limit: int, what: str) -> int:
    """A non-negative decimal number of ASCII digits, up to ``limit``."""
    if not (text.isdigit() and text.isascii()) or len(text) > 20 or (number := int(text)) > limit:
        raise bad(what)
    return number


def parse_host_port(text: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port``; the host comes back without brackets."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or not is_ipv6(host):
            raise bad("IPv6 Reference")
        rest = rest.lstrip(LWS)
        if rest and not rest.startswith(":"):
            raise bad("Host")
        port, colon = rest[1:], bool(rest)
    else:
        host, found, port = text.partition(":")
        host, colon = host.rstrip(LWS), bool(found)
        if _HOST.fullmatch(host) is None:
            raise bad("Host")
    return host, parse_number(port.strip(LWS), 65535, "Port") if colon else None


def format_host_port(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


@functools.lru_cache(maxsize=1024)
def is_ipv6(text: str) -> bool:
    """Whether it is an IPv6 address, without brackets or zone."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text
