"""What agents can do to a call: each verb checked by :mod:`.verbs`, then carried out."""

from collections.abc import Callable

from acd.errors import UnknownQueue
from cti_server.wire.events import (
    ConsultEnded,
    ConsultStarted,
    ContactTransferred,
    Event,
    TransferFailed,
    TransferStarted,
)
from ivr.actions import Enqueue

from . import talk as talks
from . import termination
from .agent_search import AgentSearch
from .contact import Contact
from .conversation import Conversation
from .dialling import Dialling
from .errors import NotInCall, NotNow, NotReached
from .exchange import Exchange
from .leg import Leg
from .member import Member, Requeue
from .parts import ARRIVING, RINGING, Part, parts_of
from .sound import hearers
from .spawning import Spawn
from .summons import Summons, Target, ToAgent, ToNumber, ToQueue, named
from .talk import Outlook, Role, Talk, Wanted
from .unfinished import CALL_ENDED, NOBODY
from .verbs import Verb, act, standing


class CallControl:
    """
    The verbs, each by an agent of the call. None of them waits: what takes time is told by events.

    All raise NotInCall, and NotNow with the state where the verb makes no sense; nothing has
    changed then.
    """

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        dialling: Dialling,
        conversation: Conversation,
        spawn: Spawn,
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._dialling = dialling
        self._conversation = conversation
        self._spawn = spawn
        self._summons: Summons | None = None
        self.search: AgentSearch | None = None
        """The search for agents that the customer waits for in a queue."""

    # --- the phone ----------------------------------------------------------------------------

    def answer(self, agent_id: str) -> None:
        """Pick up, in the desktop. Raises AnsweredAtThePhone."""
        leg = self._ringing(agent_id)
        if leg is None:
            raise NotNow(self.state(agent_id), "answer")
        leg.answer()

    def release(self, agent_id: str) -> None:
        """Hang up; while it rings that declines. The others go on."""
        ringing = self._ringing(agent_id)
        if ringing is not None:
            ringing.let_go(termination.DECLINED)
            return
        arriving = self._conversation.arriving
        if arriving is not None and arriving.name == agent_id:
            arriving.leg.let_go(termination.AGENT_HUNG_UP)  # the customer keeps the place
            return
        member = self._member(agent_id, Verb.RELEASE)
        self.left(member)

    def free(self, agent_id: str) -> None:
        """
        The agent's phone counts as lost: a customer of theirs waits again, and hears an excuse.

        Harmless for who is not in the call.
        """
        for leg in self._dialling.live_of(agent_id):
            leg.let_go(termination.AGENT_RELEASED)

    def hold(self, agent_id: str) -> None:
        """The others hear music if they are alone now, else one another."""
        self._change(agent_id, Verb.HOLD)

    def resume(self, agent_id: str) -> None:
        """Ends the hold by the verb; what the phone itself holds it has to take back."""
        self._change(agent_id, Verb.RESUME)

    def mute(self, agent_id: str, *, on: bool) -> None:
        self._change(agent_id, Verb.MUTE if on else Verb.UNMUTE)

    def send_digits(self, agent_id: str, digits: str) -> None:
        """Keys (0-9 * # A-D) to the customer and experts who hear the agent."""
        member = self._member(agent_id, Verb.SEND_DIGITS)
        talk = self._conversation.talk
        act(talk, member.id, Verb.SEND_DIGITS)
        for leg_id in hearers(talk, member.id):
            if leg_id == self._conversation.customer.id:
                self._conversation.customer.send_digits(digits)
            elif talk[leg_id].role is Role.EXPERT:
                self._conversation.member(leg_id).leg.send_digits(digits)

    # --- others -------------------------------------------------------------------------------

    def transfer(self, agent_id: str, target: Target) -> None:
        """
        Give the customer away without a word.

        To a queue: the agent is free at once, and the customer waits at the place that the first
        ``queued_at`` gives, be the queue full or not. To an agent or number: they are rung while
        the customer hears music; the agent may wait for it or leave. If nobody comes the customer
        is back with the agent or, if they left, back in the queue, at the old place.

        Raises AcdError (AgentNotFree, UnknownQueue …) and DiallingRefused.
        """
        if not isinstance(target, ToQueue):
            self._call_in(agent_id, Verb.TRANSFER, Wanted.TAKE_OVER, target)
            return
        member = self._member(agent_id, Verb.TRANSFER_TO_QUEUE)
        talk = act(self._conversation.talk, member.id, Verb.TRANSFER_TO_QUEUE)
        if target.queue not in self._exchange.queues:
            raise UnknownQueue(target.queue)
        self._to_queue(member, talk, target, "transfer")

    def consult(self, agent_id: str, target: Target) -> None:
        """
        Ask somebody, unheard by the customer, who hears music.

        Raises AcdError and DiallingRefused.
        """
        self._call_in(agent_id, Verb.CONSULT, Wanted.ADVICE, target)

    def complete(self, agent_id: str) -> None:
        """Who was asked takes over; who still rings for it does when they come."""
        member = self._member(agent_id, Verb.COMPLETE)
        talk = act(self._conversation.talk, member.id, Verb.COMPLETE)
        if self._asks_a_queue_alone(member):
            self._leave_to_queue(member, "transfer")
            return
        if self._summons is not None:
            self._transfer_what_rings(self._summons)
            self._conversation.become(talk)
            return
        self._handed_over(member)
        self._conversation.become(talk, left_by="transfer")

    def swap(self, agent_id: str) -> None:
        """From the adviser to the customer, or the other way; who is left hears music."""
        self._change(agent_id, Verb.SWAP)

    def conference(self, agent_id: str) -> None:
        """Everybody hears everybody."""
        self._change(agent_id, Verb.CONFERENCE)
        self._consult_ended(self._member(agent_id, Verb.CONFERENCE), "conference")

    def return_to_customer(self, agent_id: str) -> None:
        """Without who was asked; who still rings is let go."""
        member = self._member(agent_id, Verb.RETURN)
        talk = act(self._conversation.talk, member.id, Verb.RETURN)
        if self._summons is None:
            self._consult_ended(member, "returned")
        else:
            self._call_off(self._summons)
        self._conversation.become(talk)

    def need_in_talk(self, agent_id: str) -> None:
        """Raises NotInCall, and NotNow for who is only on the way."""
        self._member(agent_id, "note")

    # --- what can be seen ---------------------------------------------------------------------

    def state(self, agent_id: str) -> str:
        """What this agent does in the call. Raises NotInCall."""
        if (coming := self._coming(agent_id)) is not None:
            return coming
        member = self._conversation.agent(agent_id)
        if member is None or member.id not in self._conversation.talk:
            raise NotInCall(self._contact.id, agent_id)
        return standing(self._conversation.talk, member.id).value

    def parts(self, *, listeners: bool = True) -> list[Part]:
        """Everybody; without ``listeners`` supervisors whom nobody hears are left out."""
        return parts_of(self._conversation, self.searching, listeners=listeners)

    @property
    def searching(self) -> AgentSearch | None:
        """Whoever the ACD's offers are for now."""
        return self._summons.search if self._summons is not None else self.search

    # --- what happens by itself ---------------------------------------------------------------

    def left(self, member: Member) -> None:
        """Somebody hung up, is released, or their phone is gone."""
        if self._conversation.customer.over.is_set():
            return  # nobody is left to: a dead worker takes all legs at once, in any order
        talk = self._forgotten(member) if member.leg.lost else self._conversation.talk
        if self._asks_a_queue_alone(member):
            self._leave_to_queue(member, "agent")
            return
        summons = self._summons
        if talk.consult is not None and talk.consult.by == member.id:
            self._handed_over(member)
        elif talk.consult is not None and talk.consult.adviser == member.id:
            self._consult_ended(self._conversation.member(talk.consult.by), "adviser_left")
        if summons is not None and summons.by is member and summons.wanted is Wanted.ADVICE:
            self._transfer_what_rings(summons)
        why = member.leg.termination or termination.AGENT_HUNG_UP
        talk = talks.left(talk, member.id)
        self._conversation.become(talk, why=why, requeue=self._cut_off(member, talk))

    def end(self) -> None:
        """The call is over, and so is what was asked and what was being handed over."""
        summons, consult = self._summons, self._conversation.talk.consult
        self._summons = None
        if summons is not None:
            self._not_come(summons, CALL_ENDED, returned_to=NOBODY)
        if consult is not None:
            self._consult_ended(self._conversation.member(consult.by), CALL_ENDED)

    def _transfer_what_rings(self, summons: Summons) -> None:
        """The agent does not wait: who was to be asked is to have the customer."""
        summons.wanted = Wanted.TAKE_OVER
        self._consult_ended(summons.by, "transferred")
        self._tell(TransferStarted, summons.by, **named(summons.target))

    def _forgotten(self, member: Member) -> Talk:
        """Who asks did not mean to leave: whoever is still rung for advice gets no customer."""
        talk, summons = self._conversation.talk, self._summons
        if summons is None or summons.by is not member or summons.wanted is not Wanted.ADVICE:
            return talk
        self._call_off(summons)
        return talks.unanswered(talk)

    def _cut_off(self, member: Member, talk: Talk) -> Requeue | None:
        """
        The way back to the queue of a customer whose agent is lost, with nobody else there.

        None for a customer who came from no queue: the call ends, for that reason.
        """
        wish = self._contact.wish
        lost = member.role is Role.AGENT and member.leg.lost
        if not lost or wish is None or self._contact.queued_at is None:
            return None
        if talks.outlook(talk) is not Outlook.ALONE:
            return None
        return Requeue(wish, member.name, cut_off=True)

    async def _await(self, summons: Summons) -> None:
        """Bring who comes into the talk; if nobody does, the customer is not lost."""
        try:
            member = await summons.came()
        except NotReached as failure:
            self._failed(summons, failure.cause)
            return
        if summons is not self._summons:
            self._conversation.discard(member)
            return
        handling = member.handling
        if summons.wanted is Wanted.TAKE_OVER and handling is not None:
            self._contact.transferred_by = summons.by.name
            there = await self._conversation.introduce(member, handling)
            if summons is not self._summons or not there:
                self._conversation.discard(member)
                self._failed(summons, "declined")
                return
        self._summons = None
        if summons.wanted is Wanted.TAKE_OVER:
            self._transferred(summons.by, summons.target, "blind")
        talk = talks.answered(self._conversation.talk, member.id, member.role)
        self._conversation.admit(member, talk)

    def _call_off(self, summons: Summons) -> None:
        summons.call_off()
        self._not_come(summons, "called_off", returned_to="agent")
        self._summons = None

    def _failed(self, summons: Summons, cause: str) -> None:
        if summons is not self._summons:
            return  # called off, and told so
        self._summons = None
        wish = self._contact.wish
        there = summons.by.id in self._conversation.talk
        returned_to = "agent" if there else "queue" if wish is not None else NOBODY
        self._not_come(summons, cause, returned_to=returned_to)
        self._conversation.become(
            talks.unanswered(self._conversation.talk),
            requeue=Requeue(wish, summons.by.name) if wish is not None else None,
            why=termination.TRANSFER_FAILED,
        )

    # --- inside -------------------------------------------------------------------------------

    def _member(self, agent_id: str, verb: str) -> Member:
        """The agent's part. Raises NotInCall, or NotNow for one who is still on the way."""
        member = self._conversation.agent(agent_id)
        if member is None or member.id not in self._conversation.talk:
            if (coming := self._coming(agent_id)) is not None:
                raise NotNow(coming, verb)
            raise NotInCall(self._contact.id, agent_id)
        return member

    def _coming(self, agent_id: str) -> str | None:
        """What an agent does who is not in the talk yet."""
        if self._ringing(agent_id) is not None:
            return RINGING
        arriving = self._conversation.arriving
        return ARRIVING if arriving is not None and arriving.name == agent_id else None

    def _ringing(self, agent_id: str) -> Leg | None:
        searching = self.searching
        ringing = searching.ringing_at(agent_id) if searching is not None else None
        return ringing[1] if ringing is not None else None

    def _change(self, agent_id: str, verb: Verb) -> None:
        member = self._member(agent_id, verb)
        self._conversation.become(act(self._conversation.talk, member.id, verb))

    def _call_in(self, agent_id: str, verb: Verb, wanted: Wanted, target: Target) -> None:
        member = self._member(agent_id, verb)
        talk = act(self._conversation.talk, member.id, verb)
        self._contact.transferred_by = agent_id
        summons = Summons(
            self._exchange,
            self._contact,
            self._conversation.customer,
            self._dialling,
            target=target,
            wanted=wanted,
            by=member,
        )
        self._summons = summons  # the ACD may speak to it before start() returns
        try:
            summons.start()
        except BaseException:
            self._summons = None
            raise
        started = ConsultStarted if wanted is Wanted.ADVICE else TransferStarted
        self._tell(started, member, **named(target))
        self._conversation.become(talk)
        self._spawn(self._await(summons))

    def _asks_a_queue_alone(self, member: Member) -> bool:
        """Whether the customer is to wait in the queue that the agent asks, once the agent goes."""
        summons = self._summons
        if summons is None or summons.by is not member or summons.wanted is not Wanted.ADVICE:
            return False
        rest = talks.left(talks.unanswered(self._conversation.talk), member.id)
        return isinstance(summons.target, ToQueue) and talks.without_agent(rest)

    def _leave_to_queue(self, member: Member, left_by: str) -> None:
        """
        The agent does not wait for the queue's advice, and the customer waits in their stead.

        What waited there was a question, which has its own moment and place; the customer's are
        those of the first.
        """
        summons = self._summons
        if summons is None or not isinstance(summons.target, ToQueue):
            raise LookupError("no queue is asked")
        summons.call_off()
        self._summons = None
        self._consult_ended(member, "transferred")
        talk = talks.left(talks.unanswered(self._conversation.talk), member.id)
        self._to_queue(member, talk, summons.target, left_by)

    def _to_queue(self, member: Member, talk: Talk, target: ToQueue, left_by: str) -> None:
        self._transferred(member, target, "blind")
        priority = self._contact.wish.priority if self._contact.wish is not None else 0
        requeue = Requeue(Enqueue(target.queue, priority=priority), member.name)
        self._conversation.become(talk, left_by=left_by, requeue=requeue)

    # --- what the log is told -----------------------------------------------------------------

    def _tell(self, event: Callable[..., Event], member: Member, **more: str) -> None:
        names = member.handling.names if member.handling is not None else None
        if names is not None:
            self._exchange.append(event(**names, **more))

    def _consult_ended(self, member: Member, outcome: str) -> None:
        self._tell(ConsultEnded, member, outcome=outcome)

    def _not_come(self, summons: Summons, cause: str, *, returned_to: str) -> None:
        if summons.wanted is Wanted.ADVICE:
            self._consult_ended(summons.by, cause)
            return
        self._tell(TransferFailed, summons.by, cause=cause, returned_to=returned_to)

    def _handed_over(self, member: Member) -> None:
        """Whom the agent asked has the customer now."""
        consult = self._conversation.talk.consult
        if consult is None:
            return
        adviser = self._conversation.member(consult.adviser)
        expert = adviser.role is Role.EXPERT
        target: Target = ToNumber(adviser.name) if expert else ToAgent(adviser.name)
        self._consult_ended(member, "completed")
        self._transferred(member, target, "consult")

    def _transferred(self, member: Member, target: Target, how: str) -> None:
        self._contact.transferred_by = member.name
        self._tell(ContactTransferred, member, how=how, **named(target))
