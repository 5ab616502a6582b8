"""
Reads the WAV files that studios and customers deliver. Pure.

RIFF chunks by hand, because the standard library's ``wave`` knows neither G.711 nor float, and
trusts lengths that streaming encoders leave at zero. What is wrong is a SoundInvalid that says so.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..media.g711 import decode
from .errors import SoundInvalid

LONGEST: Final = 600  # seconds
RATES: Final = range(4000, 192_001)
CHANNELS: Final = range(1, 9)
LARGEST_FILE: Final = 256 << 20  # octets

_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_CONTAINERS: Final = (b"RIFF", b"RF64")

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Format:
    tag: int
    channels: int
    rate: int
    bits: int

    @property
    def block(self) -> int:
        """Octets of one sample of all channels."""
        return self.channels * ((self.bits + 7) // 8)


def read_wav(data: bytes, *, longest: int = LONGEST) -> tuple[Sound, int]:
    """Mono samples in -1 … 1 and their rate in Hz; of at most so many seconds."""
    if len(data) < 12 or data[:4] not in _CONTAINERS or data[8:12] != b"WAVE":
        raise SoundInvalid("this is not a WAV file")
    found: _Format | None = None
    for name, chunk in _chunks(data):
        if name == b"fmt ":
            found = _format(chunk)
        elif name == b"data":
            if found is None:
                raise SoundInvalid("the WAV file has sound but no format before it")
            return _sound(found, chunk, longest), found.rate
    raise SoundInvalid("the WAV file has no sound in it")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"data" and length in (0, 0xFFFFFFFF):
            length = len(data) - at - 8  # written to a pipe: nobody went back to fill it in
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + (length & 1)


def _format(chunk: bytes) -> _Format:
    if len(chunk) < 16:
        raise SoundInvalid("the WAV file's format is cut short")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        tag = int.from_bytes(chunk[24:26], "little")
    if rate not in RATES:
        raise SoundInvalid(f"a sample rate of {rate} Hz (4000 to 192000 can be read)")
    if channels not in CHANNELS:
        raise SoundInvalid(f"{channels} channels (1 to 8 can be read)")
    return _Format(tag, channels, rate, bits)


def _sound(found: _Format, data: bytes, longest: int) -> Sound:
    if (found.tag, found.bits) not in _WIDTHS:
        raise SoundInvalid(
            f"encoding {found.tag} with {found.bits} bits"
            " (PCM of 8, 16, 24, 32 bits, float, A-law and mu-law can be read)"
        )
    data = data[: len(data) // found.block * found.block]
    if not data:
        raise SoundInvalid("the WAV file has no sound in it")
    seconds = len(data) / found.block / found.rate
    if seconds > longest:
        raise SoundInvalid(f"{seconds:.0f} seconds (at most {longest} can be played)")
    sound: Sound = _decoded(found, data).reshape(-1, found.channels).mean(axis=1)
    if not np.isfinite(sound).all():
        raise SoundInvalid("the WAV file's float samples are not numbers")
    clipped: Sound = np.clip(sound, -1, 1)
    return clipped


def _decoded(found: _Format, data: bytes) -> Sound:
    match found.tag, found.bits:
        case 7, _:
            return decode(data, "PCMU") / 32768.0
        case 6, _:
            return decode(data, "PCMA") / 32768.0
        case 3, bits:
            return np.frombuffer(data, np.dtype(f"<f{bits // 8}")).astype(np.float64)
        case 1, 8:
            return (np.frombuffer(data, np.uint8).astype(np.float64) - 128.0) / 128.0
        case 1, 24:
            octets = np.frombuffer(data, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(octets), 4), np.uint8)
            wide[:, 1:] = octets
            return wide.view("<i4").ravel().astype(np.float64) / 2.0**31
        case _:
            whole = np.frombuffer(data, np.dtype(f"<i{found.bits // 8}")).astype(np.float64)
            return whole / float(1 << (found.bits - 1))


_WIDTHS: Final = frozenset(
    [(_PCM, bits) for bits in (8, 16, 24, 32)]
    + [(_FLOAT, 32), (_FLOAT, 64), (_A_LAW, 8), (_MU_LAW, 8)]
)
