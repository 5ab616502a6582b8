"""What an agent hears in any browser: the strongest frequency of what the page plays."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from simulator.audio import frequency

Evaluate = Callable[[str], Awaitable[Any]]
"""Runs an expression in the page; what it promises is the answer."""

Listen = Callable[[Evaluate], Awaitable[float | None]]
"""The strongest frequency that comes to the agent, in Hz; None for silence."""

RECORDED = """(async () => {
    if (!document.getElementById("voice").srcObject) return "[]";
    const recorder = new MediaRecorder(document.getElementById("voice").srcObject);
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((done) => (recorder.onstop = done));
    recorder.start();
    await new Promise((done) => setTimeout(done, 600));
    recorder.stop();
    await stopped;
    const sound = await new Blob(parts).arrayBuffer();
    const decoded = await new OfflineAudioContext(1, 8000, 8000).decodeAudioData(sound);
    return JSON.stringify(Array.from(decoded.getChannelData(0), (one) => Math.round(one * 32767)));
})()"""
"""Half a second of what comes to the agent, at 8 kHz: for where no live analyser runs."""

WITHIN = 30.0  # seconds until a sound that must come counts as missing

HEARD = """(async () => {
    const track = document.getElementById("voice").srcObject?.getAudioTracks()[0];
    if (!track) return null;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    await new Promise((done) => setTimeout(done, 350));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    const heard = bins[loudest] < -70 ? null : loudest * context.sampleRate / analyser.fftSize;
    await context.close();
    return heard;
})()"""
"""The strongest frequency that comes to the agent, in Hz; null for silence."""


async def heard(evaluate: Evaluate) -> float | None:
    found = await evaluate(HEARD)
    return None if found is None else float(found)


async def recorded(evaluate: Evaluate) -> float | None:
    """As :func:`heard`, from a recording: Firefox runs no analyser without a sound card."""
    samples = np.array(json.loads(await evaluate(RECORDED)), dtype=np.int16)
    return frequency(samples) if len(samples) else None


async def until(
    listen: Callable[[], Awaitable[float | None]],
    is_it: Callable[[float | None], bool],
    wanted: float | None,
) -> None:
    """Listen until it is what is wanted; where no connection is yet, silence is told at once."""
    found: list[float | None] = []
    try:
        async with asyncio.timeout(WITHIN):
            while not found or not is_it(found[-1]):
                found.append(await listen())
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"heard {found} instead of {wanted} Hz") from None
