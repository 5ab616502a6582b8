"""Tones as 16-bit samples, and how clean they are when they come back."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

FRAME = 160


def tone(hz: float, seconds: float = 1.0, *, level: float = 8000.0, rate: int = 8000) -> Samples:
    at = np.arange(round(seconds * rate)) / rate
    return np.rint(level * np.sin(2 * np.pi * hz * at)).astype(np.int16)


def in_frames(samples: Samples, size: int = FRAME) -> list[Samples]:
    """Whole ones only."""
    return [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]


def cleanness(samples: Samples, hz: float, rate: int = 8000) -> float:
    """The power of that tone over that of everything else, in dB."""
    windowed = samples * np.blackman(len(samples))
    power = np.abs(np.fft.rfft(windowed)) ** 2
    at = round(hz * len(samples) / rate)
    signal = float(power[max(at - 4, 0) : at + 5].sum())
    return float(10 * np.log10(signal / max(float(power.sum()) - signal, 1e-9)))


def loudness(samples: Samples) -> float:
    """RMS."""
    return float(np.sqrt(np.mean(samples.astype(float) ** 2)))


def biggest_step(samples: Samples) -> int:
    """The largest difference between two neighbours."""
    return int(np.abs(np.diff(samples.astype(int))).max())
