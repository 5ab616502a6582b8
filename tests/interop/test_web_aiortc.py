"""aiortc, a WebRTC stack that nobody here wrote, calls the browsers' port on real sockets."""

import asyncio
import fractions
from collections.abc import AsyncIterator
from typing import Any

import aiortc
import numpy as np
import pytest
import pytest_asyncio
from aiortc.mediastreams import AudioStreamTrack
from av import AudioFrame

from tests.audio import loudest_frequency
from tests.media.web.echo import HOST, EchoPort

pytestmark = pytest.mark.interop

TONE = 1000.0
RATE = 8000
PTIME = 0.02


class Tone(AudioStreamTrack):
    """An endless sine, a frame every 20 ms."""

    def __init__(self) -> None:
        super().__init__()
        self._samples = 0

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(PTIME)
        at = np.arange(self._samples, self._samples + 160) / RATE
        samples = (8000 * np.sin(2 * np.pi * TONE * at)).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self._samples
        frame.time_base = fractions.Fraction(1, RATE)
        self._samples += 160
        return frame


class Caller:
    """A peer connection of aiortc's, with a tone to send."""

    def __init__(self, codec: str) -> None:
        self.connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        transceiver = self.connection.addTransceiver(Tone(), direction="sendrecv")
        offered = aiortc.RTCRtpSender.getCapabilities("audio").codecs
        transceiver.setCodecPreferences([one for one in offered if one.name == codec])
        self.transceiver = transceiver

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def take(self, answer: str) -> None:
        description = aiortc.RTCSessionDescription(answer, "answer")
        await self.connection.setRemoteDescription(description)

    async def hear(self, frames: int) -> np.ndarray[Any, Any]:
        track = self.transceiver.receiver.track
        heard = [await track.recv() for _ in range(frames)]
        samples = [one.to_ndarray()[0] for one in heard if isinstance(one, AudioFrame)]
        return np.concatenate(samples).astype(np.float64)


@pytest.fixture
def _loopback_as_an_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    """aioice passes 127.0.0.1 over; the test is to need no other address."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: [HOST])


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[EchoPort]:
    port = EchoPort()
    yield port
    port.close()


@pytest.mark.usefixtures("_loopback_as_an_interface")
@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_aiortc_hears_its_own_tone_and_tells_how_well(echo: EchoPort, codec: str) -> None:
    caller = Caller(codec)
    _, answer = echo.answer(await caller.offer())

    await caller.take(answer)
    await echo.until(lambda: ("connected", "") in echo.states, 10)
    async with asyncio.timeout(30):
        samples = await caller.hear(40)
        await echo.until(lambda: bool(echo.reports))

    assert abs(loudest_frequency(samples[-4000:]) - TONE) < 10
    assert caller.connection.connectionState == "connected"

    await caller.connection.close()
    await echo.until(lambda: ("gone", "closed") in echo.states)


@pytest.mark.usefixtures("_loopback_as_an_interface")
async def test_aiortc_with_another_certificate_than_it_offered_gets_no_audio(
    echo: EchoPort,
) -> None:
    caller, other = Caller("PCMU"), Caller("PCMU")
    offer, wrong = await caller.offer(), await other.offer()
    theirs = [line for line in offer.splitlines() if line.startswith("a=fingerprint:sha-")]
    instead = [line for line in wrong.splitlines() if line.startswith("a=fingerprint:sha-")]
    for right, false in zip(theirs, instead, strict=True):
        offer = offer.replace(right, false)
    _, answer = echo.answer(offer)

    await caller.take(answer)
    await echo.until(lambda: bool(echo.states), 10)

    assert [state for state, _ in echo.states] == ["gone"]
    assert echo.states[0][1].startswith("DTLS: ")
    assert echo.heard == 0
    await caller.connection.close()
    await other.connection.close()
