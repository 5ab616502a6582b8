"""A recording for whatever plays sound: PCM of 16 bits, which mail programs and phones all know."""

import io
import wave
from pathlib import Path

import numpy as np

from .capture import SAMPLE_RATE
from .laws import LEVELS
from .stereo import read_wav


def as_pcm(file: Path) -> bytes:
    """The file of the archive as a WAV file of PCM. Raises CaptureDamaged, and OSError."""
    codec, channels, codes = read_wav(file)
    levels = LEVELS[codec].astype("<i2")[np.frombuffer(codes, np.uint8)]
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(levels.tobytes())
    return made.getvalue()
