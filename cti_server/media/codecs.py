"""
Payloads to 16-bit samples at 8 kHz and back, for legs that are mixed or transcoded.

A frame is 160 samples. Relayed legs never come here.
"""

from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from . import g711, opus
from .g722 import G722Decoder, G722Encoder
from .protocol import Codec, LegCodec

Samples = npt.NDArray[np.int16]


class Decoder(Protocol):
    """What one sender says; may keep state, so payloads come in their order, each once."""

    def decode(self, payload: bytes) -> Samples | None:
        """The samples of a payload; None if it makes no sense."""
        ...

    def conceal(self, samples: int, following: bytes | None) -> Samples | None:
        """
        The codec's own replacement of lost audio, maybe somewhat less; None: it has none.

        ``following`` is the payload after the loss, where that is there already.
        """
        ...


class Encoder(Protocol):
    """What we say to one listener; may keep state."""

    def encode(self, samples: Samples) -> bytes:
        """One payload, of as many milliseconds as there are samples."""
        ...


class _Law:
    """G.711 by table; has no state."""

    __slots__ = ("_codes", "_values")

    def __init__(self, codec: Codec) -> None:
        self._values = g711.decode(bytes(range(256)), codec)
        # By the sample's bits, so that no index has to be computed.
        by_value = g711.encode(np.arange(-32768, 32768).astype(np.int16), codec)
        self._codes = np.roll(np.frombuffer(by_value, np.uint8), -32768)

    def decode(self, payload: bytes) -> Samples:
        return self._values.take(np.frombuffer(payload, np.uint8))

    def conceal(self, samples: int, following: bytes | None) -> None:
        """Nothing of its own: see :mod:`.concealment`."""

    def encode(self, samples: Samples) -> bytes:
        return self._codes.take(samples.view(np.uint16)).tobytes()


_LAWS: Final[dict[str, _Law]] = {"PCMU": _Law("PCMU"), "PCMA": _Law("PCMA")}


def make_decoder(codec: LegCodec) -> Decoder:
    """A decoder for one stream."""
    match codec:
        case "G722":
            return G722Decoder()
        case "OPUS":
            return opus.OpusDecoder()
        case _:
            return _LAWS[codec]


def make_encoder(codec: LegCodec) -> Encoder:
    """An encoder for one stream."""
    match codec:
        case "G722":
            return G722Encoder()
        case "OPUS":
            return opus.OpusEncoder()
        case _:
            return _LAWS[codec]


def clock_rate(codec: LegCodec) -> int:
    """Ticks a second of the RTP timestamps: 8000 for G.722, by mistake (RFC 3551 §4.5.2)."""
    return opus.CLOCK_RATE if codec == "OPUS" else 8000


def duration(codec: LegCodec, payload: bytes) -> int:
    """How many ticks of the RTP clock a payload covers; 0 if it is malformed."""
    return opus.duration(payload) if codec == "OPUS" else len(payload)


def encode_frames(frames: npt.NDArray[np.int16], codec: Codec) -> list[bytes]:
    """The payloads of many listeners' frames [m, 160] at once; they need be of one law."""
    size = frames.shape[1]
    octets = _LAWS[codec].encode(frames)
    return [octets[at : at + size] for at in range(0, len(octets), size)]
