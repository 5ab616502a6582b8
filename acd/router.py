"""
The router: everything that happens to agents and contacts, and what follows from it.

Sans-IO: a method takes the time, moves the state and returns what came true, in that order. A
method that raises has changed nothing. Whoever drives it calls :meth:`Router.handle_timer` at
:attr:`Router.deadline`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from .agents import Agent, AgentState
from .alarms import Alarms
from .contacts import Contacts
from .effects import Effect
from .endings import Endings
from .errors import QueueInUse
from .figures import Census, QueueFigures, census, queue_figures
from .interactions import Interactions
from .invariants import Books
from .matches import Matches
from .model import AgentId, Channel, ContactId, Offer, OfferId, Rules, WaitingContact
from .moves import Moves
from .notes import Notes
from .offers import Offers
from .openings import Openings
from .places import Places
from .profile import Profile
from .prospects import Prospect, prospect
from .qualification import Qualification
from .queue import Queue
from .queues import Waiting
from .repairs import Repairs
from .requirements import Skill
from .seats import Seat, Seats
from .staff import Staff
from .tally import Shift
from .timers import Timers
from .witness import NOBODY, Witness
from .wrap_ups import WrapUp, WrapUps


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
        rules = rules or Rules()
        qualification, openings = Qualification(), Openings()
        self._alarms = alarms = Alarms()
        self._wrap_ups = wrap_ups = WrapUps(alarms)
        self._seats = seats = Seats(qualification, rules.channels, witness)
        self._waiting = waiting = Waiting(queues, qualification, seats, witness)
        self._places = places = Places(seats, waiting, alarms, rules, openings)
        moves = Moves(seats, places, wrap_ups, alarms, rules, openings)
        self._offers = offers = Offers(
            waiting, places, moves, wrap_ups, alarms, openings, new_id, witness
        )
        self._endings = endings = Endings(seats, offers, places, moves, rules)
        self._interactions = Interactions(seats, waiting, offers, moves, wrap_ups)
        self._contacts = contacts = Contacts(
            seats, waiting, places, offers, endings, self._interactions
        )
        self._staff = Staff(seats, places, moves, offers, endings, contacts, openings)
        self._notes = Notes(seats, offers, moves, wrap_ups)
        self._matches = Matches(seats, waiting, offers, openings)
        self._timers = Timers(
            alarms, seats, waiting, places, moves, endings, self._notes, self._matches
        )
        self._repairs = Repairs(seats, waiting, offers, moves, contacts, openings)

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
        self._places.put_queue(queue, now)
        effects = self._matches.settle(now)
        self._forget_rankings()
        return effects

    def remove_queue(self, name: str, now: datetime) -> list[Effect]:
        """Raises :class:`QueueInUse` while anybody waits, is rung or is served there."""
        line = self._waiting.line(name)
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
        effects = self._staff.put(agent_id, profile, now, always_ready=always_ready)
        return effects + self._matches.settle(now)

    def set_open_work(self, agent_id: AgentId, open_work: int) -> None:
        """How much lies on the agent's desk beside contacts: tickets, tasks."""
        self._staff.set_open_work(agent_id, open_work)

    def remove_agent(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """
        Log the agent out and forget them, after the conversation that they are in.

        What else they have in hand goes back to where it waited. Nothing that they choose
        themselves keeps them, but :meth:`put_agent` does.
        """
        return self._staff.remove(agent_id, now) + self._matches.settle(now)

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
        effects = self._staff.restore(agent_id, state, since, reason, now, shift)
        return effects + self._matches.settle(now)

    def log_in(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """
        Not ready at first. Again is harmless, and calls off a log-out that is yet to come.

        Who works until such a log-out is ready after that work, whatever was chosen before it.
        """
        return self._staff.log_in(agent_id, now) + self._matches.settle(now)

    def log_out(self, agent_id: AgentId, now: datetime, *, give_back: bool = False) -> list[Effect]:
        """
        At once, or after the conversation and its wrap-up; an offer counts as declined.

        Contacts that are held beside are done first, or (``give_back``) wait again for somebody
        else, at their old places.
        """
        effects = self._staff.log_out(agent_id, now, give_back=give_back)
        return effects + self._matches.settle(now)

    def set_ready(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """At once, ending a wrap-up; from ringing and talking on, when that is over."""
        return self._staff.set_ready(agent_id, now) + self._matches.settle(now)

    def set_not_ready(self, agent_id: AgentId, reason: str | None, now: datetime) -> list[Effect]:
        """At once, or when the work in hand, wrap-up included, is over."""
        return self._staff.set_not_ready(agent_id, reason, now) + self._matches.settle(now)

    def end_wrap_up(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        return self._notes.end(agent_id, now) + self._matches.settle(now)

    def extend_wrap_up(self, agent_id: AgentId, by: timedelta, now: datetime) -> list[Effect]:
        """
        Let the wrap-up go on for longer, as far as its queue allows.

        Raises :class:`NotWrappingUp`, also where that is no longer than it goes on anyway.
        """
        return self._notes.extend(self._seats[agent_id].agent.id, by, now)

    def require_disposition(self, queue: str, required: bool, now: datetime) -> list[Effect]:
        """Whether conversations of the queue that end from now on need their outcome."""
        self._wrap_ups.require(queue, required)
        return []

    def disposition_recorded(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The outcome of a conversation is there. Harmless if it is not waited for."""
        return self._notes.outcome_recorded(offer_id, now) + self._matches.settle(now)

    def reachable_again(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """The agent's phone is back: who is not ready for its sake alone is ready."""
        return self._staff.reachable_again(agent_id, now) + self._matches.settle(now)

    def phone_lost(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """
        The phone of an agent who talks is gone: they are not ready when the work in hand is over.

        What they chose themselves to be then counts, but for ready.
        """
        return self._staff.phone_lost(agent_id, now) + self._matches.settle(now)

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
        return self._staff.set_fitness(agent_id, unfit, voiceless) + self._matches.settle(now)

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
        effects = self._contacts.enqueue(contact, now, returning=returning, lost_by=lost_by)
        return effects + self._matches.settle(now)

    def offer_to(self, agent_id: AgentId, contact: WaitingContact, now: datetime) -> list[Effect]:
        """
        Offer the contact to this agent and to nobody else; its queue says how long it rings.

        When the offer comes to nothing the contact waits nowhere: who asked decides what then.
        Raises :class:`AgentNotFree` unless the agent is ready and fit: nobody is rung twice.
        """
        return self._contacts.offer_to(agent_id, contact, now) + self._matches.settle(now)

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
        effects = self._contacts.take_over(agent_id, contact, taken_from, now)
        return effects + self._matches.settle(now)

    def resume(
        self, agent_id: AgentId, contact: WaitingContact, offer_id: OfferId, now: datetime
    ) -> list[Effect]:
        """
        After a restart: the agent has this contact in hand, as one that leaves room for others.

        ``offer_id`` is that of the interaction, which goes on. Who was logging out is so again.
        """
        effects = self._contacts.resume(agent_id, contact, offer_id, now)
        return effects + self._matches.settle(now)

    def need_free(self, agent_id: AgentId, channel: Channel = Channel.VOICE) -> Seat:
        """
        The seat of an agent who is ready and fit, and can take a contact of this channel.

        Raises :class:`AgentNotFree`.
        """
        return self._contacts.need_free(agent_id, channel)

    def withdraw(self, contact_id: ContactId, now: datetime) -> list[Effect]:
        """
        The contact waits no longer, and nobody is rung for it. Harmless if that is so already.

        Who serves it goes on.
        """
        return self._contacts.withdraw(contact_id, now) + self._matches.settle(now)

    def position(self, contact_id: ContactId) -> int | None:
        """The contact's place in its queue, from 1; None while it is offered, or not there."""
        place = self._waiting.in_line(contact_id)
        return None if place is None else place.position

    def prospect(self, contact_id: ContactId) -> Prospect | None:
        """What the contact's wait depends on; None while it is offered, or not there."""
        place = self._waiting.in_line(contact_id)
        if place is None:
            return None
        return prospect(self._waiting, self._seats, place.line, place.group, place.rank)

    def prospect_at(self, queue: str, position: int | None = None) -> Prospect:
        """The same at a place in the queue, from 1; without one, of who came last."""
        line = self._waiting.line(queue)
        taken = position is not None and position <= len(line.waiting)
        rank = line.waiting.at(position - 1) if position is not None and taken else None
        return prospect(self._waiting, self._seats, line, line.group, rank)

    # --- offers -------------------------------------------------------------------------------

    def accept(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The agent took it; twice is once. Raises :class:`OfferOver` if that came too late."""
        return self._interactions.accept(offer_id, now) + self._matches.settle(now)

    def decline(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The agent does not want it. Harmless if the offer is over or was accepted."""
        return self._endings.decline(offer_id, now) + self._matches.settle(now)

    def unreachable(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """The agent's phone cannot be rung. Harmless if the offer is over or was accepted."""
        return self._endings.unreachable(offer_id, now) + self._matches.settle(now)

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
        effects = self._interactions.end(offer_id, now, ended_by, met=met)
        return effects + self._matches.settle(now)

    def give_back(
        self, offer_id: OfferId, now: datetime, *, lost_by: AgentId | None = None
    ) -> list[Effect]:
        """
        A contact that is held beside others waits again, at its old place. Harmless if it is over.

        Whoever else has it keeps it; then it does not wait. ``lost_by`` backs off from it.
        """
        return self._contacts.give_back(offer_id, now, lost_by) + self._matches.settle(now)

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
        return self._repairs.release(agent_id, reason, now) + self._matches.settle(now)

    def drop_offer(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """See :meth:`.Repairs.drop`."""
        return self._repairs.drop(offer_id) + self._matches.settle(now)

    def wait_again(self, contact_id: ContactId, now: datetime) -> list[Effect]:
        """See :meth:`.Repairs.wait_again`."""
        self._repairs.wait_again(contact_id)
        return self._matches.settle(now)

    def line_up(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """See :meth:`.Repairs.line_up`."""
        self._repairs.line_up(agent_id, now)
        return self._matches.settle(now)

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
        return self._timers.handle(now)

    # --- views --------------------------------------------------------------------------------

    def wrap_up(self, agent_id: AgentId) -> WrapUp | None:
        """The agent's, as it is now; None for who has none."""
        return self._wrap_ups.of(agent_id)

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
        return self._waiting.line(name).queue

    def figures(self) -> list[QueueFigures]:
        """All queues, now."""
        return [queue_figures(line, self._seats) for line in self._waiting.lines.values()]

    def census(self) -> Census:
        return census(self._seats, self._waiting, self._offers, self._alarms)
