"""
English by PocketSphinx, whose model and dictionary lie in its wheel.

Two searches of the same sound: a grammar of the phrases, which always finds one, says which it
would be, and the keyword spotter, which hears nothing in most other speech, says whether it was
that. What only the grammar finds is asked about.
"""

import functools
import math
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from ivr.vocabulary import Vocabulary

from .errors import RecogniserMissing
from .recogniser import RATE, Heard, Utterance, samples_of

PACKAGE: Final = "pocketsphinx==5.1.1"
LEADS: Final = (
    "i want", "i need", "i'd like", "i would like", "give me", "can i have", "can i speak to",
    "i want to speak to", "put me through to", "the", "um", "uh",
)  # fmt: skip
"""What callers say before the word that counts."""
TAILS: Final = ("please", "thank you", "thanks")

_PER_PHONE: Final = -1.0
"""Decimal exponent of the spotter's threshold for each phone: a long phrase is unlikelier."""
_LEAST: Final = -50.0


@dataclass(frozen=True, slots=True)
class SphinxEar:
    """About 70 times faster than real time on one core, 60 MB once loaded."""

    languages: ClassVar[tuple[str, ...]] = ("en",)

    def load(self) -> None:
        _pronunciations()

    def hear(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        return _searches(vocabulary).hear(utterance)


def pronounced(phrase: str) -> str:
    """Its phones. Raises ValueError for what the dictionary does not have."""
    known = _pronunciations()
    words = spoken_words(phrase)
    if not words:
        raise ValueError("there is nothing to say in it")
    for word in words:
        if word not in known:
            raise ValueError(f"'{word}' is not in the English dictionary")
    return " ".join(known[word] for word in words)


def spoken_words(phrase: str) -> list[str]:
    """As the dictionary has them; figures and signs it has not, and they stay to be refused."""
    return re.findall(r"[^\s,.!?;:\"()-]+", phrase.lower())


class _Searches:
    """One vocabulary's two searches."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        phrases = {" ".join(spoken_words(phrase)): label for label, phrase in vocabulary.phrases}
        self._labels = phrases
        self._decoder = _new_decoder()
        self._decoder.add_jsgf_string("phrases", _grammar(list(phrases)))
        with tempfile.NamedTemporaryFile("w", suffix=".kws", encoding="utf-8") as keywords:
            for phrase in phrases:
                keywords.write(f"{phrase} /1e{_exponent(phrase)}/\n")
            keywords.flush()
            self._decoder.add_kws("spotted", keywords.name)

    def hear(self, utterance: Utterance) -> Heard | None:
        pcm = np.rint(samples_of(utterance) * 32767).astype(np.int16).tobytes()
        found = self._found(self._decode("phrases", pcm))
        if not found:
            return None
        phrase = max(found, key=len)
        spotted = self._found(self._decode("spotted", pcm))
        labels = {self._labels[one] for one in spotted}
        return Heard(self._labels[phrase], self._labels[phrase] in labels, phrase)

    def _decode(self, search: str, pcm: bytes) -> str:
        self._decoder.activate_search(search)
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return "" if hypothesis is None else f" {' '.join(hypothesis.hypstr.split())} "

    def _found(self, said: str) -> list[str]:
        return [phrase for phrase in self._labels if f" {phrase} " in said]


@functools.lru_cache(maxsize=32)
def _searches(vocabulary: Vocabulary) -> _Searches:
    return _Searches(vocabulary)


def _grammar(phrases: Sequence[str]) -> str:
    leads, tails, heart = (" | ".join(some) for some in (LEADS, TAILS, phrases))
    return f"#JSGF V1.0; grammar g; public <said> = [{leads}] ({heart}) [{tails}];"


def _exponent(phrase: str) -> int:
    phones = sum(len(_pronunciations()[word].split()) for word in phrase.split())
    return math.floor(max(_LEAST, _PER_PHONE * phones))


def _new_decoder() -> Any:  # the package has no types
    return _package().Decoder(samprate=RATE, lm=None, loglevel="FATAL")


@functools.cache
def _pronunciations() -> Mapping[str, str]:
    """The first one of each word."""
    file = Path(_package().get_model_path("en-us/cmudict-en-us.dict"))
    lines = (line.partition(" ") for line in file.read_text(encoding="utf-8").splitlines())
    return {word: phones for word, _, phones in lines if not word.endswith(")")}


def _package() -> Any:
    try:
        import pocketsphinx  # type: ignore[import-untyped]
    except ImportError as error:
        missing = f"what is said in English needs: pip install {PACKAGE}"
        raise RecogniserMissing(missing) from error
    return pocketsphinx
