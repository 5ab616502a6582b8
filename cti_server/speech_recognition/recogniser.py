"""The port behind which speech is recognised, and the engines that are shipped."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]

from cti_server.media.g711 import decode
from cti_server.media.protocol import Codec
from ivr.vocabulary import Vocabulary

RATE: Final = 16_000
"""Hz that the engines' models want; there is nothing above 4 kHz in what they get."""
_LEAD: Final = np.zeros(RATE * 3 // 10, np.float32)  # a decoder wants silence around the words

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a caller said, in G.711 at 8 kHz. Nothing of it is ever written down."""

    audio: bytes = field(repr=False)
    codec: Codec = "PCMU"


@dataclass(frozen=True, slots=True)
class Heard:
    """A phrase of the vocabulary; who is not ``sure`` asks whether it was meant."""

    label: str
    sure: bool
    text: str = field(repr=False)


class SpeechRecogniser(Protocol):
    """What the calls know of all this."""

    async def hear(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        """None where it was not understood, whatever the cause: soon, and without an error."""


class Ear(Protocol):
    """
    An engine. Small and picklable: it travels to the pool's processes, and loads there.

    Neither is for the control process' event loop.
    """

    @property
    def languages(self) -> tuple[str, ...]:
        """Primary subtags of RFC 5646: "en", "zh"."""
        ...

    def load(self) -> None:
        """Whatever takes its time before the first word. Raises RecogniserMissing."""

    def hear(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        """Which of the phrases was said. Raises RecogniserMissing."""


def samples_of(utterance: Utterance) -> Samples:
    """From -1 to 1, at :data:`RATE`, with a little silence around."""
    sound = decode(utterance.audio, utterance.codec).astype(np.float32) / 32768
    return np.concatenate([_LEAD, soxr.resample(sound, 8000, RATE), _LEAD])
