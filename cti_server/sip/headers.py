"""Structured header values that are no name-addr (RFC 3261 §20)."""

import functools
import re
from typing import NamedTuple

from .grammar import (
    LWS,
    Params,
    bad,
    find_param,
    format_host_port,
    format_params,
    is_token,
    parse_host_port,
    parse_number,
    parse_params,
    with_param,
)

_SENT_PROTOCOL = re.compile(r"SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*([^ \t/]+)[ \t]+", re.IGNORECASE)
# What nearly every Via looks like; anything else takes the long way to the same result.
_COMMON = re.compile(
    r"SIP/2\.0/(UDP|TCP) ([A-Za-z0-9.\-]+)(?::([1-5]?[0-9]{1,4}))?(?:;([^\",\\]+))?"
)

MAGIC_COOKIE = "z9hG4bK"
"""What a branch starts with when it is globally unique (§8.1.1.7)."""


METHODS = frozenset(
    {
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "PRACK", "UPDATE",
        "MESSAGE", "SUBSCRIBE", "NOTIFY", "REFER", "PUBLISH",
    }
)  # fmt: skip
"""Methods that somebody has registered; others are tokens all the same."""


class Via(NamedTuple):
    """One hop: where a response goes back to (§20.42, RFC 3581)."""

    transport: str
    """In capitals, as in "UDP"."""
    host: str
    port: int | None = None
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> "Via":
        """Raises SipParseError (400)."""
        if common := _COMMON.fullmatch(text):
            transport, host, digits, params = common.groups()
            port = int(digits) if digits else None
            return cls(transport, host, port, parse_params(params) if params else ())
        if protocol := _SENT_PROTOCOL.match(text):
            transport, rest = protocol.group(1).upper(), text[protocol.end() :]
        else:
            raise bad("Via")
        if not is_token(transport):
            raise bad("Via")
        sent_by, semicolon, params = rest.partition(";")
        host, port = parse_host_port(sent_by.strip(LWS))
        return cls(transport, host, port, parse_params(params) if semicolon else ())

    def param(self, name: str) -> str | None:
        return find_param(self.params, name)

    def with_param(self, name: str, value: str | None) -> "Via":
        return self._replace(params=with_param(self.params, name, value))

    def from_source(self, host: str, port: int | None) -> "Via":
        """With the address that the request really came from, and the port if it is wanted."""
        params = with_param(self.params, "received", host)
        if port is not None:
            params = with_param(params, "rport", str(port))
        return Via(self.transport, self.host, self.port, params)

    @property
    def branch(self) -> str | None:
        return find_param(self.params, "branch")

    @property
    def received(self) -> str | None:
        """The address that the request really came from, without brackets."""
        received = find_param(self.params, "received")
        return received.strip("[]") if received else None

    @property
    def rport(self) -> int | None:
        """The port that the request really came from; None if it was not filled in."""
        rport = find_param(self.params, "rport")
        return parse_number(rport, 65535, "rport") if rport else None

    @property
    def wants_rport(self) -> bool:
        return find_param(self.params, "rport") is not None

    @property
    def sent_by(self) -> str:
        return format_host_port(self.host, self.port)

    def __str__(self) -> str:
        return f"SIP/2.0/{self.transport} {self.sent_by}{format_params(self.params)}"


class CSeq(NamedTuple):
    """The number and method that order requests in a dialog (§20.16)."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> "CSeq":
        """Raises SipParseError (400)."""
        return _cseq(text)

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@functools.lru_cache(maxsize=256)  # nearly all are "1 INVITE" and the like
def _cseq(text: str) -> CSeq:
    number, _, method = text.partition(" ")
    if method not in METHODS:
        number, method = _split_cseq(text)
    return CSeq(parse_number(number, 2**31 - 1, "CSeq"), method)


def _split_cseq(text: str) -> tuple[str, str]:
    words = text.replace("\t", " ").split(" ")
    words = [word for word in words if word]
    if len(words) != 2 or not is_token(words[1]):
        raise bad("CSeq")
    return words[0], words[1]
