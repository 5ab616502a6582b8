"""What the customers' records refuse; the API's table gives each its HTTP status."""


class CrmError(Exception):
    """Base of the refusals here."""


class UnknownRecord(CrmError):
    """Also for a record that the one who asks may not see: they do not learn that it exists."""

    def __init__(self, record: str, record_id: str) -> None:
        super().__init__(f"there is no {record} {record_id!r}")
        self.record = record
        self.record_id = record_id


class InvalidField(CrmError):
    """A value that the record's schema or the centre's rules do not allow."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class EditConflict(CrmError):
    """Somebody else has changed the record since it was read; read it again and decide anew."""

    def __init__(self, record: str, record_id: str, version: int | None = None) -> None:
        now = f"; it is at version {version} now" if version is not None else ""
        super().__init__(f"the {record} {record_id!r} was changed meanwhile{now}")
        self.record = record
        self.record_id = record_id
        self.version = version


class AlreadyThere(CrmError):
    """What has to be unique is another record's already."""


class NotNow(CrmError):
    """The record's state does not allow this step; the message names the state."""
