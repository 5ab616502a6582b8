"""Sounds as frames of 20 ms, sound files, and the pitch of what was heard. 8 kHz, one channel."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]

from cti_server.media.g711 import Linear
from cti_server.media.rtp import CLOCK_RATE, TICK_SAMPLES

Sound = Iterator[Linear]
"""Frames of 160 samples. Where it ends, silence follows."""

LEVEL: Final = -12.0  # dB below full scale: as loud as speech
FAINT: Final = -50.0  # dB; quieter than this counts as silence
_FULL: Final = 32767
_PADDING: Final = 4  # the spectrum is drawn so many times finer than the span alone allows


class SoundUnreadable(Exception):
    """The file is no WAV that can be played."""


def tone(hz: float, level: float = LEVEL) -> Sound:
    """An endless sine."""
    amplitude = _FULL * 10 ** (level / 20)
    step = 2 * np.pi * hz / CLOCK_RATE
    phases = step * np.arange(TICK_SAMPLES)
    start = 0.0
    while True:
        yield (amplitude * np.sin(start + phases)).astype(np.int16)
        start = (start + step * TICK_SAMPLES) % (2 * np.pi)


def played(samples: Linear) -> Sound:
    """Recorded audio, once; the last frame is filled with silence."""
    for at in range(0, len(samples), TICK_SAMPLES):
        frame = samples[at : at + TICK_SAMPLES]
        yield np.pad(frame, (0, TICK_SAMPLES - len(frame)))


def loudness(samples: Linear) -> float:
    """In dB of full scale; -inf for nothing at all."""
    if not len(samples):
        return float("-inf")
    power = float(np.mean(samples.astype(np.float64) ** 2))
    return 10 * float(np.log10(power)) - 20 * float(np.log10(_FULL)) if power else float("-inf")


def frequency(samples: Linear) -> float | None:
    """The strongest frequency in Hz; None for silence. Needs a twentieth of a second or more."""
    if len(samples) < CLOCK_RATE // 20 or loudness(samples) < FAINT:
        return None
    weighed = samples * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(weighed, _PADDING * len(samples)))
    spectrum[0] = 0.0
    return float(np.argmax(spectrum)) * CLOCK_RATE / (_PADDING * len(samples))


def read_wav(path: Path) -> Linear:
    """PCM of any width, rate and number of channels. Raises SoundUnreadable."""
    try:
        with wave.open(str(path), "rb") as file:
            width, rate, channels = file.getsampwidth(), file.getframerate(), file.getnchannels()
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SoundUnreadable(f"{path}: {error}") from error
    samples = _scaled(data, width).reshape(-1, channels).mean(axis=1)
    if rate != CLOCK_RATE:
        samples = soxr.resample(samples, rate, CLOCK_RATE)
    scaled: Linear = np.clip(samples * (_FULL + 1), -_FULL - 1, _FULL).astype(np.int16)
    return scaled


def write_wav(path: Path, samples: Linear) -> None:
    """16-bit PCM, 8 kHz. Raises OSError."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CLOCK_RATE)
        file.writeframes(samples.astype("<i2").tobytes())


def _scaled(data: bytes, width: int) -> npt.NDArray[np.float64]:
    """PCM of that many bytes a sample as -1..1; 8 bits are unsigned in WAV."""
    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
    left = np.zeros((len(data) // width, 4), np.uint8)
    left[:, 4 - width :] = np.frombuffer(data, np.uint8).reshape(-1, width)
    return left.view("<i4")[:, 0].astype(np.float64) / 2**31
