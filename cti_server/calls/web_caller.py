"""
A caller who comes from a page: a :class:`.caller_line.CallerLine` that is a peer connection.

It is a call like any other. Only its signalling is the page's own (:mod:`..wire.web_calls`).
That there is audio is what makes it answered: prompts begin when they can be heard.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from cti_server.media.errors import MediaUnavailable
from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaPlane
from cti_server.media.web.description import BrowserOffer, OfferRefused, read_offer
from cti_server.sip.t38 import FaxAgreement
from cti_server.wire.web_calls import (
    WebCallAnswer,
    WebCallConnected,
    WebCallEnded,
    WebCallTold,
)

from . import termination
from .browser_phone import AUDIO_WITHIN
from .caller_line import Called
from .errors import AnsweredAtThePhone, FaxNotTaken
from .leg import Leg
from .peer_connections import PeerConnections
from .termination import Over, Termination

TRUNK: Final = "web"
"""What stands in the place of a trunk's name where calls are counted by trunk."""

KEY_MS: Final = 100
"""How long a key is taken to have been down that a page tells of in words."""


class WebCaller:
    """
    Between a page and the call that comes of it: the caller's :class:`.leg.LegSession`.

    The page hears of it by ``tell``, which must not block; after :class:`WebCallEnded` nothing.
    """

    def __init__(
        self, called: Called, offer: BrowserOffer, tell: Callable[[WebCallTold], object]
    ) -> None:
        self.called = called
        self.contact_id = ""
        """Of the call, once there is one."""
        self.on_ended: Callable[[], object] = lambda: None
        self._offer = offer
        self._tell = tell
        self._leg: Leg | None = None
        self._peers: PeerConnections | None = None
        self._no_audio: asyncio.TimerHandle | None = None
        self._too_long: asyncio.TimerHandle | None = None
        self._answered = False
        self._ended = False

    # --- what the switchboard and the arrival ask (:class:`.caller_line.CallerLine`) --------------

    def turn_away(self) -> None:
        """:meth:`.web_calls.WebCalls.begin` tells the page."""

    def connect(self, leg: Leg) -> None:
        self._leg, self._peers = leg, PeerConnections(leg)
        leg.attach(self)

    async def pick_up(self, plane: MediaPlane) -> None:
        leg = self._there
        try:
            await leg.open_media(plane, transport="web")
            if not leg.over.is_set():
                await self._answer(self._offer)
        except MediaUnavailable as error:
            leg.let_go(termination.MEDIA_UNAVAILABLE)
            raise Over(termination.MEDIA_UNAVAILABLE) from error
        if not leg.over.is_set() and not leg.connected.is_set():
            loop = asyncio.get_running_loop()
            self._no_audio = loop.call_later(AUDIO_WITHIN, leg.let_go, termination.NO_AUDIO)
        await leg.settled()  # if it is not connected, the caller's watch ends the call

    # --- what the page says -----------------------------------------------------------------------

    async def restart(self, sdp: str) -> None:
        """New ways for the connection that there is. Raises MediaError."""
        offer = read_offer(sdp)
        if not self._answered or self.over:
            raise OfferRefused("there is no connection that could be restarted")
        await self._answer(offer, restart=True)

    def press(self, keys: str) -> None:
        """In words, as by SIP INFO; the same keys may come in the audio as well."""
        for key in keys:
            self._there.digit(key, KEY_MS, Way.INFO)

    def put_down(self) -> None:
        """The caller wants no more; the page is told nothing that it has not said itself."""
        self._end(self._there.hung_up)

    def page_gone(self) -> None:
        """Its socket is: without a word. While it is heard it goes on, and ends by its audio."""
        if not self._there.connected.is_set():
            self.put_down()

    def limit(self, seconds: float) -> None:
        """It lasts no longer than that."""
        loop = asyncio.get_running_loop()
        self._too_long = loop.call_later(seconds, self._there.let_go, termination.TOO_LONG)

    # --- what the leg asks (:class:`.leg.LegSession`) ---------------------------------------------

    @property
    def over(self) -> bool:
        return self._there.over.is_set()

    def answer(self) -> None:
        raise AnsweredAtThePhone

    def send_digits(self, digits: str) -> None:
        self._there.media.send_digits(digits)

    def hang_up(self, reason: str | None = None) -> None:
        self._finish(self._there.termination or termination.RELEASED)

    async def propose_fax(self, host: str, port: int) -> FaxAgreement:
        raise FaxNotTaken("a browser is no fax machine")

    def peer_changed(self, state: str, reason: str) -> None:
        """An interruption is waited out: browsers find another way, or are gone in the end."""
        match state, reason:
            case _, "replaced":
                return
            case "connected", _:
                self._heard()
            case "gone", "closed":
                self._end(self._there.hung_up)
            case "gone", _:
                connected = self._there.connected.is_set()
                self._end(termination.BROWSER_GONE if connected else termination.NO_AUDIO)

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _there(self) -> Leg:
        if self._leg is None:
            raise RuntimeError("there is no call yet")
        return self._leg

    async def _answer(self, offer: BrowserOffer, *, restart: bool = False) -> None:
        if self._peers is None:
            raise RuntimeError("there is no call yet")
        sdp = await self._peers.answer(offer, restart=restart)
        self._answered = True
        self._tell(WebCallAnswer(sdp=sdp, contact_id=self.contact_id))

    def _heard(self) -> None:
        if self._there.connected.is_set() or self._there.over.is_set():
            return
        self._disarm()
        self._there.mark_connected()
        self._tell(WebCallConnected())

    def _disarm(self) -> None:
        if self._no_audio is not None:
            self._no_audio.cancel()

    def _end(self, why: Termination) -> None:
        self._there.end(why)
        self._finish(why)

    def _finish(self, why: Termination) -> None:
        """Nothing is left of it. Idempotent."""
        if self._ended:
            return
        self._ended = True
        self._disarm()
        if self._too_long is not None:
            self._too_long.cancel()
        self._tell(WebCallEnded(reason=why.reason))
        self.on_ended()
