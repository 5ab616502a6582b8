"""The nouns of the ACD: frozen values, checked when they are made."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NewType

from .errors import InvalidValue
from .requirements import Requirement

AgentId = NewType("AgentId", str)
ContactId = NewType("ContactId", str)
OfferId = NewType("OfferId", str)
Region = tuple[str, ...]
"""From the largest part down: country, province, city. Empty if it is not known."""

PRIORITIES = range(-100, 101)
"""Bounded, so that the credit is: nobody starves behind an endless priority."""

CAPACITIES = range(101)

LOGGED_IN = "logged_in"
RING_NO_ANSWER = "ring_no_answer"
UNREACHABLE = "unreachable"
SERVER_RESTARTED = "server_restarted"
PHONE_LOST = "phone_lost"  # in the midst of a conversation
OFFERS_DECLINED = "offers_declined"  # too many in a row
RELEASED = "released"  # by an administrator, with whatever they had in hand
SELF_CHECK = "self_check"  # released, for what they had could not be
DISPOSITION_MISSING = "disposition_missing"  # though the queue wants one, and waited
FINISHING = "finishing"  # logs out when the contacts in hand are done
"""Not-ready reasons that nobody chooses: the ACD gives them."""

FAULTS = (RING_NO_ANSWER, UNREACHABLE, PHONE_LOST, OFFERS_DECLINED, SELF_CHECK)
"""Those of them that an always-ready seat comes back from by itself."""


GIVEN_BACK = "given_back"
"""By whom an interaction was ended whose contact waits again."""


class AgentState(enum.StrEnum):
    LOGGED_OUT = "logged_out"
    NOT_READY = "not_ready"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class Outcome(enum.StrEnum):
    """Why an offer came to nothing."""

    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"


class Channel(enum.StrEnum):
    """How the customer and the agent come together."""

    VOICE = "voice"
    CALLBACK = "callback"  # we call the customer, who waited off the phone
    WEB = "web"  # a form on a page, filled in and sent
    CHAT = "chat"
    SMS = "sms"
    EMAIL = "email"
    FAX = "fax"
    TASK = "task"  # work without a customer at the other end


SPOKEN: Final = (Channel.VOICE, Channel.CALLBACK)
"""Contacts that an agent serves in a call, and needs a phone for."""


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """
    What it takes of an agent to have contacts of one channel in hand.

    One that is taken ``alone`` takes the agent whole: they talk, nothing else is offered, and the
    queue's wrap-up follows. Others are held beside what the agent does, up to the ``capacity``
    (unless the agent's profile says another one) and without a wrap-up; while they are in hand,
    contacts of the channels that they are ``interrupted_by`` may be offered as well.
    """

    capacity: int
    alone: bool = False
    interrupted_by: frozenset[Channel] = frozenset()

    def __post_init__(self) -> None:
        if self.capacity not in CAPACITIES:
            raise InvalidValue(f"a capacity of {self.capacity} is not within 0 to 100")
        if self.alone and self.capacity > 1:
            raise InvalidValue("of contacts that are taken alone nobody has two")


_PATIENT = frozenset(Channel)
"""Who writes a mail does not sit there and wait for each word: anything may come beside it."""

CHANNEL_RULES: Mapping[Channel, ChannelRule] = {
    Channel.VOICE: ChannelRule(1, alone=True),
    Channel.CALLBACK: ChannelRule(1, alone=True),
    Channel.WEB: ChannelRule(1, interrupted_by=_PATIENT),
    Channel.CHAT: ChannelRule(3),
    Channel.SMS: ChannelRule(5, interrupted_by=_PATIENT),
    Channel.EMAIL: ChannelRule(2, interrupted_by=_PATIENT),
    Channel.FAX: ChannelRule(2, interrupted_by=_PATIENT),
    Channel.TASK: ChannelRule(1, interrupted_by=_PATIENT),
}


class Purpose(enum.StrEnum):
    """What an agent is wanted for."""

    SERVE = "serve"  # the contact becomes theirs
    CONSULT = "consult"  # to advise the agent who has the contact


@dataclass(frozen=True, slots=True)
class WaitingContact:
    """A call, message or fax that is queued for an agent."""

    id: ContactId
    queue: str
    queued_at: datetime  # for the first time: it gives the place
    priority: int = 0  # higher goes first: each step is worth Rules.priority_credit of waiting
    requirements: tuple[Requirement, ...] = ()  # beside the queue's
    purpose: Purpose = Purpose.SERVE
    wanted: AgentId | None = None  # whom it is kept for: the owner, or who served it last
    wanted_next: AgentId | None = None  # the same, where that one cannot have it
    wanted_for: timedelta = timedelta(0)  # how long, from ``queued_at``
    region: Region = ()  # where the customer is
    work: str = ""  # its nature, in the centre's own words
    channel: Channel = Channel.VOICE
    held_for: timedelta = timedelta(0)
    """How long an agent is reserved before they are rung: the customer is called meanwhile."""

    def __post_init__(self) -> None:
        if self.queued_at.utcoffset() is None:
            raise InvalidValue(f"contact {self.id!r} is queued at a time without a zone")
        if self.priority not in PRIORITIES:
            raise InvalidValue(f"a priority of {self.priority} is not within -100 to 100")


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An agent or contact that was not chosen."""

    id: str
    reason: str
    """"less_urgent", a policy's word ("less_idle" …), "more_in_hand" or "fewer_in_hand" (of
    the contact's channel), "backing_off", "kept_for <agent>", "<channel> full" (as many of it in
    hand as may be), "<channel> in hand" (nothing of this one comes beside it),
    "queue_at_limit" (as many of it are served as may be), or why they do not qualify: "lacks
    <skill>>=<level>", "not in queue", "level 3 not asked yet"."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Why this agent got this contact."""

    policy: str
    version: int
    rule: str
    """"<policy>_agent" (a contact looked), "most_urgent_contact" (an agent looked),
    "wanted_agent" (it was kept for this one), "named_agent" (somebody asked for this very agent)
    or "taken_over" (by this agent)."""
    candidates: int  # how many qualified, those backing off included; counted up to 100
    idle: timedelta  # of the agent
    waited: timedelta  # by the contact, since it was first queued
    passed_over: tuple[PassedOver, ...]  # the first of those before, then those next behind
    terms: Mapping[str, float] = field(default_factory=dict)  # what the policy went by
    credit: timedelta = timedelta(0)  # waiting that the contact's priority counts for
    yields: timedelta = timedelta(0)  # waiting that does not count, for its queue gives way

    def as_record(self) -> dict[str, Any]:
        """For the event log: plain values, durations in seconds."""
        return {
            "policy": self.policy,
            "version": self.version,
            "rule": self.rule,
            "candidates": self.candidates,
            "idle": self.idle.total_seconds(),
            "waited": self.waited.total_seconds(),
            "passed_over": [{"id": one.id, "reason": one.reason} for one in self.passed_over],
            "terms": dict(self.terms),
            "credit": self.credit.total_seconds(),
            "yields": self.yields.total_seconds(),
        }


@dataclass(frozen=True, slots=True)
class Offer:
    """A contact presented to one agent. Its id goes on as the interaction's."""

    id: OfferId
    contact_id: ContactId
    agent_id: AgentId
    queue: str
    queued_at: datetime
    made_at: datetime
    expires_at: datetime
    why: Decision
    purpose: Purpose = Purpose.SERVE
    channel: Channel = Channel.VOICE
    held: bool = False  # the agent is reserved, and not rung yet


@dataclass(frozen=True, slots=True)
class Rules:
    """
    How places are counted and what an offer that came to nothing costs.

    An agent who declined, was not reachable or did not answer is not offered *the same contact*
    for a while, even if nobody else could take it: otherwise it would ring in a circle. Other
    contacts reach them at once, until so many offers in a row have come to nothing in that way
    that they are made not ready (None: never). Accepting one, or getting ready by hand, ends a row;
    declining ends one of unanswered and unreachable offers, too: somebody is there.
    """

    priority_credit: timedelta = timedelta(seconds=60)
    decline_backoff: timedelta = timedelta(seconds=30)
    decline_limit: int | None = None
    no_answer_limit: int | None = 1
    no_answer_backoff: timedelta = timedelta(seconds=30)
    unreachable_limit: int | None = 3
    unreachable_backoff: timedelta = timedelta(seconds=5)
    seat_rest: timedelta = timedelta(seconds=10)
    """How long an always-ready seat stays not ready, since nobody sits there to press ready."""
    channels: Mapping[Channel, ChannelRule] = field(default_factory=lambda: CHANNEL_RULES)

    def __post_init__(self) -> None:
        pauses = (
            self.decline_backoff,
            self.no_answer_backoff,
            self.unreachable_backoff,
            self.seat_rest,
        )
        if min(pauses) <= timedelta(0):
            raise InvalidValue("each back-off must be longer than nothing")
        if not timedelta(0) <= self.priority_credit <= timedelta(days=1):
            raise InvalidValue("the priority credit must be between nothing and a day")
        if missing := [channel for channel in Channel if channel not in self.channels]:
            raise InvalidValue(f"there is no rule for {', '.join(missing)}")
        for limit in (self.decline_limit, self.no_answer_limit, self.unreachable_limit):
            if limit is not None and limit < 1:
                raise InvalidValue("each limit of offers in a row must be at least 1")
