"""
Offers, from the decision to the end of the interaction that an accepted one becomes.

A contact may have several agents: who serves it, an adviser, whoever is to take it over.

An offer reserves its agent from the moment of the decision, for nobody else, until it expires.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .agents import AgentEvent, AgentState, step
from .alarms import Alarm, Alarms, Due
from .effects import (
    AgentChanged,
    ContactRequeued,
    Effect,
    InteractionEnded,
    OfferAccepted,
    OfferEnded,
    OfferMade,
    Prospect,
    Resumed,
    StepTaken,
    TakenOver,
)
from .errors import OfferOver
from .matching import Match, find_agent, find_contact, find_in_line, named
from .model import (
    OFFERS_DECLINED,
    RING_NO_ANSWER,
    UNREACHABLE,
    AgentId,
    ContactId,
    Decision,
    Offer,
    OfferId,
    Outcome,
    Purpose,
    Rules,
    WaitingContact,
)
from .openings import Openings
from .queue import Queue
from .queues import Place, Waiting
from .seats import Seat, Seats
from .witness import Witness
from .wrap_ups import WrapUps


class Offers:
    """What is being offered and served, and the agents' moves that come with it."""

    def __init__(
        self,
        seats: Seats,
        waiting: Waiting,
        alarms: Alarms,
        rules: Rules,
        new_id: Callable[[], str],
        witness: Witness,
    ) -> None:
        self._seats = seats
        self._waiting = waiting
        self._alarms = alarms
        self._rules = rules
        self._new_id = new_id
        self._witness = witness
        self.wrap_ups = WrapUps(alarms)
        self.ringing: dict[str, Offer] = {}
        self.served: dict[str, Offer] = {}
        self.serving: Counter[ContactId] = Counter()  # how many agents have each contact
        self.direct: dict[ContactId, OfferId] = {}  # ringing, made to an agent by name
        self._asked: dict[OfferId, WaitingContact] = {}  # what those are
        self.openings = Openings()

    # --- making them --------------------------------------------------------------------------

    def move(
        self,
        seat: Seat,
        event: AgentEvent,
        now: datetime,
        reason: str | None = None,
        contact_id: ContactId | None = None,
    ) -> list[Effect]:
        """Take the agent through the state table, without looking for a contact."""
        before = seat.agent
        after = step(before, event, now, reason, contact_id)
        if after is before:
            return []
        if before.state is AgentState.WRAP_UP and after.state is not AgentState.WRAP_UP:
            self.wrap_ups.end(before.id)
        another = (after.state, after.reason) != (before.state, before.reason)
        if another and before.state is AgentState.NOT_READY:
            self._alarms.cancel(Alarm(Due.REST_ENDS, before.id))
        self._seats.update(seat, after, now)
        if another and seat.always_ready and seat.rests:
            # Nobody sits at an always-ready seat to press ready again: time does.
            self._alarms.set(Alarm(Due.REST_ENDS, after.id), now + self._rules.seat_rest)
        if seat.free:
            self.openings.seats[seat] = None
        if after.state is AgentState.LOGGED_OUT:
            self.open_kept(seat)
        return [AgentChanged(after, before)]

    def let_rest(self, seat: Seat, now: datetime, *, always_ready: bool) -> None:
        """Whether somebody sits there, or time is to press ready again for who is not."""
        if seat.always_ready == always_ready:
            return
        seat.always_ready = always_ready
        if always_ready and seat.rests:
            self._alarms.set(Alarm(Due.REST_ENDS, seat.agent.id), now + self._rules.seat_rest)
        else:
            self._alarms.cancel(Alarm(Due.REST_ENDS, seat.agent.id))

    def settle(self, now: datetime) -> list[Effect]:
        """
        What has become possible comes true, the most urgent contact first, whatever it is due to.

        Everything that happened has come true before that: else something less urgent might slip in
        between. What is not among the openings has not changed, and is not looked at.
        """
        effects = list[Effect]()
        if self.openings:
            opened = self.openings.taken()
            eligible = sorted(opened.places, key=lambda one: one.rank, reverse=True)
            while (found := self._first(eligible, opened, now)) is not None:
                effects += self._make(found, now)
        return effects

    def _first(self, eligible: list[Place], opened: Openings, now: datetime) -> Match | None:
        """
        The match of the most urgent contact; the places, most urgent last, that have none go.

        Each offer leaves less to be had: what has no match now has none after the next one.
        """
        found = list[Match]()
        while eligible and not found:
            place = eligible[-1]
            one = find_agent(place, self._seats, now) if place.waits else None
            if one is not None:
                found.append(one)
            else:
                eligible.pop()
        in_lines = (find_in_line(line, self._waiting, self._seats, now) for line in opened.lines)
        found += (one for one in in_lines if one is not None)
        free = [seat for seat in opened.seats if seat.free]
        own = [find_contact(seat, self._waiting, now) for seat in free]
        for one in own:
            # Of two agents for one contact the policy has its choice, and not the one who moved.
            if one is not None:
                chosen = one if len(free) == 1 else find_agent(one.place, self._seats, now)
                found.append(chosen or one)
        return min(found, key=lambda one: one.place.rank, default=None)

    def _make(self, found: Match, now: datetime) -> list[Effect]:
        place, seat, why = found
        offer = self._offer(place.contact, place.line.queue, seat, why, now)
        self._witness.decided(offer, seat, place)
        self._waiting.take(place, offer.id)
        return self._ring(offer, seat, now)

    def make_direct(self, contact: WaitingContact, seat: Seat, now: datetime) -> list[Effect]:
        """Offer it to this agent, who is free; it has no place in a queue and gets none."""
        queue = self._waiting.lines[contact.queue].queue
        offer = self._offer(contact, queue, seat, named(seat, contact, queue.policy, now), now)
        self._witness.decided(offer, seat, None)
        self.direct[contact.id], self._asked[offer.id] = offer.id, contact
        return self._ring(offer, seat, now)

    def _offer(
        self,
        contact: WaitingContact,
        queue: Queue,
        seat: Seat,
        why: Decision,
        now: datetime,
        offer_id: OfferId | None = None,
    ) -> Offer:
        return Offer(
            id=offer_id or OfferId(self._new_id()),
            contact_id=contact.id,
            agent_id=seat.agent.id,
            queue=queue.name,
            queued_at=contact.queued_at,
            made_at=now,
            expires_at=now + contact.held_for + queue.ring_for,
            why=why,
            purpose=contact.purpose,
            channel=contact.channel,
            held=contact.held_for > timedelta(0),
        )

    def _ring(self, offer: Offer, seat: Seat, now: datetime) -> list[Effect]:
        seat.offer_id = offer.id
        self.ringing[offer.id] = offer
        line = self._waiting.lines[offer.queue]
        line.ringing.add(offer.id)
        self._waiting.count(line)
        self._alarms.set(Alarm(Due.OFFER_EXPIRES, offer.id), offer.expires_at)
        changed = self.move(seat, AgentEvent.OFFERED, now, contact_id=offer.contact_id)
        return [OfferMade(offer), *changed]

    def start_ringing(self, offer_id: str, now: datetime) -> None:
        """The agent was held until now; from now on it is theirs to answer in time."""
        if (offer := self.ringing.get(offer_id)) is None or not offer.held:
            return
        ring_for = self._waiting.lines[offer.queue].queue.ring_for
        offer = replace(offer, held=False, expires_at=now + ring_for)
        self.ringing[offer_id] = offer
        self._alarms.set(Alarm(Due.OFFER_EXPIRES, offer_id), offer.expires_at)

    # --- coming to nothing --------------------------------------------------------------------

    def decline(
        self, offer_id: str, now: datetime, event: AgentEvent = AgentEvent.OFFER_ENDED
    ) -> list[Effect]:
        if (offer := self.ringing.get(offer_id)) is None:
            return []
        fruitless = self._seats[offer.agent_id].fruitless
        del fruitless[Outcome.TIMED_OUT], fruitless[Outcome.UNREACHABLE]  # somebody is there
        rules, reason = self._rules, None
        if event is AgentEvent.OFFER_ENDED and offer.purpose is Purpose.SERVE:  # advice is free
            event = self._count(offer, Outcome.DECLINED, rules.decline_limit)
            reason = OFFERS_DECLINED
        backoff = rules.decline_backoff
        return self._end(offer_id, Outcome.DECLINED, event, now, reason=reason, backoff=backoff)

    def withdraw(self, offer_id: str, now: datetime) -> list[Effect]:
        return self._end(offer_id, Outcome.WITHDRAWN, AgentEvent.OFFER_ENDED, now)

    def expire(self, offer_id: str, now: datetime) -> list[Effect]:
        if self.ringing[offer_id].held:  # nobody rang them
            event = AgentEvent.OFFER_ENDED
        else:
            limit = self._rules.no_answer_limit
            event = self._count(self.ringing[offer_id], Outcome.TIMED_OUT, limit)
        backoff = self._rules.no_answer_backoff
        return self._end(
            offer_id, Outcome.TIMED_OUT, event, now, reason=RING_NO_ANSWER, backoff=backoff
        )

    def unreachable(self, offer_id: str, now: datetime) -> list[Effect]:
        offer = self.ringing.get(offer_id)
        if offer is None:
            return []
        return self._end(
            offer_id,
            Outcome.UNREACHABLE,
            self._count(offer, Outcome.UNREACHABLE, self._rules.unreachable_limit),
            now,
            reason=UNREACHABLE,
            backoff=self._rules.unreachable_backoff,
        )

    def _count(self, offer: Offer, outcome: Outcome, limit: int | None) -> AgentEvent:
        """One more in a row that came to nothing so: what that is to the agent."""
        fruitless = self._seats[offer.agent_id].fruitless
        fruitless[outcome] += 1
        missed = limit is not None and fruitless[outcome] >= limit
        return AgentEvent.OFFER_MISSED if missed else AgentEvent.OFFER_ENDED

    def _end(
        self,
        offer_id: str,
        outcome: Outcome,
        event: AgentEvent,
        now: datetime,
        *,
        reason: str | None = None,
        backoff: timedelta | None = None,
    ) -> list[Effect]:
        """It came to nothing: the contact back to its old place, the agent on to the next."""
        offer = self._stop_ringing(offer_id)
        seat, place = self._seats[offer.agent_id], self._place(offer)
        self._recount(offer)
        seat.offer_id = None
        effects: list[Effect] = [OfferEnded(offer, outcome)]
        if place is None:
            del self.direct[offer.contact_id], self._asked[offer.id]
        elif outcome is Outcome.WITHDRAWN:
            self.give_up(place)
        if place is None or outcome is Outcome.WITHDRAWN:
            return effects + self.move(seat, event, now, reason)
        if backoff is not None:
            self.shun(place, offer.agent_id, now + backoff)
            self._pass_on(place)
        effects.append(self.wait_again(place))
        return effects + self.move(seat, event, now, reason)

    def wait_again(self, place: Place) -> Effect:
        """The contact is offered to nobody any more, and waits at its old place."""
        self._waiting.wait(place)
        self.openings.places[place] = None
        return ContactRequeued(place.contact)

    def _stop_ringing(self, offer_id: str) -> Offer:
        offer = self.ringing.pop(offer_id)
        self._waiting.lines[offer.queue].ringing.remove(offer.id)
        self._alarms.cancel(Alarm(Due.OFFER_EXPIRES, offer_id))
        return offer

    def drop(self, offer_id: str) -> list[Effect]:
        """It is over, and its agent is not asked; the contact waits again if it has a place."""
        if (offer := self.served.get(offer_id)) is not None:
            self._unserve(offer)
            return [InteractionEnded(offer, "system")]
        offer = self._stop_ringing(offer_id)
        self._recount(offer)
        effects: list[Effect] = [OfferEnded(offer, Outcome.UNREACHABLE)]
        place = self._waiting.places.get(offer.contact_id)
        if self.direct.get(offer.contact_id) == offer_id:
            del self.direct[offer.contact_id]
            self._asked.pop(offer.id, None)
        elif place is not None and place.offer_id == offer_id:
            effects.append(self.wait_again(place))
        return effects

    def _place(self, offer: Offer) -> Place | None:
        """None for an offer to an agent by name."""
        if self.direct.get(offer.contact_id) == offer.id:
            return None
        return self._waiting.places[offer.contact_id]

    def put_queue(self, queue: Queue, now: datetime) -> None:
        """
        Whoever waits there keeps the place, gives way to other queues as this one does from now on,
        and asks of agents what it does.

        What rings or is served goes on as it began.
        """
        line = self._waiting.put_line(queue)
        for place in self._waiting.places_in(line):
            self._waiting.rank(place, queue.urgency(place.contact, self._rules.priority_credit))
            self._regroup(place, now)
        self.openings.lines[line] = None

    def give_up(self, place: Place) -> None:
        """The contact waits no longer, for good."""
        for agent_id in place.shunned:
            self._alarms.cancel(Alarm(Due.BACKOFF_ENDS, agent_id, place.contact.id))
        for kind in (Due.STEP_COMES, Due.KEPT_NO_LONGER):
            self._alarms.cancel(Alarm(kind, place.contact.id))
        self._waiting.leave(place)

    def wait(self, place: Place, now: datetime) -> None:
        """The contact begins to wait: for the one whom it is kept for, if that can come to be."""
        contact, queue = place.contact, place.line.queue
        until = contact.queued_at + contact.wanted_for
        if until > now and (seat := self._wanted(place)) is not None:
            self._waiting.keep_for(place, seat)
            self._alarms.set(Alarm(Due.KEPT_NO_LONGER, contact.id), until)
        if place.steps < len(queue.steps):
            at = contact.queued_at + queue.steps[place.steps].after
            self._alarms.set(Alarm(Due.STEP_COMES, contact.id), at)
        self._waiting.wait(place)
        self.openings.places[place] = None

    def _wanted(self, place: Place) -> Seat | None:
        """Whom the contact is to wait for: the first of those wanted who can come to have it."""
        for agent_id in (place.contact.wanted, place.contact.wanted_next):
            seat = self._seats.get(agent_id) if agent_id is not None else None
            if seat is not None and self._may_be_kept(place, seat):
                return seat
        return None

    def _may_be_kept(self, place: Place, seat: Seat) -> bool:
        here = seat.agent.state is not AgentState.LOGGED_OUT
        takes = seat.load.capacity(place.contact.channel) > 0
        qualifies = takes and seat.crew in place.group.crews
        return here and qualifies and seat.agent.id not in place.shunned

    def open_to_all(self, place: Place) -> None:
        """Whoever it was kept for: from now on everybody who qualifies may have it."""
        if place.kept_for is not None:
            self._alarms.cancel(Alarm(Due.KEPT_NO_LONGER, place.contact.id))
            self._waiting.keep_for(place, None)
            self.openings.places[place] = None

    def _pass_on(self, place: Place) -> None:
        """Whom it was kept for cannot have it: the next one who is wanted may, or all."""
        if place.kept_for is None:
            return
        if (seat := self._wanted(place)) is None:
            self.open_to_all(place)
        else:
            self._waiting.keep_for(place, seat)
            self.openings.places[place] = None

    def open_kept(self, seat: Seat) -> None:
        """What is kept for an agent who cannot have it any more may be offered to others."""
        for _, contact_id in list(seat.kept):
            place = self._waiting.places[contact_id]
            if not self._may_be_kept(place, seat):
                self._pass_on(place)

    def prospect(self, place: Place) -> Prospect:
        """What the contact can hope for now."""
        kept, contact = place.kept_for, place.contact
        return Prospect(
            ahead=place.line.waiting.before(place.rank),
            agents=self._seats.staffing.of(place.group),
            kept_for=None if kept is None else kept.agent.id,
            kept_until=None if kept is None else contact.queued_at + contact.wanted_for,
        )

    def take_step(self, place: Place, now: datetime) -> Effect:
        """The queue asks something else of agents who are to have a contact that waits so long."""
        self._regroup(place, now)
        self.openings.places[place] = None
        return StepTaken(place.contact, place.steps, place.group.demand, self.prospect(place))

    def _regroup(self, place: Place, now: datetime) -> None:
        """What the queue asks for the contact after this time, and asks next."""
        queue = place.line.queue
        steps = queue.steps_by(now - place.contact.queued_at)
        self._waiting.take_step(place, steps)
        if steps < len(queue.steps):
            at = place.contact.queued_at + queue.steps[steps].after
            self._alarms.set(Alarm(Due.STEP_COMES, place.contact.id), at)
        else:
            self._alarms.cancel(Alarm(Due.STEP_COMES, place.contact.id))
        if place.kept_for is not None and not self._may_be_kept(place, place.kept_for):
            self._pass_on(place)

    def shun(self, place: Place, agent_id: AgentId, until: datetime) -> None:
        """Do not offer the contact to this agent until then."""
        place.shunned[agent_id] = until
        self._alarms.set(Alarm(Due.BACKOFF_ENDS, agent_id, place.contact.id), until)

    # --- being served -------------------------------------------------------------------------

    def accept(self, offer_id: str, now: datetime) -> list[Effect]:
        if offer_id in self.served:
            return []
        offer = self.ringing.get(offer_id)
        if offer is None or now >= offer.expires_at:
            raise OfferOver(offer_id)
        self._stop_ringing(offer_id)
        seat = self._seats[offer.agent_id]
        if (place := self._place(offer)) is None:
            del self.direct[offer.contact_id]
            contact = self._asked.pop(offer.id)
        else:
            self.give_up(place)
            contact = place.contact
        self._serve(offer)
        if self._seats.alone(offer.channel):
            return [OfferAccepted(offer), *self.move(seat, AgentEvent.ACCEPTED, now)]
        seat.offer_id = None
        seat.hold(offer.id, contact)
        return [OfferAccepted(offer), *self.move(seat, AgentEvent.ACCEPTED_BESIDE, now)]

    def take_over(
        self, contact: WaitingContact, seat: Seat, taken_from: str, now: datetime
    ) -> list[Effect]:
        """
        The agent has it from now on.

        Where it takes them whole they neither ring nor talk, and a wrap-up is over.
        """
        effects: list[Effect] = []
        if not self._seats.alone(contact.channel):
            return self._take_beside(contact, seat, taken_from, now)
        if seat.agent.state is AgentState.WRAP_UP:
            effects += self.move(seat, AgentEvent.WRAP_UP_ENDED, now)
        offer = self._unrung(contact, seat, "taken_over", now)
        seat.offer_id = offer.id
        effects.append(TakenOver(offer, taken_from))
        return effects + self.move(seat, AgentEvent.TOOK_OVER, now, contact_id=contact.id)

    def _take_beside(
        self, contact: WaitingContact, seat: Seat, taken_from: str, now: datetime
    ) -> list[Effect]:
        offer = self._unrung(contact, seat, "taken_over", now)
        seat.hold(offer.id, contact)
        return [TakenOver(offer, taken_from), *self.move(seat, AgentEvent.TOOK_BESIDE, now)]

    def resume(
        self, contact: WaitingContact, seat: Seat, offer_id: OfferId, now: datetime
    ) -> list[Effect]:
        """The agent has it in hand, beside whatever else, as before a restart."""
        offer = self._unrung(contact, seat, "resumed", now, offer_id)
        seat.hold(offer.id, contact)
        self.allow(seat)
        return [Resumed(offer), *self.move(seat, AgentEvent.TOOK_BESIDE, now)]

    def allow(self, seat: Seat) -> None:
        """Less room than before takes nothing from the agent that they have or are rung for."""
        rung = self.ringing.get(seat.offer_id or "")
        seat.allow(rung.channel if rung is not None else None)

    def _unrung(
        self,
        contact: WaitingContact,
        seat: Seat,
        rule: str,
        now: datetime,
        offer_id: OfferId | None = None,
    ) -> Offer:
        """An offer that was taken before it was made."""
        queue = self._waiting.lines[contact.queue].queue
        why = named(seat, contact, queue.policy, now, rule)
        offer = self._offer(contact, queue, seat, why, now, offer_id)
        self._witness.decided(offer, seat, None)
        self._serve(offer)
        return offer

    def _serve(self, offer: Offer) -> None:
        line = self._waiting.lines[offer.queue]
        line.served.add(offer.id)
        self._waiting.count(line)
        self.served[offer.id] = offer
        self.serving[offer.contact_id] += 1
        self._seats[offer.agent_id].fruitless.clear()

    def end_interaction(
        self, offer_id: str, now: datetime, ended_by: str, *, met: bool = True
    ) -> list[Effect]:
        offer = self.served.get(offer_id) or self.ringing.get(offer_id)
        if offer is None:
            return []
        seat, line = self._seats[offer.agent_id], self._waiting.lines[offer.queue]
        if offer.id in seat.beside:
            return self._end_beside(offer, seat, now, ended_by, met=met)
        owes = met and not seat.always_ready and self.wrap_ups.owed(offer)
        wraps_up = met and (owes or bool(line.queue.wrap_up))
        event = AgentEvent.TALK_ENDED if wraps_up else AgentEvent.RELEASED
        step(seat.agent, event, now)  # raises before anything is changed
        effects: list[Effect] = [InteractionEnded(offer, ended_by)]
        self._unserve(offer)
        if met and seat.agent.state is AgentState.TALKING:
            seat.tally.handled += 1  # before they stand among the ready again
        effects += self.move(seat, event, now)
        if wraps_up:
            self.wrap_ups.begin(offer, line.queue, now, owes=owes)
        seat.offer_id = None
        return effects

    def _end_beside(
        self, offer: Offer, seat: Seat, now: datetime, ended_by: str, *, met: bool
    ) -> list[Effect]:
        """The agent goes on with whatever else they do; there is room for one more."""
        seat.let_go(offer.id)
        seat.tally.handled += met
        changed = self.move(seat, AgentEvent.BESIDE_ENDED, now)
        self._unserve(offer)
        return [InteractionEnded(offer, ended_by), *changed]

    def _unserve(self, offer: Offer) -> None:
        self.wrap_ups.forget(offer)
        del self.served[offer.id]
        self.serving[offer.contact_id] -= 1
        if not self.serving[offer.contact_id]:
            del self.serving[offer.contact_id]
        self._waiting.lines[offer.queue].served.remove(offer.id)
        self._recount(offer)

    def _recount(self, offer: Offer) -> None:
        """It rings or is served no more: its queue may be below its limit again."""
        line = self._waiting.lines[offer.queue]
        if self._waiting.count(line):
            self.openings.lines[line] = None
