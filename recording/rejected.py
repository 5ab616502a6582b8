"""
Messages that nobody is to hear: thrown away, in steps that may be cut off anywhere.

First its ``recording.json`` gets another name, and that goes last: whoever finds such a folder
after a crash goes on throwing it away.
"""

from pathlib import Path

from .capture import INFO
from .disk import Disk

REJECTED = "rejected.json"


def is_rejected(folder: Path) -> bool:
    """Whether a crash came while it was thrown away."""
    return (folder / REJECTED).exists()


def throw_away(folder: Path, disk: Disk | None = None) -> None:
    """Leave nothing of a message. Repeating it is harmless."""
    disk = disk or Disk()
    if not folder.is_dir():
        return
    if (folder / INFO).exists():
        disk.rename(folder / INFO, folder / REJECTED)
    for file in sorted(folder.iterdir()):
        if file.name != REJECTED:
            disk.remove(file)
    disk.remove(folder / REJECTED)
    disk.remove_folder(folder)
