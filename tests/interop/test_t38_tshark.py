"""What our T.38 looks like to a dissector that nobody here wrote: Wireshark's."""

import asyncio
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from fax_sms_email.fax.terminal import PacketTerminal, Station
from fax_sms_email.fax.udptl import Incoming, Outgoing, read
from tests.fax_sms_email.fax.pages import document

pytestmark = pytest.mark.interop

SENDER, RECEIVER = 40_000, 40_001
CSI, DIS, TSI, DCS, CFR, FCD, RCP, PPS, MCF, DCN = 2, 1, 66, 65, 33, 96, 97, 125, 49, 95
"""T.30's frames by their facsimile control field, as the dissector numbers them."""
_RAW_IP = 101
_LOOPBACK = bytes((127, 0, 0, 1))


@dataclass
class Capture:
    """Datagrams on their way, as a file that Wireshark reads."""

    path: Path

    def __post_init__(self) -> None:
        self.datagrams: list[bytes] = []
        self._written = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, _RAW_IP))

    def add(self, ms: int, source: int, target: int, data: bytes) -> None:
        self.datagrams.append(data)
        udp = struct.pack("!HHHH", source, target, 8 + len(data), 0) + data
        size = 20 + len(udp)
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 17, 0, _LOOPBACK, _LOOPBACK)
        seconds, rest = divmod(ms, 1000)
        self._written += struct.pack("<IIII", seconds, rest * 1000, size, size) + head + udp

    def close(self) -> None:
        self.path.write_bytes(self._written)


def a_fax(folder: Path) -> Capture:
    """Two machines of ours, every datagram of theirs."""
    capture = Capture(folder / "t38.pcap")
    wires: list[list[bytes]] = [[], []]
    ways, into = (Outgoing(), Outgoing()), (Incoming(), Incoming())

    def sender(side: int, document: Path, *, sends: bool) -> PacketTerminal:
        def send(packet: bytes, times: int) -> None:
            wires[side] += [ways[side].datagram(packet)] * times

        return PacketTerminal(
            Station(ident=f"+86211234567{side}"),
            document,
            calling=sends,
            sends=sends,
            send=send,
            on_page=lambda page: None,
            on_end=lambda end: None,
        )

    sent = document(folder / "sent.tif", 1, rows=400, lines=98)
    with (
        sender(0, sent, sends=True) as one,
        sender(1, folder / "came.tif", sends=False) as other,
    ):
        for tick in itertools.count():
            if one.ended and other.ended:
                break
            assert tick < 60 * 50
            one.pass_time()
            other.pass_time()
            for side, listener in ((0, other), (1, one)):
                for data in wires[side]:
                    capture.add(tick * 20, SENDER + side, RECEIVER - side, data)
                    for number, packet in into[1 - side].receive(read(data)):
                        listener.take(number, packet)
                wires[side].clear()
        assert one.ended.whole if one.ended else False
    capture.close()
    return capture


async def dissected(capture: Capture, *words: str) -> list[list[str]]:
    """What tshark says of each packet, field by field."""
    ports = itertools.chain(*(("-d", f"udp.port=={port},t38") for port in (SENDER, RECEIVER)))
    process = await asyncio.create_subprocess_exec(
        *("tshark", "-r", str(capture.path), *ports, "-T", "fields", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [line.split("\t") for line in output.decode().splitlines()]


async def test_every_datagram_and_every_frame_of_t30_is_what_the_standard_says(
    tmp_path: Path,
) -> None:
    capture = await asyncio.to_thread(a_fax, tmp_path)

    # Of what is sent several times the first copy: the next ones spoil its reassembly of T.30.
    first = {read(data): at for at, data in reversed(list(enumerate(capture.datagrams)))}
    seen = await dissected(capture, "-e", "t38.seq_number", "-e", "t38.secondary_ifp_packets")
    assert len(seen) == len(capture.datagrams)
    for ours, at in first.items():
        number, copies = seen[at]
        assert (int(number), int(copies or 0)) == (ours.sequence, len(ours.earlier))
    assert max(len(ours.earlier) for ours in first) == 3

    control = ("-e", "udp.srcport", "-e", "t30.FacsimileControl")
    frames = await dissected(capture, "-Y", "t30", *control)
    story = [(int(port), int(kind)) for (port, kind), _ in itertools.groupby(frames)]
    assert story == [
        (RECEIVER, CSI),
        (RECEIVER, DIS),
        (SENDER, TSI),
        (SENDER, DCS),
        (RECEIVER, CFR),
        (SENDER, FCD),
        (SENDER, RCP),
        (SENDER, PPS),
        (RECEIVER, MCF),
        (SENDER, DCN),
    ]
