"""Who is in a call, and how a customer leaves them for a queue."""

from dataclasses import dataclass

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
    the queue keeps out who comes from an agent, or was ``moved`` by a supervisor.
    """

    wish: Enqueue
    given_up_by: str | None = None
    cut_off: bool = False
    moved: bool = False

    @property
    def let_in(self) -> bool:
        return self.moved or self.given_up_by is not None
