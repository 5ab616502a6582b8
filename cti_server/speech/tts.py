"""The port behind which every text-to-speech engine stands, and the voices that are shipped."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .errors import VoiceMissing

Samples = npt.NDArray[np.int16]


class Voice(Protocol):
    """
    Speaks text. Small and picklable: it travels to the job processes, and loads there when it
    first speaks.
    """

    @property
    def id(self) -> str:
        """Engine, its version, the voice: whatever changes the sound changes this."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Primary subtags of RFC 5646: "en", "zh"."""
        ...

    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        """Mono samples and their rate in Hz. Raises VoiceMissing, TextUnspeakable."""
        ...


def primary(language: str) -> str:
    """The language of a tag: "zh-Hans-CN" and "zh_CN" are "zh"."""
    return language.replace("_", "-").split("-", 1)[0].lower()


def voice_for(voices: Sequence[Voice], language: str) -> Voice:
    """The first voice that speaks the language."""
    for voice in voices:
        if primary(language) in voice.languages:
            return voice
    spoken = ", ".join(sorted({tag for voice in voices for tag in voice.languages}))
    raise VoiceMissing(
        f"no voice speaks {language!r} (there are voices for: {spoken or 'nothing'})"
    )
