"""What has become possible, until somebody looks: where a match may be found now."""

from dataclasses import dataclass, field

from .queues import Line, Place
from .seats import Seat


@dataclass(slots=True)
class Openings:
    """Each is a set that keeps the order in which it was filled."""

    places: dict[Place, None] = field(default_factory=dict)  # contacts that others may have now
    lines: dict[Line, None] = field(default_factory=dict)  # queues that may offer more of theirs
    seats: dict[Seat, None] = field(default_factory=dict)  # agents who may have room

    def __bool__(self) -> bool:
        return bool(self.places or self.lines or self.seats)

    def taken(self) -> tuple[list[Place], list[Line], list[Seat]]:
        """Somebody looks: all of them, and none is left."""
        taken = list(self.places), list(self.lines), list(self.seats)
        self.places.clear()
        self.lines.clear()
        self.seats.clear()
        return taken
