"""A telephone's RTP end for tests: a socket that sends and hears packets, on loopback."""

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from cti_server.media.plane import MediaLeg
from cti_server.media.protocol import Direction, LegCodec

HOST = "127.0.0.1"
_HEADER = struct.Struct("!BBHII")
_PAYLOAD_TYPES: dict[LegCodec, int] = {"PCMU": 0, "PCMA": 8, "G722": 9, "OPUS": 111}


@dataclass(frozen=True, slots=True)
class Heard:
    """One packet that came to a phone; ``at`` in seconds of the loop's clock."""

    at: float
    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def packet(
    payload: bytes,
    sequence: int,
    timestamp: int,
    *,
    payload_type: int = 0,
    ssrc: int = 0xABCD,
    marker: bool = False,
) -> bytes:
    second = payload_type | (0x80 if marker else 0)
    return _HEADER.pack(0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """A port for RTP and the next one for RTCP."""
    while True:
        rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        rtp.setblocking(False)
        rtcp.setblocking(False)
        rtp.bind((host, 0))
        try:
            rtcp.bind((host, rtp.getsockname()[1] + 1))
        except OSError:
            rtp.close()
            rtcp.close()
        else:
            return rtp, rtcp


class Phone:
    """Sends what a test wants and remembers what it hears."""

    def __init__(self, leg: MediaLeg, host: str = HOST) -> None:
        self.heard: list[Heard] = []
        self.sequence = 65_500  # wraps soon
        self.timestamp = 0xFFFF_F000
        self.ssrc = 0xABCD
        self.payload_type = 0
        self._target = (leg.host, leg.port)
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.reports: list[bytes] = []  # RTCP
        self._talks: list[Talk] = []
        self._socket, self._rtcp_socket = _pair(host)
        self._loop.add_reader(self._socket, self._hear)
        self._loop.add_reader(self._rtcp_socket, self._hear_report)

    def _hear(self) -> None:
        with suppress(OSError):  # an ICMP error: the leg is closed already
            data = self._socket.recv(65536)
            _, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
            self.heard.append(
                Heard(
                    self._loop.time(),
                    second >= 0x80,
                    second & 0x7F,
                    sequence,
                    timestamp,
                    ssrc,
                    data[12:],
                )
            )
            self._changed.set()

    def _hear_report(self) -> None:
        with suppress(OSError):
            self.reports.append(self._rtcp_socket.recv(65536))
            self._changed.set()

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def close(self) -> None:
        for talk in self._talks:
            talk.stop()
        for one in (self._socket, self._rtcp_socket):
            self._loop.remove_reader(one)
            one.close()

    def call(
        self,
        leg: MediaLeg,
        *,
        codec: LegCodec = "PCMU",
        dtmf: int | None = 101,
        dtmf_received_as: int | None = None,
        direction: Direction = "sendrecv",
        host: str = HOST,
        port: int | None = None,
        ptime_ms: int = 20,
        tones: bool = False,
        dtmf_clock_rate: int = 8000,
        comfort_noise: bool = False,
    ) -> None:
        """Tell the leg where this phone is and what it speaks."""
        self.payload_type = _PAYLOAD_TYPES[codec]
        leg.set_remote(
            host=host,
            port=self.port if port is None else port,
            codec=codec,
            payload_type=self.payload_type,
            dtmf_payload_type=dtmf,
            dtmf_received_as=dtmf_received_as,
            direction=direction,
            ptime_ms=ptime_ms,
            tones=tones,
            dtmf_clock_rate=dtmf_clock_rate,
            comfort_noise=comfort_noise,
        )

    def report(self, data: bytes) -> None:
        """Send RTCP to the leg's RTCP port."""
        host, port = self._target
        self._rtcp_socket.sendto(data, (host, port + 1))

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._target)

    def say(self, payload: bytes, *, marker: bool = False) -> None:
        """The next packet of audio."""
        self.send(
            packet(
                payload,
                self.sequence,
                self.timestamp,
                payload_type=self.payload_type,
                ssrc=self.ssrc,
                marker=marker,
            )
        )
        self.sequence += 1
        self.timestamp += len(payload)

    def talk(self, payloads: Sequence[bytes], ticks: int = 160, step: float = 0.02) -> "Talk":
        """Say these, ``step`` seconds and ``ticks`` of the clock apart, from now on."""
        talk = Talk(self, payloads, ticks, step)
        self._talks.append(talk)
        return talk

    def skip(self, packets: int = 1, samples: int = 160) -> None:
        """As if these packets were lost on the way."""
        self.sequence += packets
        self.timestamp += packets * samples

    def event(
        self, event: int, samples: int, *, end: bool = False, marker: bool = False, pt: int = 101
    ) -> None:
        """A telephone-event packet of a key that went down at the present timestamp."""
        payload = struct.pack("!BBH", event, 0x80 if end else 0, samples)
        self.send(
            packet(
                payload,
                self.sequence,
                self.timestamp,
                payload_type=pt,
                ssrc=self.ssrc,
                marker=marker,
            )
        )
        self.sequence += 1

    def press(self, event: int, samples: int = 800, *, ends: int = 3, pt: int = 101) -> None:
        """A key, with its updates and its end sent three times."""
        for step in range(160, samples, 160):
            self.event(event, step, marker=step == 160, pt=pt)
        for _ in range(ends):
            self.event(event, samples, end=True, pt=pt)
        self.timestamp += samples

    @property
    def audio(self) -> bytes:
        """All that was heard, in order of arrival, without events."""
        return b"".join(heard.payload for heard in self.heard if heard.payload_type in (0, 8))

    async def until(self, enough: Callable[["Phone"], bool], within: float = 20.0) -> None:
        """Wait for packets until this is true."""
        async with asyncio.timeout(within):
            while not enough(self):
                self._changed.clear()
                await self._changed.wait()

    async def hears(self, packets: int, within: float = 20.0) -> None:
        await self.until(lambda phone: len(phone.heard) >= packets, within)


class Talk:
    """A phone that speaks at the pace of speech; ``done`` when it has said it all."""

    def __init__(self, phone: Phone, payloads: Sequence[bytes], ticks: int, step: float) -> None:
        self._phone = phone
        self._payloads = iter(payloads)
        self._ticks, self._step = ticks, step
        self._loop = asyncio.get_running_loop()
        self.done = self._loop.create_future()
        self._at = self._loop.time()
        self._timer = self._loop.call_soon(self._say)

    def _say(self) -> None:
        phone = self._phone
        if (payload := next(self._payloads, None)) is None:
            self.done.set_result(None)
            return
        phone.send(
            packet(
                payload,
                phone.sequence,
                phone.timestamp,
                payload_type=phone.payload_type,
                ssrc=phone.ssrc,
            )
        )
        phone.sequence += 1
        phone.timestamp += self._ticks
        self._at += self._step
        self._timer = self._loop.call_at(self._at, self._say)

    def stop(self) -> None:
        self._timer.cancel()
        if not self.done.done():
            self.done.cancel()
