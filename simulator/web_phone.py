"""
A WebRTC phone without a browser: offers, connects by UDP or TCP, speaks, hears, sends keys.

What it leaves out is what the server never asks for: gathering, trickling, video, header
extensions, codecs other than G.711.
"""

import asyncio
import random
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Final, Literal

from cti_server.media.rtp import TICK
from cti_server.media.web.dtls import Fingerprint, Identity
from cti_server.media.web.ice_tcp import Framing, FramingBroken
from cti_server.media.web.peer import Credentials
from cti_server.sip.sdp import Sdp

from .audio import Sound
from .changes import Changes
from .heard import Heard, RtpFigures
from .web_media import WebMedia
from .web_peer import ClientState, RemotePeer, WebPeer

DTMF_PAYLOAD_TYPE: Final = 126  # as Chromium has it
WITHIN: Final = 5.0  # seconds that is waited for something before it says that it did not come
_HOPELESS: Final = 0.2  # so many seconds behind, ticks are left out and not made up for
_SECOND: Final = 50  # ticks
_LOOK: Final = 5  # ticks after which whoever waits looks again
_DATAGRAM = 2048

Transport = Literal["udp", "tcp"]


class AnswerUnusable(Exception):
    """The other side's answer has not what is needed to connect."""


@cache
def shared_identity() -> Identity:
    """One certificate for all phones of the process that have none of their own."""
    return Identity(datetime.now(UTC))


class WebPhone:
    """
    One peer connection, on the running event loop.

    ``offer`` → the test's signalling → :meth:`connect`. After :meth:`restart_offer` the new answer
    goes to :meth:`restarted`. What waits raises TimeoutError.
    """

    def __init__(
        self,
        *,
        identity: Identity | None = None,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        first_sequence: int | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._changes = Changes()
        self._codecs = codecs
        chance = random.SystemRandom()
        self._session_id = chance.getrandbits(62)
        self._version = 1
        self._peer = WebPeer(identity or shared_identity(), chance)
        self.media = WebMedia(self._loop.time, self._send_rtp)
        if first_sequence is not None:
            self.media.begin_at(first_sequence)
        self.cut = False
        """Whether the network is down: nothing leaves, and what comes is not seen."""
        self.late_ticks = 0
        self.connected_at: float | None = None
        self._socket: socket.socket | None = None
        self._framing: Framing | None = None
        self._remote_address = ("", 0)
        self._ticks = 0
        self._timer: asyncio.Handle | None = None

    # --- descriptions --------------------------------------------------------------------------

    def offer(self) -> str:
        """What a browser would offer."""
        numbers = {"PCMU": 0, "PCMA": 8}
        formats = " ".join(str(numbers[codec]) for codec in self._codecs)
        credentials, fingerprint = self._peer.credentials, self._peer.fingerprint
        lines = [
            "v=0",
            f"o=- {self._session_id} {self._version} IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            f"m=audio 9 UDP/TLS/RTP/SAVPF {formats} {DTMF_PAYLOAD_TYPE}",
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{credentials.ufrag}",
            f"a=ice-pwd:{credentials.pwd}",
            f"a=fingerprint:{fingerprint}",
            "a=setup:actpass",
            "a=mid:0",
            "a=sendrecv",
            "a=rtcp-mux",
            *(f"a=rtpmap:{numbers[codec]} {codec}/8000" for codec in self._codecs),
            f"a=rtpmap:{DTMF_PAYLOAD_TYPE} telephone-event/8000",
        ]
        return "".join(f"{line}\r\n" for line in lines)

    def restart_offer(self) -> str:
        """An offer with new ICE credentials for the connection that is there."""
        self._peer.renew()
        self._version += 1
        return self.offer()

    async def connect(
        self, answer: str, *, over: Transport = "udp", within: float = WITHIN
    ) -> None:
        """Take the answer, and return once audio can flow."""
        self.begin(answer, over=over)
        await self.until(lambda: self._peer.state is ClientState.CONNECTED, within)

    def begin(self, answer: str, *, over: Transport = "udp") -> None:
        """Take the answer; raises AnswerUnusable or OSError."""
        remote = self._read(answer, over)
        kind = socket.SOCK_DGRAM if over == "udp" else socket.SOCK_STREAM
        family = socket.AF_INET6 if ":" in self._remote_address[0] else socket.AF_INET
        self._socket = socket.socket(family, kind)
        if over == "tcp":
            self._framing = Framing()
            self._socket.settimeout(WITHIN)
            # As browsers do. A last word that waited here for earlier ones to be acknowledged would
            # be thrown away by the reset that closing brings, with anything unread.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect(self._remote_address)
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._readable)
        self._transmit(self._peer.connect(remote, self._loop.time()))
        self._timer = self._loop.call_soon(self._tick, self._loop.time())

    def restarted(self, answer: str) -> None:
        """Take the answer to :meth:`restart_offer`."""
        over: Transport = "udp" if self._framing is None else "tcp"
        self._transmit(self._peer.connect(self._read(answer, over), self._loop.time()))

    def _read(self, answer: str, over: Transport) -> RemotePeer:
        media = Sdp.parse(answer.encode()).media[0]
        fingerprint = Fingerprint.parse(media.attribute("fingerprint") or "")
        ufrag, pwd = media.attribute("ice-ufrag"), media.attribute("ice-pwd")
        candidates = [
            (value or "").split() for name, value in media.attributes if name == "candidate"
        ]
        address = next(
            (
                (words[4], int(words[5]))
                for words in candidates
                if len(words) > 5 and words[2].lower() == over
            ),
            None,
        )
        if fingerprint is None or not ufrag or not pwd or address is None or not media.formats:
            raise AnswerUnusable(f"no {over} candidate, credentials or fingerprint")
        self._remote_address = address
        events = [n for n, name in media.rtpmaps().items() if name.startswith("telephone-event")]
        number = int(media.formats[0])
        self.media.agree(
            "PCMA" if number == 8 else "PCMU", number, int(events[0]) if events else None
        )
        return RemotePeer(Credentials(ufrag, pwd), fingerprint)

    # --- what it does and hears ----------------------------------------------------------------

    @property
    def state(self) -> ClientState:
        return self._peer.state

    @property
    def mapped(self) -> tuple[str, int] | None:
        """Where the server sees us."""
        return self._peer.mapped

    @property
    def heard(self) -> Heard:
        return self.media.heard

    @property
    def figures(self) -> RtpFigures:
        return self.media.figures

    def say(self, sound: Sound | None) -> None:
        """From now on send this sound; None is silence."""
        self.media.say(sound)

    def press(self, digits: str, *, duration_ms: int = 100, gap_ms: int = 70) -> None:
        """Send keys, as ``insertDTMF`` does."""
        self.media.press(digits, duration_ms, gap_ms)

    def raw(self, datagram: bytes) -> None:
        """Send anything at all from this phone's address."""
        self._transmit([datagram])

    async def until(self, true: Callable[[], bool], within: float = WITHIN) -> None:
        """Wait until this is true."""
        async with asyncio.timeout(within):
            await self._changes.until(true)

    async def hears(self, hz: float, within: float = WITHIN, *, tolerance: float = 12.0) -> None:
        """Wait for a tone of that pitch, over the last fifth of a second."""

        def heard() -> bool:
            found = self.heard.frequency(0.2)
            return found is not None and abs(found - hz) < tolerance

        await self.until(heard, within)

    def close(self) -> None:
        """As a page that is left: with a goodbye."""
        self._transmit(self._peer.close())
        self.vanish()

    def vanish(self) -> None:
        """As a browser that crashes: without a word."""
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    # --- packets -------------------------------------------------------------------------------

    def _tick(self, due: float) -> None:
        now = self._loop.time()
        if now - due > TICK / 4:
            self.late_ticks += 1
        self._transmit(self._peer.handle_timer(now))
        if (srtp := self._peer.srtp) is not None and self.state is not ClientState.FAILED:
            self.media.tick(now)
            if (report := self.media.report(now)) is not None:
                self._transmit_protected(srtp.protect_rtcp(report))
        self._ticks += 1
        if self._ticks % _LOOK == 0:
            self._changes.happened()
        if self._ticks % _SECOND == 0:
            self.heard.look_at_the_clock()
        following = due + TICK if now - due < _HOPELESS else now + TICK
        self._timer = self._loop.call_at(following, self._tick, following)

    def _send_rtp(self, packet: bytes) -> int:
        srtp = self._peer.srtp
        return self._transmit_protected(srtp.protect(packet)) if srtp is not None else 0

    def _transmit_protected(self, packet: bytes | None) -> int:
        if packet is None:
            return 0
        self._transmit([packet])
        return len(packet)

    def _transmit(self, datagrams: list[bytes]) -> None:
        if self.cut or self._socket is None:
            return
        for datagram in datagrams:
            try:
                if self._framing is None:
                    self._socket.send(datagram)
                else:
                    self._framing.send(datagram)
                    self._framing.sent(self._socket.send(self._framing.unsent))
            except OSError:
                continue  # nobody is there, or its buffer is full: the next packet may get through

    def _readable(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue  # an ICMP error of an earlier packet
            if self._framing is None:
                self._take(data)
            elif not self._unpack(self._framing, data):
                self._loop.remove_reader(self._socket)
                break
        self._changes.happened()

    def _unpack(self, framing: Framing, data: bytes) -> bool:
        """Whether the TCP connection is still of use."""
        try:
            for packet in framing.receive(data):
                self._take(packet)
        except FramingBroken:
            return False
        return bool(data)

    def _take(self, datagram: bytes) -> None:
        if self.cut or len(datagram) < 2:
            return
        now = self._loop.time()
        if not 128 <= datagram[0] < 192:
            self._transmit(self._peer.receive(datagram, now))
            if self.connected_at is None and self._peer.state is ClientState.CONNECTED:
                self.connected_at = now
        elif (srtp := self._peer.srtp) is None:
            pass
        elif 192 <= datagram[1] <= 223:
            if (report := srtp.unprotect_rtcp(datagram)) is not None:
                self.media.receive_report(report, now)
        elif (packet := srtp.unprotect(datagram)) is not None:
            self.media.receive(packet, self._remote_address)
