"""A telephone's RTP end for tests: a socket that sends and hears packets, on loopback."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from cti_server.media.plane import MediaLeg
from cti_server.media.protocol import Codec, Direction

HOST = "127.0.0.1"
_HEADER = struct.Struct("!BBHII")


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


class Phone(asyncio.DatagramProtocol):
    """Sends what a test wants and remembers what it hears."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.sequence = 65_500  # wraps soon
        self.timestamp = 0xFFFF_F000
        self.ssrc = 0xABCD
        self.payload_type = 0
        self._changed = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None
        self._target: tuple[str, int] = (HOST, 9)

    @classmethod
    async def open(cls, leg: MediaLeg) -> "Phone":
        _, phone = await asyncio.get_running_loop().create_datagram_endpoint(
            cls, local_addr=(HOST, 0), family=socket.AF_INET
        )
        phone._target = (leg.host, leg.port)
        return phone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        _, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        now = asyncio.get_running_loop().time()
        self.heard.append(
            Heard(now, second >= 0x80, second & 0x7F, sequence, timestamp, ssrc, data[12:])
        )
        self._changed.set()

    def error_received(self, exc: Exception) -> None:
        """The leg is closed already."""

    @property
    def port(self) -> int:
        assert self._transport is not None
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def call(
        self,
        leg: MediaLeg,
        *,
        codec: Codec = "PCMU",
        dtmf: int | None = 101,
        direction: Direction = "sendrecv",
        host: str = HOST,
        port: int | None = None,
    ) -> None:
        """Tell the leg where this phone is and what it speaks."""
        self.payload_type = 8 if codec == "PCMA" else 0
        leg.set_remote(
            host=host,
            port=self.port if port is None else port,
            codec=codec,
            payload_type=self.payload_type,
            dtmf_payload_type=dtmf,
            direction=direction,
        )

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, self._target)

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

    async def until(self, enough: Callable[["Phone"], bool], within: float = 5.0) -> None:
        """Wait for packets until this is true."""
        async with asyncio.timeout(within):
            while not enough(self):
                self._changed.clear()
                await self._changed.wait()

    async def hears(self, packets: int, within: float = 5.0) -> None:
        await self.until(lambda phone: len(phone.heard) >= packets, within)
