"""Tones made and found again, and G.711 WAV files taken apart, without any of our own code."""

import struct
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 8000

Samples = npt.NDArray[np.float64]


def write_tone(path: Path, hz: float, seconds: float = 30.0, level: float = 0.3) -> Path:
    """A 16-bit mono WAV file at 8 kHz."""
    at = np.arange(int(seconds * RATE)) / RATE
    samples = (level * 32767 * np.sin(2 * np.pi * hz * at)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def read_pcm(path: Path) -> Samples:
    """A mono PCM file; its header may be unfinished, as a phone that was ended leaves it."""
    data = path.read_bytes()
    body = data[data.index(b"data") + 8 :]
    return np.frombuffer(body[: len(body) // 2 * 2], dtype="<i2").astype(np.float64)


def stereo(data: bytes) -> tuple[Samples, Samples]:
    """Left and right of a stereo mu-law WAV file (format tag 7)."""
    codes = _codes(data, 2).reshape(-1, 2)
    return _expand(codes[:, 0]), _expand(codes[:, 1])


def mono(data: bytes) -> Samples:
    """The sound of a mono mu-law WAV file."""
    return _expand(_codes(data, 1))


def _codes(data: bytes, wanted: int) -> npt.NDArray[np.uint8]:
    assert (data[:4], data[8:12]) == (b"RIFF", b"WAVE")
    place, channels = 12, None
    while place < len(data):
        name, size = struct.unpack("<4sI", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        if name == b"fmt ":
            assert struct.unpack("<HHI", body[:8]) == (7, wanted, RATE)
        if name == b"data":
            channels = body
        place += 8 + size + size % 2
    assert channels is not None
    return np.frombuffer(channels, dtype=np.uint8)


def _expand(codes: npt.NDArray[np.uint8]) -> Samples:
    """ITU-T G.711 mu-law to linear, by the standard's formula."""
    inverted = ~codes & 0xFF
    magnitude = (
        (((inverted & 0x0F) << 3).astype(np.int64) + 0x84) << ((inverted & 0x70) >> 4)
    ) - 0x84
    return np.where(inverted & 0x80, -magnitude, magnitude).astype(np.float64)


def loudest_frequency(samples: Samples) -> float:
    """In Hz; 0 where it is as good as silent."""
    if len(samples) < RATE // 5 or np.sqrt(np.mean(samples**2)) < 100:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    spectrum[: len(samples) * 50 // RATE] = 0
    return float(np.argmax(spectrum) * RATE / len(samples))


def seconds_of(samples: Samples, hz: float, tolerance: float = 15.0) -> float:
    """How long that tone is the loudest, looked at in pieces of 200 ms."""
    piece = RATE // 5
    pieces = [samples[at : at + piece] for at in range(0, len(samples) - piece + 1, piece)]
    return sum(abs(loudest_frequency(each) - hz) < tolerance for each in pieces) * 0.2
