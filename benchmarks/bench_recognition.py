"""
What is understood of what callers say in a menu, at telephone bandwidth, and what it costs.

``python -m benchmarks.bench_recognition [--voices FOLDER] [--kept FOLDER] [--quick]``: synthetic
voices say phrases of a menu, politely and bare, digits, yes and no, and things that are in no
menu; clean, and those of the menu with noise 15 dB below as well. ``--voices`` holds more of
Kokoro's voices (``voices/`` of npm kokoro-js 1.2.1); without it each language has the one that is
shipped. ``--kept`` is where the sounds are kept for the next time; ``--quick``: one voice, no
noise. Real callers are harder.

A line for each engine, language and set: what was followed at once and asked about, rightly and
wrongly, and what was not understood, which is right where nothing in the menu was said. "right":
the share of all that, asked about or not.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from cti_server.media.g711 import decode, encode
from cti_server.speech import kokoro
from cti_server.speech.english import HibariVoice, phonemes
from cti_server.speech.mandarin import sentences
from cti_server.speech.rendering import spoken
from cti_server.speech.telephone_sound import levelled, mu_law, resampled, trimmed
from cti_server.speech_recognition.recogniser import Ear, Heard, Utterance
from cti_server.speech_recognition.sphinx import SphinxEar
from cti_server.speech_recognition.whisper import WhisperEar
from ivr.nodes.speaking import YES_OR_NO
from ivr.vocabulary import Vocabulary

VOICES: Final = {
    "zh": ("zf_xiaoni", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunyang"),
    "en": ("af_bella", "af_nova", "am_adam", "bf_emma", "bm_daniel"),
}
ENGINES: Final[Mapping[str, tuple[tuple[str, Ear], ...]]] = {
    "zh": (("whisper", WhisperEar()),),
    "en": (("whisper", WhisperEar()), ("sphinx", SphinxEar())),
}
SNR: Final = 15.0  # dB

MENUS: Final = {
    "zh": Vocabulary(
        "zh",
        (
            ("bill", "账单查询"), ("bill", "查账单"), ("person", "人工服务"), ("person", "转人工"),
            ("sales", "业务办理"), ("sales", "办理业务"), ("hours", "营业时间"),
            ("support", "技术支持"), ("support", "故障报修"),
        ),
    ),
    "en": Vocabulary(
        "en",
        (
            ("bill", "billing"), ("bill", "my bill"), ("person", "operator"),
            ("person", "speak to an agent"), ("sales", "sales"), ("hours", "opening hours"),
            ("support", "technical support"),
        ),
    ),
}  # fmt: skip
SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "账单查询": "bill", "我要查账单": "bill", "人工服务": "person", "请转人工服务": "person",
        "业务办理": "sales", "我想办理业务": "sales", "营业时间": "hours",
        "你们的营业时间": "hours", "技术支持": "support", "故障报修": "support",
    },
    "en": {
        "billing": "bill", "billing please": "bill", "i have a question about my bill": "bill",
        "operator": "person", "speak to an agent": "person", "sales": "sales",
        "sales please": "sales", "opening hours": "hours", "technical support": "support",
        "i want technical support": "support",
    },
}  # fmt: skip
ELSE: Final = {
    "zh": ("今天天气怎么样", "你好", "我忘记密码了", "喂听得到吗", "谢谢", "我想订一张机票"),
    "en": (
        "what is the weather like", "hello", "i forgot my password", "can you hear me",
        "thank you", "book me a flight",
    ),
}  # fmt: skip
DIGITS: Final = {
    "zh": tuple("零一二三四五六七八九"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What is said while what is listened for, and what it stands for."""

    name: str
    vocabulary: Vocabulary
    said: Mapping[str, str | None]


def trials(language: str) -> Iterator[Trial]:
    menu, other = MENUS[language], dict.fromkeys(ELSE[language])
    digits = Vocabulary(
        language, tuple((str(number), one) for number, one in enumerate(DIGITS[language]))
    )
    yes_or_no = YES_OR_NO[language]
    yield Trial("menu", menu, SAID[language])
    yield Trial("menu, something else", menu, other)
    yield Trial("digits", digits, {one: label for label, one in digits.phrases})
    yield Trial("digits, something else", digits, other)
    yield Trial("yes or no", yes_or_no, {one: label for label, one in yes_or_no.phrases})
    yield Trial("yes or no, something else", yes_or_no, other)


class Speakers:
    """Say a text once in each voice, and keep it."""

    def __init__(self, voices: Path | None, kept: Path, *, quick: bool) -> None:
        self._voices = voices
        self._kept = kept
        self._quick = quick

    def say(self, text: str, language: str) -> Iterator[bytes]:
        names = VOICES[language] if self._voices is not None else ("shipped",)
        for name in names[: 1 if self._quick else None]:
            file = self._kept / f"{language}.{name}.{text}.ulaw"
            if not file.is_file():
                file.write_bytes(self._sound(text, language, name))
            yield file.read_bytes()

    def _sound(self, text: str, language: str, voice: str) -> bytes:
        if self._voices is None:
            ours = kokoro.KokoroVoice() if language == "zh" else HibariVoice()
            return spoken(text, language, ours)
        said = " ".join(sentences(text)) if language == "zh" else phonemes(text)
        sound = kokoro.in_voice(said, self._voices / f"{voice}.bin")
        return mu_law(levelled(trimmed(resampled(sound.astype(np.float64), kokoro.RATE))))


def noisy(audio: bytes, chance: np.random.Generator) -> bytes:
    """White noise, so far below what is loud in it."""
    sound = decode(audio, "PCMU").astype(np.float64)
    loud = np.sqrt(np.mean(sound[np.abs(sound) > 200] ** 2))
    sound += chance.normal(0, loud / 10 ** (SNR / 20), len(sound))
    return encode(np.clip(sound, -32768, 32767).astype(np.int16), "PCMU")


def outcome(label: str | None, heard: Heard | None) -> str:
    if heard is None:
        return "not understood"
    return f"{'at once' if heard.sure else 'asked'}, {'right' if heard.label == label else 'wrong'}"


OUTCOMES: Final = (
    "at once, right", "at once, wrong", "asked, right", "asked, wrong", "not understood",
)  # fmt: skip


def measure(ear: Ear, trial: Trial, sounds: Mapping[str, Sequence[bytes]]) -> str:
    found, right, spent = Counter[str](), 0, 0.0
    for text, label in trial.said.items():
        for audio in sounds[text]:
            began = time.process_time()
            heard = ear.hear(Utterance(audio), trial.vocabulary)
            spent += time.process_time() - began
            found[outcome(label, heard)] += 1
            right += label == (None if heard is None else heard.label)
    columns = "".join(f"{found[one]:>16}" for one in OUTCOMES)
    return f"{columns}{right / found.total():>10.0%}{1000 * spent / found.total():>10.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    print(
        f"{'':<48}{''.join(f'{one:>16}' for one in OUTCOMES)}{'right':>10}{'CPU ms':>10}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        speakers = Speakers(arguments.voices, arguments.kept or Path(folder), quick=arguments.quick)
        chance = np.random.default_rng(15)
        for language, engines in ENGINES.items():
            every = list(trials(language))
            texts = dict.fromkeys(text for trial in every for text in trial.said)
            clean = {text: list(speakers.say(text, language)) for text in texts}
            noise = {text: [noisy(one, chance) for one in some] for text, some in clean.items()}
            for name, ear in engines:
                ear.load()
                for line, sounds in (("clean", clean), ("15 dB", noise)):
                    if line == "15 dB" and arguments.quick:
                        continue
                    for trial in every if line == "clean" else every[:2]:
                        what = f"{name} {language} {line}, {trial.name}"
                        print(f"{what:<48}{measure(ear, trial, sounds)}", flush=True)


if __name__ == "__main__":
    main()
