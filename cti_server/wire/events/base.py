"""What every event of the log is."""

import msgspec


class BaseEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """One thing that happened, named in the past tense. The tag is its name on the wire."""
