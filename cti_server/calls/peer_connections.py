"""A leg's peer connections with the one browser that it leads to."""

from cti_server.media.web.description import BrowserOffer

from .leg import Leg
from .path_check import answer_to, open_peer


class PeerConnections:
    """Numbers them, and their answers; a newer one replaces the older when it is connected."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._peers = 0
        self._answers = 0

    async def answer(self, offer: BrowserOffer, *, restart: bool = False) -> str:
        """
        The description for the browser.

        ``restart``: of the ICE of the newest one (RFC 8839 §4.4.3.1). Raises MediaUnavailable.
        """
        if restart:
            opened = await self._leg.media.restart_ice(self._peers)
        else:
            self._peers += 1
            opened = await open_peer(self._leg.media, self._peers, offer)
            self._leg.codec = offer.format.codec
        self._answers += 1
        return answer_to(offer, opened, self._answers)
