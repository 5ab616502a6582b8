"""Chromium against the browsers' port alone: what the agents' page does not do by itself."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from cti_server.media.web.description import WebCodec
from cti_server.media.web.peer import Peer, TcpAddress
from tests.e2e.browser.chromium import chromium, person
from tests.e2e.browser.tab import MICROPHONE
from tests.media.web.echo import HOST, EchoPort

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.interop]

OFFER = """async ({video}) => {
    globalThis.pc = new RTCPeerConnection();
    const stream = await navigator.mediaDevices.getUserMedia({audio: true});
    globalThis.sender = pc.addTrack(stream.getAudioTracks()[0], stream);
    if (video) {
        pc.addTransceiver("video");
        pc.createDataChannel("chat");
    }
    pc.ontrack = ({track}) => {
        globalThis.voice = new MediaStream([track]);
        const audio = new Audio();
        audio.srcObject = voice;
        audio.play();
    };
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
}"""
RESTART = """async () => {
    pc.restartIce();
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
}"""
ANSWER = """async (sdp) => {
    await pc.setRemoteDescription({type: "answer", sdp});
    const until = Date.now() + 8000;
    while (pc.connectionState !== "connected" && Date.now() < until)
        await new Promise((done) => setTimeout(done, 5));
    return pc.connectionState;
}"""
HEARD = """async () => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(voice).connect(analyser);
    await new Promise((done) => setTimeout(done, 400));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    const heard = bins[loudest] < -70 ? 0 : loudest * context.sampleRate / analyser.fftSize;
    await context.close();
    return heard;
}"""
FIGURES = """async () => {
    const found = {};
    for (const report of (await pc.getStats()).values()) {
        if (report.type === "inbound-rtp") Object.assign(found, {
            received: report.packetsReceived, lost: report.packetsLost});
        if (report.type === "transport") Object.assign(found, {
            srtp: report.srtpCipher, dtls: report.tlsVersion});
        if (report.type === "candidate-pair" && report.nominated) found.pair = report.id;
        if (report.type === "remote-candidate" && report.protocol) found.protocol = report.protocol;
    }
    return found;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with chromium(tmp_path_factory.mktemp("chromium")) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page of a site that may use the microphone."""
    app = web.Application()
    app.router.add_get("/", _empty)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    port = runner.addresses[0][1]
    async with person(browser) as context:
        made = await context.new_page()
        await made.goto(f"http://localhost:{port}/")
        yield made
    await runner.cleanup()


async def _empty(request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>phone</title>", content_type="text/html")


@pytest_asyncio.fixture(loop_scope="module")
async def echo() -> AsyncIterator[EchoPort]:
    port = EchoPort()
    yield port
    port.close()


async def call(
    page: Page,
    echo: EchoPort,
    *,
    video: bool = False,
    tcp: bool = False,
    codecs: tuple[WebCodec, ...] = ("PCMU",),
) -> Peer:
    """Connected; returns our side of it."""
    peer, answer = echo.answer(await page.evaluate(OFFER, {"video": video}), codecs)
    if tcp:
        answer = re.sub(r"a=candidate:.* udp .*\r\n", "", answer)
    assert await page.evaluate(ANSWER, answer) == "connected"
    await echo.until(lambda: ("connected", "") in echo.states)
    return peer


async def hears_itself(page: Page) -> None:
    async with asyncio.timeout(30):
        while abs(await page.evaluate(HEARD) - MICROPHONE) > 15:
            pass


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "OPUS"])
async def test_a_tone_goes_there_and_comes_back(
    page: Page, echo: EchoPort, codec: WebCodec
) -> None:
    await call(page, echo, codecs=(codec,))

    await hears_itself(page)
    figures = await page.evaluate(FIGURES)

    assert (figures["srtp"], figures["lost"]) == ("SRTP_AEAD_AES_128_GCM", 0)
    assert figures["received"] > 10
    assert echo.states == [("connected", "")]


async def test_the_same_goes_over_tcp_where_udp_is_blocked(page: Page, echo: EchoPort) -> None:
    peer = await call(page, echo, tcp=True)

    await hears_itself(page)
    assert peer.path is not None
    assert isinstance(peer.path.address, TcpAddress)
    await page.evaluate("() => pc.close()")
    await echo.until(lambda: ("gone", "closed") in echo.states)


async def test_video_and_data_are_refused_without_harm_to_the_audio(
    page: Page, echo: EchoPort
) -> None:
    await call(page, echo, video=True)

    await hears_itself(page)


async def test_keys_come_with_the_number_that_chromium_offered(page: Page, echo: EchoPort) -> None:
    await call(page, echo)
    await page.evaluate("() => sender.dtmf.insertDTMF('12#', 120, 70)")
    ended = [(event, 0x80) for event in (1, 2, 11)]

    def pressed() -> list[tuple[int, int]]:
        return sorted(
            {(payload[0], payload[1] & 0x80) for payload in echo.events if payload[1] > 127}
        )

    await echo.until(lambda: pressed() == ended)


async def test_an_ice_restart_leaves_the_keys_as_they_are(page: Page, echo: EchoPort) -> None:
    peer = await call(page, echo)
    keys = peer.srtp
    answer = echo.answer_restart(peer, await page.evaluate(RESTART))
    assert await page.evaluate(ANSWER, answer) == "connected"
    await echo.until(lambda: len(peer.credentials) == 1)

    await hears_itself(page)

    assert peer.srtp is keys
    assert echo.states == [("connected", "")]
