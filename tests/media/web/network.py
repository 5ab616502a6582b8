"""A network on a virtual clock: browsers and the server's port, delays, losses as data."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cti_server.media.web.dtls import Fingerprint, Identity
from cti_server.media.web.peer import (
    Address,
    Credentials,
    Effect,
    PathSelected,
    Peer,
    PeerStateChanged,
    Send,
)
from cti_server.media.web.peers import Peers
from simulator.web_peer import ClientState, RemotePeer, WebPeer

DELAY = 0.01  # seconds each way
AT = datetime(2026, 1, 1, tzinfo=UTC)
SERVER_IDENTITY = Identity(AT)
BROWSER_IDENTITY = Identity(AT)
HOME = ("198.51.100.7", 50_000)


@dataclass(frozen=True, slots=True)
class Datagram:
    """One on its way; ``number`` counts those of its direction from 0."""

    number: int
    up: bool
    data: bytes
    at: float

    @property
    def is_dtls(self) -> bool:
        return 20 <= self.data[0] < 64


def nothing_lost(datagram: Datagram) -> bool:
    return False


class Network:
    """One browser, at an address that may change, and the port it talks to."""

    def __init__(
        self,
        lost: Callable[[Datagram], bool] = nothing_lost,
        *,
        fingerprint: Fingerprint = BROWSER_IDENTITY.fingerprint,
        identity: Identity = BROWSER_IDENTITY,
        seed: int = 1,
    ) -> None:
        self.lost = lost
        self.now = 0.0
        self.address: Address = HOME
        self.peers = Peers(SERVER_IDENTITY, random.Random(seed))
        self.peer = self.peers.open(fingerprint, self.now)
        self.browser = WebPeer(identity, random.Random(seed + 1))
        self.changes: list[tuple[float, str, str]] = []
        self.paths: list[Address | None] = []
        self.sent: list[Datagram] = []
        self._order = itertools.count()
        self._counts = {True: 0, False: 0}
        self._queue: list[tuple[float, int, bool, bytes, Address]] = []

    @property
    def states(self) -> list[str]:
        return [state for _, state, _ in self.changes]

    def remote(self, credentials: Credentials | None = None) -> RemotePeer:
        used = credentials or self.peer.credentials[-1]
        return RemotePeer(used, SERVER_IDENTITY.fingerprint)

    def begin(self, remote: RemotePeer | None = None) -> None:
        self.up(self.browser.connect(remote or self.remote(), self.now))

    def connect(self, within: float = 30.0) -> float:
        """Until both sides are connected; returns when that was."""
        self.begin()
        until = self.now + within
        while self.now < until and not self.connected:
            self.step(until)
        assert self.connected
        return self.now

    @property
    def connected(self) -> bool:
        both = self.browser.state is ClientState.CONNECTED
        return both and self.states[-1:] == ["connected"]

    def up(self, datagrams: list[bytes]) -> None:
        for data in datagrams:
            self._put(data, self.address, up=True)

    def carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(data, address):
                    self._put(data, address, up=False)
                case PathSelected(peer):
                    self.paths.append(peer.path.address if peer.path else None)
                case PeerStateChanged(_, state, reason):
                    self.changes.append((round(self.now, 3), state.value, reason))

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.step(until)

    def step(self, until: float) -> None:
        """To the next thing that happens, at most until then."""
        times = [self.browser.deadline, self.peers.deadline]
        times += [self._queue[0][0]] if self._queue else []
        self.now = max(self.now, min([until, *(time for time in times if time is not None)]))
        while self._queue and self._queue[0][0] <= self.now:
            _, _, up, data, address = heapq.heappop(self._queue)
            if up:
                self.carry_out(self.peers.receive(data, address, self.now))
            elif address == self.address:
                self.up(self.browser.receive(data, self.now))
        self.up(self.browser.handle_timer(self.now))
        self.carry_out(self.peers.handle_timer(self.now))

    def _put(self, data: bytes, address: Address, *, up: bool) -> None:
        datagram = Datagram(self._counts[up], up, data, self.now)
        self._counts[up] += 1
        self.sent.append(datagram)
        if not self.lost(datagram):
            entry = (self.now + DELAY, next(self._order), up, data, address)
            heapq.heappush(self._queue, entry)


def restarted(network: Network) -> tuple[Peer, RemotePeer]:
    """The server's half of an ICE restart."""
    return network.peer, network.remote(network.peers.restart(network.peer))
