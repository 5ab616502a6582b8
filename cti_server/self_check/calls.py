"""
What must hold between the ACD's books, the running calls, their dialogs and their media.

Each check looks at one thing and answers with what is wrong with it; it changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from acd.invariants import Books, Breach
from acd.model import SPOKEN, Channel
from cti_server.calls.call import Call
from cti_server.calls.errors import NoSuchCall
from cti_server.calls.leg import Leg
from cti_server.calls.outbound import TrunkCall
from cti_server.calls.sip_session import SipSession
from cti_server.media.media_leg import MediaLeg, MediaListener
from cti_server.sip.invite_session import InviteSession


class CallFault(StrEnum):
    """What can be wrong."""

    INTERACTION_WITHOUT_CALL = "interaction_without_call"
    TALKING_WITHOUT_LEG = "talking_without_leg"  # an agent who has no live leg in the call
    WAITING_WITHOUT_CALL = "waiting_without_call"  # in the ACD, and nobody would hear an offer
    CALL_WAITS_NOWHERE = "call_waits_nowhere"  # and the ACD knows nothing of it
    LEG_WITHOUT_DIALOG = "leg_without_dialog"  # its end was never told
    DIALOG_WITHOUT_LEG = "dialog_without_leg"  # nobody hung up
    MEDIA_WITHOUT_LEG = "media_without_leg"  # not closed with its leg
    PORTS_NOT_GIVEN_BACK = "ports_not_given_back"  # a worker has legs that nobody knows of
    QUEUE_GONE = "queue_gone"  # flows lead callers to one that is not there
    RECORDS_DISAGREE = "records_disagree"  # an ended call's parts do not make up the whole


class RunningCalls(Protocol):
    """Where the calls are: :class:`cti_server.calls.switchboard.Switchboard`."""

    def call_of(self, contact_id: str) -> Call:
        """Raises NoSuchCall."""


@dataclass(frozen=True, slots=True)
class CallChecks:
    """``books`` are the ACD's, read anew at each question."""

    books: Books
    calls: RunningCalls

    def interaction(self, offer_id: str, now: datetime) -> Iterator[Breach]:
        """Who is with a customer is so in a running call, by a leg that lives."""
        offer = self.books.offers.served.get(offer_id)
        if offer is None or offer.channel not in SPOKEN:
            return
        call = self._call(offer.contact_id)
        if call is None:
            yield Breach.of_offer(CallFault.INTERACTION_WITHOUT_CALL, offer, offer.queue)
        elif not call.legs.live_of(offer.agent_id):
            yield Breach.of_offer(CallFault.TALKING_WITHOUT_LEG, offer, offer.queue)

    def waiting(self, contact_id: str, now: datetime) -> Iterator[Breach]:
        """A caller who waits in the ACD does so in a call; who is to be called back is in none."""
        place = self.books.waiting.places.get(contact_id)
        if place is None or place.contact.channel is not Channel.VOICE:
            return
        call = self._call(contact_id)
        if call is None or call.control.searching is None:
            kind = CallFault.WAITING_WITHOUT_CALL
            yield Breach(kind, contact_id, contact_id=contact_id, detail=place.contact.queue)

    def call(self, contact_id: str, now: datetime) -> Iterator[Breach]:
        """A call that waits is known to the ACD; a leg that is not over has its dialog."""
        call = self._call(contact_id)
        if call is None:
            return
        searching = call.control.searching
        if searching is not None and searching.waiting and not self._knows(contact_id):
            yield Breach(CallFault.CALL_WAITS_NOWHERE, contact_id, contact_id=contact_id)
        for leg in call.legs:
            if leg.forsaken:
                yield _of_leg(CallFault.LEG_WITHOUT_DIALOG, leg, contact_id)

    def dialog(self, session: InviteSession, now: datetime) -> Iterator[Breach]:
        """Whoever talks to nobody is hung up."""
        listener = session.listener
        if isinstance(listener, TrunkCall):
            listener = listener.listener
        if isinstance(listener, SipSession) and session.confirmed and listener.leg.over.is_set():
            yield _of_leg(CallFault.DIALOG_WITHOUT_LEG, listener.leg, None)

    def media(self, media: tuple[MediaLeg, MediaListener], now: datetime) -> Iterator[Breach]:
        """Ports go back with their leg."""
        leg, listener = media
        if isinstance(listener, Leg) and listener.over.is_set() and not leg.lost:
            yield _of_leg(CallFault.MEDIA_WITHOUT_LEG, listener, None)

    def _call(self, contact_id: str) -> Call | None:
        try:
            return self.calls.call_of(contact_id)
        except NoSuchCall:
            return None

    def _knows(self, contact_id: str) -> bool:
        offers = self.books.offers
        return (
            contact_id in self.books.waiting.places
            or contact_id in offers.direct
            or any(offer.contact_id == contact_id for offer in offers.ringing.values())
        )


def _of_leg(kind: CallFault, leg: Leg, contact_id: str | None) -> Breach:
    return Breach(kind, leg.id, agent_id=leg.agent_id, contact_id=contact_id, leg_id=leg.id)
