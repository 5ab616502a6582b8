"""
Estimates of waits, learnt from everything that the router is told and answers.

It is shown each input with its effects after the router has taken it, and asks the router only.
What it knows begins with the server: nothing is said before there is evidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from . import effects as acd
from .agents import AgentState
from .calibration import REPORTED, Ratios
from .estimate import QUANTILES, Estimate, estimate
from .inputs import Input, Withdraw
from .model import GIVEN_BACK, ContactId, Offer, OfferId, Purpose, WaitingContact
from .pace import Pace
from .prospects import Prospect
from .router import Router

_BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Held:
    """How many of the newest estimates of a queue came true; shares, None where none is known."""

    p50: float | None
    p80: float | None
    p90: float | None
    told: float | None  # of the promises that callers heard, the first one of each
    told_count: int  # of which so many are known


@dataclass(slots=True)
class _Wait:
    queue: str
    since: datetime
    raw: Estimate | None
    given: Estimate | None
    promised_until: datetime | None = None
    promised_at: datetime | None = None


@dataclass(slots=True)
class _Busy:
    queue: str
    since: datetime
    taken: int = 0


@dataclass(slots=True)
class _Known:
    """Of one queue."""

    corrections: tuple[Ratios, ...] = field(
        default_factory=lambda: tuple(Ratios() for _ in QUANTILES)
    )
    outcomes: tuple[Ratios, ...] = field(
        default_factory=lambda: tuple(Ratios(REPORTED) for _ in QUANTILES)
    )
    told: Ratios = field(default_factory=lambda: Ratios(REPORTED))


class Estimates:
    """How long contacts will wait, by queue and position, as quantiles that hold."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._paces: dict[str, Pace] = {}
        self._known: dict[str, _Known] = {}
        self._waits: dict[ContactId, _Wait] = {}
        self._busy: dict[str, _Busy] = {}  # by agent
        self._beside: set[OfferId] = set()  # taken, of those that leave their agents free

    # --- what is asked ------------------------------------------------------------------------

    def of(self, contact_id: ContactId) -> Estimate | None:
        """From now on, for a contact that waits; None while it is offered, or nothing is known."""
        found = self._router.prospect(contact_id)
        return None if found is None else self.by(found)

    def by(self, found: Prospect, *, comes: bool = False) -> Estimate | None:
        """Of such a place; who only comes may be served at once."""
        if comes and found.free > sum(found.ahead.values()):
            return Estimate(0.0, 0.0, 0.0)
        return self._corrected(found, self._raw(found))

    def expected(self, queue: str, position: int | None = None) -> Estimate | None:
        """At that place in the queue, from 1; without one for who comes now. UnknownQueue."""
        found = self._router.prospect_at(queue, position)
        return self.by(found, comes=position is None)

    def promised(self, contact_id: ContactId, until: datetime, now: datetime) -> None:
        """The caller was told that it will be then at the latest; the first time counts."""
        wait = self._waits.get(contact_id)
        if wait is not None and wait.promised_until is None:
            wait.promised_until, wait.promised_at = until, now

    def held(self, queue: str) -> Held:
        """What became of the queue's newest estimates."""
        known = self._known.get(queue) or _Known()
        p50, p80, p90 = (one.within(1.0) for one in known.outcomes)
        return Held(p50, p80, p90, known.told.within(1.0), len(known.told))

    # --- what it learns -----------------------------------------------------------------------

    def hear(self, happened: Input, effects: Iterable[acd.Effect], now: datetime) -> None:
        """The router took this, and answered so."""
        for effect in effects:
            match effect:
                case acd.ContactQueued(contact):
                    self._queued(contact, now)
                case acd.OfferMade(offer) if self._router.alone(offer.channel):
                    self._busy.setdefault(offer.agent_id, _Busy(offer.queue, now))
                case acd.OfferAccepted(offer):
                    self._accepted(offer, now)
                case acd.TakenOver(offer):
                    self._taken(offer, now)
                case acd.OfferEnded(offer) if not self._router.alone(offer.channel):
                    self._pace(offer.queue).handling.burden(_seconds(offer.made_at, now))
                case acd.InteractionEnded(offer, ended_by) if offer.id in self._beside:
                    self._ended_beside(offer, ended_by, now)
                case acd.AgentChanged(agent) if agent.state not in _BUSY:
                    self._freed(agent.id, now)
        if isinstance(happened, Withdraw):
            self._over(happened.contact_id, now, left=True)

    def _queued(self, contact: WaitingContact, now: datetime) -> None:
        """It is a wait only if nobody had the contact at once."""
        found = self._router.prospect(contact.id)
        if contact.purpose is not Purpose.SERVE or found is None:
            return
        raw = self._raw(found)
        self._waits[contact.id] = _Wait(contact.queue, now, raw, self._corrected(found, raw))

    def _accepted(self, offer: Offer, now: datetime) -> None:
        self._pace(offer.queue).answer.add(_seconds(offer.made_at, now))
        self._taken(offer, now)
        if offer.purpose is Purpose.SERVE:
            self._over(offer.contact_id, now, left=False)

    def _taken(self, offer: Offer, now: datetime) -> None:
        if self._router.alone(offer.channel):
            self._busy.setdefault(offer.agent_id, _Busy(offer.queue, now)).taken += 1
        else:
            self._beside.add(offer.id)

    def _ended_beside(self, offer: Offer, ended_by: str, now: datetime) -> None:
        """It was timed by itself: the agent was free for others all the while."""
        self._beside.remove(offer.id)
        handling, seconds = self._pace(offer.queue).handling, _seconds(offer.made_at, now)
        if ended_by == GIVEN_BACK:
            handling.burden(seconds)
        else:
            handling.add(seconds)

    def _freed(self, agent_id: str, now: datetime) -> None:
        busy = self._busy.pop(agent_id, None)
        if busy is None:
            return
        seconds, handling = _seconds(busy.since, now), self._pace(busy.queue).handling
        if not busy.taken:
            handling.burden(seconds)
        for _ in range(busy.taken):
            handling.add(seconds / busy.taken)

    def _over(self, contact_id: ContactId, now: datetime, *, left: bool) -> None:
        wait = self._waits.pop(contact_id, None)
        if wait is None:
            return
        seconds = _seconds(wait.since, now)
        self._pace(wait.queue).ended(seconds, left=left)
        known = self._known.setdefault(wait.queue, _Known())
        _compare(known.corrections, wait.raw, seconds, left=left)
        _compare(known.outcomes, wait.given, seconds, left=left)
        if wait.promised_until is not None and wait.promised_at is not None:
            promised = _seconds(wait.promised_at, wait.promised_until)
            known.told.add(_seconds(wait.promised_at, now) / max(promised, 0.001), left=left)

    # --- inside -------------------------------------------------------------------------------

    def _raw(self, found: Prospect) -> Estimate | None:
        return estimate(found, self._paces)

    def _corrected(self, found: Prospect, raw: Estimate | None) -> Estimate | None:
        known = self._known.get(found.queue)
        if raw is None or known is None:
            return raw
        pairs = zip(known.corrections, QUANTILES, strict=True)
        return raw.scaled(tuple(ratios.correction(quantile) for ratios, quantile in pairs))

    def _pace(self, queue: str) -> Pace:
        return self._paces.setdefault(queue, Pace())


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()


def _compare(
    ratios: tuple[Ratios, ...], estimated: Estimate | None, seconds: float, *, left: bool
) -> None:
    if estimated is not None:
        for one, value in zip(ratios, estimated, strict=True):
            one.add(seconds / max(value, 0.001), left=left)
