"""What the processes of a run tell one another. Moments in seconds of CLOCK_MONOTONIC."""

import struct
from dataclasses import dataclass, field
from typing import Final

from .figures import Histogram

# --- signalling process to RTP process ----------------------------------------------------------

COMMAND: Final = struct.Struct("!BHI4sHBB")
"""Kind, slot, stream, IPv4 address, port, payload type of events (0: none), flag or event."""
START: Final = 1
"""Send to address and port; the flag is 0 if nothing but keys shall be sent."""
PRESS: Final = 2
STOP: Final = 3

CALLER_STREAMS: Final = 1 << 24
AGENT_STREAMS: Final = 1 << 31
"""Streams are numbered from these, plus the process' number times 2**24."""


# --- any process to the run ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has its sockets. ``refused`` says why not."""

    refused: str | None = None


@dataclass(frozen=True, slots=True)
class CallerProgress:
    started: int = 0
    answered: int = 0
    over: int = 0
    arriving: bool = True
    """More of them are to come."""


@dataclass(frozen=True, slots=True)
class AgentProgress:
    answered: int = 0
    talking: int = 0


@dataclass(frozen=True, slots=True)
class StreamProgress:
    sent: int = 0
    late: int = 0
    talking: int = 0
    """Streams that hear one of the others."""


Progress = CallerProgress | AgentProgress | StreamProgress


@dataclass(slots=True)
class CallerRecord:
    """One call, as its caller saw it."""

    number: str
    due_at: float
    stream: int = 0
    begun_at: float = 0.0
    answered_at: float | None = None
    pressed_at: float | None = None
    ended_at: float | None = None
    failure: str | None = None


@dataclass(slots=True)
class AgentRecord:
    """One call, as the agent saw it."""

    agent: str
    number: str
    invited_at: float
    stream: int = 0
    answered_at: float | None = None
    ended_at: float | None = None
    failure: str | None = None


@dataclass(slots=True)
class StreamRecord:
    """One leg's RTP. What was heard of stamped packets of one other leg; prompts are ``others``."""

    stream: int
    sent: int = 0
    peer: int = 0
    first_at: float | None = None
    heard: int = 0
    lost: int = 0
    out_of_order: int = 0
    copies: int = 0
    others: int = 0
    peers: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """What a process of the generator did, and what that cost."""

    name: str
    cpu: float  # seconds
    wall: float
    late: int = 0
    """RTP packets that left, or calls that began, 5 ms or more after their time."""
    done: int = 0
    retransmissions: int = 0


@dataclass(slots=True)
class Results:
    """What a process knows when all is over."""

    work: Work
    callers: list[CallerRecord] = field(default_factory=list)
    agents: list[AgentRecord] = field(default_factory=list)
    streams: list[StreamRecord] = field(default_factory=list)
    delays: Histogram | None = None
    blocked: int = 0
