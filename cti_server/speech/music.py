"""
The music on hold, composed and played here, so that it is nobody's but ours.

Forty-eight seconds for an electric piano over soft strings: an eight-bar round, twice, the second
time with another melody. The loop is seamless: what still rings at the end goes on at the
beginning. The tune lies where a telephone has ears. Pure, but for :func:`hold_music`.
"""

from pathlib import Path
from typing import Final

import numpy as np

from .cache import key
from .library import PromptLibrary
from .rendering import compose
from .telephone_sound import MUSIC_LEVEL, RATE, Sound, levelled

VERSION: Final = "1"
BEAT: Final = 0.75  # seconds: 80 a minute
BARS: Final = 16
LENGTH: Final = int(BARS * 4 * BEAT * RATE)  # samples

_HIGHEST: Final = 3300.0  # Hz
_DRY, _WET = 1.0, 0.35

# One chord a bar: its notes as MIDI numbers, the lowest first.
_CHORDS: Final = (
    (48, 55, 64, 67, 71),  # C major 7
    (57, 60, 64, 67, 72),  # A minor 7
    (53, 60, 64, 69, 72),  # F major 7
    (55, 62, 65, 69, 72),  # G 9 suspended
    (52, 59, 62, 67, 71),  # E minor 7
    (57, 64, 67, 72, 76),  # A minor 7
    (50, 57, 60, 65, 69),  # D minor 7
    (55, 62, 65, 71, 74),  # G 7
)
# The order in which a bar's eighths run through its chord.
_PATTERN: Final = (0, 2, 3, 4, 3, 2, 3, 1)
# (beat, note, beats that it lasts), over the two rounds.
_MELODY: Final = (
    (0, 76, 2), (2, 79, 1), (3, 76, 1), (4, 74, 3), (7, 72, 1), (8, 76, 2), (10, 72, 2),
    (12, 74, 4), (16, 71, 2), (18, 74, 1), (19, 79, 1), (20, 76, 3), (23, 72, 1), (24, 77, 2),
    (26, 76, 1), (27, 74, 1), (28, 74, 3), (32, 79, 3), (35, 76, 1), (36, 76, 2), (38, 74, 1),
    (39, 72, 1), (40, 81, 2), (42, 79, 2), (44, 77, 3), (47, 74, 1), (48, 79, 2), (50, 78, 1),
    (51, 79, 1), (52, 76, 4), (56, 74, 2), (58, 72, 1), (59, 69, 1), (60, 71, 3),
)  # fmt: skip


async def hold_music(library: PromptLibrary) -> Path:
    """The file of the loop, to be played with ``repeat``."""
    name = key("music", VERSION)
    if (path := library.find(name)) is not None:
        return path
    return await library.made(name, compose, library.folder, name, "music", loop)


def loop() -> Sound:
    """The loop, 8 kHz."""
    piece = np.zeros(LENGTH)
    for bar in range(BARS):
        chord = _CHORDS[bar % len(_CHORDS)]
        _add(piece, bar * 4, _strings(chord))
        for eighth, index in enumerate(_PATTERN):
            _add(piece, bar * 4 + eighth / 2, _piano(chord[index], 3.0) * (0.5 if eighth else 0.65))
    for beat, note, beats in _MELODY:
        _add(piece, beat, _piano(note, beats * BEAT + 1.5))
    return levelled(_in_a_hall(piece), MUSIC_LEVEL)


def _add(piece: Sound, beat: float, sound: Sound) -> None:
    """Lay a sound over the loop; what is beyond its end comes out at its beginning."""
    start = int(beat * BEAT * RATE)
    np.add.at(piece, (start + np.arange(len(sound))) % len(piece), sound)


def _piano(note: int, seconds: float) -> Sound:
    """Partials that decay the faster the higher they are, like a struck tine."""
    time, pitch = np.arange(int(seconds * RATE)) / RATE, _pitch(note)
    sound = np.zeros(len(time))
    for partial, strength in enumerate((1.0, 0.45, 0.18, 0.1, 0.04), start=1):
        if partial * pitch < _HIGHEST:
            decay = np.exp(-time * (0.9 + 0.7 * partial))
            sound += strength * decay * np.sin(2 * np.pi * partial * pitch * time)
    return 0.3 * sound * _edges(len(time), 0.012, 0.3)


def _strings(chord: tuple[int, ...]) -> Sound:
    """Each note twice, a little apart in pitch, swelling over the bar and into the next."""
    time = np.arange(int(5.2 * BEAT * RATE)) / RATE
    sound = np.zeros(len(time))
    for note in chord[1:]:
        for apart in (-1.2, 1.2):  # in thousandths
            pitch = _pitch(note) * (1 + apart / 1000)
            for partial, strength in ((1, 1.0), (2, 0.3), (3, 0.12)):
                if partial * pitch < _HIGHEST:
                    sound += strength * np.sin(2 * np.pi * partial * pitch * time + note)
    return 0.022 * sound * _edges(len(time), 0.9, 1.0)


def _edges(length: int, rise: float, fall: float) -> Sound:
    envelope, up, down = np.ones(length), int(rise * RATE), int(fall * RATE)
    envelope[:up] = np.sin(np.linspace(0, np.pi / 2, up)) ** 2
    envelope[-down:] *= np.sin(np.linspace(np.pi / 2, 0, down)) ** 2
    return envelope


def _in_a_hall(piece: Sound) -> Sound:
    """Reverberation by a decaying noise, all around the loop, so that its seam stays silent."""
    time = np.arange(int(1.4 * RATE)) / RATE
    echoes = np.random.default_rng(8026).standard_normal(len(time)) * np.exp(-time * 4.5)
    echoes /= np.sqrt(np.sum(echoes**2))
    spectrum = np.fft.rfft(piece) * np.fft.rfft(echoes, len(piece))
    frequencies = np.fft.rfftfreq(len(piece), 1 / RATE)
    spectrum[(frequencies < 150) | (frequencies > _HIGHEST)] = 0
    hall: Sound = _DRY * piece + _WET * np.fft.irfft(spectrum, len(piece))
    return hall


def _pitch(note: int) -> float:
    """Hz of a MIDI note, A4 (69) being 440."""
    return float(440 * 2 ** ((note - 69) / 12))
