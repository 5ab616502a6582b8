"""
The seam between the cores and whatever carries their messages: UDP and TCP now, TLS and WS later.

Nothing here does IO. A :class:`Flow` is a value, so that a dialog or a binding can remember it;
the transport knows the socket or connection that stands behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .errors import SipParseError
from .message import Request, Response


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to take messages. Port 0 asks for any free port."""

    transport: str
    host: str
    port: int
    advertised: str | None = None
    """The host to name in Via and Contact, if peers know this socket by another address."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The way to one peer through one of our sockets (RFC 5626 §2)."""

    transport: str
    host: str
    port: int
    local: tuple[str, int]
    """The address that our socket is bound to: it names the transport."""

    @property
    def reliable(self) -> bool:
        return self.transport != "udp"


class Receiver(Protocol):
    """Who hears what arrives. Called on the event loop, synchronously."""

    def received(self, message: Request | Response, flow: Flow) -> None: ...

    def rejected(self, error: SipParseError, flow: Flow) -> None:
        """Something came that is no SIP message as we take it."""

    def failed(self, flow: Flow) -> None:
        """What was sent on the flow did not arrive, or its connection broke."""


class Transport(Protocol):
    """One listening socket and the flows through it."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> tuple[str, int]: ...

    def send(self, data: bytes, flow: Flow) -> None:
        """Never blocks and never raises: what fails is reported to the receiver, later."""

    def has(self, flow: Flow) -> bool:
        """Whether the flow can be used without connecting again."""
        ...

    async def close(self) -> None: ...


class Network(Protocol):
    """All transports together, names and time: what the cores need of the world."""

    def time(self) -> float:
        """Seconds of a monotonic clock."""
        ...

    def send(self, data: bytes, flow: Flow) -> None: ...

    def has(self, flow: Flow) -> bool: ...

    def flow_to(self, transport: str, host: str, port: int) -> Flow | None:
        """The flow to an IP address; None if no socket of ours can reach it."""
        ...

    def advertised(self, flow: Flow) -> str:
        """Our host:port as the peer on this flow knows it."""
        ...

    def resolve(self, host: str, then: Callable[[str | None], None]) -> None:
        """
        Call back with the host's IP address, or None.

        For an IP address, or a name looked up lately, that happens before this returns.
        """

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back after the present message is dealt with."""

    def wake_by(self, deadline: float) -> None:
        """See to it that timers are looked at by then."""
