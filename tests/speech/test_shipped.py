"""What is known beforehand is shipped as sound: the first start synthesises nothing."""

import numpy as np

from cti_server.media.g711 import decode
from cti_server.speech.cache import SHIPPED, Cache
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import text_key
from cti_server.speech.shipped import FLOWS, texts
from cti_server.speech.telephone_sound import active_level
from cti_server.speech.tts import voice_for


def test_every_text_of_the_shipped_flows_and_announcements_is_there() -> None:
    cache = Cache(SHIPPED)
    missing = [
        (text, language)
        for text, language in texts(FLOWS)
        if cache.find(text_key(text, language, voice_for(SHIPPED_VOICES, language))) is None
    ]
    assert not missing, "run scripts/render-prompts and commit what it makes"


def test_each_shipped_sound_is_as_loud_as_the_others_and_not_cut() -> None:
    for file in sorted(SHIPPED.glob("*.ulaw")):
        samples = decode(file.read_bytes(), "PCMU") / 32768

        assert -28 < active_level(samples) < -18, file
        assert np.abs(samples).max() < 0.95, file
        assert np.abs(samples[:8]).max() < 0.03, file
        assert 0.2 < len(samples) / 8000 < 60, file
