"""All peer connections behind one UDP port, and who among them a datagram is from. No IO."""

import random
from typing import Final

from . import stun
from .dtls import Fingerprint, Identity
from .peer import Address, Credentials, Effect, Path, Peer, PeerState, PeerStateChanged

MOST_PATHS: Final = 8  # of one peer; the one that was silent longest gives way


class Peers:
    """
    Finds the peer: by the name in its checks first, by its address from then on.

    Whoever drives it gives all that is not media to :meth:`receive`, and looks the path of a media
    packet up in ``paths`` by itself: ``paths[address].unprotect(packet, now)``.
    """

    def __init__(self, identity: Identity, chance: random.Random) -> None:
        self.identity = identity
        self.paths: dict[Address, Path] = {}
        self.dropped = 0  # datagrams of strangers, and what nobody understands
        self._chance = chance
        self._by_ufrag: dict[str, Peer] = {}
        self._peers: dict[Peer, None] = {}

    def __len__(self) -> int:
        return len(self._peers)

    @property
    def deadline(self) -> float | None:
        """When to call :meth:`handle_timer` at the latest."""
        return min((peer.deadline for peer in self._peers), default=None)

    def open(self, fingerprint: Fingerprint, now: float) -> Peer:
        """Expect a browser with that certificate; ``peer.credentials[-1]`` let it in."""
        credentials = self._new_credentials()
        peer = Peer(self.identity, fingerprint, credentials, now)
        self._peers[peer] = None
        self._by_ufrag[credentials.ufrag] = peer
        return peer

    def restart(self, peer: Peer) -> Credentials:
        """New credentials for a peer, beside those that it uses (an ICE restart)."""
        credentials = self._new_credentials()
        for dropped in peer.restart(credentials):
            self._by_ufrag.pop(dropped.ufrag, None)
        self._by_ufrag[credentials.ufrag] = peer
        return credentials

    def close(self, peer: Peer) -> list[Effect]:
        """Say goodbye to a peer and forget it."""
        effects = peer.close()
        self._forget(peer)
        return effects

    def receive(self, datagram: bytes, address: Address, now: float) -> list[Effect]:
        """Take in a datagram that is no media (RFC 7983 §7: its first octet is below 128)."""
        if stun.is_stun(datagram):
            return self._check(datagram, address, now)
        if (path := self.paths.get(address)) is None or not 20 <= (datagram or b"\0")[0] < 64:
            self.dropped += 1
            return []
        return self._done(path.peer.receive_dtls(datagram, path, now))

    def handle_timer(self, now: float) -> list[Effect]:
        """Do what is due for each of them; cheap enough for every tick."""
        effects: list[Effect] = []
        for peer in [peer for peer in self._peers if peer.deadline <= now]:
            effects += self._done(peer.handle_timer(now))
        return effects

    def disconnect(self, address: Address) -> None:
        """An ICE-TCP connection has ended."""
        if (path := self.paths.pop(address, None)) is not None:
            path.peer.lose(path)

    def _check(self, datagram: bytes, address: Address, now: float) -> list[Effect]:
        message = stun.parse(datagram)
        ufrag = (message.username or "").partition(":")[0] if message is not None else ""
        peer = self._by_ufrag.get(ufrag)
        # Who has not the password is told nothing: a made-up source is not to be sent our answers.
        if message is None or peer is None or not peer.knows(message, ufrag):
            self.dropped += 1
            return []
        before = peer.credentials[:]
        effects = peer.check(message, ufrag, self._path(peer, address, now), now)
        for old in before:
            if old not in peer.credentials:
                self._by_ufrag.pop(old.ufrag, None)
        return self._done(effects)

    def _path(self, peer: Peer, address: Address, now: float) -> Path:
        """The path of an authentic check. An address belongs to whoever has proved it last."""
        path = self.paths.get(address)
        if path is not None and path.peer is peer:
            return path
        if path is not None:
            path.peer.lose(path)
        path = self.paths[address] = Path(peer, address, now)
        others = [one for one in self.paths.values() if one.peer is peer and one is not path]
        if len(others) >= MOST_PATHS:
            spare = min(
                (one for one in others if one is not peer.path), key=lambda one: one.heard_at
            )
            del self.paths[spare.address]
            peer.lose(spare)
        return path

    def _done(self, effects: list[Effect]) -> list[Effect]:
        for effect in effects:
            if isinstance(effect, PeerStateChanged) and effect.state is PeerState.GONE:
                self._forget(effect.peer)
        return effects

    def _forget(self, peer: Peer) -> None:
        self._peers.pop(peer, None)
        for credentials in peer.credentials:
            self._by_ufrag.pop(credentials.ufrag, None)
        for path in [path for path in self.paths.values() if path.peer is peer]:
            del self.paths[path.address]

    def _new_credentials(self) -> Credentials:
        while (credentials := Credentials.generate(self._chance)).ufrag in self._by_ufrag:
            pass
        return credentials
