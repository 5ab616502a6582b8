"""What the ACD refuses, a class for each. All derive directly from :class:`AcdError`."""

from datetime import datetime


class AcdError(Exception):
    """A refusal; nothing was changed."""


class InvalidValue(AcdError):
    """A number or time that no contact, queue or agent may have."""


class UnknownAgent(AcdError):
    def __init__(self, agent_id: str) -> None:
        super().__init__(f"there is no agent {agent_id!r}")
        self.agent_id = agent_id


class UnknownQueue(AcdError):
    def __init__(self, queue: str) -> None:
        super().__init__(f"there is no queue {queue!r}")
        self.queue = queue


class QueueFull(AcdError):
    def __init__(self, queue: str, max_waiting: int) -> None:
        super().__init__(f"queue {queue!r} takes {max_waiting} waiting contacts and has them")
        self.queue = queue
        self.max_waiting = max_waiting


class QueueInUse(AcdError):
    """Somebody waits, is rung or talks there: the queue cannot be removed now."""

    def __init__(self, queue: str, waiting: int, ringing: int, served: int) -> None:
        super().__init__(
            f"queue {queue!r} is in use: {waiting} waiting, {ringing} ringing, {served} served"
        )
        self.queue = queue
        self.waiting = waiting
        self.ringing = ringing
        self.served = served


class AlreadyQueued(AcdError):
    """The contact waits, is offered or is served already; one contact has one place."""

    def __init__(self, contact_id: str, where: str) -> None:
        super().__init__(f"contact {contact_id!r} is already {where}")
        self.contact_id = contact_id
        self.where = where


class AgentNotFree(AcdError):
    """This very agent is wanted, and has something in hand, or is away."""

    def __init__(self, agent_id: str, state: str, unfit: tuple[str, ...] = ()) -> None:
        why = f"{state}, but {', '.join(unfit)}" if unfit else state
        super().__init__(f"agent {agent_id!r} is {why}")
        self.agent_id = agent_id
        self.state = state
        self.unfit = unfit


class NotWrappingUp(AcdError):
    """The agent has no wrap-up, or it cannot go on for longer than ``latest``."""

    def __init__(self, agent_id: str, latest: datetime | None = None) -> None:
        most = "" if latest is None else f" that could go on after {latest.isoformat()}"
        super().__init__(f"agent {agent_id!r} has no wrap-up{most}")
        self.agent_id = agent_id
        self.latest = latest


class OfferOver(AcdError):
    """The offer was declined, timed out or withdrawn before it was accepted, or never was."""

    def __init__(self, offer_id: str) -> None:
        super().__init__(f"offer {offer_id!r} is over")
        self.offer_id = offer_id


class IllegalTransition(AcdError):
    """The agent's state has no answer to this event but a refusal."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"an agent who is {state} cannot take {event}")
        self.state = state
        self.event = event


class StateNotSelectable(AcdError):
    """Only the ACD puts an agent into this state."""

    def __init__(self, state: str) -> None:
        super().__init__(f"nobody can choose to be {state}")
        self.state = state


class UnknownReason(AcdError):
    """The not-ready reason is not on the configured list."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason!r} is not one of the not-ready reasons")
        self.reason = reason
