"""
The job of the studio's editor: a delivered WAV becomes a prompt that fits in with the others. Pure.

pydub cuts and fades; the level is the one of :mod:`.telephone_sound`, which the voices have, too.
"""

import warnings
from typing import Any, Final

import numpy as np

from .errors import SoundInvalid
from .telephone_sound import (
    MOST_GAIN,
    PEAK,
    RATE,
    SPEECH_LEVEL,
    Sound,
    active_level,
    mu_law,
    resampled,
)
from .wav import read_wav

LONGEST: Final = 120  # seconds of one prompt
SHORTEST: Final = 0.1  # seconds of sound: less is a click
QUIETEST: Final = SPEECH_LEVEL - MOST_GAIN  # dBov of what can be made as loud as the others

_AUDIBLE: Final = 45.0  # dB below the peak where a word may begin or end
_LEAD, _TAIL = 50, 100  # milliseconds of silence that stay before and after
_FADE: Final = 8  # milliseconds
_STEP: Final = 10  # milliseconds
_FULL_SCALE: Final = 2.0**31


def edited(wav: bytes) -> bytes:
    """The recording as mu-law. Raises SoundInvalid, which says what is wrong with it."""
    sound, rate = read_wav(wav, longest=LONGEST)
    telephone = resampled(sound, rate)
    if active_level(telephone) < QUIETEST:
        raise SoundInvalid(f"the recording is silent: it stays below {QUIETEST:.0f} dB")
    cut = _cut(_segment(telephone))
    gain = min(SPEECH_LEVEL - active_level(_samples(cut)), MOST_GAIN, PEAK - cut.max_dBFS)
    return mu_law(_samples(cut.apply_gain(gain).fade_in(_FADE).fade_out(_FADE)))


def _segment(sound: Sound) -> Any:
    """A pydub.AudioSegment: the package has no types."""
    with _quiet():
        from pydub import AudioSegment
    whole = np.clip(sound * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i4")
    return AudioSegment(whole.tobytes(), sample_width=4, frame_rate=RATE, channels=1)


def _cut(segment: Any) -> Any:
    """Without the silence around it, but for a margin."""
    with _quiet():
        from pydub.silence import detect_leading_silence
    threshold = segment.max_dBFS - _AUDIBLE
    before = detect_leading_silence(segment, threshold, _STEP)
    after = detect_leading_silence(segment.reverse(), threshold, _STEP)
    if len(segment) - before - after < SHORTEST * 1000:
        raise SoundInvalid("there is a click in the recording, and nothing else")
    return segment[max(0, before - _LEAD) : len(segment) - max(0, after - _TAIL)]


def _samples(segment: Any) -> Sound:
    samples: Sound = np.frombuffer(segment.raw_data, "<i4") / _FULL_SCALE
    return samples


def _quiet() -> "warnings.catch_warnings[None]":
    """pydub looks for ffmpeg, which nothing here needs, and Python had announced audioop's end."""
    return warnings.catch_warnings(action="ignore")
