"""Tones to tell voices apart by, and how loud each is in what was heard."""

import numpy as np
import numpy.typing as npt

from cti_server.media.codecs import make_decoder, make_encoder
from cti_server.media.g711 import decode
from cti_server.media.protocol import LegCodec

from .phone import Heard

Samples = npt.NDArray[np.int16]
PAYLOAD_TYPES = {0: "PCMU", 8: "PCMA", 9: "G722", 111: "OPUS"}


def tone(hertz: int, seconds: float, amplitude: int = 8000) -> Samples:
    at = np.arange(round(seconds * 8000)) / 8000
    return np.round(amplitude * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def payloads(samples: Samples, codec: LegCodec = "PCMU", ptime_ms: int = 20) -> list[bytes]:
    """The samples in packets of that length."""
    encoder, size = make_encoder(codec), 8 * ptime_ms
    return [encoder.encode(samples[at : at + size]) for at in range(0, len(samples), size)]


def samples(heard: list[Heard]) -> Samples:
    """What these packets say, one after another; all of one codec."""
    audio = [packet for packet in heard if packet.payload_type in PAYLOAD_TYPES]
    if not audio:
        return np.zeros(0, np.int16)
    decoder = make_decoder(PAYLOAD_TYPES[audio[0].payload_type])  # type: ignore[arg-type]
    pieces = [decoder.decode(packet.payload) for packet in audio]
    return np.concatenate([piece for piece in pieces if piece is not None])


def law_samples(octets: bytes) -> Samples:
    return decode(octets, "PCMU")


def level(heard: Samples, hertz: int) -> float:
    """The amplitude of this tone there, whatever else there is."""
    at = np.arange(len(heard)) / 8000
    return float(2 * abs(np.mean(heard * np.exp(-2j * np.pi * hertz * at))))
