"""Calls from pages: which may begin, and how many go on."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

from config.web_calls import WebCallSettings
from cti_server.media.web.description import read_offer
from cti_server.openings import Openings, household
from cti_server.wire.web_calls import WebCallBegin, WebCallTold

from .caller_line import Called
from .dial_pad import NoNewCalls
from .errors import NotForPages, TooManyWebCalls
from .switchboard import Switchboard
from .web_caller import TRUNK, WebCaller

FREE_AGAIN: Final = 30
"""Seconds after which who found no room may try again: calls end when they end."""


class WebCalls:
    """
    The way in for callers whom nobody knows: everything is bounded.

    ``welcome``: whether calls are taken at all at the moment. ``refused`` hears of calls that the
    centre had no room for, and why; what one address overdoes is no lack of ours.
    """

    def __init__(
        self,
        settings: WebCallSettings,
        switchboard: Switchboard,
        welcome: Callable[[], bool],
        refused: Callable[[str, str], None],
    ) -> None:
        self.settings = settings
        self._switchboard = switchboard
        self._welcome = welcome
        self._refused = refused
        self._openings = Openings(settings.openings)
        self._running = Counter[str]()  # by household

    @property
    def running(self) -> int:
        return self._running.total()

    def begin(
        self, wanted: WebCallBegin, address: str, tell: Callable[[WebCallTold], object]
    ) -> WebCaller:
        """
        A call that runs.

        Raises NotForPages, NoNewCalls, TooManyWebCalls and OfferRefused.
        """
        if wanted.number not in self.settings.numbers:
            raise NotForPages(wanted.number)
        whose = household(address)
        self._admit(whose)
        caller = WebCaller(
            Called(
                caller_number=self.settings.caller_number,
                dialled_number=wanted.number,
                trunk=TRUNK,
                address=f"{TRUNK}:{address}",
            ),
            read_offer(wanted.sdp),
            tell,
        )
        call = self._switchboard.arrived(caller)
        if call is None:
            raise NotForPages(wanted.number)
        caller.contact_id = call.contact.id
        caller.limit(self.settings.longest.total_seconds())
        self._running[whose] += 1
        caller.on_ended = lambda: self._ended(whose)
        return caller

    def _admit(self, whose: str) -> None:
        if not self._welcome():
            self._refused(TRUNK, "draining")
            raise NoNewCalls
        if self.running >= self.settings.at_once:
            self._refused(TRUNK, "overload")
            raise TooManyWebCalls(FREE_AGAIN)
        if self._running[whose] >= self.settings.at_once_each:
            raise TooManyWebCalls(FREE_AGAIN)
        if wait := self._openings.admit(whose, asyncio.get_running_loop().time()):
            raise TooManyWebCalls(wait)

    def _ended(self, whose: str) -> None:
        self._running[whose] -= 1
        if not self._running[whose]:
            del self._running[whose]
