"""What can be wrong with a capture, or with a recording that was kept."""

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


class SealBroken(RecordingError):
    """A sealed file does not open: it was altered, cut, moved or sealed under another key."""


class KeysRefused(RecordingError):
    """The master keys cannot be used; the message names the file, the line and the rule."""


class KeyNotOpened(RecordingError):
    """A file's key does not open under the master key that it names."""


class StoreUnavailable(OSError):
    """A store does not do what it was asked for now; it may at another try."""

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(store, reason)  # its arguments, so that it can cross to another process
        self.store = store
        self.reason = reason

    def __str__(self) -> str:
        return f"store {self.store!r}: {self.reason}"


class StoreSpared(StoreUnavailable):
    """It was not asked: it did not do what was asked for just before."""


class MetadataRefused(RecordingError):
    """No metadata of a call: ``element`` breaks the ``rule``."""

    def __init__(self, element: str, rule: str) -> None:
        super().__init__(element, rule)
        self.element = element
        self.rule = rule

    def __str__(self) -> str:
        return f"{self.element}: {self.rule}"
