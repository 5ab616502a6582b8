"""The event feed's resources."""

from datetime import datetime
from typing import Any

from .resource import Resource


class FeedEvent(Resource):
    """``data`` is the event's JSON; ``name`` is what it goes by."""

    sequence: int
    at: datetime
    name: str
    data: dict[str, Any]


class FeedPage(Resource):
    """
    The next events in order. Go on with ``since`` = ``next``, also when ``items`` is empty: what
    was not asked for by name has been passed over. ``last`` is the newest event's number.
    """

    items: list[FeedEvent]
    next: int
    last: int
