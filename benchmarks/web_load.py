"""
The load of :mod:`.rtp_load` with a browser on one side of each call: DTLS-SRTP, ICE, one port.

Prints the fingerprint of its certificate, then reads one JSON object: ``{"host", "calls":
[{"local", "remote", "ufrag", "pwd", "fingerprint", "port"}, …], "seconds", "warm_up"}``. Connects
every browser, prints "ready", waits for a line, runs, prints one JSON object as rtp_load does.
"""

import contextlib
import json
import random
import secrets
import select
import socket
import struct
import sys
import time
from datetime import UTC, datetime
from typing import Any

from benchmarks.rtp_load import FILL, HEADER, STAMP, Stream, run
from cti_server.media.web.dtls import Fingerprint, Identity
from cti_server.media.web.peer import Credentials
from simulator.web_peer import ClientState, RemotePeer, WebPeer

CONNECT_WITHIN = 5.0  # seconds


class BrowserStream(Stream):
    """A stream through a peer connection of its own."""

    def __init__(self, host: str, call: dict[str, Any], number: int, identity: Identity) -> None:
        super().__init__(host, 0, call["port"], number)
        fingerprint = Fingerprint.parse(call["fingerprint"])
        if fingerprint is None:
            raise ValueError("the worker has no fingerprint")
        self._peer = WebPeer(identity, random.SystemRandom())
        self._remote = RemotePeer(Credentials(call["ufrag"], call["pwd"]), fingerprint)
        self._first = secrets.randbelow(0x4000)  # SRTP counts from it

    def connect(self) -> None:
        """ICE and DTLS; raises TimeoutError."""
        until = time.monotonic() + CONNECT_WITHIN
        self._transmit(self._peer.connect(self._remote, time.monotonic()))
        while self._peer.state is not ClientState.CONNECTED:
            now = time.monotonic()
            if now >= until:
                raise TimeoutError(f"a browser is still {self._peer.state.value}")
            if select.select([self.socket], [], [], 0.02)[0]:
                self._transmit(self._peer.receive(self.socket.recv(2048), time.monotonic()))
            self._transmit(self._peer.handle_timer(time.monotonic()))
        if self._peer.srtp is None:
            raise RuntimeError("connected without keys")
        self._protect, self._unprotect = self._peer.srtp.protect, self._peer.srtp.unprotect

    def send(self, now: int) -> None:
        count = self.sent
        header = HEADER.pack(
            0x80, 0, (self._first + count) & 0xFFFF, count * 160 & 0xFFFFFFFF, 0x10000 + self.number
        )
        packet = self._protect(header + STAMP.pack(now, count) + FILL)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self.socket.send(packet or b"")
        self.sent = count + 1

    def receive(self, delays: list[float] | None) -> None:
        try:
            data, ancillary, _, _ = self.socket.recvmsg(2048, 64 if self.sampled else 0)
        except (BlockingIOError, ConnectionRefusedError):
            return
        if data[0] >> 6 != 2 or 192 <= data[1] <= 223 or (plain := self._unprotect(data)) is None:
            return
        sent, count = STAMP.unpack_from(plain, 12)
        self.heard.add(count)
        if delays is not None and ancillary:
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
            delays.append((seconds * 1_000_000_000 + nanoseconds - sent) / 1e6)

    def _transmit(self, datagrams: list[bytes]) -> None:
        for datagram in datagrams:
            with contextlib.suppress(socket.error):
                self.socket.send(datagram)


def main() -> None:
    identity = Identity(datetime.now(UTC))
    print(identity.fingerprint, flush=True)
    wish = json.loads(sys.stdin.readline())
    streams: list[Stream] = []
    for number, call in enumerate(wish["calls"]):
        streams.append(Stream(wish["host"], call["local"], call["remote"], 2 * number))
        browser = BrowserStream(wish["host"], call, 2 * number + 1, identity)
        browser.connect()
        streams.append(browser)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(run(streams, wish["seconds"], wish["warm_up"])), flush=True)


if __name__ == "__main__":
    main()
