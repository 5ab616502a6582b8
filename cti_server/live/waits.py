"""Contacts that wait in queues, until somebody speaks with them or they leave."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from acd.service_level import ServiceLevel, Waited
from cti_server.wire import events
from cti_server.wire.wait_ends import AT_THE_LINE, end_by_diversion, end_of_wait

from .counts import QueueCounts
from .ledger import Ledger
from .periods import MILLISECOND, in_ms
from .state import Wait


def _contact_queued(book: Ledger, event: events.ContactQueued, at: int) -> None:
    if event.purpose != "serve":
        return  # an adviser is waited for; the contact itself is served
    known = book.state.waits.get(event.contact_id)
    if known is not None and known.queue == event.queue:
        _move(book, known, "waiting")  # an offer came to nothing
        return
    if known is None:
        again = event.contact_id in book.state.connected
        since = at if again else min(at, in_ms(event.queued_at))
    else:
        since = known.since
        _leave(book, event.contact_id, known)
        for counts in book.counts(known.queue):
            counts.overflowed += 1
    wait = Wait(event.queue, since, deferred=event.channel not in AT_THE_LINE)
    book.state.waits[event.contact_id] = wait
    if not wait.deferred:
        book.queue(event.queue).waiting[event.contact_id] = since
    for counts in book.counts(event.queue):
        if wait.deferred:
            counts.deferred_offered += 1
        else:
            counts.offered += 1


def _offer_made(book: Ledger, event: events.OfferMade, at: int) -> None:
    wait = book.state.waits.get(event.contact_id)
    if event.purpose == "serve" and wait is not None:
        _move(book, wait, "offered")


def _offer_accepted(book: Ledger, event: events.OfferAccepted, at: int) -> None:
    if (wait := book.state.waits.get(event.contact_id)) is not None:
        _move(book, wait, "accepted")


def answered(book: Ledger, contact_id: str, at: int) -> None:
    """Somebody speaks with the contact; if it waited for that, the wait is over."""
    book.state.connected.add(contact_id)
    wait = book.state.waits.pop(contact_id, None)
    if wait is None:
        return
    _leave(book, contact_id, wait)
    target = book.terms.service_level(wait.queue)
    waited = Waited(timedelta(milliseconds=max(0, at - wait.since)), answered=True)
    for counts in book.counts(wait.queue):
        if wait.deferred:
            counts.deferred_answered += 1
        else:
            counts.answered += 1
            counts.answer_ms += waited.time // MILLISECOND
            _over(counts, waited, target)


def _contact_turned_away(book: Ledger, event: events.ContactTurnedAway, at: int) -> None:
    for counts in book.counts(event.queue):
        counts.turned_away += 1


def _contact_diverted(book: Ledger, event: events.ContactDiverted, at: int) -> None:
    """By a rule or the caller's own choice, from the line or before it came there."""
    wait = book.state.waits.pop(event.contact_id, None)
    end = end_by_diversion(event.to, waited=wait is not None)
    if wait is not None:
        _leave(book, event.contact_id, wait)
    for counts in book.counts(event.queue):
        counts.offered += wait is None and end != "turned_away"
        counts.overflowed += end == "overflowed"
        counts.exited += end == "exited"
        counts.turned_away += end in {"turned_away", "sent_away"}


def _contact_ended(book: Ledger, event: events.ContactEnded, at: int) -> None:
    book.state.connected.discard(event.contact_id)
    if event.reason == "media-unavailable":
        for trunk in book.trunks(book.state.arrived.get(event.contact_id, "")):
            for each in trunk.windows.open():
                each.unavailable += 1
    wait = book.state.waits.pop(event.contact_id, None)
    if wait is None:
        return
    _leave(book, event.contact_id, wait)
    if wait.deferred:
        return
    target = book.terms.service_level(wait.queue)
    waited = Waited(timedelta(milliseconds=max(0, at - wait.since)), answered=False)
    end = end_of_wait(event.outcome, event.reason)
    for counts in book.counts(wait.queue):
        if end == "lost":
            counts.lost += 1
        elif end == "exited":
            counts.exited += 1
        else:
            short = waited.time <= target.short_abandon
            counts.short_abandoned += short
            counts.abandoned += not short
            _over(counts, waited, target, in_the_spread=not short)


def _over(
    counts: QueueCounts, waited: Waited, target: ServiceLevel, *, in_the_spread: bool = True
) -> None:
    """A wait is over, and counts for the service level as the queue's target has it."""
    level = target.count(waited)
    counts.met += level.met
    counts.counted += level.counted
    if in_the_spread:
        counts.waited(waited.time // MILLISECOND)


def _move(book: Ledger, wait: Wait, stage: str) -> None:
    if not wait.deferred:
        book.queue(wait.queue).ringing += (stage in _RINGING) - (wait.stage in _RINGING)
    wait.stage = stage


_RINGING = frozenset({"offered", "accepted"})


def _leave(book: Ledger, contact_id: str, wait: Wait) -> None:
    """It stands in this queue no more."""
    _move(book, wait, "gone")
    book.queue(wait.queue).waiting.pop(contact_id, None)
    book.touched.left.add(wait.queue)


FOLDS: dict[type, Callable[[Ledger, Any, int], None]] = {
    events.ContactQueued: _contact_queued,
    events.OfferMade: _offer_made,
    events.OfferAccepted: _offer_accepted,
    events.ContactTurnedAway: _contact_turned_away,
    events.ContactDiverted: _contact_diverted,
    events.ContactEnded: _contact_ended,
}
