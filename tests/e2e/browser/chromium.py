"""Debian's Chromium with the agents' page in it, driven through Playwright, heard through FFT."""

import contextlib
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.running_server import PASSWORD

from . import ears

CHROMIUM = "/usr/bin/chromium"
MICROPHONE = 1000  # Hz of the tone that every microphone of the browser hears

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",  # where lo is the only interface
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]

WITHOUT_PROCESSING = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = ({audio}) => ask({audio: {
    ...audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
"""
"""Noise suppression takes a steady tone for noise, as it should."""

THROUGH_RELAY = """
const take = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    globalThis.workerPort = Number(/udp \\d+ \\S+ (\\d+)/.exec(description.sdp)[1]);
    const sdp = description.sdp
        .replace(/a=candidate:.* tcp .*\\r\\n/g, "")
        .replace(/(a=candidate:.* udp \\d+ \\S+ )\\d+/g, "$1RELAY")
        .replace(/^m=audio \\d+/m, "m=audio RELAY");
    return take.call(this, {type: description.type, sdp});
};
"""
"""The audio goes to a relay of the test's instead of to the worker, and only by UDP."""

STATISTICS = """async () => {
    const connection = desk.softphone.peer(desk.call.id);
    const until = Date.now() + 8000;
    const found = {};
    while (!(found.roundTrip && found.received > 100) && Date.now() < until) {
    await new Promise((done) => setTimeout(done, 100));
    for (const report of (await connection.getStats()).values()) {
        if (report.type === "inbound-rtp") Object.assign(found, {
            received: report.packetsReceived, lost: report.packetsLost, jitter: report.jitter});
        if (report.type === "remote-inbound-rtp") Object.assign(found, {
            roundTrip: report.roundTripTime, remoteLost: report.packetsLost});
        if (report.type === "outbound-rtp") found.sent = report.packetsSent;
        if (report.type === "transport") Object.assign(found, {
            srtp: report.srtpCipher, dtls: report.dtlsCipher});
    }}
    return found;
}"""


class Tab:
    """One page of the desktop."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, port: int) -> None:
        await self.page.goto(f"http://localhost:{port}/")

    async def log_in(self, agent_id: str) -> None:
        """As a person does it; returns when calls could come."""
        await self.type_in(agent_id)
        await self.when("desk.link === 'up' && desk.agent.unfit.length === 0")

    async def type_in(self, agent_id: str) -> None:
        await self.page.fill("#agent-id", agent_id)
        await self.page.fill("#password", PASSWORD)
        await self.page.press("#password", "Enter")

    async def press(self, button: str) -> None:
        await self.page.click(f"#{button}")

    async def when(self, condition: str, within: float = 10.0) -> None:
        """Wait in the page. Its policy keeps Playwright's own waiting out, which is right so."""
        happened = await self.page.evaluate(
            f"""async (until) => {{
                while (Date.now() < until) {{
                    if (globalThis.desk && ({condition})) return true;
                    await new Promise((done) => setTimeout(done, 10));
                }}
                return false;
            }}""",
            await self.page.evaluate("Date.now()") + 1000 * within,
        )
        assert happened, f"not within {within:g} s: {condition}; the desk: {await self.desk()}"

    async def desk(self) -> Any:
        """What the page knows, for a failed test."""
        return await self.page.evaluate(
            """() => globalThis.desk && ({agent: desk.agent, audio: desk.audio, path: desk.path,
                calls: [...desk.calls.values()], microphone: desk.microphone.state,
                alert: document.getElementById("alert").textContent})"""
        )

    async def talks(self, within: float = 10.0) -> None:
        await self.when("desk.call?.state === 'talking' && desk.call.audio", within)

    async def heard(self) -> float | None:
        return await ears.heard(self.page.evaluate)

    async def hears(self, hz: float) -> None:
        await ears.hears(self.page.evaluate, hz)

    async def hears_nothing(self) -> None:
        await ears.hears_nothing(self.page.evaluate)

    async def reported(self) -> dict[str, Any]:
        """The call's figures, when the server has reported on what it heard (RTCP)."""
        found: dict[str, Any] = await self.page.evaluate(STATISTICS)
        return found


@contextlib.asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Browser]:
    """One browser, whose microphone hears a tone."""
    tone = folder / "microphone.wav"
    _write_tone(tone, MICROPHONE)
    arguments = [*ARGUMENTS, f"--use-file-for-fake-audio-capture={tone}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=arguments
        )
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def person(browser: Browser, *scripts: str) -> AsyncIterator[BrowserContext]:
    """Somebody with a profile of their own, who lets the page have the microphone."""
    context = await browser.new_context(permissions=["microphone"], locale="en-GB")
    for script in (WITHOUT_PROCESSING, *scripts):
        await context.add_init_script(script)
    try:
        yield context
    finally:
        await context.close()


def _write_tone(file: Path, hz: int, rate: int = 48_000) -> None:
    """One second, a whole number of periods: it loops without a click."""
    samples = 0.3 * 32767 * np.sin(2 * np.pi * hz * np.arange(rate) / rate)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
