"""
The two companding laws of ITU-T G.711, as far as a recording needs them.

A channel is kept as it came. Only where the parties spoke different laws is one of them
re-coded, by a table of 256 bytes: each code becomes the code of the other law whose level is
nearest (of two equally near the quieter one), so that no conversion could be closer.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

Codec = Literal["PCMU", "PCMA"]
Levels = npt.NDArray[np.int32]

SILENCE: dict[Codec, int] = {"PCMU": 0xFF, "PCMA": 0xD5}
"""The code that stands for silence (G.711's smallest positive level)."""


def _mu_law_levels() -> Levels:
    """The level of each mu-law code on a scale of 16 bits (G.711 table 2)."""
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = code >> 4 & 7, code & 15
    magnitude = ((mantissa << 3) + 132 << exponent) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int32)


def _a_law_levels() -> Levels:
    """The level of each A-law code on a scale of 16 bits (G.711 table 1)."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    linear, curved = (mantissa << 4) + 8, (mantissa << 4) + 264 << np.maximum(exponent, 1) - 1
    magnitude = np.where(exponent == 0, linear, curved)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int32)


LEVELS: dict[Codec, Levels] = {"PCMU": _mu_law_levels(), "PCMA": _a_law_levels()}


def _table(source: Codec, target: Codec) -> bytes:
    wanted, offered = LEVELS[source], LEVELS[target]
    codes = np.lexsort((np.arange(256)[::-1], np.abs(offered)))  # quiet first, so ties go to it
    distance = np.abs(wanted[:, None] - offered[codes][None, :])
    return bytes(codes[distance.argmin(axis=1)].tolist())


RECODED: dict[tuple[Codec, Codec], bytes] = {
    ("PCMU", "PCMA"): _table("PCMU", "PCMA"),
    ("PCMA", "PCMU"): _table("PCMA", "PCMU"),
}
"""``RECODED[source, target]`` for :meth:`bytes.translate`."""
