"""A browser's leg: its peer connections, of which the newest one that came about has the audio."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal

from .leg import Leg
from .packets import PacketLoop
from .protocol import OpenPeer, SetRemote
from .rtcp_session import Interval
from .web.peer import Peer, PeerState
from .web.port import WebPort
from .worker_reports import PeerChanged, Report

# Browsers know the round trip and what we lose from our reports only.
REPORTS: Final[Interval] = (1.5, 3.3)  # a leg is looked at every 0.2 s
REPLACED: Final = "replaced"

State = Literal["connected", "interrupted", "gone"]


class WebLeg:
    """
    The way to one browser, which may come and go while the leg stays: a reload, another tab.

    Each peer that takes over is a receiver with keys of its own, so it gets a stream of its own:
    another SSRC, and a first sequence number that SRTP can count from.
    """

    def __init__(
        self,
        leg: Leg,
        web: WebPort,
        loop: PacketLoop,
        report: Callable[[Report], None],
        chance: random.Random,
        legs: "dict[Peer, WebLeg]",
    ) -> None:
        """``legs`` is kept: whose each peer is."""
        self._legs = legs
        self._leg = leg
        self._web = web
        self._loop = loop
        self._report = report
        self._chance = chance
        self._peers: dict[int, tuple[Peer, SetRemote]] = {}
        self._owner: Peer | None = None

    @property
    def port(self) -> int:
        return self._web.port

    @property
    def reachable(self) -> bool:
        return self._owner is not None

    @property
    def strangers(self) -> int:
        return 0  # SRTP has told them apart already

    def open(self) -> None:
        """Nothing is to be heard before there is a peer."""

    def settle(self, now: float) -> None:
        """Nobody else can come in."""

    def set_remote(self, remote: SetRemote, *, moved: bool, now: float) -> None:
        """What a peer that takes over speaks; where it is, its checks have told."""
        self._lead()

    def send_rtcp(self, data: bytes) -> None:
        if self._owner is not None:
            with suppress(OSError):
                self._web.send_rtcp(self._owner, data)

    def close(self) -> None:
        self._leg.sender.lead_to(None)
        for peer, _ in self._peers.values():
            self._legs.pop(peer, None)
            self._web.close_peer(peer)
        self._peers.clear()
        self._owner = None

    # --- peers ---------------------------------------------------------------------------------

    def add(self, command: OpenPeer, peer: Peer) -> None:
        """Expect this one."""
        if command.peer in self._peers:
            self.drop(command.peer)
        self._legs[peer] = self
        self._peers[command.peer] = (
            peer,
            SetRemote(
                leg=command.leg,
                host="",
                port=0,
                codec=command.codec,
                payload_type=command.payload_type,
                dtmf_payload_type=command.dtmf_payload_type,
                dtmf_received_as=command.dtmf_received_as,
                ptime_ms=command.ptime_ms,
            ),
        )

    def peer(self, number: int) -> Peer | None:
        peer, _ = self._peers.get(number, (None, None))
        return peer

    def drop(self, number: int) -> None:
        """Another one has taken its place."""
        peer, _ = self._peers.pop(number)
        self._legs.pop(peer, None)
        if peer is self._owner:
            self._owner = None
            self._lead()
        self._web.close_peer(peer)
        self._tell(number, "gone", REPLACED)

    def path_changed(self, peer: Peer) -> None:
        if peer is self._owner:
            self._lead()
            self._leg.rewire()

    def peer_changed(self, peer: Peer, state: PeerState, reason: str, now: float) -> None:
        number = next((number for number, one in self._peers.items() if one[0] is peer), None)
        if number is None:
            return
        match state:
            case PeerState.CONNECTED:
                # Whoever is older than the owner was dropped when that took over.
                if peer is not self._owner:
                    self._take_over(number, now)
                self._tell(number, "connected", reason)
            case PeerState.INTERRUPTED:
                self._tell(number, "interrupted", reason)
            case PeerState.GONE:
                del self._peers[number]
                self._legs.pop(peer, None)
                if peer is self._owner:
                    self._owner = None
                    self._lead()
                    self._leg.rewire()
                self._tell(number, "gone", reason)

    def _take_over(self, number: int, now: float) -> None:
        leg = self._leg
        leg.sender.lead_to(None)
        leg.rewire(anew=True)  # what was sent to the old one ends here, with its numbers
        for older in [one for one in self._peers if one < number]:
            self.drop(older)
        peer, remote = self._peers[number]
        leg.sender.renew(self._chance)
        leg.rtcp.renew(now)
        leg.incoming.expect_another()
        self._owner = peer
        incoming, take = leg.incoming, self._loop.take
        peer.on_rtp = lambda packet, at: take(incoming, packet, at)
        self._web.carry(peer, incoming)
        peer.on_rtcp = self._receive_rtcp
        leg.set_remote(remote, now)

    def _receive_rtcp(self, packet: bytes, now: float) -> None:
        self._leg.rtcp.receive(packet, now)

    def _lead(self) -> None:
        """Send to where the owner is, if that is known."""
        sender, web, owner = self._leg.sender, self._web, self._owner
        if owner is None:
            sender.lead_to(None)
        else:
            sender.lead_to(web.sender(owner), way=web.way(owner))

    def _tell(self, number: int, state: State, reason: str) -> None:
        self._report(PeerChanged(leg=self._leg.name, peer=number, state=state, reason=reason))
