"""
The capture of a call in progress: a spool folder with two growing channels and who they are.

``<spool>/<recording_id>/`` holds ``recording.json`` (:class:`CaptureInfo`, written whole before
the first sample) and ``caller.g711`` and ``agent.g711``, or one of them; of a message the former.
A channel file is a header of 16 bytes (magic, the law's letter, the position of its first sample
after the capture's start) and then one byte a sample, 8000 a second, gaps filled with silence. It
is only ever appended to, so whatever a crash leaves behind is usable.
"""

import re
import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, Self

import msgspec

from config.recording_words import Format, Layout, Sides

from .errors import CaptureDamaged
from .foreign_call import ForeignCall
from .laws import SILENCE, Codec

__all__ = [
    "AGENT",
    "CALLER",
    "HEADER_SIZE",
    "INFO",
    "SAMPLE_RATE",
    "SILENCE",
    "CaptureChannel",
    "CaptureInfo",
    "LeftFor",
    "read",
    "read_from",
    "write_header",
]

INFO = "recording.json"
CALLER = "caller.g711"
AGENT = "agent.g711"
SAMPLE_RATE = 8000  # per second, and bytes: G.711 has one a sample
LONGEST = 24 * 3600 * SAMPLE_RATE  # a later position is not a call's

_HEADER = struct.Struct(">7scQ")
_MAGIC = b"HLCAP1\x00"
_LETTERS: dict[Codec, bytes] = {"PCMU": b"U", "PCMA": b"A"}
_CODECS: dict[bytes, Codec] = {letter: codec for codec, letter in _LETTERS.items()}
_FIT_FOR_A_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)

HEADER_SIZE = _HEADER.size


def write_header(codec: Codec, offset: int) -> bytes:
    """The first 16 bytes of a channel that begins ``offset`` samples after the capture did."""
    return _HEADER.pack(_MAGIC, _LETTERS[codec], offset)


@dataclass(frozen=True, slots=True)
class CaptureChannel:
    """What one party said. Positions and lengths are in samples since the capture's start."""

    path: Path
    codec: Codec | None  # None: not even the header was written
    offset: int
    samples: int

    @property
    def end(self) -> int:
        return self.offset + self.samples if self.samples else 0


def read(path: Path) -> CaptureChannel:
    """
    Look at a channel file: what it says of itself and how far it goes.

    An empty file is a silent channel: a crash came before the header was written.
    """
    try:
        with path.open("rb") as file:
            return read_from(file, path)
    except FileNotFoundError:
        raise CaptureDamaged(f"{path.name} is missing") from None


def read_from(file: BinaryIO, path: Path) -> CaptureChannel:
    """The same of a file that is open, and may be at its path no more."""
    file.seek(0)
    header = file.read(HEADER_SIZE)
    size = file.seek(0, 2)
    if not header:
        return CaptureChannel(path, codec=None, offset=0, samples=0)
    if len(header) < HEADER_SIZE:
        raise CaptureDamaged(f"{path.name} ends within its header ({size} bytes)")
    magic, letter, offset = _HEADER.unpack(header)
    if magic != _MAGIC or letter not in _CODECS:
        raise CaptureDamaged(f"{path.name} does not begin as a capture does")
    if offset > LONGEST:
        raise CaptureDamaged(f"{path.name} claims to begin {offset} samples late")
    return CaptureChannel(path, _CODECS[letter], offset, size - HEADER_SIZE)


Kind = Literal["conversation", "message", "menu", "siprec"]
"""
Of two parties; of a caller who spoke to nobody; of a caller and the menu, or the queue; of two
parties whose call another PBX has recorded here.
"""

_FILES: dict[Sides, tuple[str, ...]] = {
    "both": (CALLER, AGENT),
    "customer": (CALLER,),
    "agent": (AGENT,),
}


class LeftFor(msgspec.Struct, frozen=True, kw_only=True):
    """
    What becomes of a message, for whoever finds it after a crash.

    ``left_in``: the contact whose call it was, which began at ``since``. It is one if there are
    ``min_seconds`` of speech, and whoever hangs up wants it kept. Where it has a mailbox, an agent
    of the queue is told ``subject`` and ``attributes``, and it waits by its ``priority``.
    """

    left_in: str
    since: Annotated[datetime, msgspec.Meta(tz=True)]
    min_seconds: float
    kept_if_hung_up: bool
    subject: str = ""
    priority: int = 0
    attributes: dict[str, str] = {}


class CaptureInfo(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whose conversation or message it is: all that the recording's row needs, but its file.

    A conversation is recorded by a ``rule`` and, on demand, since it was ``asked_by`` somebody.
    A message has no agent and no interaction; its queue is the mailbox, empty where it has none. A
    menu has none of the three, and in the agent's stead what the caller was told. Nor has what
    another PBX sends (``foreign``); of the contact that it names there is nothing but recordings.
    ``left``: what it was left for; None of conversations, and of messages before this was noted.
    Only these ``sides`` of it are captured; two are apart in the file, or together (``layout``).
    """

    recording_id: str
    call_id: str
    contact_id: str
    interaction_id: str
    agent_id: str
    queue: str
    caller_number: str
    dialled_number: str
    started_at: Annotated[datetime, msgspec.Meta(tz=True)]
    kind: Kind = "conversation"
    rule: str = ""
    asked_by: str | None = None
    left: LeftFor | None = None
    sides: Sides = "both"
    layout: Layout = "stereo"
    file_format: Format = "wav"
    foreign: ForeignCall | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of its files, in the order of the recording's channels."""
        return (CALLER,) if self.kind == "message" else _FILES[self.sides]

    def save(self, folder: Path) -> None:
        """
        Write it into the capture's folder, which is created; it is there whole or not at all.

        It outlives the process at once, but a power cut only as soon as the samples do: nothing is
        synced while a call runs, and the system writes back what is some seconds old.
        """
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        part = folder / f".{INFO}.part"
        part.write_bytes(msgspec.json.encode(self))
        part.replace(folder / INFO)

    @classmethod
    def load(cls, folder: Path) -> Self:
        try:
            info = msgspec.json.decode((folder / INFO).read_bytes(), type=cls)
        except FileNotFoundError:
            raise CaptureDamaged(f"{INFO} is missing") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise CaptureDamaged(f"{INFO} is unreadable: {error}") from None
        if not _FIT_FOR_A_FILE_NAME.fullmatch(info.recording_id):
            raise CaptureDamaged(f"{INFO} has an id that cannot name a file")
        return info
