"""
From any sound to what a telephone plays: 8 kHz, one level, no clicks, G.711 mu-law. Pure.

Levels are RMS in dB relative to the largest 16-bit sample (dBov, ITU-T G.100.1). Speech is measured
where somebody speaks, so that pauses do not make it louder.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]

from ..media.g711 import encode

RATE: Final = 8000
FRAME: Final = 160  # samples in 20 ms: what one RTP packet carries

SPEECH_LEVEL: Final = -20.0
MUSIC_LEVEL: Final = -26.0
PEAK: Final = -1.0
MOST_GAIN: Final = 30.0  # more would only raise the noise of a silent recording

_FULL_SCALE: Final = 32768.0
_ACTIVE: Final = 25.0  # dB below the loudest 20 ms that still count as speech
_AUDIBLE: Final = 45.0  # dB below the loudest 20 ms where a word may begin or end
_LEAD, _TAIL = 0.03, 0.08  # seconds kept before and after that
_SNUG_AUDIBLE: Final = {"en": 46.0, "zh": 30.0}  # English ends in the faintest sounds: "fifth"
_SNUG_LEAD, _SNUG_TAIL = 0.01, 0.02
_SNUG_FRAME: Final = 40  # samples in 5 ms: 20 ms of silence are heard within a word
_FADE: Final = 0.008

Sound = npt.NDArray[np.float64]  # -1 … 1


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at 8 kHz; soxr's filter also takes away what would alias."""
    if rate == RATE:
        return sound
    result: Sound = soxr.resample(sound, rate, RATE, quality="HQ")
    return result


def trimmed(sound: Sound) -> Sound:
    """Without the silence around it; the first and last sounds of a word stay whole."""
    return _within(sound, FRAME, _AUDIBLE, _LEAD, _TAIL)


def snug(sound: Sound, language: str) -> Sound:
    """Trimmed so closely that another sound can follow as within one word."""
    audible = _SNUG_AUDIBLE.get(language, _AUDIBLE)
    return _within(sound, _SNUG_FRAME, audible, _SNUG_LEAD, _SNUG_TAIL)


def levelled(sound: Sound, level: float = SPEECH_LEVEL) -> Sound:
    """At this level, or below it where a peak would otherwise be cut."""
    peak = float(np.abs(sound).max(initial=0.0))
    if peak == 0:
        return sound
    room = PEAK - 20 * float(np.log10(peak))
    gain = min(level - active_level(sound), MOST_GAIN, room)
    return sound * float(10 ** (gain / 20))


def faded(sound: Sound, seconds: float = _FADE) -> Sound:
    """The edges rise and fall, so that no join clicks."""
    length = min(int(seconds * RATE), len(sound) // 2)
    if length == 0:
        return sound
    ramp = np.sin(np.linspace(0, np.pi / 2, length)) ** 2
    result = sound.copy()
    result[:length] *= ramp
    result[-length:] *= ramp[::-1]
    return result


def active_level(sound: Sound) -> float:
    """The level of what is spoken, in dBov; -inf for silence."""
    levels = _frame_levels(sound)
    if not levels.size or levels.max() < -100:
        return float("-inf")
    active = levels[levels > levels.max() - _ACTIVE]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def mu_law(sound: Sound) -> bytes:
    """Payloads, the last one filled with silence to its 20 ms."""
    padded = np.pad(sound, (0, -len(sound) % FRAME))
    samples = np.rint(np.clip(padded * _FULL_SCALE, -32768, 32767)).astype(np.int16)
    return encode(samples, "PCMU")


def _within(sound: Sound, frame: int, audible: float, lead: float, tail: float) -> Sound:
    """From the first to the last frame that is so many dB below the loudest, and some more."""
    levels = _frame_levels(sound, frame)
    if not levels.size or levels.max() < -80:
        return sound[:0]
    heard = np.flatnonzero(levels > levels.max() - audible)
    start = int(heard[0]) * frame - int(lead * RATE)
    end = (int(heard[-1]) + 1) * frame + int(tail * RATE)
    return sound[max(0, start) : end]


def _frame_levels(sound: Sound, frame: int = FRAME) -> Sound:
    """dBov of each frame: 20 ms unless told."""
    frames = np.pad(sound, (0, -len(sound) % frame)).reshape(-1, frame)
    levels: Sound = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    return levels
