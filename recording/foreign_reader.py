"""A sound file as libsndfile reads it, which nobody here wrote."""

from dataclasses import dataclass
from pathlib import Path

import soundfile

from .errors import RecordingError

_BLOCK = 1 << 16  # frames


class NotReadable(RecordingError):
    """The file is no sound to others; the message is theirs."""


@dataclass(frozen=True, slots=True)
class Heard:
    seconds: float
    channels: int


def hear(path: Path) -> Heard:
    """Read it to the last sample: what it says of itself may be more than there is."""
    try:
        with soundfile.SoundFile(path) as sound:
            frames = sum(len(block) for block in sound.blocks(_BLOCK, dtype="int16"))
            return Heard(frames / sound.samplerate, sound.channels)
    except soundfile.SoundFileError as error:
        raise NotReadable(str(error)) from error
