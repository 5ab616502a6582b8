"""A flow's prompts, recognised in what a phone heard by their sound alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cti_server.media.g711 import decode
from cti_server.speech.cache import SHIPPED, Cache
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import text_key
from cti_server.speech.tts import voice_for
from ivr.model import Flow
from tests.audio import RATE, Samples
from tests.running_server import PROMPT_CACHE

PIECE: Final = 0.4  # seconds of a prompt that are looked for
PIECES: Final = (0.2, 0.8)  # where they begin in it; one of them is enough
TOLD_BY: Final = 1.2  # seconds of a prompt after which it can be recognised
ALIKE: Final = 0.85  # correlation; no two prompts of the main flow are more alike than 0.7
FAINT: Final = 100.0  # a phone's level, of 32767, below which nothing is like anything

Name = tuple[str, str]  # of a prompt, and its language


@dataclass(frozen=True, slots=True)
class Recognised:
    name: Name
    began: float  # seconds after the recording's beginning


def sounds_of(flow: Flow) -> dict[Name, Samples]:
    """Each prompt in each language as it was rendered."""
    return {
        (name, language): _rendered(source.text, language)
        for name, by_language in flow.prompts.items()
        for language, source in by_language.items()
        if source.text is not None
    }


def _rendered(text: str, language: str) -> Samples:
    key = text_key(text, language, voice_for(SHIPPED_VOICES, language))
    file = Cache(PROMPT_CACHE, SHIPPED).find(key)
    assert file is not None, f"never rendered: {text}"
    return decode(file.read_bytes(), "PCMU").astype(np.float64)


def recognised(heard: Samples, sounds: Mapping[Name, Samples]) -> list[Recognised]:
    """All prompts that are in it, in order."""
    recording = _Recording(heard)
    found = [
        Recognised(name, began)
        for name, sound in sounds.items()
        for began in recording.beginnings(sound)
    ]
    return sorted(found, key=lambda one: one.began)


class _Recording:
    """Compared by normalised correlation, in the frequency domain."""

    def __init__(self, heard: Samples) -> None:
        self._length = len(heard)
        self._size = 1 << (self._length + round(PIECE * RATE)).bit_length()
        self._spectrum = np.fft.rfft(heard, self._size)
        self._energies = np.concatenate([[0.0], np.cumsum(heard**2)])

    def beginnings(self, sound: Samples) -> Iterator[float]:
        """Where this prompt begins, each time."""
        places = (
            place / RATE - into
            for into in PIECES
            for place in self._places(sound[round(into * RATE) : round((into + PIECE) * RATE)])
        )
        last = -np.inf
        for place in sorted(places):
            if place - last > TOLD_BY:
                yield place
                last = place

    def _places(self, piece: Samples) -> Iterable[int]:
        """Where it sounds like this piece."""
        count = self._length - len(piece) + 1
        if count < 1:
            return []
        spectrum = self._spectrum * np.conj(np.fft.rfft(piece, self._size))
        products = np.fft.irfft(spectrum, self._size)[:count]
        energies = self._energies[len(piece) :] - self._energies[: -len(piece)]
        scale = np.sqrt((energies + len(piece) * FAINT**2) * np.sum(piece**2))
        places: Iterable[int] = np.flatnonzero(products / scale > ALIKE)
        return places
