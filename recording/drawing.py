"""
The peaks of recordings, worked out once and kept: jobs for another process.

They are kept in a folder of this machine, sealed under the recording's own key: whoever destroys
that key makes noise of them, too. They can be lost, and are then worked out anew, so they are not
copied to other stores, nor in the archive's chain.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from config.archive import StoreSettings

from .copies import sealed_file
from .edited_wav import EditedWav
from .edits import Span, pieces
from .errors import CaptureDamaged, SealBroken, StoreUnavailable
from .peaks import as_json, peaks_of
from .running import RunningSound
from .sealing import CHUNK, SALT, SealedFile, seal
from .sound_file import in_codes
from .stereo import HEADER
from .stores.folder import FolderStore
from .stores.opening import open_stores


@dataclass(frozen=True, slots=True)
class Sealed:
    """A recording in the archive: its file, in the stores of these names."""

    recording_id: str
    file: str
    key: bytes
    stores: Sequence[str]


def peaks_file(file: str) -> str:
    """What the peaks of a recording's file are named in their own folder."""
    return str(PurePosixPath(file).with_suffix(".peaks"))


def draw(recording: Sealed, settings: Mapping[str, StoreSettings], kept: Path, most: int) -> str:
    """
    The JSON of at most so many points.

    Raises CaptureDamaged for what is no sound of ours, and OSError where no store gives it.
    """
    folder, file = FolderStore("peaks", kept), peaks_file(recording.file)
    # Of another name than the sound's: neither can be put into the other's place.
    key, name = recording.key, f"{recording.recording_id}.peaks"
    try:
        return as_json(b"".join(sealed_file(folder, file, key, name).blocks()), most)
    except (FileNotFoundError, SealBroken, CaptureDamaged):
        peaks = _peaks(_opened(recording, settings).blocks())
    folder.put(file, seal([peaks], key, name, secrets.token_bytes(SALT)))
    return as_json(peaks, most)


def draw_plain(file: Path, most: int) -> str:
    """The same of a file of a release that did not seal; nothing is kept."""
    with file.open("rb") as sound:
        return as_json(_peaks(_blocks(sound)), most)


def draw_edited(
    recording: Sealed,
    settings: Mapping[str, StoreSettings],
    samples: int,
    spans: Sequence[Span],
    most: int,
) -> str:
    """
    As the first, of a recording with so many samples a channel, and these edits.

    Nothing is kept, for edits come and go.
    """
    return as_json(_edited(_opened(recording, settings).blocks(), samples, spans), most)


def draw_edited_plain(file: Path, samples: int, spans: Sequence[Span], most: int) -> str:
    """The same of a file of a release that did not seal."""
    with file.open("rb") as sound:
        return as_json(_edited(_blocks(sound), samples, spans), most)


def draw_running(folder: Path, most: int) -> str | None:
    """Of a capture as far as it goes; None if that is nothing. Raises UnknownCapture."""
    sound = RunningSound(folder)
    try:
        if (wav := sound.so_far(over=False)) is None:
            return None
        frames = sound.frames(wav, 0, wav.samples)
        return as_json(peaks_of(frames, wav.codec, wav.channels), most)
    finally:
        sound.close()


def _opened(recording: Sealed, settings: Mapping[str, StoreSettings]) -> SealedFile:
    """From the first store that opens it."""
    reasons = []
    for store in open_stores(settings):
        if store.name not in recording.stores:
            continue
        try:
            return sealed_file(store, recording.file, recording.key, recording.recording_id)
        except (OSError, SealBroken) as error:
            reasons.append(f"{store.name}: {error}")
    raise StoreUnavailable(" ".join(recording.stores), "; ".join(reasons) or "not configured")


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK), b"")


def _peaks(file: Iterable[bytes]) -> bytes:
    """Of a whole sound file, in blocks."""
    law, channels, codes = in_codes(file)
    return peaks_of(codes, law, channels)


def _edited(file: Iterable[bytes], samples: int, spans: Sequence[Span]) -> bytes:
    """Of a sound file with so many samples a channel, as it is heard with these edits."""
    law, channels, codes = in_codes(file)
    wav = EditedWav(law, channels, pieces(spans, samples))
    return peaks_of(wav.out_of(codes, HEADER, wav.size), law, channels)
