"""A sentence as people speak: 8 kHz mu-law, from what is shipped."""

from cti_server.speech.cache import SHIPPED, Cache
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import text_key
from cti_server.speech.tts import voice_for

OPERATOR = "Please hold while we connect you to an operator."


def sentence(text: str = OPERATOR, language: str = "en") -> bytes:
    """One of the shipped prompts."""
    file = Cache(SHIPPED).find(text_key(text, language, voice_for(SHIPPED_VOICES, language)))
    assert file is not None, text
    return file.read_bytes()
