"""
Whether the records of a call that has ended agree with one another: they follow from its events.

What began has ended, nobody is in two conversations of it at once, and the menu, the waits and the
conversations together are not longer than the call. Pure.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from acd.invariants import Breach
from cti_server.explanations.story import Phase, Story
from cti_server.wire import events
from cti_server.wire.events import Logged

from .calls import CallFault

ROUNDING = timedelta(seconds=1)
"""Each moment is that of its event, written one after the other."""
MOST_CALLS = 20_000  # followed at once
MOST_EVENTS = 2_000  # of one call; who goes round in a menu for hours is not followed

Span = tuple[datetime, datetime]


class Accounts:
    """Follows the calls that run, by the log; tells of each that ends what is wrong with it."""

    def __init__(self, tell: Callable[[Breach], object]) -> None:
        self._tell = tell
        self._calls: dict[str, list[Logged]] = {}
        self._call_of: dict[str, str] = {}  # by contact

    def __len__(self) -> int:
        return len(self._calls)

    def hear(self, logged: Logged) -> None:
        """Everything that happens, in order."""
        event = logged.event
        if isinstance(event, events.CallArrived | events.CallPlaced):
            if len(self._calls) < MOST_CALLS:
                self._calls[event.call_id] = []
                self._call_of[event.contact_id] = event.call_id
        elif (call_id := self._of(event)) is not None and (
            kept := self._calls.get(call_id)
        ) is not None:
            if len(kept) < MOST_EVENTS:
                kept.append(logged)
            if isinstance(event, events.CallEnded):
                self._ended(event)

    def _of(self, event: events.Event) -> str | None:
        call_id = getattr(event, "call_id", None)
        return call_id or self._call_of.get(getattr(event, "contact_id", None) or "")

    def _ended(self, event: events.CallEnded) -> None:
        kept = self._calls.pop(event.call_id)
        self._call_of.pop(event.contact_id, None)
        wrong = list(disagreements(kept)) if len(kept) < MOST_EVENTS else []
        if wrong:
            kind = CallFault.RECORDS_DISAGREE
            detail = "; ".join(wrong)
            self._tell(
                Breach(kind, event.call_id, contact_id=event.contact_id, detail=detail[:200])
            )


def disagreements(account: list[Logged]) -> Iterator[str]:
    """What is wrong with the events of one call, from after its arrival to its end."""
    if not account:
        return
    began, ended = account[0].at, account[-1].at
    legs, talks = _spans(account, ended)
    yield from (f"leg {leg_id} did not end" for leg_id, open_ in legs.items() if open_)
    story = Story(account)
    for phase in story.phases:
        if phase.kind == "talking" and "ended_by" not in phase.facts:
            yield f"the conversation with {phase.facts['agent_id']} did not end"
        if phase.until is not None and phase.until > ended + ROUNDING:
            yield f"{phase.kind} ended after the call"
    for agent_id, spans in talks.items():
        if _length(spans) > _covered(spans) + ROUNDING:
            yield f"{agent_id} was in two conversations at once"
    apart = [*_of_kind(story.phases, "menu", ended), *_of_kind(story.phases, "waiting", ended)]
    together = _covered(span for spans in talks.values() for span in spans)
    if _length(apart) + together > ended - began + ROUNDING:
        yield "its parts are longer than the whole"


def _spans(account: list[Logged], ended: datetime) -> tuple[dict[str, bool], dict[str, list[Span]]]:
    """Which legs did not end; from when to when each agent was with the customer."""
    legs, talks = dict[str, bool](), dict[str, list[Span]]()
    open_talks: dict[str, datetime] = {}
    for logged in account:
        match logged.event:
            case events.LegStarted(leg_id=leg_id):
                legs[leg_id] = True
            case events.LegEnded(leg_id=leg_id):
                legs[leg_id] = False
            case events.InteractionStarted(interaction_id=one):
                open_talks[one] = logged.at
            case events.InteractionEnded(interaction_id=one, agent_id=agent_id):
                if (since := open_talks.pop(one, None)) is not None:
                    talks.setdefault(agent_id, []).append((since, logged.at))
    return legs, talks


def _of_kind(phases: Iterable[Phase], kind: str, ended: datetime) -> list[Span]:
    return [(one.since, one.until or ended) for one in phases if one.kind == kind]


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((until - since for since, until in spans), timedelta(0))


def _covered(spans: Iterable[Span]) -> timedelta:
    """The same, with what lies in several counted once."""
    total, reached = timedelta(0), None
    for since, until in sorted(spans):
        begin = since if reached is None else max(since, reached)
        total += max(timedelta(0), until - begin)
        reached = until if reached is None else max(reached, until)
    return total
