"""Where agents dial: a customer's number, or a call-back from the list."""

from acd.errors import UnknownQueue
from crm.consents import Purpose
from cti_server.floor.floor import Floor

from .call import Call
from .call_backs import CallBacks, Claim
from .errors import CallError
from .exchange import Exchange
from .outbound_call import OutboundCall
from .outreach import Outreach
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
    ) -> None:
        self._exchange = exchange
        self._switchboard = switchboard
        self._call_backs = call_backs
        self._outreach = outreach

    @property
    def _floor(self) -> Floor:
        return self._exchange.floor

    def masks(self, queue: str) -> bool:
        """Whether agents do not see the numbers of this queue's customers whom they call."""
        settings = self._exchange.queues.get(queue)
        return settings is not None and settings.mask_numbers

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
        The same for somebody on the list, whose wait counts from its first moment. They asked for
        this call: what they wish of calls in general does not stand against it.

        Raises NoSuchCallBack and CallBackTaken, too.
        """
        claim = await self._call_backs.claim(call_back_id, agent_id)
        try:
            return self._dial(agent_id, claim.number, claim.queue, claim)
        except BaseException:
            self._call_backs.let_go(claim.id)
            raise

    def _dial(self, agent_id: str, number: str, queue: str, claim: Claim | None) -> Call:
        if self._exchange.user_agent.draining:
            raise NoNewCalls
        if queue not in self._exchange.queues:
            raise UnknownQueue(queue)
        shown = self._exchange.outbound.shown_to(number, queue)
        self._floor.need_free(agent_id)
        call = Call(
            self._exchange,
            caller_number=number,
            dialled_number=shown,
            direction="outbound",
            masked=self.masks(queue),
        )
        purpose = OutboundCall(
            call,
            agent_id=agent_id,
            number=number,
            queue=queue,
            call_backs=self._call_backs,
            claim=claim,
        )
        self._switchboard.begin(call, purpose, lambda: purpose.begin(call))
        return call
