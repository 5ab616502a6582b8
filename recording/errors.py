"""What can be wrong with a capture."""

from pathlib import Path


class RecordingError(Exception):
    """Base of everything that this package raises by itself."""


class UnknownCapture(RecordingError):
    """There is no such capture folder (any more)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)  # its arguments, so that it can cross to another process
        self.folder = folder

    def __str__(self) -> str:
        return f"no capture folder at {self.folder}"


class CaptureDamaged(RecordingError):
    """A capture cannot become a recording. ``folder`` is where it is kept for a person to see."""

    def __init__(self, reason: str, folder: Path | None = None) -> None:
        super().__init__(reason, folder)
        self.reason = reason
        self.folder = folder

    def __str__(self) -> str:
        return self.reason
