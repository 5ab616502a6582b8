"""A queue: who may serve what waits in it, by which policy, and what it costs them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .demand import LEVEL_LIMIT, Demand
from .errors import InvalidValue
from .model import Channel, WaitingContact
from .policies import LONGEST_IDLE, Policy
from .rankings import Spread
from .requirements import LEVELS, Requirement, Requirements, combined


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked of agents once a contact has waited so long; None leaves a part as it is."""

    after: timedelta
    requirements: Requirements | None = None
    reach: int | None = None

    def __post_init__(self) -> None:
        if self.after <= timedelta(0):
            raise InvalidValue("a step comes after more than nothing")
        if self.reach is not None and self.reach not in LEVELS:
            raise InvalidValue(f"a step that reaches level {self.reach}: 1 to 10 exist")


@dataclass(frozen=True, slots=True)
class Queue:
    """
    Where contacts of one kind wait. ``name`` is the key for ever, ``title`` is for people.

    ``requirements`` and ``reach`` (the agents' highest level that is asked) hold from the first
    moment on; ``steps`` change them, whether they ask for less or for something else.

    ``max_served`` agents at once are busy for this queue, those who are rung included; then nothing
    more of it is offered. An agent who is asked for by name, or takes over, counts as one, but is
    not refused for it.

    ``wrap_up`` may be extended by the agent up to ``wrap_up_limit``, from its beginning; where the
    outcome of the contact is wanted and missing it goes on, up to ``disposition_limit``.

    ``yields``: against other queues its contacts count as having come so much later. ``spread``:
    which of several agents gets one more contact of a channel that leaves room for others.
    """

    name: str
    requirements: Requirements = ()
    ring_for: timedelta = timedelta(seconds=20)
    wrap_up: timedelta = timedelta(seconds=15)
    wrap_up_limit: timedelta | None = None
    disposition_limit: timedelta = timedelta(minutes=5)
    announce_agent: bool = True
    announce_position_every: timedelta | None = None
    record: bool = True
    max_waiting: int | None = None
    max_served: int | None = None
    title: str = ""
    policy: Policy = LONGEST_IDLE
    preferred: tuple[Requirement, ...] = ()
    reach: int = LEVEL_LIMIT
    steps: tuple[Step, ...] = ()
    yields: timedelta = timedelta(0)
    spread: Spread = Spread.BALANCE

    def __post_init__(self) -> None:
        if self.ring_for <= timedelta(0):
            raise InvalidValue(f"queue {self.name!r} must ring for more than nothing")
        if self.wrap_up < timedelta(0):
            raise InvalidValue(f"queue {self.name!r} has a wrap-up of less than nothing")
        if self.wrap_up_limit is not None and self.wrap_up_limit < self.wrap_up:
            raise InvalidValue(f"queue {self.name!r} has a limit below its wrap-up")
        if self.disposition_limit <= timedelta(0):
            raise InvalidValue(f"queue {self.name!r} must wait for a disposition")
        if self.max_waiting is not None and self.max_waiting < 1:
            raise InvalidValue(f"queue {self.name!r} must take at least one contact")
        if self.max_served is not None and self.max_served < 1:
            raise InvalidValue(f"queue {self.name!r} must have at least one contact served")
        if not timedelta(0) <= self.yields <= timedelta(days=30):
            raise InvalidValue(f"queue {self.name!r} must give way by 0 to 30 days")
        if self.reach not in LEVELS:
            raise InvalidValue(f"queue {self.name!r} reaches level {self.reach}: 1 to 10 exist")
        moments = [step.after for step in self.steps]
        if sorted(set(moments)) != moments:
            raise InvalidValue(f"queue {self.name!r} has steps that do not come one after another")

    def demand(self, contact: WaitingContact | None = None, steps: int = 0) -> Demand:
        """Of this contact, or of one without wishes of its own, after so many of the steps."""
        requirements, reach = self.requirements, self.reach
        for step in self.steps[:steps]:
            requirements = requirements if step.requirements is None else step.requirements
            reach = reach if step.reach is None else step.reach
        own = () if contact is None else contact.requirements
        channel = Channel.VOICE if contact is None else contact.channel
        asked = combined((*requirements, *own))
        return Demand(self.name, asked, reach, self.preferred, channel=channel)

    def urgency(self, contact: WaitingContact, priority_credit: timedelta) -> datetime:
        """The moment that counts for the place among all that wait: earlier goes first."""
        return contact.queued_at + self.yields - contact.priority * priority_credit

    def steps_by(self, waited: timedelta) -> int:
        """How many of the steps have come after that time."""
        return sum(step.after <= waited for step in self.steps)
