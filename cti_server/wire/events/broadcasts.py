"""What callers hear that a supervisor has put on for them."""

from .base import BaseEvent


class BroadcastHeard(BaseEvent, frozen=True, kw_only=True, tag="broadcast.heard"):
    """
    A caller has heard it, in a ``queue`` or (null) before the menu of the number that they called.

    Not ``whole`` where they pressed a key, hung up, or an agent picked up meanwhile.
    """

    contact_id: str
    broadcast_id: str
    queue: str | None
    language: str
    whole: bool


AnyBroadcastEvent = BroadcastHeard
