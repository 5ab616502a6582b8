"""Ringing a phone whose leg is let go meanwhile."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from cti_server.calls import termination
from cti_server.calls.dialling import Dialling
from cti_server.calls.exchange import Exchange
from cti_server.calls.leg import Leg
from cti_server.calls.phones import Invitation, Transport
from cti_server.media.media_leg import MediaListener
from cti_server.wire.events import Event, LegEnded, LegStarted
from tests.fakes.media import FakeMedia


@dataclass
class Plane:
    """Opens media, during which somebody may think better of it."""

    call_off: bool

    async def open_leg(self, _: str, listener: MediaListener, **__: object) -> FakeMedia:
        if self.call_off:
            cast(Leg, listener).let_go(termination.CALLED_OFF)
        return FakeMedia()


@dataclass
class Parts:
    """As much of an exchange as ringing needs."""

    plane: Plane
    silence_limit: float | None = None
    log: list[Event] = field(default_factory=list)

    def append(self, event: Event) -> None:
        self.log.append(event)

    def new_id(self) -> str:
        return "leg"


class Telephone:
    transport: Transport = "rtp"

    def __init__(self) -> None:
        self.rung: list[Invitation] = []

    def address(self) -> str:
        return "+8613800138000"

    async def ring(self, _: Leg, invitation: Invitation) -> None:
        self.rung.append(invitation)


@pytest.mark.parametrize("called_off", [False, True])
async def test_a_phone_rings_unless_it_is_called_off_before(called_off: bool) -> None:
    parts, phone = Parts(Plane(called_off)), Telephone()
    dialling = Dialling(cast(Exchange, parts), "call")
    leg = dialling.new_leg(termination.TRANSFER_ENDED)
    invitation = Invitation("", "PCMU", "c1")

    await dialling.ring(leg, phone, invitation, role="external")
    await leg.close(termination.RELEASED)

    assert phone.rung == ([] if called_off else [invitation])
    assert [type(event) for event in parts.log] == [LegStarted, LegEnded]
