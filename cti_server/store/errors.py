"""What the store refuses."""

from pathlib import Path


class StoreError(Exception):
    """The store cannot do what was asked of it."""


class UnsupportedDatabase(StoreError):
    """The URL names a database that the store does not speak to."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind!r} is not supported: use sqlite or postgresql")
        self.kind = kind


class DatabaseTooNew(StoreError):
    """A newer release has migrated this database; this one would damage it."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this release does not know: "
            "it was upgraded by a newer release; install that one or restore a backup"
        )
        self.revision = revision


class JournalInUse(StoreError):
    """Another process writes to this journal folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another process uses the journal in {folder}")
        self.folder = folder


class JournalNotWritten(StoreError):
    """The disk refuses what has to be written before something can be done to it."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"the journal is not written: {reason or 'it takes too long'}")
        self.reason = reason


class LogNotOpen(StoreError):
    """An event came before the log's start or after its close."""


class LogForked(StoreError):
    """The database holds an event that this log did not write: two servers use one database."""

    def __init__(self, sequence: int) -> None:
        super().__init__(
            f"the database's last event, {sequence}, was not written by this server: "
            "does another server use the same database?"
        )
        self.sequence = sequence


class Superseded(StoreError):
    """Another server has taken over: this one may not write to the database any more."""

    def __init__(self, epoch: int, now: int | None) -> None:
        super().__init__(f"another server has taken over: its epoch is {now}, this one's {epoch}")
        self.epoch = epoch
        self.now = now


class EventsUnavailable(StoreError):
    """Events this old are in the database alone, and it does not answer."""

    def __init__(self, sequence: int) -> None:
        super().__init__(
            f"the events after {sequence} are not in the journal any more, "
            "and the database does not answer"
        )
        self.sequence = sequence
