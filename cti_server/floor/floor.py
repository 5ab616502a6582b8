"""The floor: what agents and contacts do goes to the router, what comes true is logged and told."""

import asyncio
import contextvars
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import structlog

from acd import effects as acd
from acd import inputs
from acd.agents import Agent
from acd.errors import StateNotSelectable, UnknownAgent, UnknownReason
from acd.estimate import Estimate
from acd.estimates import Estimates
from acd.explanations import Explanation, explain
from acd.figures import Census
from acd.hopes import Hopes, hopes_of
from acd.invariants import Books
from acd.memory import Memory
from acd.model import (
    AgentId,
    AgentState,
    Channel,
    ContactId,
    Offer,
    OfferId,
    WaitingContact,
)
from acd.prospects import Prospect
from acd.queue import Queue
from acd.router import Router
from acd.tally import Shift
from acd.waits import QueueWaits, Wait, everybody_in, wait_of, waits_in
from cti_server.clock import Clock
from cti_server.wire import events

from .choices import Choices
from .facts import fact_of
from .fitness import DESKTOP_AWAY, by_channel
from .hindrances import Hindrances
from .offers import Offers
from .profile import BROWSER_PHONE, AgentProfile
from .record_lines import Taken
from .running_router import RunningRouter
from .views import AgentSnapshot, QueueSnapshot

log = structlog.get_logger()


class Floor:
    """
    The agents at work, and the contacts that wait for them.

    All methods are called on the event loop. What they refuse is an ``AcdError`` and has changed
    nothing.
    """

    def __init__(
        self,
        router: Router,
        clock: Clock,
        append: Callable[[events.Event], object],
        *,
        reasons: Collection[str] = (),
        record: Callable[[Taken], object] | None = None,
        memory: Memory | None = None,
    ) -> None:
        """
        ``record``: is given every input, before anybody hears what comes of it. ``memory``: the
        router's witness, from which it is explained why somebody was offered nothing.
        """
        self._router = router
        self._memory = memory
        self.estimates = Estimates(router)
        """How long contacts will wait, learnt from what happens here."""
        self._clock = clock
        self._append = append
        self.reasons = tuple(reasons)
        """Why somebody may say that they are not ready."""
        self._profiles: dict[str, AgentProfile] = {}
        self._hindrances = Hindrances()
        self._choices = Choices()
        self._running = RunningRouter(
            router, clock, self.estimates, self._carry_out, record=record, memory=memory
        )
        self.offers: Offers | None = None
        """Who rings the agents; set once, before anybody is ready."""

    def close(self) -> None:
        """Nothing happens by itself any more. What there was is in the log."""
        self._running.close()

    # --- where they wait ----------------------------------------------------------------------

    def put_queue(self, queue: Queue) -> None:
        """Let there be this queue, or change the one of its name; who waits there waits on."""
        self._running.take(inputs.PutQueue(queue))

    def remove_queue(self, name: str) -> None:
        """Raises ``QueueInUse`` while anybody waits, is rung or is served there."""
        self._running.take(inputs.RemoveQueue(name))

    # --- who is there -------------------------------------------------------------------------

    def put_agent(self, profile: AgentProfile) -> None:
        """
        Add an agent, or change what is known of them; a contact in hand is not touched.

        Whose phone becomes the browser is unfit until a desktop says otherwise.
        """
        agent_id, before = AgentId(profile.id), self._profiles.get(profile.id)
        put = inputs.PutAgent(agent_id, profile.routing, profile.always_ready)
        self._profiles[profile.id] = profile
        self._running.take(put)
        if before is None or before.phone != profile.phone:
            unfit = (DESKTOP_AWAY,) if profile.phone == BROWSER_PHONE else ()
            hindered = self._hindrances.of_equipment(agent_id, unfit)
            self._running.take(inputs.SetFitness(agent_id, *by_channel(hindered)))

    def remove_agent(self, agent_id: str) -> None:
        """At once, or when the conversation and its wrap-up are over."""
        self._running.take(inputs.RemoveAgent(AgentId(agent_id)))
        self._forget_if_gone(agent_id)

    def restore(
        self,
        agent_id: str,
        state: str,
        since: datetime,
        reason: str | None,
        shift: Shift | None = None,
    ) -> None:
        """
        Take up the state that the agent had when the server went down.

        Ready and not ready go on, with their first moment. Ringing becomes ready. Talking and
        wrap-up become not ready, reason "server_restarted". Always-ready seats stay ready. With the
        ``shift`` the policies go by what they did in it.
        """
        self._running.take(
            inputs.Restore(AgentId(agent_id), AgentState(state), since, reason, shift)
        )

    def profile(self, agent_id: str) -> AgentProfile:
        profile = self._profiles.get(agent_id)
        if profile is None:
            raise UnknownAgent(agent_id)
        return profile

    @property
    def profiles(self) -> Mapping[str, AgentProfile]:
        """Of everybody who is known; read-only."""
        return MappingProxyType(self._profiles)

    def agent_number(self, agent_id: str) -> str:
        """What callers are told (AC-07)."""
        return self.profile(agent_id).number

    # --- what they do -------------------------------------------------------------------------

    def log_in(self, agent_id: str) -> None:
        """
        Not ready at first. Again is harmless, and calls off a log-out that is yet to come.

        Who works until such a log-out is ready after that work, whatever was chosen before it.
        """
        self._running.take(inputs.LogIn(AgentId(agent_id)))

    def log_out(self, agent_id: str, *, give_back: bool = False) -> None:
        """
        At once, or after the conversation and its wrap-up; an offer counts as declined.

        Contacts that are held beside are done first or, on ``give_back``, wait again for others.
        """
        self._running.take(inputs.LogOut(AgentId(agent_id), give_back))

    def set_ready(self, agent_id: str) -> None:
        self._running.take(inputs.SetReady(AgentId(agent_id)))

    def set_not_ready(self, agent_id: str, reason: str | None = None) -> None:
        """A reason, if one is given, is one of the configured list."""
        if reason is not None and reason not in self.reasons:
            raise UnknownReason(reason)
        self._running.take(inputs.SetNotReady(AgentId(agent_id), reason))

    def set_state(
        self,
        agent_id: str,
        state: AgentState,
        reason: str | None = None,
        *,
        by: str | None = None,
    ) -> None:
        """
        What an agent, or a supervisor for them, may choose: logged out, not ready, ready.

        While the agent is busy it is remembered for afterwards, and the last choice counts. It is
        told who chose (``by``) where that is somebody else. Whom somebody else logs out gives back
        what they hold beside a conversation.
        """
        before = self._router.agent(AgentId(agent_id))
        with self._choices.made(agent_id, state, by):
            match state:
                case AgentState.READY:
                    self.set_ready(agent_id)
                case AgentState.NOT_READY:
                    self.set_not_ready(agent_id, reason)
                case AgentState.LOGGED_OUT:
                    self.log_out(agent_id, give_back=by is not None)
                case _:
                    raise StateNotSelectable(state)
        if not self._router.knows(AgentId(agent_id)):
            return
        if self._router.agent(AgentId(agent_id)) is before:
            self._choices.forget(agent_id)  # it was so already

    def end_wrap_up(self, agent_id: str) -> None:
        """By the agent, or by a supervisor for them. Harmless if it is over."""
        self._running.take(inputs.EndWrapUp(AgentId(agent_id)))

    def extend_wrap_up(self, agent_id: str, by: timedelta) -> None:
        """Raises ``NotWrappingUp``, also where the queue allows no more."""
        self._running.take(inputs.ExtendWrapUp(AgentId(agent_id), by))

    def require_disposition(self, queue: str, required: bool) -> None:
        """Whether a wrap-up for the queue goes on until its outcome is there."""
        self._running.take(inputs.RequireDisposition(queue, required))

    def disposition_recorded(self, interaction_id: str) -> None:
        """The outcome of the interaction is there. Harmless if it is not waited for."""
        self._running.take(inputs.DispositionRecorded(OfferId(interaction_id)))

    def reachable_again(self, agent_id: str) -> None:
        """The agent's phone registered: who is not ready only for want of it is ready again."""
        self._running.take(inputs.ReachableAgain(AgentId(agent_id)))

    def phone_lost(self, agent_id: str) -> None:
        """In the midst of a conversation: not ready when that is over, reason "phone_lost"."""
        self._running.take(inputs.PhoneLost(AgentId(agent_id)))

    def set_fitness(self, agent_id: str, unfit: tuple[str, ...]) -> None:
        """
        Why the agent's equipment cannot take a call, in words of :mod:`.fitness`; empty if it can.

        Reasons that lie in the sound leave the other channels open.

        Harmless if it is so already. Whose phone is not the browser is always fit.
        """
        if self.profile(agent_id).phone == BROWSER_PHONE:
            self._hinder(agent_id, self._hindrances.of_equipment(agent_id, unfit))

    def set_open_work(self, pieces: Mapping[str, int]) -> None:
        """How much everybody has to do beside contacts; who is not named has nothing."""
        for agent_id in map(AgentId, self._profiles):
            open_work = pieces.get(agent_id, 0)
            if self._router.knows(agent_id) and self._router.open_work(agent_id) != open_work:
                self._running.take(inputs.SetOpenWork(agent_id, open_work))

    def begins_to_listen(self, agent_id: str) -> None:
        """A supervisor is rung to hear a call: nothing is offered to them until that is over."""
        self._hinder(agent_id, self._hindrances.begins_to_listen(agent_id))

    def listens_no_more(self, agent_id: str) -> None:
        """Once for each time that they began to; who is ready is offered contacts again."""
        self._hinder(agent_id, self._hindrances.listens_no_more(agent_id))

    def _hinder(self, agent_id: str, reasons: tuple[str, ...]) -> None:
        known, (unfit, voiceless) = AgentId(agent_id), by_channel(reasons)
        if self._router.knows(known) and self._router.unfit(known) != (*unfit, *voiceless):
            self._running.take(inputs.SetFitness(known, unfit, voiceless))

    # --- contacts -----------------------------------------------------------------------------

    def enqueue(
        self, contact: WaitingContact, *, returning: bool = False, lost_by: str | None = None
    ) -> None:
        """
        Let the contact wait; the offer may come before this returns.

        ``returning`` with its first ``queued_at`` it has its place, in a full queue too; an agent
        who took it and was gone before the two could speak (``lost_by``) backs off from it.
        """
        lost = AgentId(lost_by) if lost_by is not None else None
        self._running.take(inputs.Enqueue(contact, returning, lost))

    def need_free(self, agent_id: str, channel: Channel = Channel.VOICE) -> None:
        """Raises ``AgentNotFree`` for who could not be offered a contact of the channel now."""
        self._router.need_free(AgentId(agent_id), channel)

    def offer_to(self, agent_id: str, contact: WaitingContact) -> None:
        """
        Reserve this very agent for the contact; the offer may come before this returns.

        It rings as long as the contact's queue says, and leaves the contact nowhere if it comes to
        nothing. Raises ``AgentNotFree``.
        """
        self._running.take(inputs.OfferTo(AgentId(agent_id), contact))

    def take_over(self, agent_id: str, contact: WaitingContact, taken_from: str) -> Offer:
        """
        This agent has the contact without having been rung for it; their interaction's offer.

        Raises ``AgentNotFree`` for who is rung for another one or talks.
        """
        done = self._running.take(inputs.TakeOver(AgentId(agent_id), contact, taken_from))
        return next(effect.offer for effect in done if isinstance(effect, acd.TakenOver))

    def resume(self, agent_id: str, contact: WaitingContact, interaction_id: str) -> None:
        """After a restart: the agent has the contact in hand, beside others, as they had it."""
        self._running.take(inputs.Resume(AgentId(agent_id), contact, OfferId(interaction_id)))

    def give_back(self, offer_id: str, *, lost_by: str | None = None) -> None:
        """
        A contact that is held beside others waits again, at its old place.

        Harmless if it was over. Who gives it away (``lost_by``) is not offered it for a while.
        """
        lost = AgentId(lost_by) if lost_by is not None else None
        self._running.take(inputs.GiveBack(OfferId(offer_id), lost))

    def withdraw(self, contact_id: str) -> None:
        """The contact waits no longer; an offer of it ends. Harmless if it is not there."""
        self._running.take(inputs.Withdraw(ContactId(contact_id)))

    def position(self, contact_id: str) -> int | None:
        """The contact's place in its queue, from 1; None while it is offered, or not there."""
        return self._router.position(ContactId(contact_id))

    def prospect(self, queue: str, contact_id: str | None = None) -> Prospect:
        """What the wait of a contact depends on; without one that waits, of who comes now."""
        found = self._router.prospect(ContactId(contact_id)) if contact_id is not None else None
        return found or self._router.prospect_at(queue)

    def accept(self, offer_id: str) -> None:
        """The agent picked up; twice is once. Raises ``OfferOver`` if the offer has ended."""
        self._running.take(inputs.Accept(OfferId(offer_id)))

    def decline(self, offer_id: str) -> None:
        """The agent does not want it. Harmless if the offer has ended or was accepted."""
        self._running.take(inputs.Decline(OfferId(offer_id)))

    def unreachable(self, offer_id: str) -> None:
        """The phone cannot be rung. Harmless if the offer has ended or was accepted."""
        self._running.take(inputs.Unreachable(OfferId(offer_id)))

    def start_ringing(self, offer_id: str) -> None:
        """The agent, who was held until the customer was there, is rung from now on."""
        self._running.take(inputs.StartRinging(OfferId(offer_id)))

    def end_interaction(self, offer_id: str, ended_by: str, *, met: bool = True) -> None:
        """
        The conversation is over, by "caller", "agent" or "system". Harmless if it was over.

        Where the two never ``met`` there is no wrap-up, and nothing was handled.
        """
        self._running.take(inputs.EndInteraction(OfferId(offer_id), ended_by, met))

    # --- repairs ------------------------------------------------------------------------------

    def release(self, agent_id: str, reason: str) -> None:
        """
        The agent has nothing in hand any more, and is not ready for this reason, one of the ACD's.

        What rang goes to others, what was talked about is over. For who is stuck; who should only
        hang up has a verb of the call's.
        """
        self._running.take(inputs.Release(AgentId(agent_id), reason))

    def drop_offer(self, offer_id: str) -> None:
        """End an offer that its agent does not have; harmless if they do."""
        self._running.take(inputs.DropOffer(OfferId(offer_id)))

    def wait_again(self, contact_id: str) -> None:
        """A contact that has a place, and is offered to nobody, waits there as it should."""
        self._running.take(inputs.WaitAgain(ContactId(contact_id)))

    def line_up(self, agent_id: str) -> None:
        """Who is free is found by contacts; harmless if they are."""
        self._running.take(inputs.LineUp(AgentId(agent_id)))

    @property
    def books(self) -> Books:
        """To be read, by whoever checks that all is in order."""
        return self._router.books

    async def explain(self, agent_id: str, since: datetime, until: datetime) -> Explanation:
        """
        What the agent was in this time and, while they were free, why nothing was offered.

        As far back as is remembered, half an hour at most. Raises ``UnknownAgent``. Where thousands
        wait it takes a while: in a thread, by a copy, so that nobody waits for it.
        """
        profile, memory = self.profile(agent_id), self._memory
        if memory is None:
            return Explanation(AgentId(profile.id), until, until, ())
        memory.at(max(until, memory.now))
        return await asyncio.to_thread(
            explain, memory.about(agent_id, since), agent_id, since, until
        )

    def hopes_of(self, contact_id: str) -> Hopes | None:
        """What a waiting contact can hope for now; None if it does not wait."""
        return hopes_of(self._router.books, contact_id)

    def waits(self, queue: str, most: int) -> QueueWaits:
        """The first who wait in a queue now. Raises ``UnknownQueue``."""
        return waits_in(self._router.books, queue, most)

    def wait_of(self, contact_id: str) -> Wait | None:
        """None for a contact that has no place in a queue."""
        return wait_of(self._router.books, contact_id)

    def everybody_in(self, queue: str) -> list[str]:
        """The contacts that have a place there, by arrival. Raises ``UnknownQueue``."""
        return everybody_in(self._router.books, queue)

    def expected_wait(self, contact_id: str) -> Estimate | None:
        """From now on; None while it is offered, or nothing is known."""
        return self.estimates.of(ContactId(contact_id))

    # --- views --------------------------------------------------------------------------------

    def queue_names(self) -> list[str]:
        return list(self._router.books.waiting.lines)

    def agent(self, agent_id: str) -> AgentSnapshot:
        return self._snapshot(self.profile(agent_id))

    def agents(self) -> list[AgentSnapshot]:
        """Everybody, in the order in which they became known."""
        return [
            self._snapshot(profile)
            for profile in self._profiles.values()
            if self._router.knows(AgentId(profile.id))
        ]

    def queues(self) -> list[QueueSnapshot]:
        now = self._clock.now()
        return [QueueSnapshot.of(figures, now) for figures in self._router.figures()]

    def census(self) -> Census:
        """How much is held; for metrics and for tests that nothing leaks."""
        return self._router.census()

    def _snapshot(self, profile: AgentProfile) -> AgentSnapshot:
        agent_id = AgentId(profile.id)
        return AgentSnapshot.of(
            profile,
            self._router.agent(agent_id),
            self._router.offer_of(agent_id),
            self._router.unfit(agent_id),
            self._router.open_work(agent_id),
            self._router.wrap_up(agent_id),
        )

    # --- carrying out -------------------------------------------------------------------------

    def _carry_out(self, effect: acd.Effect) -> None:
        chosen_by = self._choices.whose(effect) if isinstance(effect, acd.AgentChanged) else None
        fact = fact_of(effect, chosen_by)
        if fact is not None:
            self._append(fact)
        match effect:
            case acd.OfferMade(offer):
                _tell("acd.contact_offered", **_names(offer), candidates=offer.why.candidates)
                if self.offers is not None:
                    self.offers.offered(offer)
            case acd.OfferEnded(offer, outcome):
                _tell("acd.offer_ended", **_names(offer), outcome=outcome.value)
                if self.offers is not None:
                    self.offers.offer_ended(offer, outcome)
            case acd.AgentChanged(Agent(id=agent_id, state=AgentState.LOGGED_OUT)):
                self._forget_if_gone(agent_id)

    def _forget_if_gone(self, agent_id: str) -> None:
        if not self._router.knows(AgentId(agent_id)):
            self._profiles.pop(agent_id, None)
            self._hindrances.forget_equipment(agent_id)
            self._choices.forget(agent_id)


_NO_CALL = contextvars.Context()


def _tell(happened: str, **facts: object) -> None:
    """
    Log a decision about a contact, outside the context in which it was made.

    The ACD decides about one caller in the course of another one's call.
    """
    _NO_CALL.run(log.info, happened, **facts)


def _names(offer: Offer) -> dict[str, str]:
    return {
        "contact_id": offer.contact_id,
        "interaction_id": offer.id,
        "agent_id": offer.agent_id,
        "queue": offer.queue,
    }
