"""
The fold's state in a file, so that a restart reads the log from there and not from the day's start.

It is a copy of what the log says and may be lost: it is then made anew.
"""

import contextlib
from pathlib import Path

import msgspec
import structlog

from recording.disk import Disk

from .state import State

log = structlog.get_logger()

VERSION = 2
"""Of what is counted and how: a file of another version is not taken up."""


class Stored(msgspec.Struct):
    version: int
    state: State


def encode(state: State) -> bytes:
    return msgspec.msgpack.encode(Stored(VERSION, state))


def write(file: Path, content: bytes) -> None:
    """Whole or not at all. Raises OSError."""
    Disk().write_atomically(file, [content])


def read(file: Path) -> State | None:
    """None where there is none that can be used."""
    with contextlib.suppress(FileNotFoundError):
        try:
            stored = msgspec.msgpack.decode(file.read_bytes(), type=Stored)
        except msgspec.MsgspecError as error:
            log.warning("figures.checkpoint_unusable", reason=str(error))
            return None
        return stored.state if stored.version == VERSION else None
    return None
