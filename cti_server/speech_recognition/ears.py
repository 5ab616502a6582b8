"""Which engine listens to which language, and how phrases sound to all of them."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from cti_server.speech.tts import primary
from ivr.flow import Flow

from .errors import RecogniserMissing
from .matching import units
from .recogniser import Ear
from .sphinx import SphinxEar, pronounced
from .whisper import WhisperEar
from .whisper_model import EXTRA, installed

ENGINES: Final[Mapping[str, Ear]] = MappingProxyType(
    {"whisper": WhisperEar(), "sphinx": SphinxEar()}
)


def ear_for(language: str, engines: Mapping[str, str]) -> Ear:
    """
    The engine that the settings name for the language, or the best one that is installed.

    Raises RecogniserMissing.
    """
    spoken = primary(language)
    if (name := engines.get(spoken)) is not None:
        if spoken in (ear := ENGINES[name]).languages:
            return ear
        raise RecogniserMissing(f"the recogniser '{name}' does not understand {language!r}")
    if spoken in WhisperEar.languages and installed():
        return ENGINES["whisper"]
    if spoken in SphinxEar.languages:
        return ENGINES["sphinx"]
    if spoken in WhisperEar.languages:
        raise RecogniserMissing(f"{language!r} is understood after: pip install '{EXTRA}'")
    raise RecogniserMissing(f"no recogniser understands {language!r}")


def sound(phrase: str, language: str) -> str:
    """
    How a phrase is told from others: equal sounds are one.

    Raises ValueError for what nobody here would ever understand; the message says why.
    """
    try:
        ear_for(language, {})
    except RecogniserMissing as error:
        raise ValueError(str(error)) from None
    if primary(language) == "en":
        return pronounced(phrase)
    if not (said := units(phrase, language)):
        raise ValueError("there is nothing in it that could be understood")
    return " ".join(said)


def languages_of(flows: Collection[Flow]) -> set[str]:
    """In which callers are asked to speak."""
    return {
        phrase.language
        for flow in flows
        for one in flow.whole()
        for node in one.nodes.values()
        for phrase in node.phrases()
    }
