"""What the floor needs of whoever rings the agents."""

from typing import Protocol

from acd.model import Offer, Outcome


class Offers(Protocol):
    """
    Hears of the offers, on the event loop, synchronously; must not block and must not raise.

    For each ``offered`` there is either an acceptance by the floor's ``accept`` or one
    ``offer_ended``, never both. It may call the floor back at once.
    """

    def offered(self, offer: Offer) -> None:
        """The agent is reserved until ``offer.expires_at``: show the contact, ring the phone."""

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        """The offer came to nothing: stop ringing. The contact waits again, unless withdrawn."""
