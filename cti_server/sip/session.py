"""What the layer above says to, and hears from, one INVITE session (RFC 3261 §13, RFC 5057)."""

from dataclasses import dataclass
from typing import Protocol

from .errors import SipError
from .sdp import Sdp


@dataclass(frozen=True, slots=True)
class Ended:
    """Why an established session is over."""

    cause: str
    """
    "bye" (the other side hung up), "ack-timeout", "transport-failed", "session-gone" (481/408),
    "no-answer" (our offer in a 2xx got no usable answer in the ACK).
    """
    status: int | None = None
    reason_header: str | None = None


class SessionRefused(SipError):
    """A re-INVITE of ours was not accepted; the session goes on as it was, unless it ended."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class SessionListener(Protocol):
    """
    Hears one session. Called on the event loop, synchronously; must not block.

    After ``failed``, ``cancelled`` or ``ended`` nothing else is called; each session gets exactly
    one of the three unless it was ended from this side (``hang_up``, ``refuse``).
    """

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        """Outgoing only: a provisional response other than 100 came."""

    def answered(self, remote: Sdp) -> None:
        """
        An SDP answer came. Outgoing: in the 2xx, its ACK is under way.

        Also when an ACK answers an offer of ours that stood in a 2xx: after an INVITE or
        re-INVITE without an offer (then before ``confirmed``). Never for ``reinvite``.
        """

    def failed(self, status: int, reason: str) -> None:
        """Outgoing only: final 3xx-6xx; 408 if nobody answered, 503 if nothing could be sent."""

    def cancelled(self) -> None:
        """Incoming only: CANCEL, or the transport broke, before our final response."""

    def confirmed(self) -> None:
        """Incoming only: the ACK for our 2xx arrived."""

    def offered(self, offer: Sdp) -> Sdp | None:
        """A re-INVITE or UPDATE brings a new offer: return the answer, None refuses with 488."""

    def digit_received(self, digit: str, duration_ms: int) -> None:
        """A SIP INFO with application/dtmf-relay or application/dtmf brought one key."""

    def ended(self, ended: Ended) -> None:
        """The established session is over, and not by this side."""


class Deaf:
    """Hears nothing."""

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...
    def answered(self, remote: Sdp) -> None: ...
    def failed(self, status: int, reason: str) -> None: ...
    def cancelled(self) -> None: ...
    def confirmed(self) -> None: ...
    def offered(self, offer: Sdp) -> Sdp | None: ...
    def digit_received(self, digit: str, duration_ms: int) -> None: ...
    def ended(self, ended: Ended) -> None: ...


DEAF: SessionListener = Deaf()
"""Takes the place of a listener that has heard its last."""
