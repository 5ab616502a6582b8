"""What keeps the archive from being looked after."""


class BackupError(Exception):
    """Base of what this package refuses; the message says why."""


class NoSecondStore(BackupError):
    def __init__(self) -> None:
        super().__init__("there is no second store to restore from (archive.stores)")


class DrillImpossible(BackupError):
    """Nothing could be restored, whatever is in the stores."""


class WouldOverwrite(BackupError):
    """There is something where the database is to be restored to."""
