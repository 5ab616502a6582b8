"""What a session had told and done before its server died. Pure."""

from collections.abc import Sequence

from cti_server.wire.events import (
    CallBackWanted,
    ContactEnded,
    ContactQueued,
    Event,
    FlowLeft,
)


class Past:
    """
    Of the log, in order; empty for a session that has just begun.

    A session that goes through its steps again says the same as before: what the log has is not
    told twice.
    """

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self._told = list(events)
        self.handed_over = any(isinstance(event, ContactQueued) for event in events)
        self.over = any(map(_is_end, events))
        """Its end had begun."""
        wanted = [event for event in events if isinstance(event, CallBackWanted)]
        self.call_back = wanted[-1] if wanted else None

    def has(self, event: Event) -> bool:
        """Whether the log has this one; asked of each, one after the other."""
        if event not in self._told:
            return False
        self._told.remove(event)
        return True


def _is_end(event: Event) -> bool:
    """Who was led to a queue or a number may have come back from there."""
    match event:
        case ContactEnded():
            return True
        case FlowLeft(to=to):
            return to in ("", "hang_up")
        case _:
            return False
