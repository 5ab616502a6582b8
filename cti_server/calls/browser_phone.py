"""
The phone in an agent's browser: rings at the desktop that has the audio, talks over WebRTC.

The call lives here, not there: the page may be reloaded, lose its stream, or be another one, and
the caller is kept, on music, for :data:`PAGE_KEPT`. Nothing is negotiated again for it but the
peer connection itself (:meth:`BrowserSession.media`).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog

from cti_server.clock import Clock
from cti_server.media.web.description import WebCodec, read_offer
from cti_server.sip.t38 import FaxAgreement
from cti_server.wire.phone import (
    Answer,
    Connected,
    Ended,
    Media,
    MediaBack,
    MediaLost,
    PhoneCall,
    Ring,
)
from cti_server.wire.screen import ScreenPop

from . import termination
from .errors import FaxNotTaken
from .handset import Handset
from .leg import Leg
from .peer_connections import PeerConnections
from .phones import Invitation, PhoneUnreachable, Transport
from .termination import Termination

log = structlog.get_logger()

PAGE_KEPT = 30.0  # s that the caller waits for the agent's page to be heard again
RING_KEPT = 5.0  # s that it rings on while the page is away, for a reload
AUDIO_WITHIN = 10.0  # s from picking up to the peer connection

State = Literal["ringing", "accepted", "talking", "over"]


@dataclass(frozen=True, slots=True)
class BrowserPhone:
    """One agent's, as a call sees it (:class:`.phones.Phone`)."""

    handset: Handset
    pop_of: Callable[[str], ScreenPop | None]  # what is on the agent's screen
    clock: Clock

    @property
    def transport(self) -> Transport:
        return "web"

    def address(self) -> str:
        if self.handset.screen is None:
            raise PhoneUnreachable(self.handset.agent_id, "has no desktop with the audio open")
        return f"browser:{self.handset.agent_id}"

    async def ring(self, leg: Leg, invitation: Invitation) -> None:
        self.address()
        if leg.over.is_set():
            return
        session = BrowserSession(leg, self.handset, invitation, self.clock)
        leg.attach(session)
        self.handset.add(session)
        pop = self.pop_of(self.handset.agent_id)
        mine = pop is not None and pop.contact_id == invitation.contact_id
        self.handset.show(
            Ring(
                id=leg.id,
                contact_id=invitation.contact_id,
                auto_answer=invitation.auto_answer,
                pop=pop if mine else None,
            )
        )
        leg.rang()


class BrowserSession:
    """
    Between a leg and the desktop: the leg's :class:`.leg.LegSession`.

    ``accepted`` is who picked up and is not heard yet; ``talking`` lasts to the end, whether the
    page is there or not.
    """

    def __init__(self, leg: Leg, handset: Handset, invitation: Invitation, clock: Clock) -> None:
        self._leg = leg
        self._handset = handset
        self._invitation = invitation
        self._since = clock.now()
        self._state: State = "ringing"
        self._audio = False
        self._peers = PeerConnections(leg)
        self._timer: asyncio.TimerHandle | None = None

    # --- what the handset asks ----------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._leg.id

    def view(self) -> PhoneCall:
        return PhoneCall(
            id=self.id,
            contact_id=self._invitation.contact_id,
            state="talking" if self._state == "over" else self._state,
            since=self._since,
            audio=self._audio,
            auto_answer=self._invitation.auto_answer,
        )

    def screen_changed(self, *, there: bool) -> None:
        """A conversation does not mind: its audio has a life of its own."""
        if self._state != "ringing":
            return
        self._disarm()
        if not there:
            self._arm(RING_KEPT, termination.UNREACHABLE)

    # --- what the leg asks --------------------------------------------------------------------

    @property
    def over(self) -> bool:
        return self._leg.over.is_set()

    def answer(self) -> None:
        """The agent picks up."""
        if self._state != "ringing":
            return
        self._disarm()
        self._state = "accepted"
        if self._audio:
            self._connect()
        else:
            self._arm(AUDIO_WITHIN, termination.NO_AUDIO)

    def send_digits(self, digits: str) -> None:
        self._leg.media.send_digits(digits)

    def hang_up(self, reason: str | None = None) -> None:
        why = self._leg.termination or termination.RELEASED
        self._finish(why)

    async def propose_fax(self, host: str, port: int) -> FaxAgreement:
        raise FaxNotTaken("a browser is no fax machine")

    def peer_changed(self, state: str, reason: str) -> None:
        match state, reason:
            case _, "replaced":
                return
            case "connected", _:
                self._heard()
            case _:
                self._not_heard()

    # --- what the desktop says ----------------------------------------------------------------

    async def media(self, said: Media) -> Answer:
        """
        A peer connection, or new ways for the one that there is.

        Raises MediaError.
        """
        offer = read_offer(said.sdp, self._codecs)
        sdp = await self._peers.answer(offer, restart=said.restart)
        return Answer(id=self.id, attempt=said.attempt, sdp=sdp)

    @property
    def _codecs(self) -> tuple[WebCodec, ...]:
        """The other party's own first, so that the two are relayed as they come."""
        return ("PCMA", "PCMU") if self._invitation.codec == "PCMA" else ("PCMU", "PCMA")

    def put_down(self) -> None:
        """The agent does not want it, or is done with it."""
        self._end(termination.DECLINED if self._state == "ringing" else self._leg.hung_up)

    # --- inside -------------------------------------------------------------------------------

    def _heard(self) -> None:
        self._audio = True
        self._handset.path_tried("connected")
        match self._state:
            case "accepted":
                self._disarm()
                self._connect()
            case "talking":
                self._disarm()
                self._leg.hold_changed(held=False)
                self._handset.show(MediaBack(id=self.id))

    def _connect(self) -> None:
        self._state = "talking"
        self._leg.mark_connected()
        self._handset.show(Connected(id=self.id))

    def _not_heard(self) -> None:
        """The page was reloaded, closed, or its network is gone: the caller hears music."""
        if not self._audio:
            return
        self._audio = False
        self._handset.show(MediaLost(id=self.id))
        if self._state == "talking":
            log.info("phone.audio_lost", leg_id=self.id, agent_id=self._handset.agent_id)
            self._leg.hold_changed(held=True)
            self._arm(PAGE_KEPT, termination.BROWSER_GONE)

    def _arm(self, seconds: float, why: Termination) -> None:
        self._disarm()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._give_up, why)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, why: Termination) -> None:
        log.info("phone.given_up", leg_id=self.id, reason=why.reason)
        if why is termination.NO_AUDIO:
            self._handset.path_tried("failed")
        self._end(why)

    def _end(self, why: Termination) -> None:
        if self._state == "over":
            return
        self._leg.end(why)
        self._finish(why)

    def _finish(self, why: Termination) -> None:
        """Nothing is at the phone any more. Idempotent."""
        if self._state == "over":
            return
        self._disarm()
        self._state = "over"
        self._handset.remove(self)
        self._handset.show(Ended(id=self.id, reason=why.reason))
