"""What has become possible comes true: who is offered what, once an input has come true wholly."""

from datetime import datetime

from .effects import Effect
from .matching import Match, find_agent, find_contact, find_in_line
from .offers import Offers
from .openings import Openings
from .queues import Line, Place, Waiting
from .seats import Seat, Seats


class Matches:
    """They are looked for among the openings alone: nothing else has changed."""

    def __init__(self, seats: Seats, waiting: Waiting, offers: Offers, openings: Openings) -> None:
        self._seats = seats
        self._waiting = waiting
        self._offers = offers
        self._openings = openings

    def settle(self, now: datetime) -> list[Effect]:
        """
        The most urgent contact first, whatever it is due to.

        Everything that happened has come true before that: else something less urgent might slip in
        between.
        """
        effects = list[Effect]()
        if self._openings:
            places, lines, seats = self._openings.taken()
            eligible = sorted(places, key=lambda one: one.rank, reverse=True)
            while (found := self._first(eligible, lines, seats, now)) is not None:
                effects += self._offers.make(found, now)
        return effects

    def _first(
        self, eligible: list[Place], lines: list[Line], seats: list[Seat], now: datetime
    ) -> Match | None:
        """
        The match of the most urgent contact; the places, most urgent last, that have none go.

        Each offer leaves less to be had: what has no match now has none after the next one.
        """
        found = list[Match]()
        while eligible and not found:
            place = eligible[-1]
            one = find_agent(place, self._seats, now) if place.waits else None
            if one is not None:
                found.append(one)
            else:
                eligible.pop()
        in_lines = (find_in_line(line, self._waiting, self._seats, now) for line in lines)
        found += (one for one in in_lines if one is not None)
        found += self._own([seat for seat in seats if seat.free], now)
        return min(found, key=lambda one: one.place.rank, default=None)

    def _own(self, free: list[Seat], now: datetime) -> list[Match]:
        """Of each of these agents; but who of them has a contact is for the policy to say."""
        own = (find_contact(seat, self._waiting, now) for seat in free)
        found = [one for one in own if one is not None]
        if len(free) == 1:
            return found
        return [find_agent(one.place, self._seats, now) or one for one in found]
