"""A customer calls from a page in Chromium, with nothing but what browsers have."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.centre import Centre
from tests.e2e.talking import speak

from . import ears
from .chromium import person
from .seat import CALLER as AGENT
from .seat import WANG
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

MENU_ASKS, WITHIN = 600, 30.0  # Hz, s

PAGE = """
globalThis.call = {told: [], code: null};
call.begin = async (number) => {
    const voice = document.body.appendChild(document.createElement("audio"));
    voice.id = "voice";
    voice.autoplay = true;
    const microphone = await navigator.mediaDevices.getUserMedia({audio: true});
    const peer = (call.peer = new RTCPeerConnection());
    peer.ontrack = ({streams, track}) =>
        (voice.srcObject = streams[0] ?? new MediaStream([track]));
    call.sender = peer.addTrack(microphone.getAudioTracks()[0], microphone);
    await peer.setLocalDescription();
    const socket = (call.socket = new WebSocket(
        location.origin.replace("http", "ws") + "/api/v1/web-calls/socket"));
    socket.onmessage = async ({data}) => {
        const message = JSON.parse(data);
        call.told.push(message);
        if (message.type === "answer") {
            await peer.setRemoteDescription({type: "answer", sdp: message.sdp});
        }
    };
    socket.onclose = ({code}) => (call.code = code);
    await new Promise((done) => (socket.onopen = done));
    call.say({type: "call", number, sdp: peer.localDescription.sdp});
};
call.say = (message) => call.socket.send(JSON.stringify(message));
null;
"""


class CallingPage:
    """A page with a telephone in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def dials(self, number: str) -> str:
        """The contact's id, when both could speak."""
        await self.page.evaluate(f"call.begin('{number}')")
        await self.when("call.told.some((one) => one.type === 'connected')")
        return str(
            await self.page.evaluate("call.told.find((one) => one.type === 'answer').contact_id")
        )

    async def says(self, **message: Any) -> None:
        await self.page.evaluate("(message) => call.say(message)", message)

    async def when(self, condition: str) -> None:
        """Wait for it in the page."""
        happened = await self.page.evaluate(
            f"""(async () => {{
                const until = Date.now() + {1000 * WITHIN};
                while (Date.now() < until) {{
                    if ({condition}) return true;
                    await new Promise((done) => setTimeout(done, 10));
                }}
                return false;
            }})()"""
        )
        assert happened, (condition, await self.page.evaluate("[call.told, call.code]"))

    async def is_over(self) -> str:
        """The reason, when the socket is closed as it should be."""
        await self.when("call.code !== null")
        assert await self.page.evaluate("call.code") == 1000
        ended = await self.page.evaluate("call.told.at(-1)")
        assert ended["type"] == "ended"
        return str(ended["reason"])

    async def hears(self, hz: float) -> None:
        async def listen() -> float | None:
            return await ears.heard(self.page.evaluate)

        await ears.until(listen, lambda found: found is not None and abs(found - hz) < 15, hz)


@contextlib.asynccontextmanager
async def calling_page(hotline: Centre, browser: Browser) -> AsyncIterator[CallingPage]:
    """Of our own origin; what it shows does not matter."""
    async with person(browser) as context:
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"http://localhost:{hotline.server.config['api']['port']}/healthz")
        await page.evaluate(PAGE)
        yield CallingPage(page)
        assert errors == []


async def test_a_page_hears_the_menu_presses_a_key_and_talks_with_an_agent(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        hotline.on_duty(WANG.id, on_ring=speak(AGENT)) as (wang,),
        calling_page(hotline, browser) as it,
    ):
        contact_id = await it.dials("1000")
        await it.hears(MENU_ASKS)
        await it.page.evaluate("call.sender.dtmf.insertDTMF('2', 120, 70)")
        at_wang = await wang.rung()
        await it.hears(AGENT)
        await at_wang.hears(MICROPHONE, within=WITHIN)
        status, answered = await wang.desk.post(f"/api/v1/contacts/{contact_id}/hold")
        assert status == 200, answered
        await at_wang.hears_silence(within=WITHIN)
        await wang.desk.post(f"/api/v1/contacts/{contact_id}/resume")
        await at_wang.hears(MICROPHONE, within=WITHIN)
        at_wang.hang_up()
        assert await it.is_over() == "agent-hung-up"


async def test_a_page_presses_keys_in_words_restarts_its_way_and_hangs_up(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        hotline.on_duty(WANG.id, on_ring=speak(AGENT)) as (wang,),
        calling_page(hotline, browser) as it,
    ):
        await it.dials("1000")
        await it.hears(MENU_ASKS)
        await it.says(type="keys", keys="2")
        at_wang = await wang.rung()
        await at_wang.hears(MICROPHONE, within=WITHIN)
        await it.page.evaluate(
            """(async () => {
                await call.peer.setLocalDescription(
                    await call.peer.createOffer({iceRestart: true}));
                call.say({type: "restart", sdp: call.peer.localDescription.sdp});
            })()"""
        )
        await it.when("call.told.filter((one) => one.type === 'answer').length === 2")
        await it.when("call.peer.connectionState === 'connected'")
        await it.hears(AGENT)
        await it.says(type="hang_up")
        await at_wang.ended()
        assert await it.is_over() == "caller-hung-up"


async def test_a_page_that_is_closed_has_hung_up(hotline: Centre, browser: Browser) -> None:
    async with hotline.on_duty(WANG.id, on_ring=speak(AGENT)) as (wang,):
        async with calling_page(hotline, browser) as it:
            await it.dials("2000")
            at_wang = await wang.rung()
            await at_wang.hears(MICROPHONE, within=WITHIN)
        await at_wang.ended()
