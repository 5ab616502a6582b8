"""WAV files of every sort, made byte by byte."""

import struct

import numpy as np
import numpy.typing as npt

from cti_server.media.g711 import encode

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def format_of(tag: int, channels: int, rate: int, bits: int) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tone(rate: int, seconds: float = 0.5) -> npt.NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)


def samples(sound: npt.NDArray[np.float64], tag: int, bits: int) -> bytes:
    """One channel of it, encoded."""
    match tag, bits:
        case 7, _:
            return encode((sound * 32767).astype(np.int16), "PCMU")
        case 6, _:
            return encode((sound * 32767).astype(np.int16), "PCMA")
        case 3, _:
            return sound.astype(np.dtype(f"<f{bits // 8}")).tobytes()
        case _, 8:
            return (sound * 127 + 128).astype(np.uint8).tobytes()
        case _, 24:
            wide: bytes = (sound * (2**31 - 1)).astype("<i4").tobytes()
            return b"".join(wide[at + 1 : at + 4] for at in range(0, len(wide), 4))
        case _:
            whole = sound * float((1 << bits - 1) - 1)
            return whole.astype(np.dtype(f"<i{bits // 8}")).tobytes()


def wav(
    tag: int = PCM, bits: int = 16, channels: int = 1, rate: int = 8000, seconds: float = 0.5
) -> bytes:
    sound = np.repeat(tone(rate, seconds), channels)
    return riff(
        chunk(b"fmt ", format_of(tag, channels, rate, bits)),
        chunk(b"data", samples(sound, tag, bits)),
    )
