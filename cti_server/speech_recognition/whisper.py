"""
Chinese and English by Whisper-base.

The model writes down freely what was said, with the phrases as a hint; whether that is one of them
is judged by :mod:`.matching`.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from cti_server.speech.tts import primary
from ivr.vocabulary import Vocabulary

from .matching import matched
from .recogniser import Heard, Utterance, samples_of
from .whisper_model import model

MOST_TOKENS: Final = 32  # a menu's answer is short; on noise the model may run on
CERTAIN: Final = -0.6
"""Where it is less sure of its words, it is asked whether they were meant."""


@dataclass(frozen=True, slots=True)
class WhisperEar:
    """About a second of one core for an answer, however short; 250 MB once loaded."""

    languages: ClassVar[tuple[str, ...]] = ("zh", "en")

    def load(self) -> None:
        model()

    def hear(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        written = model().write(
            samples_of(utterance),
            primary(vocabulary.language),
            hint=_hint(vocabulary),
            most_tokens=MOST_TOKENS,
        )
        if (found := matched(written.text, vocabulary)) is None:
            return None
        label, whole = found
        return Heard(label, whole and written.certainty >= CERTAIN, written.text)


def _hint(vocabulary: Vocabulary) -> str | None:
    """
    The phrases that the model should expect.

    A series of single syllables is none: it would count on by itself.
    """
    phrases = dict.fromkeys(phrase for _, phrase in vocabulary.phrases)
    return " ".join(one for one in phrases if len(one) > 1) or None
