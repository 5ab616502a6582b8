"""
From octets to a message (RFC 3261 §7, §18.3, §25), lazily.

The header block is split once; what every message is looked up by is read and checked at once.
"""

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
    missing,
    parse_call_id,
    parse_top_via,
)
from .uri import NameAddr

_SINGLE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")


def parse(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """
    Read one datagram, or one complete message of a stream.

    Raises SipParseError; its ``message`` is set as soon as the header block could be split.
    """
    if len(data) > limits.datagram:
        raise SipParseError(513, "Message Too Large")
    if data.startswith(b"\r\n"):
        data = data.lstrip(b"\r\n")
    head, empty_line, body = data.partition(b"\r\n\r\n")
    if not empty_line:
        raise _truncated(head.rstrip(b"\r\n"), limits)
    message = parse_head(head, limits)
    message.body = body
    try:
        length = content_length(message, limits)
        if length is not None and length != len(body):
            if length > len(body):
                raise SipParseError(400, "Incomplete Body")  # noqa: TRY301
            message.body = body[:length]  # what follows in a datagram is no part of it (§18.3)
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
    lines = text.splitlines()
    if sum(map(len, lines)) + 2 * len(lines) - 2 != len(text):
        lines = _split_lines(text)
    if len(lines) > limits.header_count + 1:
        raise SipParseError(513, "Too Many Headers")
    if len(text) > limits.line and max(map(len, lines)) > limits.line:
        raise SipParseError(513, "Header Line Too Long")
    start = lines.pop(0)
    headers = Headers()
    headers.read_lines(lines)
    return _from_start_line(start, headers)


def _split_lines(text: str) -> list[str]:
    """For texts with more kinds of line ends than CRLF: those of Unicode are none here."""
    lines = text.split("\r\n")
    if text.count("\n") >= len(lines) or text.count("\r") >= len(lines):
        raise SipParseError(400, "Bare CR Or LF")
    return lines


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
    get = headers.get
    cache["via"] = parse_top_via(get("via") or missing("via"))
    cache["from"] = NameAddr.parse(get("from") or missing("from"))
    cache["to"] = NameAddr.parse(get("to") or missing("to"))
    cache["call-id"] = parse_call_id(get("call-id") or missing("call-id"))
    number = cache["cseq"] = CSeq.parse(get("cseq") or missing("cseq"))
    if isinstance(message, Request) and number.method != message.method:
        raise SipParseError(400, "CSeq Does Not Match Method")


def _from_start_line(line: str, headers: Headers) -> Request | Response:
    if line.startswith("SIP/"):
        return _from_status_line(line, headers)
    words = line.split(" ")
    method = words[0]
    if method not in METHODS and not is_token(method):
        raise SipParseError(400, "Bad Request Line")
    if len(words) == 3 and words[1] and "<" not in words[1] and words[2] == SIP_VERSION:
        return Request(method, words[1], headers)
    if len(words) == 3 and words[2].startswith("SIP/") and words[2] != SIP_VERSION:
        error = SipParseError(505, "Version Not Supported")
    else:
        error = SipParseError(400, "Bad Request Line")
    error.message = Request(method, " ".join(words[1:-1]), headers)
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
