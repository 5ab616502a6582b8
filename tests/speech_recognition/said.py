"""
What callers say in tests: 8 kHz mu-law files, in voices that the server itself never speaks with.

Kokoro-82M's zm_yunxi, zm_yunjian, bm_daniel and am_puck (Apache-2.0), of npm kokoro-js 1.2.1.
"""

from pathlib import Path
from typing import Final

from cti_server.media.g711 import Linear, decode
from cti_server.speech_recognition.recogniser import Utterance
from ivr.vocabulary import Vocabulary

FOLDER: Final = Path(__file__).parent / "utterances"

CHINESE: Final = Vocabulary(
    "zh",
    (
        ("bill", "账单查询"),
        ("bill", "查账单"),
        ("support", "技术支持"),
        ("person", "人工服务"),
        ("hours", "营业时间"),
    ),
)
ENGLISH: Final = Vocabulary(
    "en",
    (
        ("bill", "my bill"),
        ("bill", "billing"),
        ("support", "technical support"),
        ("person", "operator"),
        ("hours", "opening hours"),
    ),
)


def audio(name: str) -> bytes:
    return (FOLDER / f"{name}.ulaw").read_bytes()


def utterance(name: str) -> Utterance:
    return Utterance(audio(name))


def samples(name: str) -> Linear:
    return decode(audio(name), "PCMU")
