"""
Why a caller waited: what happened to a contact, from its stored events, phase by phase. Pure.

Phases may lie within one another: offers within a wait, a hold within a conversation.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cti_server.wire import events
from cti_server.wire.events import Logged


@dataclass(slots=True)
class Phase:
    """``facts`` are those of its ``kind``; nothing ends a phase that lasts."""

    kind: str
    since: datetime
    until: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def seconds(self, now: datetime) -> float:
        return ((self.until or now) - self.since).total_seconds()


class Story:
    """
    A contact's phases, in the order in which they began.

    - ``menu``: the answered call, until it waits, is with somebody or over; ``path``.
    - ``waiting``: in a queue; ``ahead`` (contacts before it), ``agents`` (how many qualified, by
      what they did), ``kept_for``, ``kept_until``, ``priority``, ``requirements``.
    - ``step``: a moment; what the queue asks instead, and who qualifies then.
    - ``offer``: an agent is rung; ``agent_id``, ``outcome`` ("accepted" or why not).
    - ``turned_away``, ``diverted``: a moment; why the queue did not take or keep it, where it went.
    - ``talking``, ``held``: with an agent.
    - ``incident``: the self-check came upon something.
    - ``ended``: a moment; ``outcome``, ``reason``.
    """

    def __init__(self, logged: Iterable[Logged]) -> None:
        self.phases: list[Phase] = []
        self._open: dict[tuple[str, str], Phase] = {}
        for each in logged:
            self._hear(each.event, each.at)

    def _hear(self, event: events.Event, at: datetime) -> None:
        match event:
            case events.LegAnswered() if not self.phases:
                self._begin("menu", at, path=[])
            case events.NodeEntered(node=node) if menu := self._open.get(("menu", "")):
                menu.facts["path"].append(node)
            case events.ContactQueued() | events.StepTaken():
                self._waits(event, at)
            case events.ContactTurnedAway(queue=queue, reason=reason):
                self._moment("turned_away", at, queue=queue, reason=reason)
            case events.ContactDiverted():
                self._end("waiting", at)
                told = {"queue": event.queue, "reason": event.reason, "to": event.to}
                self._moment("diverted", at, **told, target=event.target)
                if event.to == "flow" and ("menu", "") not in self._open:
                    self._begin("menu", at, path=[])
            case events.OfferMade() | events.OfferAccepted() | events.OfferEnded():
                self._offer(event, at)
            case events.InteractionStarted() | events.InteractionEnded():
                self._interaction(event, at)
            case events.InteractionHeld(interaction_id=one, agent_id=agent_id, held_by=held_by):
                self._begin("held", at, one, agent_id=agent_id, held_by=held_by)
            case events.InteractionResumed(interaction_id=one):
                self._end("held", at, one)
            case events.IncidentFound(incident_id=one, kind=kind):
                self._begin("incident", at, one, fault=kind)
            case events.IncidentHealed(incident_id=one, action=action):
                self._end("incident", at, one, action=action)
            case events.ContactEnded(outcome=outcome, reason=reason):
                for kind, key in list(self._open):
                    self._end(kind, at, key)
                self._moment("ended", at, outcome=outcome, reason=reason)

    def _waits(self, event: events.ContactQueued | events.StepTaken, at: datetime) -> None:
        if isinstance(event, events.StepTaken):
            asked = {"queue": event.queue, "requires": event.requires, "reach": event.reach}
            self._moment("step", at, **asked, ahead=event.ahead, agents=event.agents)
            return
        if event.purpose != "serve" or ("waiting", "") in self._open:
            return  # it waits on, at its place, after an offer; or an adviser is waited for
        self._end("menu", at)
        self._begin(
            "waiting",
            at,
            queue=event.queue,
            first_queued_at=event.queued_at,
            priority=event.priority,
            requirements=event.requirements,
            ahead=event.ahead,
            agents=event.agents,
            kept_for=event.kept_for,
            kept_until=event.kept_until,
        )

    def _offer(
        self, event: events.OfferMade | events.OfferAccepted | events.OfferEnded, at: datetime
    ) -> None:
        match event:
            case events.OfferMade(purpose="serve"):
                rule = event.why.get("rule")
                self._begin("offer", at, event.interaction_id, agent_id=event.agent_id, rule=rule)
            case events.OfferAccepted():
                self._end("offer", at, event.interaction_id, outcome="accepted")
            case events.OfferEnded():
                self._end("offer", at, event.interaction_id, outcome=event.outcome)

    def _interaction(
        self, event: events.InteractionStarted | events.InteractionEnded, at: datetime
    ) -> None:
        one = event.interaction_id
        if isinstance(event, events.InteractionStarted):
            self._end("menu", at)
            self._end("waiting", at)
            self._begin("talking", at, one, agent_id=event.agent_id)
        else:
            self._end("held", at, one)
            self._end("talking", at, one, ended_by=event.ended_by)

    def _begin(self, kind: str, at: datetime, key: str = "", **facts: Any) -> None:
        phase = self._open[kind, key] = Phase(kind, at, None, facts)
        self.phases.append(phase)

    def _end(self, kind: str, at: datetime, key: str = "", **facts: Any) -> None:
        if (phase := self._open.pop((kind, key), None)) is not None:
            phase.until = at
            phase.facts |= facts

    def _moment(self, kind: str, at: datetime, **facts: Any) -> None:
        self.phases.append(Phase(kind, at, at, facts))
