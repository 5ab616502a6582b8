"""
Supervisors in a running call: they listen, advise, join in, or take it over.

A supervisor is beside one agent, and goes where that agent goes; when the call is handed on, beside
the next one. Every listening is in the log from its beginning to its end, whoever ends it.
"""

import asyncio
import contextlib

from acd.errors import AgentNotFree, AlreadyQueued
from acd.model import ContactId, Offer, WaitingContact
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.wire.events import (
    AgentListenedTo,
    AgentNudged,
    ContactTransferred,
    ListenChanged,
    ListenEnded,
    ListenStarted,
)

from . import talk as talks
from . import termination
from .contact import Contact
from .conversation import Conversation
from .dialling import Dialling
from .errors import NobodyToHear, NoPhone, NotListening, TakesPart
from .exchange import Exchange
from .handling import Handling
from .leg import Leg
from .listening import Listening, Mode
from .member import Member
from .phones import Invitation, Phone, PhoneUnreachable
from .sound import together
from .spawning import Spawn
from .talk import Party, Role, Voice

TAKEN_OVER = "taken-over"


_VOICES = {Mode.MONITOR: Voice.NONE, Mode.WHISPER: Voice.COACH, Mode.BARGE: Voice.ALL}


class Supervision:
    """The supervisors of one call."""

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
        self._listenings: dict[str, Listening] = {}
        conversation.on_changed.append(self._follow)

    @property
    def listeners(self) -> list[str]:
        """Who hears the call."""
        return [one.supervisor_id for one in self._listenings.values() if one.began_at is not None]

    def rings(self, leg: Leg) -> bool:
        """Whether it is a supervisor's, who does not hear the call yet."""
        return any(one.leg is leg for one in self._listenings.values())

    # --- what supervisors do ------------------------------------------------------------------

    def listen(self, supervisor_id: str, mode: Mode, agent_id: str | None = None) -> None:
        """
        Ring the supervisor's phone and let them hear the call; who hears it already is heard by
        others from now on.

        ``agent_id``: beside which agent of the call, if it has several. Raises NobodyToHear,
        TakesPart and NoPhone.
        """
        if self._conversation.agent(supervisor_id) is not None:
            raise TakesPart(supervisor_id)
        agent = self._agent(agent_id)
        listening = self._listenings.get(supervisor_id)
        if listening is not None:
            listening.mode = mode
            self._place(listening, agent)
            return
        phone = self._phone(supervisor_id)
        listening = Listening(
            id=self._exchange.new_id(),
            supervisor_id=supervisor_id,
            leg=self._dialling.new_leg(termination.SUPERVISOR_LEFT),
            mode=mode,
            listened_to=agent.name,
        )
        self._listenings[supervisor_id] = listening
        self._spawn(self._attend(listening, phone))

    def stop(self, supervisor_id: str) -> None:
        """The supervisor leaves; the others go on. Raises NotListening."""
        self._listening(supervisor_id).leg.let_go(termination.SUPERVISOR_LEFT)

    def take_over(self, supervisor_id: str) -> None:
        """
        The supervisor has the customer from now on, and the agent is free.

        Raises NotListening for who does not hear the call yet, NobodyToHear while the customer is
        on the way to an agent, Engaged, and AgentNotFree for who is rung or talks elsewhere.
        """
        listening = self._listening(supervisor_id)
        if listening.leg.id not in self._conversation.talk:
            raise NotListening(self._contact.id, supervisor_id)
        if self._conversation.waits:
            raise NobodyToHear(self._contact.id)
        agent = self._conversation.agent(listening.listened_to)
        queue = self._queue(agent)
        talk = talks.taken_over(self._conversation.talk, listening.leg.id)
        self._become_agent(listening, talk, queue, agent)

    def nudge(self, supervisor_id: str, text: str, agent_id: str | None = None) -> None:
        """
        A line for the screen of the agent, whether the supervisor hears the call or not.

        Raises NobodyToHear.
        """
        self._exchange.append(
            AgentNudged(
                contact_id=self._contact.id,
                agent_id=self._agent(agent_id).name,
                supervisor_id=supervisor_id,
                text=text,
            )
        )

    # --- inside: coming and going -------------------------------------------------------------

    async def _attend(self, listening: Listening, phone: Phone) -> None:
        """From the ringing to the end, which is told even if the call ends meanwhile."""
        leg = listening.leg
        self._exchange.floor.begins_to_listen(listening.supervisor_id)
        try:
            if await self._picked_up(listening, phone):
                self._join(listening)
                await leg.over.wait()
        finally:
            self._ended(listening)
        if leg.id not in self._conversation.talk:
            await leg.close(termination.RELEASED)

    async def _picked_up(self, listening: Listening, phone: Phone) -> bool:
        leg, supervisor_id = listening.leg, listening.supervisor_id
        invitation = Invitation(
            caller_number=self._contact.number_for_agents,
            codec=self._conversation.customer.codec,
            contact_id=self._contact.id,
        )
        try:
            async with asyncio.timeout(self._exchange.supervision.ring_for.total_seconds()):
                await self._dialling.ring(
                    leg, phone, invitation, role="supervisor", agent_id=supervisor_id
                )
                return await leg.settled()
        except TimeoutError:
            leg.let_go(termination.NOT_ANSWERED)
        except (PhoneUnreachable, MediaUnavailable, SipError):
            leg.let_go(termination.UNREACHABLE)
        return False

    def _join(self, listening: Listening) -> None:
        """They hear the call, if it is still one."""
        try:
            agent = self._conversation.agent(listening.listened_to) or self._agent(None)
        except NobodyToHear:
            listening.leg.let_go(termination.CALLED_OFF)
            return
        listening.began_at = self._exchange.clock.now()
        listening.listened_to = agent.name
        party = Party(
            listening.leg.id,
            Role.SUPERVISOR,
            voice=_VOICES[listening.mode],
            beside=agent.id,
        )
        self._exchange.append(ListenStarted(**_names(self._contact.id, listening)))
        self._tell_agent(listening, listening.mode.value)
        member = Member(listening.leg, Role.SUPERVISOR, listening.supervisor_id)
        self._conversation.join(member, party=party)

    def _ended(self, listening: Listening) -> None:
        if self._listenings.pop(listening.supervisor_id, None) is None:
            return
        leg, began = listening.leg, listening.began_at
        now = self._exchange.clock.now()
        reason = (leg.termination or termination.RELEASED).reason
        self._exchange.append(
            ListenEnded(
                **_names(self._contact.id, listening),
                seconds=(now - began).total_seconds() if began is not None else 0.0,
                reason=TAKEN_OVER if listening.taken_over else reason,
            )
        )
        if began is not None:
            self._tell_agent(listening, "none")
        self._exchange.floor.listens_no_more(listening.supervisor_id)

    # --- inside: beside whom ------------------------------------------------------------------

    def _place(self, listening: Listening, agent: Member) -> None:
        """Beside this agent, in the mode that is wanted now; told if it is anything new."""
        talk, leg_id = self._conversation.talk, listening.leg.id
        if leg_id not in talk:  # the phone still rings
            listening.listened_to = agent.name
            return
        before, voice = talk[leg_id], _VOICES[listening.mode]
        if (before.voice, before.beside) == (voice, agent.id):
            return
        if listening.listened_to != agent.name:
            self._tell_agent(listening, "none")
        listening.listened_to = agent.name
        self._exchange.append(ListenChanged(**_names(self._contact.id, listening)))
        self._tell_agent(listening, listening.mode.value)
        moved = talks.supervised(talk, leg_id, voice=voice, beside=agent.id)
        self._conversation.become_as(moved)

    def _follow(self) -> None:
        """Somebody came or left: supervisors are beside who has the customer now."""
        for listening in list(self._listenings.values()):
            talk = self._conversation.talk
            if listening.leg.id not in talk:
                continue
            beside = talk[listening.leg.id].beside
            if beside is not None and beside in talk:
                continue
            agent = next(iter(self._agents()), None)
            if agent is not None:
                self._place(listening, agent)
            elif listening.mode is Mode.BARGE and talks.without_agent(talk):
                self._inherit(listening)

    def _inherit(self, listening: Listening) -> None:
        """The agent has left a supervisor who joined in with the customer."""
        wish = self._contact.wish
        if self._conversation.waits or wish is None:
            return  # the customer goes back to a queue, or came from none
        talk = talks.taken_over(self._conversation.talk, listening.leg.id)
        # Who has another contact stays who they are, as where somebody else is to have this one.
        with contextlib.suppress(AgentNotFree, AlreadyQueued):
            self._become_agent(listening, talk, wish.queue, None)

    def _become_agent(
        self, listening: Listening, talk: talks.Talk, queue: str, agent: Member | None
    ) -> None:
        """
        From whoever is still the ``agent``, or was. Raises AgentNotFree.

        The ACD knows of it before anybody is free, and has a supervisor who is ready rung for
        nothing else.
        """
        supervisor_id, taken_from = listening.supervisor_id, listening.listened_to
        request = WaitingContact(
            id=ContactId(self._contact.id),
            queue=queue,
            queued_at=self._contact.queued_at or self._exchange.clock.now(),
        )
        offer = self._exchange.floor.take_over(supervisor_id, request, taken_from)
        if agent is not None and agent.handling is not None:
            told = {"to": "agent", "target": supervisor_id, "how": "taken_over"}
            self._exchange.append(ContactTransferred(**agent.handling.names, **told))
        settings = self._exchange.queues[queue]
        handling = Handling(self._exchange, self._contact, settings, offer, listening.leg)
        self._contact.transferred_by = taken_from
        listening.taken_over = True
        self._ended(listening)
        self._spawn(self._show(offer))
        member = Member(listening.leg, Role.AGENT, supervisor_id, handling)
        self._conversation.change_role(member, talk)

    async def _show(self, offer: Offer) -> None:
        """Whoever took the customer over has the record on the screen, as if rung for it."""
        pop = await self._contact.screen_pop(offer)
        self._exchange.desks.show(offer.agent_id, pop)

    # --- inside -------------------------------------------------------------------------------

    def _agents(self) -> list[Member]:
        """The agents of the call who are in it now, whoever serves the customer first."""
        talk = self._conversation.talk
        there = [
            one for one in self._conversation.members if one.role is Role.AGENT and one.id in talk
        ]
        return sorted(there, key=lambda one: not together(talk, one.id))

    def _agent(self, agent_id: str | None) -> Member:
        """Raises NobodyToHear."""
        for agent in self._agents():
            if agent_id in (None, agent.name):
                return agent
        raise NobodyToHear(self._contact.id)

    def _listening(self, supervisor_id: str) -> Listening:
        listening = self._listenings.get(supervisor_id)
        if listening is None:
            raise NotListening(self._contact.id, supervisor_id)
        return listening

    def _phone(self, supervisor_id: str) -> Phone:
        """Raises NoPhone."""
        try:
            phone = self._exchange.phones.of(supervisor_id)
            phone.address()
        except PhoneUnreachable as error:
            raise NoPhone(str(error)) from error
        return phone

    def _queue(self, agent: Member | None) -> str:
        """Whose rules hold for what is taken over."""
        if agent is not None and agent.handling is not None:
            return agent.handling.queue.name
        if self._contact.wish is None:
            raise NobodyToHear(self._contact.id)
        return self._contact.wish.queue

    def _tell_agent(self, listening: Listening, mode: str) -> None:
        if self._exchange.supervision.tells_agents:
            self._exchange.append(
                AgentListenedTo(
                    contact_id=self._contact.id,
                    agent_id=listening.listened_to,
                    supervisor_id=listening.supervisor_id,
                    mode=mode,
                )
            )


def _names(contact_id: str, listening: Listening) -> dict[str, str]:
    """As the events of the audit have them."""
    return {
        "contact_id": contact_id,
        "listen_id": listening.id,
        "supervisor_id": listening.supervisor_id,
        "listened_to": listening.listened_to,
        "mode": listening.mode.value,
    }
