"""Where agents dial: a customer's number, or a call-back from the list."""

from acd.errors import UnknownQueue
from acd.model import Offer
from crm.consents import Purpose
from cti_server.floor.floor import Floor

from .call import Call
from .call_back_wishes import CallBackWishes
from .call_backs import CallBacks
from .customer_first import CustomerFirst
from .errors import CallError
from .exchange import Exchange
from .open_call_back import OpenCallBack
from .outbound_call import OutboundCall
from .outreach import Outreach
from .reaching import Reaching
from .switchboard import Switchboard


class NoNewCalls(CallError):
    """The server is about to stop, and lets the running calls finish."""

    def __init__(self) -> None:
        super().__init__("the server takes no new calls: it is about to stop")


class DialPad:
    """Begins calls to customers. What cannot be is refused before anybody's phone rings."""

    def __init__(
        self,
        exchange: Exchange,
        switchboard: Switchboard,
        call_backs: CallBacks,
        outreach: Outreach,
        wishes: CallBackWishes,
    ) -> None:
        self._exchange = exchange
        self._switchboard = switchboard
        self._call_backs = call_backs
        self._outreach = outreach
        self._wishes = wishes

    @property
    def _floor(self) -> Floor:
        return self._exchange.floor

    async def dial(
        self,
        agent_id: str,
        number: str,
        queue: str,
        *,
        purpose: Purpose = "service",
        customer_id: str | None = None,
    ) -> Call:
        """
        Ring the agent, then the customer. ``queue`` is on whose behalf: it says what the customer
        sees, whether it is recorded, how long the wrap-up is. ``customer_id``: who is meant, if
        that is known, of those who have the number.

        Raises CustomerDeclines, AcdError (AgentNotFree, UnknownQueue …), DiallingRefused and
        NoNewCalls.
        """
        await self._outreach.need_allowed(
            "voice", purpose, number=number, customer_id=customer_id, asked_by=agent_id
        )
        return self._dial(agent_id, number, queue, None)

    async def call_back(self, agent_id: str, call_back_id: str) -> Call:
        """
        The same for somebody on the list, whose wait counts from its first moment.

        Raises NoSuchCallBack and CallBackTaken, too.
        """
        contact_id = self._exchange.new_id()
        one = self._call_backs.claim(call_back_id, agent_id, contact_id)
        try:
            await self._wishes.need_allowed(one, agent_id)
            self._call_backs.need(call_back_id)  # they may have been served meanwhile
            return self._dial(agent_id, one.number, one.queue, one)
        except BaseException:
            self._call_backs.let_go(one, contact_id)
            raise

    def take_turn(self, one: OpenCallBack, offer: Offer) -> None:
        """
        Call somebody back whose turn it is: the offer is the one to the agent who has it.

        Raises DiallingRefused.
        """
        call = self._call(one.number, one.queue, one)
        reaching = self._reaching(call, one.number, one.queue, one)
        customer_first = reaching.queue.call_backs.mode == "customer_first" and offer.held
        kind = CustomerFirst if customer_first else OutboundCall
        purpose = kind(
            call,
            reaching,
            offer=offer,
            may_call=lambda: self._wishes.may_call(one),
            request=one.request,
        )
        self._switchboard.begin(call, purpose, lambda: purpose.begin(call, offer.agent_id))

    def need_diallable(self, number: str, queue: str) -> None:
        """Raises DiallingRefused for what could never be called from here."""
        self._exchange.outbound.shown_to(number, queue)

    def _dial(self, agent_id: str, number: str, queue: str, one: OpenCallBack | None) -> Call:
        if self._exchange.user_agent.draining:
            raise NoNewCalls
        if queue not in self._exchange.queues:
            raise UnknownQueue(queue)
        call = self._call(number, queue, one)
        self._floor.need_free(agent_id)
        reaching = self._reaching(call, number, queue, one)
        purpose = OutboundCall(call, reaching, may_call=_asked_before)
        self._switchboard.begin(call, purpose, lambda: purpose.begin(call, agent_id))
        return call

    def _call(self, number: str, queue: str, one: OpenCallBack | None) -> Call:
        """Raises DiallingRefused."""
        return Call(
            self._exchange,
            caller_number=number,
            dialled_number=self._exchange.outbound.shown_to(number, queue),
            direction="outbound",
            masked=self._masks(queue),
            language=one.language if one is not None else None,
            contact_id=one.contact_id if one is not None else None,
        )

    def _masks(self, queue: str) -> bool:
        """Whether agents do not see the numbers of this queue's customers whom they call."""
        settings = self._exchange.queues.get(queue)
        return settings is not None and settings.mask_numbers

    def _reaching(self, call: Call, number: str, queue: str, one: OpenCallBack | None) -> Reaching:
        return Reaching(call, number, self._exchange.queues[queue], self._call_backs, one)


async def _asked_before() -> bool:
    """Whether the customer wants it was asked before the agent was reserved."""
    return True
