"""SIP over streams: where one message ends, and the next begins (RFC 3261 §18.3, RFC 5626)."""

from dataclasses import dataclass

from .errors import SipParseError
from .limits import DEFAULT_LIMITS, Limits
from .message_types import Request, Response
from .parsing import check, content_length, parse_head


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A double CRLF between messages: answer with one CRLF."""


Framed = Request | Response | KeepAlive | SipParseError

PONG = b"\r\n"


def is_keep_alive(datagram: bytes) -> bool:
    """Whether a datagram carries no message, only line ends or zeros (RFC 5626, and phones)."""
    return len(datagram) <= 4 and not datagram.strip(b"\r\n\0")


class StreamFramer:
    """
    Cuts a byte stream into messages. Never raises for what a peer sends.

    A message that is wrong but well delimited comes out as a SipParseError in its place, and the
    stream goes on. After an error that is ``fatal`` nobody knows where the next message begins:
    answer it if it has a ``message``, then close. Whatever comes later is thrown away.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._searched = 0  # how far the buffer was looked through for the end of a head
        self._head_size = 0
        self._pending: tuple[Request | Response, int] | None = None  # a head and its body's length
        self._after_crlf = False
        self._broken = False

    @property
    def buffered(self) -> int:
        """Octets of an unfinished message."""
        return len(self._buffer) + self._head_size

    def receive(self, data: bytes) -> list[Framed]:
        """Take in what was read; return what became complete by it."""
        framed: list[Framed] = []
        self._buffer += data
        while not self._broken:
            item = self._next()
            if item is None:
                break
            framed.append(item)
        if self._broken:
            self._buffer.clear()
        return framed

    def _next(self) -> Framed | None:
        if self._pending is None:
            if self._skip_line_ends():
                return KeepAlive()
            try:
                self._pending = self._read_head()
            except SipParseError as error:
                return self._break(error)
        return None if self._pending is None else self._read_body(*self._pending)

    def _skip_line_ends(self) -> bool:
        """Drop CRLFs before a message; whether two of them came in a row."""
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
            self._after_crlf = not self._after_crlf
            if not self._after_crlf:
                return True
        if len(self._buffer) > 1:
            self._after_crlf = False
        return False

    def _read_head(self) -> tuple[Request | Response, int] | None:
        buffer, limits = self._buffer, self._limits
        end = buffer.find(b"\r\n\r\n", self._searched)
        if end < 0:
            if len(buffer) > limits.head:
                raise SipParseError(513, "Message Too Large")
            self._searched = max(0, len(buffer) - 3)
            return None
        message = parse_head(bytes(buffer[:end]), limits)
        del buffer[: end + 4]
        self._searched, self._head_size = 0, end + 4
        try:
            length = content_length(message, limits)
            if length is None:
                raise SipParseError(400, "Missing Content-Length")  # noqa: TRY301
        except SipParseError as error:
            error.message = message
            raise
        return message, length

    def _read_body(self, message: Request | Response, length: int) -> Framed | None:
        if len(self._buffer) < length:
            return None
        message.body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._pending = None
        self._head_size = 0
        try:
            check(message)
        except SipParseError as error:
            error.message = message
            return error
        return message

    def _break(self, error: SipParseError) -> SipParseError:
        error.fatal = self._broken = True
        self._head_size = 0
        return error
