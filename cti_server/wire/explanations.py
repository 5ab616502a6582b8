"""Why things went as they did: an agent was offered nothing, a caller waited, this agent came."""

from datetime import datetime
from typing import Any

from .resource import Resource

Told = dict[str, str]
"""The same in words, by language: "zh" and "en"."""


class StandingView(Resource):
    """How an agent stood among those who qualified: the lowest level, then the least cost first."""

    level: int
    cost: list[float]
    terms: dict[str, float]
    idle_seconds: float


class PassedByView(Resource):
    """A contact went to somebody else while the agent was free; ``reason`` in the ACD's words."""

    at: datetime
    contact_id: str
    queue: str
    channel: str
    chosen: str
    policy: str
    version: int
    rule: str
    reason: str
    backing_off_until: datetime | None
    own: StandingView | None
    theirs: StandingView | None
    told: Told


class NotTheirsView(Resource):
    """What waited in a queue while the agent was free, and could not be offered to them."""

    queue: str
    reason: str
    contacts: int
    since: datetime
    until: datetime
    told: Told


class StretchView(Resource):
    """
    ``state`` is one of an agent's, or "unfit"; who is "ready" could be offered contacts, but for
    calls where ``reasons`` says why not.
    """

    since: datetime
    until: datetime
    state: str
    reasons: list[str]
    contact_id: str | None
    passed_by: list[PassedByView]
    not_theirs: list[NotTheirsView]


class AgentExplanation(Resource):
    """``since`` is later than asked for where the memory does not reach back so far."""

    agent_id: str
    since: datetime
    until: datetime
    stretches: list[StretchView]


class CandidateView(Resource):
    """An agent or contact that was not chosen."""

    id: str
    reason: str
    told: Told


class ChoiceView(Resource):
    """
    Why this agent got this contact, in the words of the decision's record.

    ``terms``: what the policy went by in the one chosen; ``credit_seconds``: waiting time that the
    contact's priority counted for.
    """

    interaction_id: str
    contact_id: str
    agent_id: str
    queue: str
    offered_at: datetime
    rang_seconds: float | None
    outcome: str
    policy: str | None
    version: int | None
    rule: str | None
    candidates: int | None
    idle_seconds: float | None
    waited_seconds: float | None
    credit_seconds: float | None
    terms: dict[str, float]
    passed_over: list[CandidateView]
    told: Told


class PhaseView(Resource):
    """A part of a contact's time; ``facts`` are those of its kind. Nothing ends one that lasts."""

    kind: str
    since: datetime
    until: datetime | None
    seconds: float
    facts: dict[str, Any]
    told: Told


class WentBefore(Resource):
    """Contacts that began to wait later in the queue and were with an agent first."""

    by_priority: int  # it was higher
    by_affinity: int  # they were kept for an agent who came free
    otherwise: int  # the agent who came free qualified for them alone, or they left and came back


class QualifiedNow(Resource):
    """An agent who may serve the contact, and what they do."""

    agent_id: str
    state: str


class WaitingNow(Resource):
    """Of who still waits: the place, from 1, and who could serve them."""

    position: int | None
    kept_for: str | None
    qualified: list[QualifiedNow]
    told: Told


class ContactExplanation(Resource):
    """Why this caller waited, from the first moment to the last."""

    contact_id: str
    phases: list[PhaseView]
    went_before: WentBefore | None  # of who waited in a queue
    choices: list[ChoiceView]
    now: WaitingNow | None
