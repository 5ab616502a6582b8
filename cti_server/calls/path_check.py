"""Whether a desktop could be heard: a peer connection to a media worker, without a call."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from cti_server.media.errors import MediaError
from cti_server.media.key_presses import Way
from cti_server.media.media_leg import MediaLeg, MediaListener
from cti_server.media.protocol import LegTransport
from cti_server.media.web.description import BrowserOffer, Endpoint, build_answer, read_offer
from cti_server.media.worker_reports import PeerOpened
from cti_server.wire.phone import CHECK, Answer, CheckPath


class Plane(Protocol):
    """What this needs of the media workers."""

    async def open_leg(
        self, leg_id: str, listener: MediaListener, *, transport: LegTransport = "rtp"
    ) -> MediaLeg: ...


class PathCheck:
    """
    One desktop's; one check at a time, the last one counts.

    It ends by itself when the browser closes the connection, or is not heard of for as long as a
    worker waits; and with the desktop's stream.
    """

    def __init__(self, plane: Plane, new_id: Callable[[], str]) -> None:
        self._plane = plane
        self._new_id = new_id
        self._leg: MediaLeg | None = None
        self._ending: asyncio.Task[None] | None = None

    async def begin(self, said: CheckPath) -> Answer:
        """Raises MediaError."""
        offer = read_offer(said.sdp)
        await self.end()
        self._leg = leg = await self._plane.open_leg(self._new_id(), self, transport="web")
        try:
            opened = await open_peer(leg, 1, offer)
        except MediaError:
            await self.end()
            raise
        return Answer(id=CHECK, attempt=said.attempt, sdp=answer_to(offer, opened))

    async def end(self) -> None:
        leg, self._leg = self._leg, None
        if leg is not None:
            await leg.close()

    # --- what the worker says -----------------------------------------------------------------

    def digit(self, digit: str, duration_ms: int, way: Way) -> None: ...

    def rtp_silent(self, seconds: float) -> None: ...

    def rtcp_heard(self) -> None: ...

    def rtp_resumed(self) -> None: ...

    def peer_changed(self, state: str, reason: str) -> None:
        if state == "gone":
            self._ending = asyncio.create_task(self.end())

    def media_lost(self) -> None:
        self._leg = None


async def open_peer(leg: MediaLeg, peer: int, offer: BrowserOffer) -> PeerOpened:
    """Raises MediaUnavailable."""
    return await leg.open_peer(
        peer,
        fingerprint=offer.fingerprint,
        codec=offer.format.codec,
        payload_type=offer.format.payload_type,
        dtmf_payload_type=offer.dtmf_payload_type,
    )


def answer_to(offer: BrowserOffer, opened: PeerOpened, version: int = 1) -> str:
    """The description for the browser; ``version`` grows with each answer to the same peer."""
    endpoint = Endpoint(
        ufrag=opened.ufrag,
        pwd=opened.pwd,
        fingerprint=opened.fingerprint,
        host=opened.host,
        udp_port=opened.udp_port,
        tcp_port=opened.tcp_port,
    )
    return build_answer(offer, endpoint, session_id=opened.peer, version=version)
