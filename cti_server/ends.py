"""
How servers ended that did not stop by themselves: noted by who watched, told by the next start.

A note is a file of its own in the data folder, with the id that its incident will have: told
twice, it is told once.
"""

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

FOLDER = "ends"


class Fate(StrEnum):
    """What became of a server. The kinds of incidents that a start tells of."""

    HUNG = "server_hung"  # its loop was silent, and who watched ended it
    DIED = "server_died"
    TAKEN_OVER = "server_taken_over"  # it gave no sign of life to the one that stood by
    LEFT_EVENTS = "events_set_aside"  # others went on, without what it had not stored


@dataclass(frozen=True, slots=True)
class End:
    """``subject``: which server, for people; ``action``: what was done about it."""

    incident_id: str
    fate: Fate
    subject: str
    detail: str
    action: str


def note(data: Path, end: End) -> None:
    """Write it down for the next start."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{end.incident_id}.json"
    part = file.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(end))
    part.replace(file)


def noted(data: Path) -> list[End]:
    """What was written down and not yet told."""
    found = []
    for file in sorted((data / FOLDER).glob("*.json")):
        with contextlib.suppress(msgspec.DecodeError, FileNotFoundError):
            found.append(msgspec.json.decode(file.read_bytes(), type=End))
    return found


def told(data: Path, ends: list[End]) -> None:
    """The log has them."""
    for end in ends:
        (data / FOLDER / f"{end.incident_id}.json").unlink(missing_ok=True)
