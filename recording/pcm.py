"""A recording for whatever plays sound: PCM of 16 bits, which mail programs and phones all know."""

import io
import wave

import numpy as np

from .capture import SAMPLE_RATE
from .laws import LEVELS
from .stereo import read_wav


def as_pcm(sound_file: bytes) -> bytes:
    """A recording's sound file as a WAV file of PCM. Raises CaptureDamaged."""
    codec, channels, codes = read_wav(sound_file)
    levels = LEVELS[codec].astype("<i2")[np.frombuffer(codes, np.uint8)]
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(levels.tobytes())
    return made.getvalue()
