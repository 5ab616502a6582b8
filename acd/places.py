"""
The places of contacts, from coming to leaving: for whom each waits, and what is asked of them.

:mod:`.queues` keeps them at hand; here is what happens to them, with the alarms that go along.
"""

from datetime import datetime

from .agents import AgentState
from .alarms import Alarm, Alarms, Due
from .effects import ContactQueued, ContactRequeued, Effect, Outlook, StepTaken
from .model import AgentId, Rules, WaitingContact
from .openings import Openings
from .queue import Queue
from .queues import Place, Waiting
from .seats import Seat, Seats


class Places:
    """Whatever others may have from now on is among the openings."""

    def __init__(
        self, seats: Seats, waiting: Waiting, alarms: Alarms, rules: Rules, openings: Openings
    ) -> None:
        self._seats = seats
        self._waiting = waiting
        self._alarms = alarms
        self._rules = rules
        self._openings = openings

    # --- coming and leaving -------------------------------------------------------------------

    def join(
        self, contact: WaitingContact, now: datetime, lost_by: AgentId | None = None
    ) -> Effect:
        """The contact begins to wait; ``lost_by`` backs off from it."""
        queue = self._waiting.lines[contact.queue].queue
        urgency = queue.urgency(contact, self._rules.priority_credit)
        place = self._waiting.join(contact, urgency, queue.steps_by(now - contact.queued_at))
        if lost_by is not None:
            self._shun(place, lost_by, now + self._rules.decline_backoff)
        self._wait(place, now)
        return ContactQueued(contact, self._outlook(place))

    def _wait(self, place: Place, now: datetime) -> None:
        """For the one whom it is kept for, if that can come to be."""
        contact, queue = place.contact, place.line.queue
        until = contact.queued_at + contact.wanted_for
        if until > now and (seat := self._wanted(place)) is not None:
            self._waiting.keep_for(place, seat)
            self._alarms.set(Alarm(Due.KEPT_NO_LONGER, contact.id), until)
        if place.steps < len(queue.steps):
            at = contact.queued_at + queue.steps[place.steps].after
            self._alarms.set(Alarm(Due.STEP_COMES, contact.id), at)
        self._waiting.wait(place)
        self._openings.places[place] = None

    def wait_again(self, place: Place) -> Effect:
        """The contact is offered to nobody any more, and waits at its old place."""
        self._waiting.wait(place)
        self._openings.places[place] = None
        return ContactRequeued(place.contact)

    def give_up(self, place: Place) -> None:
        """The contact waits no longer, for good."""
        for agent_id in place.shunned:
            self._alarms.cancel(Alarm(Due.BACKOFF_ENDS, agent_id, place.contact.id))
        for kind in (Due.STEP_COMES, Due.KEPT_NO_LONGER):
            self._alarms.cancel(Alarm(kind, place.contact.id))
        self._waiting.leave(place)

    # --- agents who back off ------------------------------------------------------------------

    def back_off(self, place: Place, agent_id: AgentId, until: datetime) -> None:
        """The agent is not offered it until then, nor is it kept for them."""
        self._shun(place, agent_id, until)
        self._pass_on(place)

    def forgive(self, place: Place, agent_id: AgentId) -> None:
        """The agent backs off no longer."""
        self._waiting.forgive(place, agent_id)
        self._openings.places[place] = None

    def _shun(self, place: Place, agent_id: AgentId, until: datetime) -> None:
        place.shunned[agent_id] = until
        self._alarms.set(Alarm(Due.BACKOFF_ENDS, agent_id, place.contact.id), until)

    # --- kept for an agent --------------------------------------------------------------------

    def open_to_all(self, place: Place) -> None:
        """Whoever it was kept for: from now on everybody who qualifies may have it."""
        if place.kept_for is not None:
            self._alarms.cancel(Alarm(Due.KEPT_NO_LONGER, place.contact.id))
            self._waiting.keep_for(place, None)
            self._openings.places[place] = None

    def open_kept(self, seat: Seat, rung_for: Place | None = None) -> None:
        """
        What is kept for an agent who cannot have it any more may be offered to others.

        ``rung_for``: what rings at the agent may be kept for them, too, should it wait again.
        """
        kept = [self._waiting.places[contact_id] for _, contact_id in seat.kept]
        if rung_for is not None and rung_for.kept_for is seat:
            kept.append(rung_for)
        for place in kept:
            if not self._may_be_kept(place, seat):
                self._pass_on(place)

    def _pass_on(self, place: Place) -> None:
        """Whom it was kept for cannot have it: the next one who is wanted may, or all."""
        if place.kept_for is None:
            return
        if (seat := self._wanted(place)) is None:
            self.open_to_all(place)
        else:
            self._waiting.keep_for(place, seat)
            self._openings.places[place] = None

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

    # --- what is asked of agents --------------------------------------------------------------

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
        self._openings.lines[line] = None

    def take_step(self, place: Place, now: datetime) -> Effect:
        """The queue asks something else of agents who are to have a contact that waits so long."""
        self._regroup(place, now)
        self._openings.places[place] = None
        return StepTaken(place.contact, place.steps, place.group.demand, self._outlook(place))

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

    def _outlook(self, place: Place) -> Outlook:
        """What the contact can hope for now."""
        kept, contact = place.kept_for, place.contact
        return Outlook(
            ahead=place.line.waiting.before(place.rank),
            agents=self._seats.staffing.of(place.group),
            kept_for=None if kept is None else kept.agent.id,
            kept_until=None if kept is None else contact.queued_at + contact.wanted_for,
        )
