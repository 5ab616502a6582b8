"""Calls over trunks: which is tried, which is left alone, and what the leg hears of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from config.sip import OutboundSettings, RouteSettings, TrunkSettings
from cti_server.calls.number_plan import EmergencyNumber, NumberPlan
from cti_server.calls.outbound import RESTS_FOR, AllTrunksBusy, Outbound
from cti_server.sip.offer_answer import LocalMedia, make_offer
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended, SessionListener
from cti_server.sip.transport import Flow
from cti_server.wire.events import Event, TrunkLineFreed, TrunkLineTaken
from tests import virtual_time

OFFER = make_offer(LocalMedia("127.0.0.1", 20000, 1))
NUMBER = "+8613800138000"


@dataclass
class Placed:
    """One INVITE of ours, as the network side sees it."""

    target: str
    from_uri: str
    credentials: tuple[str, str] | None
    listener: SessionListener
    hung_up: list[str | None] = field(default_factory=list)
    proposed: list[Sdp] = field(default_factory=list)
    keys: str = ""

    over = False

    def hang_up(self, reason: str | None = None) -> None:
        self.hung_up.append(reason)

    async def reinvite(self, offer: Sdp) -> Sdp:
        self.proposed.append(offer)
        return offer

    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None:
        self.keys += digit


class Wire:
    """Stands for the user agent: remembers what was placed."""

    def __init__(self) -> None:
        self.placed: list[Placed] = []
        self.lines: list[str] = []
        """What the log was told of the trunks' lines."""

    def tell(self, event: Event) -> None:
        match event:
            case TrunkLineTaken(trunk=trunk):
                self.lines.append(f"{trunk} taken")
            case TrunkLineFreed(trunk=trunk):
                self.lines.append(f"{trunk} freed")

    def call(
        self,
        target: str,
        *,
        offer: Sdp,
        listener: SessionListener,
        from_uri: str,
        headers: Sequence[tuple[str, str]] = (),
        credentials: tuple[str, str] | None = None,
        flow: Flow | None = None,
    ) -> Placed:
        self.placed.append(Placed(target, from_uri, credentials, listener))
        return self.placed[-1]

    @property
    def hosts(self) -> list[str]:
        return [each.target.partition("@")[2] for each in self.placed]


class Party:
    """Stands for the leg: what it heard."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        self.heard.append(status)

    def answered(self, remote: Sdp) -> None:
        self.heard.append("answered")

    def failed(self, status: int, reason: str) -> None:
        self.heard.append((status, reason))

    def cancelled(self) -> None:
        self.heard.append("cancelled")

    def confirmed(self) -> None:
        self.heard.append("confirmed")

    def offered(self, offer: Sdp) -> Sdp | None:
        self.heard.append("offered")
        return offer

    def digit_received(self, digit: str, duration_ms: int) -> None:
        self.heard.append(digit)

    def ended(self, ended: Ended) -> None:
        self.heard.append(ended.cause)


def trunk(name: str, **outbound: object) -> TrunkSettings:
    settings = {"to": f"{name}.example", "caller_id": "95588", **outbound}
    return TrunkSettings(name=name, outbound=OutboundSettings.model_validate(settings))


def outbound(wire: Wire, *trunks: TrunkSettings) -> Outbound:
    names = tuple(each.name for each in trunks)
    routes = [RouteSettings(prefix="+", trunks=names)]
    plan = NumberPlan(trunks, routes, region="CN", realm="hotline")
    return Outbound(wire, plan, "hotline", wire.tell)


async def test_a_sip_uri_is_called_where_it_says_and_takes_no_line() -> None:
    wire = Wire()
    out = outbound(wire, trunk("a"))

    out.call("sip:li@192.0.2.9:5080", offer=OFFER, listener=Party(), caller_number="139")

    assert wire.placed[0].target == "sip:li@192.0.2.9:5080"
    assert wire.placed[0].from_uri == "sip:139@hotline"
    assert out.running == 0


async def test_a_number_goes_over_the_preferred_trunk_and_frees_its_line_at_the_end() -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a", username="bank", password="x"), trunk("b"))

    out.call(NUMBER, offer=OFFER, listener=party)
    call = wire.placed[0]
    call.listener.ringing(180, None)
    call.listener.answered(OFFER)
    assert (call.target, call.credentials) == (f"sip:{NUMBER}@a.example", ("bank", "x"))
    assert out.running == 1
    call.listener.ended(Ended("bye"))

    assert party.heard == [180, "answered", "bye"]
    assert (out.running, out.total) == (0, 1)


@pytest.mark.parametrize("status", [408, 503, 500, 403, 407])
async def test_where_the_trunk_itself_fails_the_next_one_is_tried_unheard(status: int) -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a"), trunk("b"))

    call = out.call(NUMBER, offer=OFFER, listener=party)
    wire.placed[0].listener.failed(status, "")
    wire.placed[1].listener.answered(OFFER)
    call.hang_up("enough")

    assert wire.hosts == ["a.example", "b.example"]
    assert wire.lines == ["a taken", "a freed", "b taken", "b freed"]
    assert party.heard == ["answered"]
    assert wire.placed[0].hung_up == []
    assert wire.placed[1].hung_up == ["enough"]
    assert (out.running, out.passed_on) == (0, 1)


async def test_how_each_trunk_took_a_call_is_told() -> None:
    wire, told = Wire(), []
    plan = NumberPlan(
        [trunk("a"), trunk("b")],
        [RouteSettings(prefix="+", trunks=("a", "b"))],
        region="CN",
        realm="hotline",
    )
    out = Outbound(wire, plan, "hotline", called=lambda *how: told.append(how))

    out.call(NUMBER, offer=OFFER, listener=Party())
    wire.placed[0].listener.failed(503, "")
    wire.placed[1].listener.ringing(180, None)
    wire.placed[1].listener.answered(OFFER)

    assert told == [("a", 503), ("b", None)]
    assert (out.busy("a"), out.busy("b")) == (0, 1)
    assert plan.peers["a"] == ("sip:a.example", "sip:hotline")


@pytest.mark.parametrize("status", [404, 480, 486, 488, 600, 603])
async def test_the_called_partys_own_word_is_final(status: int) -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a"), trunk("b"))

    out.call(NUMBER, offer=OFFER, listener=party)
    wire.placed[0].listener.failed(status, "no")

    assert wire.hosts == ["a.example"]
    assert party.heard == [(status, "no")]
    assert out.running == 0


async def test_what_has_rung_is_not_tried_again() -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a"), trunk("b"))

    out.call(NUMBER, offer=OFFER, listener=party)
    wire.placed[0].listener.ringing(180, None)
    wire.placed[0].listener.failed(408, "No Answer")

    assert party.heard == [180, (408, "No Answer")]
    assert wire.hosts == ["a.example"]


async def test_the_last_trunks_failure_is_the_calls() -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a"), trunk("b"))

    out.call(NUMBER, offer=OFFER, listener=party)
    wire.placed[0].listener.failed(503, "one")
    wire.placed[1].listener.failed(502, "two")

    assert party.heard == [(502, "two")]
    assert out.running == 0


async def test_a_full_trunk_is_passed_over_and_with_all_full_the_call_is_refused() -> None:
    wire = Wire()
    out = outbound(wire, trunk("a", channels=1), trunk("b", channels=1))

    first = out.call(NUMBER, offer=OFFER, listener=Party())
    out.call(NUMBER, offer=OFFER, listener=Party())
    with pytest.raises(AllTrunksBusy):
        out.call(NUMBER, offer=OFFER, listener=Party())
    first.hang_up()
    out.call(NUMBER, offer=OFFER, listener=Party())

    assert wire.hosts == ["a.example", "b.example", "a.example"]
    assert (out.running, out.refused) == (2, 1)


async def test_a_trunk_that_filled_up_meanwhile_does_not_get_what_another_lost() -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a", channels=1), trunk("b", channels=1))

    out.call(NUMBER, offer=OFFER, listener=party)
    out.call(NUMBER, offer=OFFER, listener=Party())  # has the only line of b
    wire.placed[0].listener.failed(503, "down")

    assert party.heard == [(503, "down")]
    assert out.running == 1


def test_a_trunk_that_failed_rests_behind_the_others_for_a_while() -> None:
    async def scenario() -> list[str]:
        wire = Wire()
        out = outbound(wire, trunk("a"), trunk("b"))
        out.call(NUMBER, offer=OFFER, listener=Party())
        wire.placed[0].listener.failed(503, "down")

        out.call(NUMBER, offer=OFFER, listener=Party())
        await asyncio.sleep(RESTS_FOR + 1)
        out.call(NUMBER, offer=OFFER, listener=Party())
        return wire.hosts

    hosts = virtual_time.run(scenario())

    assert hosts == ["a.example", "b.example", "b.example", "a.example"]


async def test_hanging_up_twice_gives_the_line_back_once() -> None:
    wire = Wire()
    out = outbound(wire, trunk("a", channels=1))

    call = out.call(NUMBER, offer=OFFER, listener=Party())
    call.hang_up()
    call.hang_up()

    assert out.running == 0


async def test_keys_and_new_offers_reach_the_session_of_the_moment() -> None:
    wire, party = Wire(), Party()
    out = outbound(wire, trunk("a"), trunk("b"))
    call = out.call(NUMBER, offer=OFFER, listener=party)
    wire.placed[0].listener.failed(503, "")
    wire.placed[1].listener.answered(OFFER)

    call.send_info_digit("7")
    await call.reinvite(OFFER)
    wire.placed[1].listener.digit_received("5", 100)
    wire.placed[1].listener.offered(OFFER)

    assert (wire.placed[1].keys, wire.placed[1].proposed) == ("7", [OFFER])
    assert party.heard == ["answered", "5", "offered"]


async def test_what_cannot_be_dialled_is_refused_before_anybody_rings() -> None:
    wire = Wire()
    out = outbound(wire, trunk("a"))

    with pytest.raises(EmergencyNumber):
        out.check("110")
    out.check(NUMBER)
    out.check("sip:li@192.0.2.9")

    assert wire.placed == []
