"""The legs of one call: made with their ids, rung beside the customer's, closed together."""

import asyncio
from collections.abc import Iterator

from cti_server.wire.events import LegStarted

from . import termination
from .exchange import Exchange
from .leg import Leg
from .phones import Invitation, Phone
from .termination import Termination


class Dialling:
    """Makes the call's legs and remembers them, so that none outlives the call."""

    def __init__(self, exchange: Exchange, call_id: str) -> None:
        self._exchange = exchange
        self._call_id = call_id
        self._legs: list[Leg] = []

    def new_leg(self, hung_up: Termination) -> Leg:
        """``hung_up``: what it means when that party puts the phone down."""
        leg = Leg(
            leg_id=self._exchange.new_id(),
            call_id=self._call_id,
            hung_up=hung_up,
            append=self._exchange.append,
            silence_limit=self._exchange.silence_limit,
        )
        self._legs.append(leg)
        return leg

    async def ring(
        self,
        leg: Leg,
        phone: Phone,
        invitation: Invitation,
        *,
        role: str,
        agent_id: str | None = None,
    ) -> None:
        """
        Ring a phone, its media beside those of the legs that are there.

        One that is let go while its media are opened does not ring.

        Raises PhoneUnreachable, MediaUnavailable and SipError.
        """
        address = phone.address()
        self.started(leg, role=role, party=agent_id or address, address=address, agent_id=agent_id)
        beside = next((one for one in self._legs if one is not leg and one.has_media), None)
        await leg.open_media(self._exchange.plane, beside=beside, transport=phone.transport)
        if not leg.over.is_set():
            await phone.ring(leg, invitation)

    def started(
        self, leg: Leg, *, role: str, party: str, address: str, agent_id: str | None = None
    ) -> None:
        leg.begun, leg.agent_id = True, agent_id
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
        """The customer's leg: the first of the call."""
        return self._legs[0]

    def __iter__(self) -> Iterator[Leg]:
        """All legs that the call ever had."""
        return iter(self._legs)

    def live_of(self, agent_id: str) -> list[Leg]:
        """The agent's legs that are not over."""
        return [leg for leg in self if leg.agent_id == agent_id and not leg.over.is_set()]

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
