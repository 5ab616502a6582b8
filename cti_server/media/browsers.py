"""All browsers of a worker: their one port, and whose leg each peer connection is."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from .leg import Leg
from .packets import PacketLoop
from .ports import PortRange
from .protocol import OpenPeer, RestartIce
from .web.dtls import Fingerprint, Identity
from .web.peer import PathSelected, Peer, PeerStateChanged
from .web.peers import Peers
from .web.port import WebPort
from .web_leg import WebLeg
from .worker_reports import PeerChanged, PeerOpened, Report


class Browsers:
    """The port is bound, and the certificate made, when the first browser's leg is opened."""

    def __init__(
        self,
        loop: PacketLoop,
        ports: PortRange,
        report: Callable[[Report], None],
        chance: random.Random,
    ) -> None:
        self._loop = loop
        self._ports = ports
        self._report = report
        self._chance = chance
        self._web: WebPort | None = None
        self._legs: dict[Peer, WebLeg] = {}

    def transport(self, leg: Leg) -> WebLeg:
        """The way to one more browser; raises NoPortFree."""
        if self._web is None:
            self._web = self._ports.borrow(self._bind)
        return WebLeg(leg, self._web, self._loop, self._report, self._chance, self._legs)

    def _bind(self, port: int) -> WebPort:
        peers = Peers(Identity(datetime.now(UTC)), self._chance)
        host = self._ports.host
        web = WebPort(self._loop, peers, self._changed, time.monotonic, host=host, port=port)
        self._loop.before_waiting(web.flush)
        return web

    def open_peer(self, leg: Leg, command: OpenPeer) -> None:
        way, fingerprint = leg.transport, Fingerprint.parse(command.fingerprint)
        if self._web is None or not isinstance(way, WebLeg):
            self._refuse(command, "the leg is no browser's")
        elif fingerprint is None:
            self._refuse(command, "the fingerprint is none")
        else:
            peer = self._web.open(fingerprint)
            way.add(command, peer)
            self._opened(self._web, command, peer)

    def restart(self, leg: Leg, command: RestartIce) -> None:
        way = leg.transport
        peer = way.peer(command.peer) if isinstance(way, WebLeg) else None
        if self._web is None or peer is None:
            self._refuse(command, "there is no such peer")
        else:
            self._web.peers.restart(peer)
            self._opened(self._web, command, peer)

    def tick(self, now: float) -> None:
        if self._web is not None:
            self._web.handle_timer(now)

    def close(self) -> None:
        if self._web is not None:
            self._web.close()

    def _opened(self, web: WebPort, command: OpenPeer | RestartIce, peer: Peer) -> None:
        credentials = peer.credentials[-1]
        self._report(
            PeerOpened(
                leg=command.leg,
                peer=command.peer,
                ufrag=credentials.ufrag,
                pwd=credentials.pwd,
                fingerprint=str(web.peers.identity.fingerprint),
                host=self._ports.host,
                udp_port=web.port,
                tcp_port=web.tcp_port,
            )
        )

    def _refuse(self, command: OpenPeer | RestartIce, reason: str) -> None:
        self._report(PeerChanged(leg=command.leg, peer=command.peer, state="gone", reason=reason))

    def _changed(self, change: PathSelected | PeerStateChanged) -> None:
        peer = change.peer
        if (way := self._legs.get(peer)) is None:
            return
        if isinstance(change, PathSelected):
            way.path_changed(peer)
        else:
            way.peer_changed(peer, change.state, change.reason, time.monotonic())
