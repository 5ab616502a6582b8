"""The phone in the browser as a call sees it: rings, audio, pages that come and go, in seconds."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from cti_server.calls import termination
from cti_server.calls.browser_phone import (
    AUDIO_WITHIN,
    PAGE_KEPT,
    RING_KEPT,
    BrowserPhone,
    BrowserSession,
)
from cti_server.calls.handset import Handset
from cti_server.calls.leg import Leg
from cti_server.calls.phones import Invitation, PhoneUnreachable
from cti_server.media.plane import MediaPlane
from cti_server.media.web.description import OfferRefused
from cti_server.media.worker_reports import PeerOpened
from cti_server.wire.events import Event
from cti_server.wire.phone import (
    Answer,
    Connected,
    Ended,
    Media,
    MediaLost,
    PhoneTold,
    Ring,
)
from cti_server.wire.screen import ScreenPop
from tests.api.test_stream import pop_for
from tests.fakes.media import FakeMedia, FakePlane
from tests.virtual_time import run

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789abcdefghijkl",
        f"a=fingerprint:{FINGERPRINT}",
        "a=setup:actpass",
        "a=rtcp-mux",
        "a=sendrecv",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:126 telephone-event/8000",
        "",
    ]
)


class Worker(FakeMedia):
    """A leg's media that remembers the peers that it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.peers: list[tuple[int, dict[str, Any]]] = []
        self.restarted: list[int] = []

    async def open_peer(self, peer: int, **wanted: Any) -> PeerOpened:
        self.peers.append((peer, wanted))
        return self._opened(peer, f"user{peer}")

    async def restart_ice(self, peer: int) -> PeerOpened:
        self.restarted.append(peer)
        return self._opened(peer, f"again{peer}")

    def _opened(self, peer: int, ufrag: str) -> PeerOpened:
        return PeerOpened(
            leg="l",
            peer=peer,
            ufrag=ufrag,
            pwd="p" * 24,
            fingerprint=FINGERPRINT,
            host=self.host,
            udp_port=40000,
            tcp_port=40000,
        )


class Desktop:
    def __init__(self, name: str) -> None:
        self.name = name
        self.shown: list[PhoneTold] = []

    def show(self, message: PhoneTold) -> None:
        self.shown.append(message)

    def told(self, kind: type[PhoneTold]) -> list[PhoneTold]:
        return [each for each in self.shown if isinstance(each, kind)]


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@dataclass
class Scene:
    """A leg that rings at li's browser."""

    handset: Handset
    desktop: Desktop
    leg: Leg
    worker: Worker
    events: list[Event]
    held: list[bool]
    unfit: list[tuple[str, ...]]

    @property
    def session(self) -> BrowserSession:
        return cast(BrowserSession, self.handset.line(self.leg.id))

    async def media(self, *, restart: bool = False, attempt: int = 1) -> Answer:
        said = Media(request=1, id=self.leg.id, attempt=attempt, sdp=OFFER, restart=restart)
        return await self.session.media(said)

    async def talk(self) -> None:
        """Prewarmed and picked up."""
        await self.media()
        self.leg.peer_changed("connected", "")
        self.leg.answer()


async def ringing(
    *, pop: ScreenPop | None = None, codec: str = "PCMU", auto_answer: bool = False
) -> Scene:
    events: list[Event] = []
    unfit: list[tuple[str, ...]] = []
    handset = Handset("li", lambda _, reasons: unfit.append(reasons))
    desktop = Desktop("first")
    handset.join(desktop)
    handset.reported(desktop, "live", "untested")
    leg = Leg(
        leg_id="leg1", call_id="call1", hung_up=termination.AGENT_HUNG_UP, append=events.append
    )
    worker, held = Worker(), list[bool]()
    await leg.open_media(cast(MediaPlane, FakePlane(worker)))
    leg.on_hold_changed = lambda: held.append(leg.held_by_phone)
    phone = BrowserPhone(handset, lambda _: pop, FixedClock())
    await phone.ring(leg, Invitation("13800138000", codec, "k1", auto_answer=auto_answer))
    return Scene(handset, desktop, leg, worker, events, held, unfit)


async def test_the_desktop_is_told_to_pick_up_by_itself_also_when_it_comes_back_to_the_ring() -> (
    None
):
    scene = await ringing(auto_answer=True)

    assert scene.desktop.told(Ring) == [Ring(id="leg1", contact_id="k1", auto_answer=True)]
    assert [call.auto_answer for call in scene.handset.view(scene.desktop).calls] == [True]


async def test_the_desktop_rings_with_the_record_that_belongs_to_the_call() -> None:
    scene = await ringing(pop=pop_for("i1"))

    assert scene.desktop.told(Ring) == [Ring(id="leg1", contact_id="k1", pop=pop_for("i1"))]
    assert scene.leg.ringing.is_set()
    assert [call.state for call in scene.handset.view(scene.desktop).calls] == ["ringing"]


async def test_without_a_desktop_that_has_the_audio_nothing_can_be_rung() -> None:
    phone = BrowserPhone(Handset("li", lambda *_: None), lambda _: None, FixedClock())

    with pytest.raises(PhoneUnreachable, match="li has no desktop"):
        phone.address()


async def test_a_prewarmed_call_is_connected_in_the_moment_of_picking_up() -> None:
    scene = await ringing()
    answer = await scene.media(attempt=4)
    scene.leg.peer_changed("connected", "")
    before = scene.leg.connected.is_set()

    scene.leg.answer()

    assert not before
    assert scene.leg.connected.is_set()
    assert scene.desktop.shown[-1] == Connected(id="leg1")
    assert (answer.id, answer.attempt) == ("leg1", 4)
    assert "a=ice-ufrag:user1" in answer.sdp
    assert scene.worker.peers == [
        (
            1,
            {
                "fingerprint": FINGERPRINT,
                "codec": "PCMU",
                "payload_type": 0,
                "dtmf_payload_type": 126,
            },
        )
    ]


async def test_the_browser_gets_the_codec_of_the_other_party() -> None:
    scene = await ringing(codec="PCMA")

    await scene.media()

    assert scene.worker.peers[0][1]["codec"] == "PCMA"
    assert scene.leg.codec == "PCMA"


async def test_who_picks_up_before_the_audio_is_there_talks_when_it_is() -> None:
    scene = await ringing()
    scene.leg.answer()
    early = scene.leg.connected.is_set()
    await scene.media()

    scene.leg.peer_changed("connected", "")

    assert not early
    assert scene.leg.connected.is_set()


def test_who_picks_up_and_gets_no_audio_is_let_go_and_offered_nothing_more() -> None:
    async def story() -> Scene:
        scene = await ringing()
        await scene.media()
        scene.leg.answer()
        await asyncio.sleep(AUDIO_WITHIN)
        return scene

    scene = run(story())

    assert scene.leg.termination is termination.NO_AUDIO
    assert scene.desktop.shown[-1] == Ended(id="leg1", reason="no-audio")
    assert scene.unfit[-1] == ("media-path-failed",)


async def test_putting_the_receiver_down_on_a_ring_declines_and_in_a_call_hangs_up() -> None:
    declined, talked = await ringing(), await ringing()
    await talked.talk()

    declined.session.put_down()
    talked.session.put_down()

    assert declined.leg.termination is termination.DECLINED
    assert talked.leg.termination is termination.AGENT_HUNG_UP
    assert talked.handset.view(talked.desktop).calls == []


async def test_a_call_that_ends_elsewhere_is_taken_off_the_desktop_once() -> None:
    scene = await ringing()

    scene.leg.let_go(termination.OFFER_WITHDRAWN)
    scene.leg.let_go(termination.RELEASED)

    assert scene.desktop.told(Ended) == [Ended(id="leg1", reason="offer-withdrawn")]


def test_a_reload_in_a_call_keeps_the_caller_on_hold_until_the_new_page_is_heard() -> None:
    async def story() -> Scene:
        scene = await ringing()
        await scene.talk()
        scene.leg.peer_changed("gone", "close_notify")
        scene.handset.leave(scene.desktop)
        await asyncio.sleep(PAGE_KEPT - 1)
        scene.desktop = Desktop("first")
        scene.handset.join(scene.desktop)
        await scene.media()
        scene.leg.peer_changed("connected", "")
        await asyncio.sleep(PAGE_KEPT + 1)
        return scene

    scene = run(story())

    assert scene.held == [True, False]
    assert not scene.leg.over.is_set()
    assert [peer for peer, _ in scene.worker.peers] == [1, 2]
    assert [call.state for call in scene.handset.view(scene.desktop).calls] == ["talking"]


def test_a_page_that_does_not_come_back_ends_the_leg_after_its_time() -> None:
    async def story() -> tuple[Scene, bool]:
        scene = await ringing()
        await scene.talk()
        scene.leg.peer_changed("interrupted", "")
        await asyncio.sleep(PAGE_KEPT - 0.1)
        kept = not scene.leg.over.is_set()
        scene.leg.peer_changed("gone", "silence")
        await asyncio.sleep(0.2)
        return scene, kept

    scene, kept = run(story())

    assert kept
    assert scene.leg.termination is termination.BROWSER_GONE


def test_a_lost_stream_touches_neither_the_call_nor_its_audio() -> None:
    async def story() -> Scene:
        scene = await ringing()
        await scene.talk()
        scene.handset.leave(scene.desktop)
        await asyncio.sleep(3600)
        return scene

    scene = run(story())

    assert not scene.leg.over.is_set()
    assert scene.held == []


async def test_a_path_that_comes_back_by_itself_or_by_new_credentials_takes_the_caller_back() -> (
    None
):
    scene = await ringing()
    await scene.talk()

    scene.leg.peer_changed("interrupted", "")
    answer = await scene.media(restart=True)
    scene.leg.peer_changed("connected", "")

    assert scene.desktop.told(MediaLost) == [MediaLost(id="leg1")]
    assert scene.worker.restarted == [1]
    assert "a=ice-ufrag:again1" in answer.sdp
    assert scene.held == [True, False]


async def test_the_end_of_a_peer_that_was_replaced_means_nothing() -> None:
    scene = await ringing()
    await scene.talk()

    scene.leg.peer_changed("gone", "replaced")

    assert scene.held == []


@pytest.mark.parametrize(("away", "rings_on"), [(RING_KEPT - 0.1, True), (RING_KEPT, False)])
def test_it_rings_on_for_a_reload_and_no_longer(away: float, rings_on: bool) -> None:
    async def story() -> Scene:
        scene = await ringing()
        scene.handset.leave(scene.desktop)
        await asyncio.sleep(away)
        scene.handset.join(Desktop("first"))
        await asyncio.sleep(RING_KEPT)
        return scene

    scene = run(story())

    assert scene.leg.over.is_set() is not rings_on
    assert scene.leg.termination is (None if rings_on else termination.UNREACHABLE)


async def test_an_offer_without_anything_that_fits_is_refused() -> None:
    scene = await ringing()
    said = Media(request=1, id="leg1", attempt=1, sdp="v=0\r\n")

    with pytest.raises(OfferRefused):
        await scene.session.media(said)

    assert scene.worker.peers == []
    assert not scene.leg.over.is_set()


async def test_a_ring_for_a_leg_that_is_over_already_is_not_shown() -> None:
    handset, desktop = Handset("li", lambda *_: None), Desktop("first")
    handset.join(desktop)
    leg = Leg(leg_id="leg1", call_id="c", hung_up=termination.AGENT_HUNG_UP, append=print)
    leg.let_go(termination.OFFER_WITHDRAWN)

    await BrowserPhone(handset, lambda _: None, FixedClock()).ring(leg, Invitation("", "PCMU", "k"))

    assert desktop.shown == []
