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


def _codes_of_levels(law: Codec) -> npt.NDArray[np.uint8]:
    """The nearest code of each level of 16 bits, from the lowest on."""
    offered = LEVELS[law]
    order = np.lexsort((np.abs(offered), offered))
    heights = offered[order]
    between = (heights[1:] + heights[:-1]) / 2
    return order[np.searchsorted(between, np.arange(-32768, 32768))].astype(np.uint8)


_NEAREST = {law: _codes_of_levels(law) for law in LEVELS}


def in_law(levels: npt.NDArray[np.signedinteger], law: Codec) -> npt.NDArray[np.uint8]:
    """Levels of 16 bits in codes; what is louder than these can be is cut."""
    places = np.clip(levels.astype(np.int32), -32768, 32767) + 32768
    codes: npt.NDArray[np.uint8] = _NEAREST[law][places]
    return codes
