"""Where contacts wait and who serves them: queues, numbers, seats, supervision."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .call_backs import CallBackSettings
from .section import Section
from .waiting import ExitSettings, Key, Minutes, OverflowSettings, ServiceLevelSettings

Level = Annotated[int, Field(ge=1, le=10)]
Skills = Mapping[str, Level]
Choice = Annotated[Skills, Field(min_length=2)]
Limit = Annotated[int, Field(ge=1, le=100)]
Pause = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(hours=1))]
Credit = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=1))]
Weight = Annotated[float, Field(ge=0, le=1000)]
Language = Literal["zh", "en"]
Title = Annotated[str, Field(min_length=1, max_length=100)]

_A_DAY = timedelta(days=1)
_MOST = 1_000_000  # who wait or are served at once


class StepSettings(Section):
    """What is asked of agents once a contact has waited so long; what is left out stays."""

    after: timedelta = Field(gt=timedelta(0), le=_A_DAY)
    skills: Skills | None = None
    any_of: tuple[Choice, ...] | None = None
    reach: Level | None = None


ChannelName = Literal["voice", "callback", "chat", "sms", "email", "fax", "task"]


class QueueSettings(Section):
    """Where contacts wait, and what happens there."""

    name: str
    title: Mapping[Language, Title] = Field(
        default={}, description="What people read in its stead, by language."
    )
    skills: Skills = Field(default={})
    any_of: tuple[Choice, ...] = Field(
        default=(), description="Of each of these choices of skills one is needed, too."
    )
    preferred: Skills = Field(
        default={}, description="Skills that the policies most_skilled and scored look at as well."
    )
    reach: Level = Field(
        default=10, description="The highest level of agents in the queue that is asked at first."
    )
    relax: tuple[StepSettings, ...] = Field(
        default=(), description="What is asked instead of who is to serve a contact that waits."
    )
    policy: str = Field(
        default="longest_idle",
        description=(
            "Which of several agents: longest_idle, round_robin, fewest_contacts, least_occupied, "
            "least_open_work, most_skilled, scored, or package.module:Class."
        ),
    )
    weights: Mapping[str, Weight] = Field(
        default={}, description="Of the policy scored: skill, region, work, idle."
    )
    keep_for_agent: timedelta = Field(
        default=timedelta(0),
        ge=timedelta(0),
        le=timedelta(minutes=10),
        description="How long a contact waits for the agent whom the customer knows.",
    )
    keep_for: Literal["owner", "last", "owner_then_last"] = Field(
        default="owner_then_last",
        description="Whom that is: the customer's owner, who served them last, or the owner and, "
        "where the owner cannot have it, who served last.",
    )
    work: str = Field(
        default="", description="The nature of its work, as agents' profiles name it."
    )
    ring_for: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0), le=_A_DAY)
    wrap_up: timedelta = Field(default=timedelta(seconds=15), ge=timedelta(0), le=_A_DAY)
    wrap_up_limit: timedelta | None = Field(
        default=None,
        le=_A_DAY,
        description="So long, from its beginning, agents may extend their wrap-up.",
    )
    disposition_limit: timedelta = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        le=_A_DAY,
        description="So long a wrap-up goes on for a disposition that the queue requires.",
    )
    auto_answer: bool = Field(
        default=False,
        description="Agents' phones pick up by themselves, after a beep, unless an agent's own "
        "setting says otherwise.",
    )
    announce_agent: bool = Field(
        default=True, description="Tell the caller the agent's number before the bridge (AC-07)."
    )
    whisper: Mapping[str, str] = Field(
        default={}, description="What the agent hears before the caller, by the call's language."
    )
    announce_position_every: timedelta | None = Field(
        default=timedelta(seconds=45),
        ge=timedelta(milliseconds=500),  # while an agent is rung nothing is said: no turns at once
        le=_A_DAY,
    )
    record: bool = True
    max_waiting: int = Field(default=1000, ge=1, le=_MOST)
    max_served: int | None = Field(
        default=None,
        ge=1,
        le=_MOST,
        description="How many agents at once are busy for it, those who are rung included.",
    )
    yields: timedelta = Field(
        default=timedelta(0),
        ge=timedelta(0),
        le=timedelta(days=30),
        description="Against other queues its contacts count as having come so much later.",
    )
    spread: Literal["balance", "fill"] = Field(
        default="balance",
        description="Of contacts that leave room for others the next one goes to the agent who has "
        "the fewest of its channel in hand, or the most and room for one more.",
    )
    service_level: ServiceLevelSettings = ServiceLevelSettings()
    announce_wait: bool = Field(
        default=True,
        description="With the position, say how long it will probably take, once that is known.",
    )
    announced_wait_limit: Minutes = Field(
        default=30, description="Longer waits are announced as longer than so many minutes."
    )
    hours: str | None = Field(
        default=None,
        description="The working calendar by which it is open; without one always.",
    )
    overflow: tuple[OverflowSettings, ...] = Field(default=(), max_length=20)
    exits: Mapping[Key, ExitSettings] = Field(
        default={}, description="What keys do that callers press while they wait."
    )
    customer_ring_for: timedelta = Field(
        default=timedelta(seconds=45),
        gt=timedelta(0),
        le=timedelta(minutes=5),
        description="How long a customer is rung who is called.",
    )
    mask_numbers: bool = Field(
        default=False, description="Agents who call customers do not see their numbers (AG-14)."
    )
    caller_id: str | None = Field(
        default=None,
        pattern=r"^\+?[0-9*#]{1,32}$",
        description="The number shown to whom this queue's agents call.",
    )
    call_backs: CallBackSettings = CallBackSettings()


WITHHELD = "withheld"
Prefix = Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")]


class Destination(Section):
    """Where a call is led: a flow or, without a menu, a queue."""

    flow: str | None = None
    queue: str | None = None
    language: str | None = Field(
        default=None, description="Of a queue without a menu; a flow begins in its own first one."
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.flow is None) == (self.queue is None):
            raise ValueError("a number needs a flow or a queue, and not both")
        if self.flow is not None and self.language is not None:
            raise ValueError("a flow begins in its own first language; leave language out")
        return self


class RuleSettings(Destination):
    """Where a call to a number is led if all that is said here is so."""

    caller: Prefix | Literal["withheld"] | None = Field(
        default=None, description="What the caller's number begins with, +86755 for instance."
    )
    original: Prefix | None = Field(
        default=None, description="What the number begins with that was dialled at first."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.caller is None and self.original is None:
            raise ValueError("a rule needs caller or original")
        return self


class NumberSettings(Destination):
    """What a dialled number leads to."""

    when: tuple[RuleSettings, ...] = Field(
        default=(), description="By who calls or what was dialled at first; the first that fits."
    )

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Everything that it may lead to."""
        return (self, *self.when)


class SeatSettings(Section):
    """
    Agents who need no log-in: seats staffed by machines, ready from the start.

    ``id`` and ``phone`` take the running number as a format, e.g. ``agent{:04d}``.
    """

    first: int = 1
    last: int
    id: str = "agent{:04d}"
    phone: str = "sip:agent{:04d}@127.0.0.1:5080"
    skills: Skills = Field(default={})

    @model_validator(mode="after")
    def _counts_up(self) -> Self:
        if self.last < self.first:
            raise ValueError("last must not be below first")
        for template in (self.id, self.phone):
            try:
                distinct = template.format(1) != template.format(2)
            except (IndexError, KeyError, ValueError):
                distinct = False
            if not distinct:
                raise ValueError(f"{template!r} does not take the seat's number, as {{:04d}}")
        return self


class ChannelSettings(Section):
    """
    One channel in agents' hands; what is left out is as shipped.

    Calls and call-backs are taken alone: nothing is offered beside them, whatever stands here.
    """

    capacity: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="How many at once, where neither the agent's settings nor the team's say so.",
    )
    interrupted_by: tuple[ChannelName, ...] | None = Field(
        default=None, description="Of which channels contacts are offered beside one in hand."
    )


class AcdSettings(Section):
    """Routing and the agents' day."""

    channels: Mapping[ChannelName, ChannelSettings] = Field(
        default={},
        description="How many contacts of a channel an agent has at once, and what comes beside.",
    )
    not_ready_reasons: tuple[str, ...] = ("break", "lunch", "training", "meeting", "paperwork")
    no_answer_limit: Limit | None = Field(
        default=1,
        description="Offers in a row left ringing that make an agent not ready; null: never.",
    )
    no_answer_backoff: Pause = Field(
        default=timedelta(seconds=30),
        description="Meanwhile the contact that an agent let ring is not offered to them again.",
    )
    decline_limit: Limit | None = Field(
        default=None, description="The same, of offers that an agent declines."
    )
    decline_backoff: Pause = timedelta(seconds=30)
    unreachable_limit: Limit | None = Field(
        default=3, description="The same, of offers for which the agent's phone cannot be rung."
    )
    unreachable_backoff: Pause = timedelta(seconds=5)
    seat_rest: Pause = Field(
        default=timedelta(seconds=10),
        description="How long a seat of a machine's then stays not ready.",
    )
    priority_credit: Credit = Field(
        default=timedelta(seconds=60),
        description="How much waiting one step of a contact's priority counts for.",
    )
    record_kept: timedelta = Field(
        default=timedelta(days=14),
        ge=timedelta(days=1),
        description=(
            "How long the days stay that `hotline routing replay` can let happen again; longer, "
            "where a later one goes on from them."
        ),
    )


class SupervisionSettings(Section):
    """Listening to running calls."""

    tells_agents: bool = Field(
        default=False,
        description="Whether agents are told that somebody listens to them, and who is in a call.",
    )
    ring_for: timedelta = Field(
        default=timedelta(seconds=30), description="How long a supervisor's own phone rings."
    )
