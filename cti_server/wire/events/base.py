"""What every event of the log is."""

import msgspec


class BaseEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """One thing that happened, named in the past tense. The tag is its name on the wire."""


class CommittedEvent(BaseEvent, frozen=True, kw_only=True):
    """
    Told by a change of the database, in its transaction: a crash loses either both or neither.

    ``change_id``: of the telling.
    """

    change_id: str
