"""How a party is reached: which phone an agent has, and what an INVITE to it says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from cti_server.calls import termination
from cti_server.calls.errors import AnsweredAtThePhone
from cti_server.calls.leg import Leg
from cti_server.calls.number_plan import EmergencyNumber
from cti_server.calls.phones import (
    Invitation,
    Phones,
    PhoneUnreachable,
    RegisteredPhone,
    RemotePhone,
    SipPhones,
)
from cti_server.calls.sip_session import SipSessions
from cti_server.floor.profile import BROWSER_PHONE
from cti_server.media.plane import MediaPlane
from cti_server.sip.registration import Binding
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import SessionListener, SessionRefused
from cti_server.sip.transport import Flow
from tests.fakes.media import FakeMedia, FakePlane

FLOW = Flow("udp", "192.0.2.7", 5060, ("127.0.0.1", 5060))
BINDING = Binding(
    aor="li",
    contact_uri="sip:li@192.0.2.7:5060",
    flow=FLOW,
    expires_at=datetime(2026, 3, 2, tzinfo=UTC),
    sip_call_id="1",
    sequence=1,
    user_agent="test",
)
INVITATION = Invitation("13800138000", codec="PCMA", contact_id="c1", queue="sales")


class Dialled:
    """One call out, and what became of it."""

    over = False

    def __init__(self) -> None:
        self.ended = False
        self.keys = ""

    def hang_up(self, reason: str | None = None) -> None:
        self.ended = True

    async def reinvite(self, offer: Sdp) -> Sdp:
        raise SessionRefused(488, "Not Acceptable Here")

    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None:
        self.keys += digit


class CallsOut:
    """Remembers whom it called; refuses emergency numbers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str | None, Flow | None]] = []
        self.headers: Sequence[tuple[str, str]] = ()
        self.offer: Sdp | None = None
        self.listener: SessionListener | None = None
        self.dialled = Dialled()

    def call(
        self,
        target: str,
        *,
        offer: Sdp,
        listener: SessionListener,
        caller_number: str = "",
        queue: str | None = None,
        flow: Flow | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Dialled:
        if target == "110":
            raise EmergencyNumber
        self.calls.append((target, caller_number, queue, flow))
        self.offer, self.listener, self.headers = offer, listener, headers
        return self.dialled


class Office:
    """Agents' phones as they are defined and registered."""

    def __init__(self, **defined: str | None) -> None:
        self.out = CallsOut()
        self.bindings: dict[str, Sequence[Binding]] = {}
        self.phones = Phones(
            lambda agent_id: defined.get(agent_id),
            lambda agent_id: self.bindings.get(agent_id, ()),
            SipPhones(self.out, SipSessions(lambda: 7, ("PCMU", "PCMA"), ())),
        )


async def new_leg() -> Leg:
    leg = Leg(
        leg_id="l1", call_id="c1", hung_up=termination.AGENT_HUNG_UP, append=lambda event: None
    )
    await leg.open_media(cast("MediaPlane", FakePlane(FakeMedia())))
    return leg


def test_an_agent_without_more_has_the_phone_that_registered_last() -> None:
    office = Office(li=None)
    phone = office.phones.of("li")

    assert isinstance(phone, RegisteredPhone)
    with pytest.raises(PhoneUnreachable, match="no registered phone"):
        phone.address()
    office.bindings["li"] = [BINDING]
    assert phone.address() == "sip:li@192.0.2.7:5060"
    assert phone.transport == "rtp"


async def test_a_registered_phone_is_rung_on_the_flow_that_it_came_by() -> None:
    office = Office(li=None)
    office.bindings["li"] = [BINDING]

    await office.phones.of("li").ring(await new_leg(), INVITATION)

    assert office.out.calls == [("sip:li@192.0.2.7:5060", "13800138000", "sales", FLOW)]


async def test_the_customers_codec_is_offered_first() -> None:
    office = Office(li="sip:li@192.0.2.8")
    phone = office.phones.of("li")

    await phone.ring(await new_leg(), INVITATION)

    assert isinstance(phone, RemotePhone)
    assert office.out.offer is not None
    assert office.out.offer.media[0].formats[:2] == ("8", "0")


async def test_a_number_that_may_not_be_dialled_ends_the_leg_with_the_cause() -> None:
    leg = await new_leg()

    await Office().phones.at("110").ring(leg, INVITATION)

    assert leg.termination is termination.EMERGENCY_NUMBER
    assert not await leg.settled()


async def test_a_leg_that_was_let_go_meanwhile_ends_its_session_at_once() -> None:
    office, leg = Office(), await new_leg()
    leg.let_go(termination.OFFER_WITHDRAWN)

    await office.phones.at("sip:x@192.0.2.8").ring(leg, INVITATION)

    assert office.out.dialled.ended


async def test_a_telephone_is_answered_where_it_stands() -> None:
    leg = await new_leg()
    await Office().phones.at("sip:x@192.0.2.8").ring(leg, INVITATION)

    with pytest.raises(AnsweredAtThePhone):
        leg.answer()


def test_a_phone_in_the_browser_where_none_is_served_cannot_be_reached() -> None:
    with pytest.raises(PhoneUnreachable, match="browser"):
        Office(li=BROWSER_PHONE).phones.of("li")


async def test_a_phone_that_is_to_pick_up_by_itself_is_told_so_in_three_ways() -> None:
    office = Office(li="sip:li@192.0.2.8")

    await office.phones.of("li").ring(await new_leg(), INVITATION)
    assert list(office.out.headers) == []
    await office.phones.of("li").ring(await new_leg(), replace(INVITATION, auto_answer=True))

    assert [name for name, _ in office.out.headers] == ["Call-Info", "Alert-Info", "Answer-Mode"]
    asked = dict(office.out.headers)
    assert asked["Call-Info"].endswith(">;answer-after=0")
    assert ";info=alert-autoanswer" in asked["Alert-Info"]
    assert asked["Answer-Mode"] == "Auto"  # RFC 5373 §4.1
