"""Two independent listeners: Whisper-base (Mandarin and English) and PocketSphinx (English)."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]

from cti_server.media.g711 import decode
from cti_server.speech.phrases import place, spelled
from cti_server.speech_recognition.matching import units
from cti_server.speech_recognition.whisper_model import model


def telephone(files: Sequence[Path]) -> npt.NDArray[np.float32]:
    """What a caller gets of these files, as 16 kHz float: mu-law, 8 kHz, nothing above 4 kHz."""
    payload = b"".join(file.read_bytes() for file in files)
    sound = soxr.resample(decode(payload, "PCMU").astype(np.float32) / 32768, 8000, 16000)
    quiet = np.zeros(4800, np.float32)
    return np.concatenate([quiet, sound, quiet]).astype(np.float32)


def whisper(files: Sequence[Path], language: str, hint: str | None = None) -> str:
    """What it writes down; in the style of the ``hint``, if there is one, and with more care."""
    sound = telephone(files)
    beam = 5 if hint else 1
    return model().write(sound, language, hint=hint, most_tokens=150, beam=beam).text


def sphinx_choice(files: Sequence[Path], sentences: Sequence[str]) -> str:
    """Which of the sentences PocketSphinx takes it for; its grammar knows no others."""
    decoder, untouched = _sphinx(tuple(sentences))
    decoder.set_cmn(untouched)  # as it listens to anybody at first: what it heard before is nothing
    decoder.start_utt()
    pcm = (telephone(files) * 32767).astype(np.int16)
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    return decoder.hyp().hypstr if decoder.hyp() else ""


@functools.cache
def _sphinx(sentences: tuple[str, ...]) -> tuple[Any, str]:
    """Who listens for these sentences, and how it takes a voice that it has not heard yet."""
    import pocketsphinx  # type: ignore[import-untyped]

    decoder = pocketsphinx.Decoder(samprate=16000, lm=None, loglevel="FATAL")
    grammar = " | ".join(sentences)
    decoder.add_jsgf_string("prompts", f"#JSGF V1.0; grammar g; public <prompt> = {grammar};")
    decoder.activate_search("prompts")
    return decoder, decoder.get_cmn(False)


def syllables(text: str) -> list[str]:
    """Chinese text as toneless pinyin: homophones are the writer's problem, not the ear's."""
    return units(text, "zh")


def words(text: str) -> list[str]:
    """English text in lower case; numbers below a hundred as words, others digit by digit."""
    spoken = re.sub(r"(?<=\d)-(?=\d)", "", text)
    return re.findall(r"[a-z']+", re.sub(r"\d+", _english_number, spoken).lower())


def _english_number(match: re.Match[str]) -> str:
    digits, number = match[0], int(match[0])
    if len(digits) > 2:
        clips = spelled(digits, "en")
    else:
        clips = place(number, "en")[1:-1] if number > 1 else spelled(digits, "en")
    return f" {' '.join(clips)} "


def error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    """Insertions, deletions and substitutions for each unit that was said."""
    row = list(range(len(heard) + 1))
    for index, unit in enumerate(said, start=1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(heard, start=1):
            here = min(row[column] + 1, row[column - 1] + 1, diagonal + (unit != other))
            diagonal, row[column] = row[column], here
    return row[-1] / max(1, len(said))
