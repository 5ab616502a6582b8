"""What the floor needs of whoever rings the agents."""

from collections.abc import Mapping
from typing import Protocol

from acd.model import Channel, Offer, Outcome


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


class OffersByChannel:
    """Each offer goes to who rings for its channel; whoever queues a contact sees to it."""

    def __init__(self, by_channel: Mapping[Channel, Offers]) -> None:
        self._by_channel = by_channel

    def offered(self, offer: Offer) -> None:
        self._by_channel[offer.channel].offered(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        self._by_channel[offer.channel].offer_ended(offer, outcome)
