"""
Whose offer is open in a dialog (RFC 3261 §14, RFC 3264 §4, RFC 3311 §5.2, RFC 6141 §1.2). Pure.

Two offers must never cross: one of the two is refused, and its sender tries again later.
"""

import random
from dataclasses import dataclass
from typing import Literal

from .sdp import Sdp


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """What to answer to an offer that comes at the wrong moment."""

    status: int
    retry_after: int | None = None
    """Seconds."""


@dataclass(slots=True)
class Negotiation:
    """The offer/answer state of one session."""

    local: Sdp | None = None
    """Our description in force."""
    pending: Literal["ours", "theirs"] | None = None
    """Whose offer waits for its answer."""

    def refusal(self, wait: random.Random) -> OfferRefused | None:
        """Whether a peer's offer must be turned away now."""
        match self.pending:
            case "ours":
                return OfferRefused(491)
            case "theirs":
                return OfferRefused(500, retry_after=wait.randint(0, 10))
            case None:
                return None

    def offer(self) -> None:
        """An offer of ours goes out."""
        self.pending = "ours"

    def settle(self, local: Sdp | None) -> None:
        """The offer was answered, with this as our side; None: refused, all stays as it was."""
        self.pending = None
        if local is not None:
            self.local = local


def glare_pause(rng: random.Random, *, owns_call_id: bool) -> float:
    """Seconds after a 491 before the same is tried again (RFC 3261 §14.1), in steps of 10 ms."""
    lowest, highest = (210, 400) if owns_call_id else (0, 200)
    return rng.randint(lowest, highest) / 100
