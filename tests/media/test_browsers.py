"""Browsers' legs in a worker: SRTP in, SRTP out, peers that come and go, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from cti_server.media.errors import MediaUnavailable
from cti_server.media.plane import MediaLeg
from cti_server.media.web.description import Endpoint, build_answer, read_offer
from cti_server.media.worker_reports import PeerOpened
from recording.capture import AGENT, HEADER_SIZE
from simulator.audio import tone as humming
from simulator.web_phone import Transport, WebPhone

from .conftest import Ears, Studio, prompt
from .sounds import law_samples, level, payloads, samples, tone

pytestmark = pytest.mark.asyncio(loop_scope="module")

Party = tuple[MediaLeg, Ears]
LOUD = 3000  # of an amplitude of 8000


def answer(phone: WebPhone, opened: PeerOpened, *, restart: bool = False) -> str:
    """The worker's words as the description that the browser is sent."""
    offer = read_offer(phone.restart_offer() if restart else phone.offer())
    endpoint = Endpoint(
        ufrag=opened.ufrag,
        pwd=opened.pwd,
        fingerprint=opened.fingerprint,
        host=opened.host,
        udp_port=opened.udp_port,
        tcp_port=opened.tcp_port,
    )
    return build_answer(offer, endpoint, session_id=1, version=1)


async def open_peer(leg: MediaLeg, number: int, phone: WebPhone) -> str:
    offer = read_offer(phone.offer())
    opened = await leg.open_peer(
        number,
        fingerprint=offer.fingerprint,
        codec=offer.format.codec,
        payload_type=offer.format.payload_type,
        dtmf_payload_type=offer.dtmf_payload_type,
    )
    assert opened.udp_port == leg.port
    return answer(phone, opened)


Make = Callable[[], WebPhone]


@pytest_asyncio.fixture(loop_scope="module")
async def browser() -> AsyncIterator[Make]:
    """Makes browsers, which end with the test."""
    phones: list[WebPhone] = []

    def make() -> WebPhone:
        phones.append(WebPhone())
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    """A second of 900 Hz, as a prompt."""
    return prompt(tmp_path, "hum", b"".join(payloads(tone(900, 1.0))))


async def talking(
    studio: Studio, browser: Make, *, over: Transport = "udp"
) -> tuple[MediaLeg, Ears, WebPhone]:
    """A browser whose peer is connected."""
    leg, ears = await studio.web_leg()
    phone = browser()
    await phone.connect(await open_peer(leg, 1, phone), over=over)
    await ears.until(lambda ears: ears.peers == [("connected", "")])
    return leg, ears, phone


@pytest.mark.parametrize("over", ["udp", "tcp"])
async def test_a_browser_and_a_phone_hear_one_another(
    studio: Studio, browser: Make, over: Transport
) -> None:
    web, _, phone = await talking(studio, browser, over=over)
    leg, trunk, _ = await studio.leg(beside=web)
    trunk.call(leg)
    leg.bridge(web)
    phone.say(humming(600))
    await studio.obeyed()
    await trunk.talk(payloads(tone(900, 1.0))).done
    await phone.hears(900)

    assert level(samples(trunk.heard[10:]), 600) > LOUD
    assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(trunk.heard)} == {1}
    assert phone.figures.lost == 0


async def test_two_browsers_share_one_port_and_are_told_apart(
    studio: Studio, browser: Make
) -> None:
    one, _, phone = await talking(studio, browser)
    other, ears = await studio.web_leg(beside=one)
    second = browser()
    await second.connect(await open_peer(other, 1, second))
    await ears.until(lambda ears: ears.peers == [("connected", "")])
    assert one.port == other.port
    one.bridge(other)
    phone.say(humming(600))
    second.say(humming(900))
    await phone.hears(900)
    await second.hears(600)


async def test_keys_of_a_browser_are_told_and_passed_on_and_keys_reach_it(
    studio: Studio, browser: Make
) -> None:
    web, ears, phone = await talking(studio, browser)
    leg, trunk, _ = await studio.leg(beside=web)
    trunk.call(leg, dtmf=96)
    leg.bridge(web)
    phone.press("42#")
    await ears.until(lambda ears: ears.keys == "42#")
    await trunk.until(lambda phone: any(one.payload_type == 96 for one in phone.heard))
    web.send_digits("7")
    await phone.until(lambda: phone.heard.digits == "7")


async def test_a_browser_hears_a_prompt_and_is_captured(
    studio: Studio, browser: Make, tmp_path: Path
) -> None:
    web, _, phone = await talking(studio, browser)
    leg, trunk, _ = await studio.leg(beside=web)
    trunk.call(leg)
    phone.say(humming(600))
    studio.plane.start_capture("browser", tmp_path / "browser", leg, web)
    web.start_play([prompt(tmp_path, "prompt", b"".join(payloads(tone(900, 1.0))))])
    await phone.hears(900)
    await phone.until(lambda: phone.figures.sent > 40)
    await studio.plane.stop_capture("browser")

    captured = law_samples((tmp_path / "browser" / AGENT).read_bytes()[HEADER_SIZE:])
    assert level(captured[1600:4000], 600) > LOUD


async def test_a_supervisor_in_a_browser_hears_both_sides(studio: Studio, browser: Make) -> None:
    web, _, phone = await talking(studio, browser)
    a, a_phone, _ = await studio.leg(beside=web)
    b, b_phone, _ = await studio.leg(beside=web)
    a_phone.call(a)
    b_phone.call(b)
    studio.plane.connect({a: [b], b: [a], web: [a, b]})
    await studio.obeyed()
    talks = [a_phone.talk(payloads(tone(500, 0.8))), b_phone.talk(payloads(tone(1300, 0.8)))]
    await asyncio.gather(*(talk.done for talk in talks))

    heard = phone.heard.everything()[-3200:]
    assert level(heard, 500) > LOUD
    assert level(heard, 1300) > LOUD


async def test_over_a_reload_the_other_party_has_one_stream_and_the_new_page_the_audio(
    studio: Studio, browser: Make
) -> None:
    web, ears, page = await talking(studio, browser)
    leg, trunk, _ = await studio.leg(beside=web)
    trunk.call(leg)
    leg.bridge(web)
    page.say(humming(600))
    trunk.talk(payloads(tone(900, 4.0)))
    await page.hears(900)
    page.vanish()  # and the page that is loaded opens a peer of its own
    reloaded = browser()
    reloaded.say(humming(1300))
    await reloaded.connect(await open_peer(web, 2, reloaded))
    await ears.until(lambda ears: len(ears.peers) == 3)
    await reloaded.hears(900)
    before = len(trunk.heard)
    await trunk.hears(before + 25)

    assert sorted(ears.peers[1:]) == [("connected", ""), ("gone", "replaced")]
    assert level(samples(trunk.heard[-20:]), 1300) > LOUD
    assert len({packet.ssrc for packet in trunk.heard}) == 1
    assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(trunk.heard)} == {1}
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(trunk.heard)]
    assert all(0 < step < 80_000 for step in steps)
    assert reloaded.figures.lost == 0


async def test_a_second_tab_that_does_not_connect_takes_nothing_away(
    studio: Studio, browser: Make, hum: Path
) -> None:
    web, ears, page = await talking(studio, browser)
    await open_peer(web, 2, browser())
    web.start_play([hum], repeat=True)
    await page.hears(900)

    assert ears.peers == [("connected", "")]


async def test_new_credentials_by_an_ice_restart_and_the_audio_goes_on(
    studio: Studio, browser: Make, hum: Path
) -> None:
    web, ears, phone = await talking(studio, browser)
    web.start_play([hum], repeat=True)
    await phone.hears(900)
    opened = await web.restart_ice(1)
    phone.restarted(answer(phone, opened, restart=True))
    received = phone.figures.received
    await phone.until(lambda: phone.figures.received > received + 50)

    assert ears.peers == [("connected", "")]
    assert phone.figures.lost == 0


async def test_who_falls_silent_is_interrupted_and_comes_back(
    studio: Studio, browser: Make, hum: Path
) -> None:
    web, ears, phone = await talking(studio, browser)
    web.start_play([hum], repeat=True)
    phone.cut = True
    await ears.until(lambda ears: ears.peers[-1][0] == "interrupted", within=6)
    phone.cut = False
    await ears.until(lambda ears: ears.peers[-1][0] == "connected")
    await phone.hears(900)


async def test_a_page_that_is_left_is_gone_at_once(studio: Studio, browser: Make) -> None:
    web, ears, phone = await talking(studio, browser)
    phone.close()
    await ears.until(lambda ears: ears.peers[-1] == ("gone", "closed"))

    with pytest.raises(MediaUnavailable, match="no such peer"):
        await web.restart_ice(1)


async def test_browsers_get_reports_every_few_seconds(
    studio: Studio, browser: Make, hum: Path
) -> None:
    web, _, phone = await talking(studio, browser)
    phone.say(humming(600))
    web.start_play([hum], repeat=True)
    await phone.until(lambda: phone.media.round_trip is not None, within=8)
    quality = await web.close()

    assert quality.mos is not None
    assert quality.packets_lost == 0


async def test_what_can_not_be_opened_says_so(studio: Studio, browser: Make) -> None:
    web, ears = await studio.web_leg()
    plain, _, _ = await studio.leg(beside=web)
    wanted = {"codec": "PCMU", "payload_type": 0, "dtmf_payload_type": None}

    with pytest.raises(MediaUnavailable, match="fingerprint"):
        await web.open_peer(1, fingerprint="sha-256 ??", **wanted)  # type: ignore[arg-type]
    with pytest.raises(MediaUnavailable, match="no browser's"):
        await plain.open_peer(1, fingerprint="sha-256 00", **wanted)  # type: ignore[arg-type]
    with pytest.raises(MediaUnavailable, match="no such peer"):
        await web.restart_ice(7)
    await web.close()
    with pytest.raises(MediaUnavailable):
        await web.restart_ice(1)
    assert ears.peers == []
