"""What another PBX sends to have a call recorded: noise on two streams, and who speaks in them."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recording.capture import AGENT, CALLER, HEADER_SIZE, INFO

WITHIN = 60.0  # seconds until something that must come counts as missing
PACKET = 160  # samples, and bytes: 20 ms of mu-law
SILENCE = b"\xff"


class Said(NamedTuple):
    """A packet, and which 20 ms of the stream it is."""

    tick: int
    sound: bytes


class Speaker:
    """
    Sends noise in mu-law from a port, 50 packets a second, and keeps what was sent.

    Where the machine stood still it says nothing, as its time stamps tell.
    """

    def __init__(self, seed: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._noise = np.random.default_rng(seed)
        self._ssrc = seed
        self._speaking: asyncio.Task[None] | None = None
        self.port: int = self._socket.getsockname()[1]
        self.said: list[Said] = []

    def speak(self, port: int) -> None:
        """Until :meth:`stop`."""
        self._speaking = asyncio.create_task(self._speak(port))

    async def stop(self) -> None:
        """For good."""
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.gather(self._speaking, return_exceptions=True)
        self._socket.close()

    async def _speak(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        tick = 0
        while True:
            # Never the code of silence: what is silent in a recording was not sent by us.
            sound = self._noise.integers(0, 0x7F, PACKET, dtype=np.uint8).tobytes()
            head = struct.pack(">BBHII", 0x80, 0, len(self.said), tick * PACKET, self._ssrc)
            self._socket.sendto(head + sound, ("127.0.0.1", port))
            self.said.append(Said(tick, sound))
            tick = max(tick + 1, int((loop.time() - began) * 50))
            await asyncio.sleep(began + 0.02 * tick - loop.time())


@asynccontextmanager
async def speakers() -> AsyncIterator[tuple[Speaker, Speaker]]:
    """Two; they are silent at the end."""
    both = Speaker(1), Speaker(2)
    try:
        yield both
    finally:
        for each in both:
            await each.stop()


def sides(wav: bytes) -> tuple[bytes, bytes]:
    """The codes of a stereo file: the customer's side and the agent's."""
    start = wav.index(b"data") + 8
    return wav[start::2], wav[start + 1 :: 2]


def heard_in(side: bytes, said: list[Said]) -> list[int]:
    """Which packets are there, each in its place; there is silence wherever else."""
    found = next((one, at) for one in said if (at := side.find(one.sound)) >= 0)
    origin = found[1] - found[0].tick * PACKET
    expected = bytearray(SILENCE * len(side))
    numbers = []
    for number, one in enumerate(said):
        at = origin + one.tick * PACKET
        kept = side[at : at + PACKET].rstrip(SILENCE) if at >= 0 else b""
        if one.sound.startswith(kept):  # all of it, or as far as a crash let it be written
            expected[at : at + len(kept)] = kept
            numbers += [number] * (len(kept) == PACKET)
    assert side == expected
    return numbers


def captured(data: Path) -> tuple[bytes, bytes]:
    """What the server has written of the one recording under way: both sides."""
    names = [each.parent for each in (data / "spool").glob(f"*/{INFO}")]
    if len(names) != 1:
        return b"", b""
    files = (names[0] / CALLER, names[0] / AGENT)
    left, right = (each.read_bytes()[HEADER_SIZE:] if each.exists() else b"" for each in files)
    return left, right


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


def offer(first: int, second: int, *, version: int = 1, muted: bool = False) -> str:
    """Two streams of mu-law from these ports; the second may be muted."""
    lines = ["v=0", f"o=pbx 1 {version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    for label, port in (("96", first), ("97", second)):
        direction = "inactive" if muted and label == "97" else "sendonly"
        lines += [f"m=audio {port} RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]
        lines += [f"a=label:{label}", f"a={direction}"]
    return "".join(f"{line}\r\n" for line in lines)


METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
<datamode>complete</datamode>
<session session_id="hVpd7YQgRW2nD22h7q60JQ=="><sipSessionID>ab30317f;remote=47755a9d</sipSessionID>
</session><participant participant_id="li"><nameID aor="sip:1001@pbx.example"><name>Li</name>
</nameID></participant>
<participant participant_id="wang"><nameID aor="sip:13800138000@pbx.example"/></participant>
<stream stream_id="of-li" session_id="hVpd7YQgRW2nD22h7q60JQ=="><label>96</label></stream>
<stream stream_id="of-wang" session_id="hVpd7YQgRW2nD22h7q60JQ=="><label>97</label></stream>
<participantstreamassoc participant_id="li"><send>of-li</send></participantstreamassoc>
<participantstreamassoc participant_id="wang"><send>of-wang</send></participantstreamassoc>
</recording>
"""
"""An agent speaks in the stream 96, and a customer in the stream 97."""

MIXED = "multipart/mixed;boundary=part"


def body(sdp: str, metadata: str = METADATA) -> str:
    """Of an INVITE, as ``MIXED``."""
    return (
        f"--part\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n"
        "--part\r\nContent-Type: application/rs-metadata+xml\r\n"
        f"Content-Disposition: recording-session\r\n\r\n{metadata}\r\n--part--\r\n"
    )
