"""DTMF as a telephone sounds it, made without any code of the detector's."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

RATE = 8000
KEYS = {
    "1": (697, 1209), "2": (697, 1336), "3": (697, 1477), "A": (697, 1633),
    "4": (770, 1209), "5": (770, 1336), "6": (770, 1477), "B": (770, 1633),
    "7": (852, 1209), "8": (852, 1336), "9": (852, 1477), "C": (852, 1633),
    "*": (941, 1209), "0": (941, 1336), "#": (941, 1477), "D": (941, 1633),
}  # fmt: skip

Sound = npt.NDArray[np.float64]


def amplitude(dbm0: float) -> float:
    """The peak of a sine of this level; +3.17 dBm0 is all that mu-law can say."""
    return float(32124 * 10 ** ((dbm0 - 3.17) / 20))


def silence(ms: float) -> Sound:
    return np.zeros(round(ms * RATE / 1000))


def key(
    name: str,
    ms: float = 100.0,
    *,
    low: float = -10.0,
    high: float = -10.0,
    off: tuple[float, float] = (0.0, 0.0),
    phase: tuple[float, float] = (0.0, 0.0),
) -> Sound:
    """Levels in dBm0; ``off`` is how far the two frequencies are wrong, as fractions."""
    at = np.arange(round(ms * RATE / 1000)) / RATE
    tones = zip(KEYS[name], (low, high), off, phase, strict=True)
    sound = silence(ms)
    for hertz, level, wrong, turn in tones:
        sound += amplitude(level) * np.sin(2 * np.pi * hertz * (1 + wrong) * at + turn)
    return sound


def dialled(
    keys: Iterable[str], ms: float, pause: float, lead: float = 30.0, **how: object
) -> Sound:
    """These keys one after another; ``lead`` ms of silence before the first."""
    parts = [silence(lead)]
    for name in keys:
        parts += [key(name, ms, **how), silence(pause)]  # type: ignore[arg-type]
    return np.concatenate([*parts, silence(60)])


def samples(sound: Sound) -> npt.NDArray[np.int16]:
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)
