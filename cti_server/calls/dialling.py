"""The legs of one call: made with their ids, dialled out beside the caller's, closed together."""

import asyncio

from cti_server.wire.events import LegStarted

from . import termination
from .exchange import Exchange
from .leg import Leg
from .number_plan import DiallingRefused
from .phones import Line
from .termination import Termination


class Dialling:
    """Makes the call's legs and remembers them, so that none outlives the call."""

    def __init__(self, exchange: Exchange, call_id: str, caller_number: str) -> None:
        self._exchange = exchange
        self._call_id = call_id
        self._caller_number = caller_number
        self._legs: list[Leg] = []

    def new_leg(self, hung_up: Termination) -> Leg:
        """``hung_up``: what it means when that party puts the phone down."""
        leg = Leg(
            leg_id=self._exchange.new_id(),
            call_id=self._call_id,
            session_id=self._exchange.new_session_id(),
            hung_up=hung_up,
            append=self._exchange.append,
        )
        self._legs.append(leg)
        return leg

    async def dial(self, leg: Leg, line: Line, *, role: str, agent_id: str | None = None) -> None:
        """
        Send the INVITE for a leg, its media beside the caller's.

        Offers the caller's own codec first, so that most calls are relayed as they come. A number
        that cannot be dialled ends the leg, with the cause. Raises MediaUnavailable and SipError.
        """
        self.started(
            leg, role=role, party=agent_id or line.uri, address=line.uri, agent_id=agent_id
        )
        await leg.open_media(self._exchange.plane, beside=self.caller)
        codec = self.caller.codec
        try:
            session = self._exchange.outbound.call(
                line.uri,
                offer=leg.propose(codecs=(codec, "PCMA" if codec == "PCMU" else "PCMU")),
                listener=leg,
                caller_number=self._caller_number,
                flow=line.flow,
            )
        except DiallingRefused as refused:
            leg.let_go(termination.of_refusal(refused.cause))
        else:
            leg.attach(session)

    def started(
        self, leg: Leg, *, role: str, party: str, address: str, agent_id: str | None = None
    ) -> None:
        leg.begun = True
        self._exchange.append(
            LegStarted(
                call_id=self._call_id,
                leg_id=leg.id,
                role=role,
                party=party,
                address=address,
                agent_id=agent_id,
            )
        )

    @property
    def caller(self) -> Leg:
        """The first leg of the call."""
        return self._legs[0]

    def hang_up(self, why: Termination) -> None:
        """Every party hears at once that it is over."""
        self.caller.let_go(why)
        for leg in self._legs[1:]:
            leg.let_go(termination.RELEASED)

    async def close(self, why: Termination) -> None:
        """Give every port back. The quality of each leg is known afterwards."""
        await asyncio.gather(
            *(leg.close(why if leg is self.caller else termination.RELEASED) for leg in self._legs)
        )
