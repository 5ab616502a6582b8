"""Debian's Chromium with the agents' page in it, driven through Playwright, heard through FFT."""

import contextlib
import wave
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.running_server import PASSWORD

from .relays import AudioRelay
from .tab import MICROPHONE, Tab

CHROMIUM = "/usr/bin/chromium"

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

DESK: dict[str, Any] = {}
TELEPHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
"""What the page is open on."""

WITHOUT_PROCESSING = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = ({audio}) => ask({audio: {
    ...audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
"""
"""Noise suppression takes a steady tone for noise, as it should."""

UDP_THROUGH = """
const take = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    globalThis.workerPort = Number(/udp \\d+ \\S+ (\\d+)/.exec(description.sdp)[1]);
    const sdp = description.sdp
        .replace(/(a=candidate:.* udp \\d+ \\S+ )\\d+/g, "$1RELAY")
        .replace(/^m=audio \\d+/m, "m=audio RELAY");
    return take.call(this, {type: description.type, sdp});
};
"""
WITHOUT_TCP = """
const takeAll = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({type, sdp}) {
    return takeAll.call(this, {type, sdp: sdp.replace(/a=candidate:.* tcp .*\\r\\n/g, "")});
};
"""


def through(relay: AudioRelay, *, tcp: bool = False) -> str:
    """
    The script of a page whose UDP goes to a relay of the test's instead of to the worker.

    ``tcp``: whether TCP goes to the worker as it should.
    """
    script = UDP_THROUGH.replace("RELAY", str(relay.port))
    return script if tcp else script + WITHOUT_TCP


STATISTICS = """async () => {
    const way = (reports, transport) => {
        const pair = reports.get(transport.selectedCandidatePairId);
        return pair && reports.get(pair.localCandidateId).protocol;
    };
    const connection = desk.softphone.peer(desk.call.id);
    const until = Date.now() + 8000;
    const found = {};
    while (!(found.roundTrip && found.received > 100) && Date.now() < until) {
    await new Promise((done) => setTimeout(done, 100));
    const reports = await connection.getStats();
    for (const report of reports.values()) {
        if (report.type === "inbound-rtp") Object.assign(found, {
            received: report.packetsReceived, lost: report.packetsLost, jitter: report.jitter});
        if (report.type === "remote-inbound-rtp") Object.assign(found, {
            roundTrip: report.roundTripTime, remoteLost: report.packetsLost});
        if (report.type === "outbound-rtp") found.sent = report.packetsSent;
        if (report.type === "transport") Object.assign(found, {
            srtp: report.srtpCipher, dtls: report.dtlsCipher, protocol: way(reports, report)});
    }}
    return found;
}"""


class ChromiumTab(Tab):
    """One page of the desktop in Chromium."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, port: int) -> None:
        await self.page.goto(f"http://localhost:{port}/")

    async def evaluate(self, expression: str) -> Any:
        return await self.page.evaluate(expression)

    async def type_in(self, agent_id: str) -> None:
        await self.page.fill("#agent-id", agent_id)
        await self.page.fill("#password", PASSWORD)
        await self.page.press("#password", "Enter")

    async def press(self, button: str) -> None:
        await self.page.click(f"#{button}")

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
async def person(
    browser: Browser, *scripts: str, device: Mapping[str, Any] = DESK
) -> AsyncIterator[BrowserContext]:
    """Somebody with a profile of their own, who lets the page have the microphone."""
    context = await browser.new_context(permissions=["microphone"], locale="en-GB", **device)
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
