"""Who is in a call, and how a customer leaves them for a queue."""

from dataclasses import dataclass, replace

from ivr.actions import Enqueue

from .handling import Handling
from .leg import Leg
from .talk import Role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the call. Agents have a handling, experts and supervisors have none."""

    leg: Leg
    role: Role
    name: str  # the agent's id, or the number or URI
    handling: Handling | None = None

    @property
    def id(self) -> str:
        return self.leg.id


@dataclass(frozen=True, slots=True)
class Requeue:
    """
    The customer waits again; ``given_up_by`` is not the first to be offered the contact.

    ``cut_off``: the customer was in the midst of a sentence, and is told what happened. No rule of
    the queue keeps out who comes from an agent, was ``moved`` by a supervisor, or is ``back`` at
    the old place from a way out that led nowhere. ``promised``: we called them so that they be
    served here, and no rule leads them away.
    """

    wish: Enqueue
    given_up_by: str | None = None
    cut_off: bool = False
    moved: bool = False
    back: bool = False
    promised: bool = False

    @property
    def let_in(self) -> bool:
        return self.moved or self.back or self.promised or self.given_up_by is not None

    @property
    def for_good(self) -> "Requeue":
        """Out of this wait nothing leads back into a flow."""
        return replace(self, wish=replace(self.wish, back=None))

    def followed_by(self, other: "Requeue") -> "Requeue":
        """The next wait of a customer who has still been with nobody: a promise holds."""
        return replace(other, promised=self.promised)
