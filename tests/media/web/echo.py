"""A port on real sockets and the test's event loop, which sends everybody back what they say."""

import asyncio
import random
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cti_server.media.web.description import (
    OUR_CODECS,
    Endpoint,
    WebCodec,
    build_answer,
    read_offer,
)
from cti_server.media.web.dtls import Fingerprint, Identity
from cti_server.media.web.ice_tcp import PROVEN_WITHIN
from cti_server.media.web.peer import PathSelected, Peer, PeerStateChanged
from cti_server.media.web.peers import Peers
from cti_server.media.web.port import WebPort
from simulator.changes import Changes

HOST = "127.0.0.1"
TICK = 0.02
_NUMBERS = struct.Struct("!BBHII")


class LoopWatcher:
    """asyncio's selector, as :class:`WebPort` wants it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready: dict[int, Callable[[], None]] = {}
        self.calls = 0

    def watch(self, fd: int, ready: Callable[[], None]) -> None:
        def counted() -> None:
            self.calls += 1
            ready()

        self._ready[fd] = counted
        self._loop.add_reader(fd, counted)

    def watch_writable(self, fd: int, wanted: bool) -> None:
        if wanted:
            self._loop.add_writer(fd, self._ready[fd])
        else:
            self._loop.remove_writer(fd)

    def forget(self, fd: int) -> None:
        self._loop.remove_reader(fd)
        self._loop.remove_writer(fd)
        del self._ready[fd]


class EchoPort:
    """Answers offers, and sends every packet back under an SSRC and numbers of its own."""

    def __init__(self, host: str = HOST, *, proven_within: float = PROVEN_WITHIN) -> None:
        self._loop = asyncio.get_running_loop()
        self.host = host
        self.identity = Identity(datetime.now(UTC))
        self.changes = Changes()
        self.states: list[tuple[str, str]] = []
        self.events: list[bytes] = []  # payloads that are no audio
        self.reports: list[bytes] = []
        self.heard = 0
        self._first = random.randrange(0x8000)
        self._numbers: dict[Peer, int] = {}
        self.watcher = LoopWatcher()
        peers = Peers(self.identity, random.SystemRandom())
        self.port = WebPort(
            self.watcher,
            peers,
            self._changed,
            time.monotonic,
            host=host,
            proven_within=proven_within,
        )
        self._timer = self._loop.call_later(TICK, self._tick)

    def answer(self, text: str, codecs: tuple[WebCodec, ...] = OUR_CODECS) -> tuple[Peer, str]:
        offer = read_offer(text, codecs)
        fingerprint = Fingerprint.parse(offer.fingerprint)
        assert fingerprint is not None
        peer = self.port.open(fingerprint)
        peer.on_rtp = lambda packet, now: self._echo(peer, packet)
        peer.on_rtcp = lambda packet, now: self.reports.append(packet)
        return peer, build_answer(offer, self.endpoint(peer), 1, 1)

    def answer_restart(self, peer: Peer, text: str) -> str:
        self.port.peers.restart(peer)
        return build_answer(read_offer(text), self.endpoint(peer), 1, 2)

    def endpoint(self, peer: Peer) -> Endpoint:
        newest = peer.credentials[-1]
        fingerprint = str(self.identity.fingerprint)
        return Endpoint(
            newest.ufrag, newest.pwd, fingerprint, self.host, self.port.port, self.port.tcp_port
        )

    async def until(self, true: Callable[[], bool], within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            await self.changes.until(true)

    def close(self) -> None:
        self._timer.cancel()
        self.port.close()

    def _echo(self, peer: Peer, packet: bytes) -> None:
        self.heard += 1
        head, kind, _, timestamp, _ = _NUMBERS.unpack_from(packet)
        if len(packet) == 16:
            self.events.append(packet[12:])
        if (send := self.port.sender(peer)) is not None:
            number = self._numbers[peer] = self._numbers.get(peer, self._first) + 1
            send(_NUMBERS.pack(head, kind, number & 0xFFFF, timestamp, 0x5EC0) + packet[12:])
        self.changes.happened()

    def _changed(self, change: PathSelected | PeerStateChanged) -> None:
        if isinstance(change, PeerStateChanged):
            self.states.append((change.state.value, change.reason))
        self.changes.happened()

    def _tick(self) -> None:
        self.port.handle_timer(time.monotonic())
        self._timer = self._loop.call_later(TICK, self._tick)
