"""Who speaks, who has fallen silent, and what is neither."""

import numpy as np
import pytest

from cti_server.media.end_pointing import EndPointer
from cti_server.media.g711 import SILENCE, decode, encode
from cti_server.media.protocol import Codec
from cti_server.media.speech_watch import SpeechWatch
from tests.sentences import sentence

RATE = 8000
SENTENCE = sentence()
SECONDS = len(SENTENCE) / RATE


def silence(seconds: float, codec: Codec = "PCMU") -> bytes:
    return bytes([SILENCE[codec]]) * round(seconds * RATE)


def noise(seconds: float, level: float, codec: Codec = "PCMU") -> bytes:
    """White, at so many dBov."""
    samples = np.random.default_rng(1).normal(0, 32768 * 10 ** (level / 20), round(seconds * RATE))
    return encode(samples.clip(-32000, 32000).astype(np.int16), codec)


def watched(*pieces: bytes, codec: Codec = "PCMU", at_once: int = 6397) -> SpeechWatch:
    """In pieces of no even size, as they come from a capture."""
    watch, sound = SpeechWatch(codec), b"".join(pieces)
    for start in range(0, len(sound), at_once):
        watch.hear(sound[start : start + at_once])
    assert watch.seconds == len(sound) / RATE
    return watch


def test_a_sentence_is_heard_to_its_end_and_no_further() -> None:
    watch = watched(silence(1.0), SENTENCE, silence(5.0))

    assert SECONDS + 0.7 < watch.spoken_until <= SECONDS + 1.02
    assert SECONDS / 2 < watch.spoken < SECONDS


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_line_on_which_nobody_speaks_is_silent(codec: Codec) -> None:
    watch = watched(silence(2, codec), noise(8, -58, codec), codec=codec)

    assert watch.spoken == watch.spoken_until == 0.0


def test_steady_noise_is_taken_for_speech_for_seconds_only() -> None:
    alone = watched(noise(12, -42))
    around = decode(noise(18, -42), "PCMU")
    around[12 * RATE : 12 * RATE + len(SENTENCE)] += decode(SENTENCE, "PCMU")
    spoken_in = watched(encode(around, "PCMU"))

    assert alone.spoken_until < 4
    assert spoken_in.spoken > alone.spoken + SECONDS / 3
    assert 12 + SECONDS - 0.8 < spoken_in.spoken_until < 12 + SECONDS + 0.2


def test_a_click_is_no_word() -> None:
    click = noise(0.03, -15)

    assert watched(*(click + silence(0.5) for _ in range(10))).spoken == 0.0


def utterance(sound: bytes) -> bytes:
    pointer = EndPointer("PCMU", silence_ms=800, longest_ms=20_000)
    pointer.feed(sound)
    return pointer.take()


def test_why_a_message_and_an_answer_are_not_listened_to_in_the_same_way() -> None:
    """Each detector does what the other cannot; if one comes to do both, one is enough."""
    time = np.arange(20 * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * hz * time) / n for n, hz in enumerate((100, 200, 300), 1))
    hum = encode(np.asarray(wave / np.std(wave) * 32768 * 10 ** (-32 / 20), np.int16), "PCMU")
    softly = silence(1) + encode(decode(SENTENCE, "PCMU") // 10, "PCMU") + silence(3)
    fan = noise(20, -38)

    assert watched(hum).spoken_until < 5
    assert len(utterance(hum)) > 19 * RATE
    assert watched(softly).spoken > 1 > len(utterance(softly)) / RATE
    assert watched(fan).spoken > 2
    assert utterance(fan) == b""
