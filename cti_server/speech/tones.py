"""Call-progress tones (ITU-T E.180 supplement 2) as loops of one cadence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from .cache import key
from .library import PromptLibrary
from .rendering import compose
from .telephone_sound import RATE, Sound, faded

LEVEL: Final = -19.0  # dBov: about -13 dBm0, within what E.180 recommends


@dataclass(frozen=True, slots=True)
class Tone:
    """Frequencies in Hz that sound together, and seconds on and off in turn."""

    frequencies: tuple[float, ...]
    cadence: tuple[float, ...]


TONES: Final[Mapping[str, Tone]] = {
    "ringback-cn": Tone((450,), (1, 4)),
    "ringback-eu": Tone((425,), (1, 4)),
    "ringback-uk": Tone((400, 450), (0.4, 0.2, 0.4, 2)),
    "ringback-us": Tone((440, 480), (2, 4)),
    "busy-cn": Tone((450,), (0.35, 0.35)),
    "busy-us": Tone((480, 620), (0.5, 0.5)),
    "congestion-cn": Tone((450,), (0.7, 0.7)),
    "congestion-us": Tone((480, 620), (0.25, 0.25)),
    "beep": Tone((1000,), (0.3,)),
    "recording-begins": Tone((1000,), (0.12,)),
    "recording-ends": Tone((600,), (0.12, 0.12, 0.12)),
    "recording-refused": Tone((400,), (0.2, 0.1, 0.2, 0.1, 0.2)),
}


async def tone(library: PromptLibrary, name: str) -> Path:
    """The file of a tone. Raises KeyError for an unknown name."""
    wanted = TONES[name]
    stored = key("tone", "1", repr(wanted))
    if (path := library.find(stored)) is not None:
        return path
    return await library.made(
        stored, compose, library.folder, stored, f"tone {name}", partial(sounded, wanted)
    )


def sounded(wanted: Tone) -> Sound:
    """One cadence of the tone, 8 kHz."""
    return np.concatenate(
        [
            _on(wanted.frequencies, seconds) if index % 2 == 0 else np.zeros(int(seconds * RATE))
            for index, seconds in enumerate(wanted.cadence)
        ]
    )


def _on(frequencies: tuple[float, ...], seconds: float) -> Sound:
    time = np.arange(int(seconds * RATE)) / RATE
    waves = [np.sin(2 * np.pi * frequency * time) for frequency in frequencies]
    sound: Sound = np.sum(waves, axis=0)
    return faded(sound * 10 ** (LEVEL / 20) / np.sqrt(np.mean(sound**2)), 0.005)
