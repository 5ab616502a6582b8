"""G.711 by tables: mu-law and A-law to linear and back, and one law to the other."""

from typing import Final

import numpy as np
import numpy.typing as npt

from .protocol import Codec, LegCodec

Linear = npt.NDArray[np.int16]

MU_LAW_SILENCE: Final = 0xFF
A_LAW_SILENCE: Final = 0xD5
SILENCE: Final[dict[Codec, int]] = {"PCMU": MU_LAW_SILENCE, "PCMA": A_LAW_SILENCE}
SILENT: Final[dict[Codec, bytes]] = {law: bytes([code]) * 256 for law, code in SILENCE.items()}
"""Tables for ``bytes.translate`` that leave nothing to be heard."""

_MU_BIAS = 0x84  # ITU-T G.191 ulaw_expand: 33 << 2


def _expand_mu() -> Linear:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _MU_BIAS) << ((code & 0x70) >> 4)
    return np.where(code & 0x80, _MU_BIAS - magnitude, magnitude - _MU_BIAS).astype(np.int16)


def _expand_a() -> Linear:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (code & 0x70) >> 4
    low = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment > 1, (low + 0x100) << np.maximum(segment - 1, 0), low)
    magnitude = np.where(segment == 1, low + 0x100, magnitude)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _nearest(expanded: Linear) -> npt.NDArray[np.uint8]:
    """For each 16-bit sample the code whose value is nearest; the quieter one on a tie."""
    order = np.argsort(expanded, kind="stable")
    values = expanded[order].astype(np.int32)
    samples = np.arange(-32768, 32768)
    right = np.clip(np.searchsorted(values, samples), 1, 255)
    below, above = samples - values[right - 1], values[right] - samples
    take_left = (below < above) | ((below == above) & (samples > 0))
    codes: npt.NDArray[np.uint8] = order[np.where(take_left, right - 1, right)].astype(np.uint8)
    return codes


_FROM_MU, _FROM_A = _expand_mu(), _expand_a()
_TO_MU, _TO_A = _nearest(_FROM_MU), _nearest(_FROM_A)
# Two mu-law codes mean zero; the idle one is 0xFF.
_TO_MU[32768] = MU_LAW_SILENCE

MU_TO_A: Final = _TO_A[_FROM_MU.astype(np.int32) + 32768].tobytes()
A_TO_MU: Final = _TO_MU[_FROM_A.astype(np.int32) + 32768].tobytes()


def decode(payload: bytes, codec: Codec) -> Linear:
    """16-bit samples of a G.711 payload."""
    table = _FROM_MU if codec == "PCMU" else _FROM_A
    return table[np.frombuffer(payload, np.uint8)]


def encode(samples: Linear, codec: Codec) -> bytes:
    """The G.711 payload of 16-bit samples."""
    table = _TO_MU if codec == "PCMU" else _TO_A
    return table[samples.astype(np.int32) + 32768].tobytes()


def is_law(codec: LegCodec) -> bool:
    """Whether this is G.711."""
    return codec in SILENCE


def law(codec: LegCodec) -> Codec:
    """The law in which a leg of this codec is played to and captured."""
    return "PCMA" if codec == "PCMA" else "PCMU"


def translation(source: Codec, target: Codec) -> bytes | None:
    """The table for ``bytes.translate``; None where nothing is to be done."""
    if source == target:
        return None
    return MU_TO_A if source == "PCMU" else A_TO_MU
