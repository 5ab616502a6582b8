"""Somebody is called into a running call: an agent by name, whoever is free, or a number."""

from dataclasses import dataclass, replace

from acd.errors import UnknownQueue
from acd.model import ContactId, Outcome, Purpose, WaitingContact
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError

from . import termination
from .agent_search import AgentSearch
from .contact import Contact
from .dialling import Dialling
from .errors import NotReached
from .exchange import Exchange
from .handling import Handling
from .leg import Leg
from .member import Member
from .phones import Invitation, PhoneUnreachable
from .talk import Role, Wanted


@dataclass(frozen=True, slots=True)
class ToAgent:
    agent_id: str


@dataclass(frozen=True, slots=True)
class ToQueue:
    queue: str


@dataclass(frozen=True, slots=True)
class ToNumber:
    """A telephone number or SIP URI."""

    number: str


Target = ToAgent | ToQueue | ToNumber


def named(target: Target) -> dict[str, str]:
    """As the events have it."""
    match target:
        case ToAgent(agent_id):
            return {"to": "agent", "target": agent_id}
        case ToQueue(queue):
            return {"to": "queue", "target": queue}
        case ToNumber(number):
            return {"to": "number", "target": number}


class Summons:
    """
    :meth:`start` refuses what cannot be; :meth:`came` waits for who comes.

    The ACD speaks to :attr:`search`, if agents are looked for.
    """

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        customer: Leg,
        dialling: Dialling,
        *,
        target: Target,
        wanted: Wanted,
        by: Member,
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._customer = customer
        self._dialling = dialling
        self._leg: Leg | None = None
        self.search = AgentSearch(exchange, contact, customer, dialling)
        self.target = target
        self.wanted = wanted
        self.by = by

    def start(self) -> None:
        """Raises AcdError and DiallingRefused where nobody can be rung."""
        match self.target:
            case ToAgent(agent_id):
                self.search.ask(agent_id, self._request(self._queue_of_the_contact()))
            case ToQueue(queue):
                if queue not in self._exchange.queues:
                    raise UnknownQueue(queue)
                self.search.wait_in_queue(replace(self._request(queue), purpose=Purpose.CONSULT))
            case ToNumber(number):
                self._exchange.outbound.check(number)
                self._leg = self._dialling.new_leg(termination.TRANSFER_ENDED)

    async def came(self) -> Member:
        """Wait until somebody has picked up. Raises NotReached."""
        if isinstance(self.target, ToNumber):
            return await self._dial(self.target.number)
        offer, leg = await self.search.found()
        queue = self._exchange.queues[offer.queue]
        handling = Handling(self._exchange, self._contact, queue, offer, leg)
        return Member(leg, Role.AGENT, offer.agent_id, handling)

    def call_off(self) -> None:
        """They are not wanted any more."""
        if self._leg is None:
            self.search.call_off()
        else:
            self._leg.let_go(termination.CALLED_OFF)

    async def _dial(self, number: str) -> Member:
        leg = self._leg
        if leg is None:
            raise NotReached("called_off")
        invitation = Invitation(
            self._contact.number_for_others,
            self._customer.codec,
            self._contact.id,
            queue=self._queue_of_the_contact(),
            comfort_noise=self._customer.comfort_noise,
        )
        try:
            await self._dialling.ring(
                leg, self._exchange.phones.at(number), invitation, role="external"
            )
        except (PhoneUnreachable, MediaUnavailable, SipError):
            leg.let_go(termination.UNREACHABLE)
        if await leg.settled():
            return Member(leg, Role.EXPERT, number)
        ended = leg.termination or termination.UNREACHABLE
        await leg.close(ended)
        raise NotReached(_CAUSES.get(ended.reason, ended.reason))

    def _request(self, queue: str) -> WaitingContact:
        """Advice waits from now on; who is to take the contact over is told its true age."""
        advice = self.wanted is Wanted.ADVICE
        now = self._exchange.clock.now()
        return WaitingContact(
            id=ContactId(self._contact.id),
            queue=queue,
            queued_at=now if advice else (self._contact.queued_at or now),
            purpose=Purpose.CONSULT if advice else Purpose.SERVE,
        )

    def _queue_of_the_contact(self) -> str:
        """Whose rules hold for an agent who is rung by name: how long, and the wrap-up."""
        if self.by.handling is not None:
            return self.by.handling.queue.name
        return self._contact.wish.queue if self._contact.wish is not None else ""


_CAUSES = {
    termination.NOT_ANSWERED.reason: Outcome.TIMED_OUT.value,
    termination.CALLED_OFF.reason: "called_off",
}
