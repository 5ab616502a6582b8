"""SIP messages: the one door to their types, parser, framing and answers."""

from .answers import response_to
from .fields import Headers
from .framing import PONG, Framed, KeepAlive, StreamFramer, is_keep_alive
from .limits import DEFAULT_LIMITS, Limits
from .message_types import Message, Request, Response
from .parsing import parse
from .reasons import REASONS

__all__ = [
    "DEFAULT_LIMITS",
    "PONG",
    "REASONS",
    "Framed",
    "Headers",
    "KeepAlive",
    "Limits",
    "Message",
    "Request",
    "Response",
    "StreamFramer",
    "is_keep_alive",
    "parse",
    "response_to",
]
