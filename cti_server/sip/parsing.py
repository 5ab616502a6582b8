"""
From octets to a message (RFC 3261 §7, §18.3, §25), lazily.

The header block is split once; what every message is looked up by is read and checked at once.
"""

import re

from .errors import SipParseError
from .fields import Headers
from .grammar import is_token, parse_number
from .headers import METHODS, CSeq
from .limits import DEFAULT_LIMITS, Limits
from .message_types import (
    SIP_VERSION,
    Message,
    Request,
    Response,
    parse_call_id,
    parse_top_via,
    present,
)
from .uri import NameAddr

_FOLD = re.compile(r"\r\n[ \t]+")
_SINGLE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")


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
                raise SipParseError(400, f"Repeated {key.title()}")
    cache["via"] = parse_top_via(present(headers, "via"))
    cache["from"] = NameAddr.parse(present(headers, "from"))
    cache["to"] = NameAddr.parse(present(headers, "to"))
    cache["call-id"] = parse_call_id(present(headers, "call-id"))
    number = cache["cseq"] = CSeq.parse(present(headers, "cseq"))
    if isinstance(message, Request) and number.method != message.method:
        raise SipParseError(400, "CSeq Does Not Match Method")


def _from_start_line(line: str, headers: Headers) -> Request | Response:
    if line.startswith("SIP/"):
        return _from_status_line(line, headers)
    parts = line.split(" ")
    method = parts[0]
    if len(parts) == 3 and parts[2] == SIP_VERSION and (method in METHODS or is_token(method)):
        uri = parts[1]
        if uri and "<" not in uri:
            return Request(method, uri, headers)
    version = parts[-1].upper()
    if (
        len(parts) == 3
        and version == SIP_VERSION
        and is_token(method)
        and parts[1][:1] not in ("", "<")
    ):
        return Request(method, parts[1], headers)
    if len(parts) == 3 and version.startswith("SIP/") and version != SIP_VERSION:
        error = SipParseError(505, "Version Not Supported")
    else:
        error = SipParseError(400, "Bad Request Line")
    if is_token(method):
        error.message = Request(method, " ".join(parts[1:-1]), headers)
    raise error


def _from_status_line(line: str, headers: Headers) -> Response:
    version, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    if version != SIP_VERSION:
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
