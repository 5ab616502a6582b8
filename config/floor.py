"""Where contacts wait and who serves them: queues, seats, supervision."""

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
    survey: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Of `surveys`, the one that asks customers how it was, once whoever served "
        "them is gone (SV-01).",
    )


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


class SupervisionSettings(Section):
    """Listening to running calls."""

    tells_agents: bool = Field(
        default=False,
        description="Whether agents are told that somebody listens to them, and who is in a call.",
    )
    ring_for: timedelta = Field(
        default=timedelta(seconds=30), description="How long a supervisor's own phone rings."
    )
