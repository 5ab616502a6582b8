"""All that is checked, and how much of it at each look."""

from collections.abc import Sequence
from typing import Any, Protocol

from acd.invariants import Books, agent_breaches, offer_breaches, place_breaches
from cti_server.media.media_leg import MediaLeg, MediaListener
from cti_server.sip.invite_session import InviteSession

from .calls import CallChecks, RunningCalls
from .destinations import Destinations
from .ports import WorkerPorts
from .rounds import Round

PUTTING_AWAY = 30
"""Looks: so long a leg may take to be put away when it is over; its recording ends first."""
PARTING = 5
"""Looks: so long a dialog may outlive its leg."""
ENDING = 4
"""Looks: an agent's leg is over before the call's tasks are, and these before the conversation."""
PLACES_BUDGET = 0.005
"""Seconds a look: who could have a contact that waits is looked up anew for each."""


class Switchboard(RunningCalls, Protocol):
    @property
    def contact_ids(self) -> list[str]: ...


class Signalling(Protocol):
    @property
    def sessions(self) -> list[InviteSession]: ...


class Media(Protocol):
    @property
    def legs(self) -> list[tuple[MediaLeg, MediaListener]]: ...


def rounds_of(
    books: Books,
    calls: Switchboard,
    signalling: Signalling,
    media: Media,
    ports: WorkerPorts,
    destinations: Destinations,
) -> Sequence[Round[Any]]:
    """The ACD's books by themselves, then what they and the calls say of one another."""
    offers, places = books.offers, books.waiting.places
    checks = CallChecks(books, calls)
    return (
        Round(
            lambda: list(books.seats), lambda one, now: agent_breaches(books, one, now), at_once=200
        ),
        Round(
            lambda: [*offers.ringing, *offers.served],
            lambda one, now: offer_breaches(books, one, now),
        ),
        Round(
            lambda: list(places),
            lambda one, now: place_breaches(books, one, now),
            at_once=20,
            budget=PLACES_BUDGET,
        ),
        Round(lambda: list(offers.served), checks.interaction, patience=ENDING),
        Round(lambda: list(places), checks.waiting),
        Round(lambda: calls.contact_ids, checks.call),
        Round(lambda: signalling.sessions, checks.dialog, patience=PARTING),
        Round(lambda: media.legs, checks.media, patience=PUTTING_AWAY),
        Round(lambda: destinations.named, destinations.check, at_once=1),
        Round(lambda: ports.workers, ports.check, patience=PUTTING_AWAY),
    )
