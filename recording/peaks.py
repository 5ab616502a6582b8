"""
How loud a sound is from moment to moment, for who draws it: the waveform data of audiowaveform.

A point is the least and the greatest level of so many samples, of each channel, in eight bits; the
file is its binary format, version 2 (https://github.com/bbc/audiowaveform/blob/master/doc/
DataFormat.md), and what is given out its JSON. Pure.
"""

import json
import struct
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from .capture import SAMPLE_RATE
from .errors import CaptureDamaged
from .laws import LEVELS, Codec
from .sealing import Block

FINEST = 256  # samples a point: 31 points a second, and a 64th of the sound's bytes

_VERSION, _EIGHT_BITS = 2, 1
_HEAD = struct.Struct("<iIiiIi")  # version, flags, sample rate, samples a point, points, channels
_Levels = npt.NDArray[np.int8]


def peaks_of(frames: Iterable[Block], codec: Codec, channels: int) -> bytes:
    """
    The finest there are of a sound: a sample of each channel in turn, in blocks of any size.

    A last point may have fewer samples.
    """
    levels = (LEVELS[codec] >> 8).astype(np.int8)
    a_point, waiting, found = FINEST * channels, b"", list[_Levels]()
    for block in frames:
        waiting += bytes(block)
        whole = len(waiting) - len(waiting) % a_point
        found.append(_extremes(levels[np.frombuffer(waiting[:whole], np.uint8)], FINEST, channels))
        waiting = waiting[whole:]
    rest = len(waiting) // channels
    if rest:
        codes = np.frombuffer(waiting[: rest * channels], np.uint8)
        found.append(_extremes(levels[codes], rest, channels))
    points = np.concatenate(found) if found else np.empty((0, channels, 2), np.int8)
    return _file(points, FINEST)


def as_json(file: bytes, most: int) -> str:
    """At most so many points, as evenly as whole ones of the file allow. Raises CaptureDamaged."""
    points, samples = _read(file)
    together = max(1, -(-len(points) // most))
    whole = len(points) - len(points) % together
    parts = [points[:whole].reshape(-1, together, *points.shape[1:])]
    coarse = [np.stack([p[..., 0].min(axis=1), p[..., 1].max(axis=1)], axis=-1) for p in parts]
    if whole < len(points):
        rest = points[whole:]
        coarse.append(np.stack([rest[..., 0].min(axis=0), rest[..., 1].max(axis=0)], axis=-1)[None])
    drawn = np.concatenate(coarse)
    told = {
        "version": _VERSION,
        "channels": points.shape[1],
        "sample_rate": SAMPLE_RATE,
        "samples_per_pixel": samples * together,
        "bits": 8,
        "length": len(drawn),
        "data": drawn.ravel().tolist(),
    }
    return json.dumps(told, separators=(",", ":"))


def _extremes(levels: _Levels, samples: int, channels: int) -> _Levels:
    """Of each run of so many samples the least and the greatest level of each channel."""
    runs = levels.reshape(-1, samples, channels)
    return np.stack([runs.min(axis=1), runs.max(axis=1)], axis=-1)


def _file(points: _Levels, samples: int) -> bytes:
    head = _HEAD.pack(_VERSION, _EIGHT_BITS, SAMPLE_RATE, samples, len(points), points.shape[1])
    return head + points.tobytes()


def _read(file: bytes) -> tuple[_Levels, int]:
    """The points, and of how many samples each is."""
    if len(file) < _HEAD.size:
        raise CaptureDamaged("these are no peaks")
    version, flags, _, samples, length, channels = _HEAD.unpack_from(file)
    told = (version, flags) == (_VERSION, _EIGHT_BITS) and channels in (1, 2)
    if not told or len(file) != _HEAD.size + 2 * length * channels:
        raise CaptureDamaged("these are no peaks")
    return np.frombuffer(file, np.int8, offset=_HEAD.size).reshape(length, channels, 2), samples
