"""Who watches the router at work, change by change; the router goes by nothing of that."""

from typing import Protocol

from .model import Offer
from .queues import Line, Place, PlaceWitness
from .seats import Seat, SeatWitness


class Witness(SeatWitness, PlaceWitness, Protocol):
    """Must not change what it is shown."""

    def decided(self, offer: Offer, seat: Seat, place: Place | None) -> None:
        """
        The agent gets the contact; neither has changed yet.

        ``place`` is None where nobody but this agent was asked.
        """


class _Nobody:
    def seat_changed(self, seat: Seat) -> None: ...

    def seat_gone(self, seat: Seat) -> None: ...

    def place_changed(self, place: Place) -> None: ...

    def place_gone(self, place: Place) -> None: ...

    def limit_changed(self, line: Line) -> None: ...

    def decided(self, offer: Offer, seat: Seat, place: Place | None) -> None: ...


NOBODY: Witness = _Nobody()
