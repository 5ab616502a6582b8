"""
The router: everything that happens to agents and contacts, and what follows from it.

Sans-IO: a method takes the time, moves the state and returns what came true, in that order. A
method that raises has changed nothing. Whoever drives it calls :meth:`Router.handle_timer` at
:attr:`Router.deadline`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from .agents import Agent, AgentEvent, AgentState
from .alarms import Alarm, Alarms, Due
from .effects import AgentChanged, ContactQueued, Effect, FitnessChanged
from .errors import (
    AgentNotFree,
    AlreadyQueued,
    InvalidValue,
    QueueFull,
    QueueInUse,
    UnknownQueue,
)
from .figures import Census, QueueFigures, queue_figures
from .invariants import Books
from .model import (
    DISPOSITION_MISSING,
    FINISHING,
    GIVEN_BACK,
    LOGGED_IN,
    PHONE_LOST,
    SERVER_RESTARTED,
    UNREACHABLE,
    AgentId,
    Channel,
    ContactId,
    Offer,
    OfferId,
    Outcome,
    Purpose,
    Rules,
    WaitingContact,
)
from .offers import Offers
from .profile import Profile
from .prospects import Prospect, prospect
from .qualification import Qualification
from .queue import Queue
from .queues import Line, Waiting
from .repairs import Repairs
from .requirements import Skill
from .seats import Seat, Seats
from .tally import Shift
from .witness import NOBODY, Witness


class Router:
    """Any free agent, any waiting contact: one owner of both, so that no lock is needed."""

    def __init__(
        self,
        queues: Iterable[Queue],
        new_id: Callable[[], str],
        rules: Rules | None = None,
        witness: Witness = NOBODY,
    ) -> None:
        """The ``witness`` hears of every change in the moment in which it happens."""
        self._rules = rules or Rules()
        qualification = Qualification()
        self._seats = Seats(qualification, self._rules.channels, witness)
        self._waiting = Waiting(queues, qualification, self._seats, witness)
        self._alarms = Alarms()
        self._offers = Offers(
            self._seats, self._waiting, self._alarms, self._rules, new_id, witness
        )
        self._repairs = Repairs(self._seats, self._waiting, self._offers)

    # --- queues -------------------------------------------------------------------------------

    def put_queue(self, queue: Queue, now: datetime) -> list[Effect]:
        """
        Let there be this queue, or change the one of its name.

        Who waits there keeps place and rank, and asks of agents what the queue does now; what rings
        or is served is not touched. Whoever became eligible is offered at once.
        """
        before = self._waiting.lines.get(queue.name)
        if before is not None and before.queue == queue:
            return []
        self._offers.put_queue(queue, now)
        effects = self._offers.settle(now)
        self._forget_rankings()
        return effects

    def remove_queue(self, name: str, now: datetime) -> list[Effect]:
        """Raises :class:`QueueInUse` while anybody waits, is rung or is served there."""
        line = self._line(name)
        waiting, ringing, served = len(line.waiting), len(line.ringing), len(line.served)
        if waiting or ringing or served:
            raise QueueInUse(name, waiting, ringing, served)
        self._waiting.remove_line(line)
        self._forget_rankings()
        return []

    def _forget_rankings(self) -> None:
        self._seats.keep_rankings(line.queue for line in self._waiting.lines.values())

    # --- agents -------------------------------------------------------------------------------

    def put_agent(
        self,
        agent_id: AgentId,
        profile: Profile | Mapping[Skill, int],
        now: datetime,
        *,
        always_ready: bool = False,
    ) -> list[Effect]:
        """
        Make an agent known, or change their profile; what they have in hand is not touched.

        Skills alone are a profile: of an agent who serves every queue that asks for no more.

        An ``always_ready`` seat is logged in and ready from then on, and comes back by itself.
        """
        if not isinstance(profile, Profile):
            profile = Profile(profile)
        seat = self._seats.put(agent_id, profile, now)
        self._offers.allow(seat)
        self._offers.open_kept(seat)
        self._offers.let_rest(seat, now, always_ready=always_ready)
        self._offers.openings.seats[seat] = None
        effects = list[Effect]()
        if seat.leaving:  # and was to log out: they stay after all
            seat.leaving = False
            effects = self._offers.move(seat, AgentEvent.LOG_IN, now, LOGGED_IN)
        if always_ready and seat.agent.state is AgentState.LOGGED_OUT:
            effects += self.log_in(agent_id, now) + self.set_ready(agent_id, now)
        return effects + self._offers.settle(now)

    def set_open_work(self, agent_id: AgentId, open_work: int) -> None:
        """How much lies on the agent's desk beside contacts: tickets, tasks."""
        if open_work < 0:
            raise InvalidValue(f"agent {agent_id!r} cannot have {open_work} pieces of open work")
        seat = self._seats[agent_id]
        if seat.tally.open_work != open_work:
            self._seats.set_open_work(seat, open_work)

    def remove_agent(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """
        Log the agent out and forget them, after the conversation that they are in.

        What else they have in hand goes back to where it waited. Nothing that they choose
        themselves keeps them, but :meth:`put_agent` does.
        """
        seat = self._seats[agent_id]
        seat.leaving = True
        effects = self.log_out(agent_id, now, give_back=True)
        if seat.agent.state is AgentState.LOGGED_OUT:
            self._seats.forget(seat)
        return effects

    def restore(
        self,
        agent_id: AgentId,
        state: AgentState,
        since: datetime,
        reason: str | None,
        now: datetime,
        shift: Shift | None = None,
    ) -> list[Effect]:
        """
        Take up an agent's state from before a restart, unless they are logged in again already.

        With the ``shift`` on record the policies go by what the agent did in it; else it begins.

        Ready and not ready go on as they were. Who was ringing is ready: the offer is gone. Who
        was talking or in wrap-up is not ready, since the conversation may go on or the work be
        unfinished; they say themselves when they are ready. Who was logging out is logged out,
        unless they still have contacts in hand (:meth:`resume`).
        """
        seat = self._seats[agent_id]
        if seat.agent.state is not AgentState.LOGGED_OUT:
            return []
        before = Agent(agent_id, state, since, shift.idle_since if shift else since, reason)
        match state:
            case AgentState.NOT_READY if reason == FINISHING:
                after = Agent(agent_id, AgentState.LOGGED_OUT, now, now)
            case AgentState.RINGING:
                after = Agent(agent_id, AgentState.READY, now, before.idle_since)
            case AgentState.TALKING | AgentState.WRAP_UP:
                after = Agent(agent_id, AgentState.NOT_READY, now, now, SERVER_RESTARTED)
            case _:
                after = before
        self._seats.restore(seat, after, shift, now)
        self._offers.openings.seats[seat] = None
        changed: list[Effect] = [] if after is before else [AgentChanged(after, before)]
        return changed + self._offers.settle(now)

    def log_in(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """Not ready at first. Again is harmless, and calls off a log-out that is yet to come."""
        seat = self._seats[agent_id]
        if seat.leaving:
            return []
        effects = self._offers.move(seat, AgentEvent.LOG_IN, now, LOGGED_IN)
        seat.fruitless.clear()
        return effects + self._offers.settle(now)

    def log_out(self, agent_id: AgentId, now: datetime, *, give_back: bool = False) -> list[Effect]:
        """
        At once, or after the conversation and its wrap-up; an offer counts as declined.

        Contacts that are held beside are done first, or (``give_back``) wait again for somebody
        else, at their old places.
        """
        seat = self._seats[agent_id]
        if seat.agent.state is AgentState.RINGING and seat.offer_id is not None:
            effects = self._offers.decline(seat.offer_id, now, AgentEvent.LOG_OUT)
        else:
            effects = self._offers.move(seat, AgentEvent.LOG_OUT, now)
        for offer_id in list(seat.beside) if give_back else ():
            effects += self._give_back(offer_id, now)
        return effects + self._offers.settle(now)

    def set_ready(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """At once, ending a wrap-up; from ringing and talking on, when that is over."""
        seat = self._seats[agent_id]
        if seat.leaving:
            return []
        effects = self._move(seat, AgentEvent.READY, now)
        seat.fruitless.clear()
        return effects

    def set_not_ready(self, agent_id: AgentId, reason: str | None, now: datetime) -> list[Effect]:
        """At once, or when the work in hand, wrap-up included, is over."""
        seat = self._seats[agent_id]
        return [] if seat.leaving else self._move(seat, AgentEvent.NOT_READY, now, reason)

    def end_wrap_up(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        return self._move(self._seats[agent_id], AgentEvent.WRAP_UP_ENDED, now)

    def extend_wrap_up(self, agent_id: AgentId, by: timedelta, now: datetime) -> list[Effect]:
        """
        Let the wrap-up go on for longer, as far as its queue allows.

        Raises :class:`NotWrappingUp`, also where that is no longer than it goes on anyway.
        """
        self._offers.wrap_ups.extend(self._seats[agent_id].agent.id, by, now)
        return []

    def require_disposition(self, queue: str, required: bool, now: datetime) -> list[Effect]:
        """Whether conversations of the queue that end from now on need their outcome."""
        self._offers.wrap_ups.require(queue, required)
        return []

    def disposition_recorded(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The outcome of a conversation is there. Harmless if it is not waited for."""
        offer = self._offers.served.get(offer_id)
        if offer is not None:
            self._offers.wrap_ups.recorded_early(offer)
            return []
        agent_id = self._offers.wrap_ups.recorded(offer_id, now)
        return self.end_wrap_up(agent_id, now) if agent_id is not None else []

    def reachable_again(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """The agent's phone is back: who is not ready for its sake alone is ready."""
        seat = self._seats[agent_id]
        del seat.fruitless[Outcome.UNREACHABLE]
        if seat.agent.state is AgentState.NOT_READY and seat.agent.reason == UNREACHABLE:
            return self._move(seat, AgentEvent.READY, now)
        return []

    def phone_lost(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """
        The phone of an agent who talks is gone: they are not ready when the work in hand is over.

        What they chose themselves to be then counts, but for ready.
        """
        seat = self._seats[agent_id]
        chosen = seat.agent.next
        away = chosen is not None and chosen.state is not AgentState.READY
        if away or seat.agent.state is not AgentState.TALKING:
            return []
        return self._move(seat, AgentEvent.NOT_READY, now, PHONE_LOST)

    def set_fitness(
        self,
        agent_id: AgentId,
        unfit: tuple[str, ...],
        now: datetime,
        *,
        voiceless: tuple[str, ...] = (),
    ) -> list[Effect]:
        """
        Why the agent's equipment cannot take any contact now, or no call; nothing if it can.

        Who is unfit is offered nothing, who is ``voiceless`` nothing that is spoken; they keep
        state and rank. What rings already rings on.
        """
        seat = self._seats[agent_id]
        if (seat.unfit, seat.load.voiceless) == (unfit, voiceless):
            return []
        self._seats.set_fitness(seat, unfit, voiceless)
        self._offers.openings.seats[seat] = None
        return [FitnessChanged(agent_id, unfit, voiceless), *self._offers.settle(now)]

    # --- contacts -----------------------------------------------------------------------------

    def enqueue(
        self,
        contact: WaitingContact,
        now: datetime,
        *,
        returning: bool = False,
        lost_by: AgentId | None = None,
    ) -> list[Effect]:
        """
        Let the contact wait, and offer it at once if somebody is free.

        One that is ``returning`` with its first ``queued_at`` gets its old place back even in a
        full queue. If it returns because an agent took it and was gone before the two could speak
        (``lost_by``), that agent backs off from it as if it had been declined; so does one who
        gave it away. A contact that is served may wait for an adviser as well.
        """
        line = self._line(contact.queue)
        self._refuse_twice(contact)
        if contact.purpose is Purpose.SERVE and contact.id in self._offers.serving:
            raise AlreadyQueued(contact.id, "served")
        limit = line.queue.max_waiting
        if limit is not None and len(line.unserved) >= limit and not returning:
            raise QueueFull(contact.queue, limit)
        return [self._join(contact, now, lost_by), *self._offers.settle(now)]

    def _join(self, contact: WaitingContact, now: datetime, lost_by: AgentId | None) -> Effect:
        queue = self._waiting.lines[contact.queue].queue
        urgency = queue.urgency(contact, self._rules.priority_credit)
        place = self._waiting.join(contact, urgency, queue.steps_by(now - contact.queued_at))
        if lost_by is not None:
            self._offers.shun(place, lost_by, now + self._rules.decline_backoff)
        self._offers.wait(place, now)
        return ContactQueued(contact, self._offers.prospect(place))

    def offer_to(self, agent_id: AgentId, contact: WaitingContact, now: datetime) -> list[Effect]:
        """
        Offer the contact to this agent and to nobody else; its queue says how long it rings.

        When the offer comes to nothing the contact waits nowhere: who asked decides what then.
        Raises :class:`AgentNotFree` unless the agent is ready and fit: nobody is rung twice.
        """
        self._line(contact.queue)
        self._refuse_twice(contact)
        seat = self.need_free(agent_id, contact.channel)
        return self._offers.make_direct(contact, seat, now) + self._offers.settle(now)

    def take_over(
        self, agent_id: AgentId, contact: WaitingContact, taken_from: str, now: datetime
    ) -> list[Effect]:
        """
        This agent has the contact from now on, without having been rung for it.

        Whether they were ready or not: they talk, have the queue's wrap-up, and are then again
        what they were. Raises :class:`AgentNotFree` for who is rung for another one, talks or is
        about to leave for ever.

        A contact that leaves room for others comes beside whatever they do, up to their capacity,
        and while what they are rung for can still come to it: :class:`AgentNotFree` else says why.

        Raises :class:`AlreadyQueued` for one that waits, or rings, to be served by somebody.
        """
        self._line(contact.queue)
        seat = self._seats[agent_id]
        alone = self._seats.alone(contact.channel)
        busy = alone and seat.agent.state in (AgentState.RINGING, AgentState.TALKING)
        if seat.leaving or busy:
            raise AgentNotFree(agent_id, seat.agent.state.value)
        if not alone and (obstacle := self._beside_obstacle(seat, contact.channel)) is not None:
            raise AgentNotFree(agent_id, seat.agent.state.value, (obstacle,))
        self._refuse_second_owner(contact)
        taken = self._offers.take_over(contact, seat, taken_from, now)
        return taken + self._offers.settle(now)

    def _beside_obstacle(self, seat: Seat, channel: Channel) -> str | None:
        """Why the agent cannot take one more of it beside what they have and are rung for."""
        if seat.load.full(channel):
            return seat.load.obstacle(channel)
        rung = self._offers.ringing.get(seat.offer_id or "")
        return None if rung is None else seat.load.more(channel).crowding(rung.channel)

    def resume(
        self, agent_id: AgentId, contact: WaitingContact, offer_id: OfferId, now: datetime
    ) -> list[Effect]:
        """
        After a restart: the agent has this contact in hand, as one that leaves room for others.

        ``offer_id`` is that of the interaction, which goes on. Who was logging out is so again.
        """
        self._line(contact.queue)
        self._refuse_twice(contact)
        if self._seats.alone(contact.channel):
            raise InvalidValue(f"a {contact.channel} contact is not held beside others")
        if offer_id in self._offers.served:
            raise AlreadyQueued(contact.id, "served")
        resumed = self._offers.resume(contact, self._seats[agent_id], offer_id, now)
        return resumed + self._offers.settle(now)

    def need_free(self, agent_id: AgentId, channel: Channel = Channel.VOICE) -> Seat:
        """
        The seat of an agent who is ready and fit, and can take a contact of this channel.

        Raises :class:`AgentNotFree`.
        """
        seat = self._seats[agent_id]
        obstacle = seat.load.obstacle(channel)
        if not seat.free or obstacle is not None:
            why = seat.unfit if obstacle is None else (*seat.unfit, obstacle)
            raise AgentNotFree(agent_id, seat.agent.state.value, why)
        return seat

    def _refuse_twice(self, contact: WaitingContact) -> None:
        """One contact has one place or one offer; who serves it may want advice meanwhile."""
        if (there := self._waiting.places.get(contact.id)) is not None:
            raise AlreadyQueued(contact.id, "offered" if there.offer_id else "waiting")
        if contact.id in self._offers.direct:
            raise AlreadyQueued(contact.id, "offered")

    def _refuse_second_owner(self, contact: WaitingContact) -> None:
        """Advice may be on its way to whoever has it, but nobody else who would have it."""
        place, direct = self._waiting.places.get(contact.id), self._offers.direct.get(contact.id)
        if place is not None and place.contact.purpose is Purpose.SERVE:
            raise AlreadyQueued(contact.id, "offered" if place.offer_id else "waiting")
        rung = self._offers.ringing[direct] if direct is not None else None
        served = contact.id in self._offers.serving  # then it is handed on, and may be
        if rung is not None and rung.purpose is Purpose.SERVE and not served:
            raise AlreadyQueued(contact.id, "offered")

    def withdraw(self, contact_id: ContactId, now: datetime) -> list[Effect]:
        """
        The contact waits no longer, and nobody is rung for it. Harmless if that is so already.

        Who serves it goes on.
        """
        return self._withdraw(contact_id, now) + self._offers.settle(now)

    def _withdraw(self, contact_id: ContactId, now: datetime) -> list[Effect]:
        if (offer_id := self._offers.direct.get(contact_id)) is not None:
            return self._offers.withdraw(offer_id, now)
        place = self._waiting.places.get(contact_id)
        if place is None:
            return []
        if place.offer_id is not None:
            return self._offers.withdraw(place.offer_id, now)
        self._offers.give_up(place)
        return []

    def position(self, contact_id: ContactId) -> int | None:
        """The contact's place in its queue, from 1; None while it is offered, or not there."""
        place = self._waiting.places.get(contact_id)
        if place is None or place.offer_id is not None:
            return None
        return place.line.waiting.before(place.rank) + 1

    def prospect(self, contact_id: ContactId) -> Prospect | None:
        """What the contact's wait depends on; None while it is offered, or not there."""
        place = self._waiting.places.get(contact_id)
        if place is None or place.offer_id is not None:
            return None
        return prospect(self._waiting, self._seats, place.line, place.group, place.rank)

    def prospect_at(self, queue: str, position: int | None = None) -> Prospect:
        """The same at a place in the queue, from 1; without one, of who came last."""
        line = self._waiting.lines.get(queue)
        if line is None:
            raise UnknownQueue(queue)
        taken = position is not None and position <= len(line.waiting)
        rank = line.waiting.at(position - 1) if position is not None and taken else None
        return prospect(self._waiting, self._seats, line, line.group, rank)

    # --- offers -------------------------------------------------------------------------------

    def accept(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The agent took it; twice is once. Raises :class:`OfferOver` if that came too late."""
        return self._offers.accept(offer_id, now) + self._offers.settle(now)

    def decline(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The agent does not want it. Harmless if the offer is over or was accepted."""
        return self._offers.decline(offer_id, now) + self._offers.settle(now)

    def unreachable(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The agent's phone cannot be rung. Harmless if the offer is over or was accepted."""
        return self._offers.unreachable(offer_id, now) + self._offers.settle(now)

    def start_ringing(self, offer_id: OfferId, now: datetime) -> None:
        """
        The agent was held until the customer was there, and is rung from now on.

        Harmless if the offer is over, was accepted or rings already.
        """
        self._offers.start_ringing(offer_id, now)

    def end_interaction(
        self, offer_id: OfferId, now: datetime, ended_by: str, *, met: bool = True
    ) -> list[Effect]:
        """
        The conversation is over. Harmless if it was over before.

        Where agent and customer never ``met`` (they did not answer) there is nothing to wrap up,
        and it does not count as a contact that the agent handled.

        Raises :class:`IllegalTransition` for an offer that still rings: withdraw or decline it.
        """
        ended = self._offers.end_interaction(offer_id, now, ended_by, met=met)
        return ended + self._offers.settle(now)

    def give_back(
        self, offer_id: OfferId, now: datetime, *, lost_by: AgentId | None = None
    ) -> list[Effect]:
        """
        A contact that is held beside others waits again, at its old place. Harmless if it is over.

        Whoever else has it keeps it; then it does not wait. ``lost_by`` backs off from it.
        """
        return self._give_back(offer_id, now, lost_by) + self._offers.settle(now)

    def _give_back(
        self, offer_id: OfferId, now: datetime, lost_by: AgentId | None = None
    ) -> list[Effect]:
        offer = self._offers.served.get(offer_id)
        if offer is None:
            return []
        contact = self._seats[offer.agent_id].beside.get(offer_id)
        if contact is None:
            raise InvalidValue(f"what {offer_id!r} is about was never to wait again")
        waits = contact.purpose is Purpose.SERVE and self._offers.serving[contact.id] == 1
        effects = self._withdraw(contact.id, now) if waits else []  # no advice is needed any more
        effects += self._offers.end_interaction(offer_id, now, GIVEN_BACK, met=False)
        if waits:
            effects.append(self._join(contact, now, lost_by))
        return effects

    # --- repairs ------------------------------------------------------------------------------

    @property
    def books(self) -> Books:
        """To be read, by whoever checks that all is in order."""
        return Books(self._seats, self._waiting, self._offers, self._alarms)

    def release(self, agent_id: AgentId, reason: str, now: datetime) -> list[Effect]:
        """
        Whatever the agent has in hand is theirs no more, and they are not ready for this reason.

        What rings goes to others, what was talked about is over, and what they held beside that
        waits again (:meth:`.Repairs.release`).
        """
        effects = self._repairs.release(agent_id, reason, now)
        for offer_id in list(self._seats[agent_id].beside) if self.knows(agent_id) else ():
            effects += self._give_back(offer_id, now, agent_id)
        return effects + self._offers.settle(now)

    def drop_offer(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """See :meth:`.Repairs.drop`."""
        return self._repairs.drop(offer_id) + self._offers.settle(now)

    def wait_again(self, contact_id: ContactId, now: datetime) -> list[Effect]:
        """See :meth:`.Repairs.wait_again`."""
        self._repairs.wait_again(contact_id)
        return self._offers.settle(now)

    def line_up(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """See :meth:`.Repairs.line_up`."""
        self._repairs.line_up(agent_id, now)
        return self._offers.settle(now)

    # --- time ---------------------------------------------------------------------------------

    @property
    def deadline(self) -> datetime | None:
        """When to call :meth:`handle_timer`; None if nothing is to happen by itself."""
        return self._alarms.deadline

    def handle_timer(self, now: datetime) -> list[Effect]:
        """
        Let everything happen whose time has come.

        Should one of it raise, the rest is due still.
        """
        due = deque[Alarm]()
        try:
            return self._due(due, now)
        finally:
            for alarm in due:
                self._alarms.set(alarm, now)

    def _due(self, due: deque[Alarm], now: datetime) -> list[Effect]:
        effects = list[Effect]()
        while (alarm := self._alarms.pop_due(now)) is not None:
            place = self._waiting.places.get(alarm.contact_id or alarm.id)
            match alarm.kind:
                case Due.BACKOFF_ENDS if place is not None:
                    self._waiting.forgive(place, AgentId(alarm.id))
                    self._offers.openings.places[place] = None
                case Due.STEP_COMES if place is not None:
                    effects.append(self._offers.take_step(place, now))
                case Due.KEPT_NO_LONGER if place is not None:
                    self._offers.open_to_all(place)
                case _:
                    due.append(alarm)
        # All of these have come true before anybody decides, and the most urgent contact goes
        # first: else one that is less urgent would win by its alarm's number.
        effects += self._offers.settle(now)
        while due:
            effects += self._ring(due.popleft(), now) + self._offers.settle(now)
        return effects

    def _ring(self, alarm: Alarm, now: datetime) -> list[Effect]:
        match alarm.kind:
            case Due.OFFER_EXPIRES:
                return self._offers.expire(alarm.id, now)
            case Due.WRAP_UP_ENDS:
                return self._wrap_up_is_over(AgentId(alarm.id), now)
            case Due.REST_ENDS:
                return self._offers.move(self._seats[alarm.id], AgentEvent.READY, now)
            case Due.BACKOFF_ENDS | Due.STEP_COMES | Due.KEPT_NO_LONGER:
                return []  # of a contact that has left

    def _wrap_up_is_over(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """Unless it owes something: then it goes on, and at last the agent is not ready."""
        missed = self._offers.wrap_ups.missed(agent_id, now)
        if missed is None:
            return []
        seat, effects = self._seats[agent_id], list[Effect]()
        chosen = seat.agent.next
        if missed and (chosen is None or chosen.state is AgentState.READY):
            effects = self._offers.move(seat, AgentEvent.NOT_READY, now, DISPOSITION_MISSING)
        return effects + self._offers.move(seat, AgentEvent.WRAP_UP_ENDED, now)

    # --- views --------------------------------------------------------------------------------

    def wrap_up_until(self, agent_id: AgentId) -> datetime | None:
        """When the agent's wrap-up ends by itself; None for who has none."""
        return self._offers.wrap_ups.until(agent_id)

    def alone(self, channel: Channel) -> bool:
        """Whether such a contact takes its agent whole."""
        return self._seats.alone(channel)

    def knows(self, agent_id: AgentId) -> bool:
        return self._seats.get(agent_id) is not None

    def agent(self, agent_id: AgentId) -> Agent:
        return self._seats[agent_id].agent

    def unfit(self, agent_id: AgentId) -> tuple[str, ...]:
        """Why nothing, or no call, is offered, whatever the state says."""
        return self._seats[agent_id].hindered

    def open_work(self, agent_id: AgentId) -> int:
        return self._seats[agent_id].tally.open_work

    def offer_of(self, agent_id: AgentId) -> Offer | None:
        """What the agent is rung for or talks about."""
        offer_id = self._seats[agent_id].offer_id
        if offer_id is None:
            return None
        return self._offers.ringing.get(offer_id) or self._offers.served.get(offer_id)

    def in_hand(self, agent_id: AgentId) -> list[Offer]:
        """What the agent has beside that, the oldest first."""
        return [self._offers.served[offer_id] for offer_id in self._seats[agent_id].beside]

    def queue(self, name: str) -> Queue:
        return self._line(name).queue

    def figures(self) -> list[QueueFigures]:
        """All queues, now."""
        return [queue_figures(line, self._seats) for line in self._waiting.lines.values()]

    def census(self) -> Census:
        return Census(
            agents=len(self._seats),
            waiting=len(self._waiting.places)
            + len(self._offers.direct)
            - len(self._offers.ringing),
            offered=len(self._offers.ringing),
            served=len(self._offers.served),
            alarms=len(self._alarms),
        )

    def _line(self, queue: str) -> Line:
        line = self._waiting.lines.get(queue)
        if line is None:
            raise UnknownQueue(queue)
        return line

    def _move(
        self, seat: Seat, event: AgentEvent, now: datetime, reason: str | None = None
    ) -> list[Effect]:
        """Move the agent, and look for a contact if that made them ready."""
        return self._offers.move(seat, event, now, reason) + self._offers.settle(now)
