"""Two machines of ours with a line between them that a test holds in its hand."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from fax_sms_email.fax.terminal import (
    TICK,
    AudioTerminal,
    End,
    PacketTerminal,
    Page,
    Station,
)
from fax_sms_email.fax.udptl import Incoming, Outgoing, read

from .pages import HEADER, differing, document, pages_of

BANK, CUSTOMER = Station(ident="+862112345678"), Station(ident="+8675512345678")
LONGEST = 300 * 50  # ticks


@dataclass
class Told:
    """What a machine has told."""

    pages: list[Page] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    @property
    def end(self) -> End:
        assert len(self.ends) == 1
        return self.ends[0]


@dataclass
class Line:
    """What goes over it in 20 ms; ``hangs_up_at`` (ticks) it is cut."""

    sender: Told
    receiver: Told
    ticks: int = 0


def by_audio(
    sent: Path,
    came: Path,
    *,
    bank: Station = BANK,
    customer: Station = CUSTOMER,
    spoil: Callable[[int, bytes], bytes | None] = lambda tick, samples: samples,
    until: int = LONGEST,
) -> Line:
    """``spoil``: what becomes of 20 ms; None: they are lost."""
    line = Line(Told(), Told())
    with (
        AudioTerminal(
            bank,
            sent,
            calling=True,
            sends=True,
            on_page=line.sender.pages.append,
            on_end=line.sender.ends.append,
        ) as a,
        AudioTerminal(
            customer,
            came,
            calling=False,
            sends=False,
            on_page=line.receiver.pages.append,
            on_end=line.receiver.ends.append,
        ) as b,
    ):
        while not (a.ended and b.ended) and line.ticks < until:
            line.ticks += 1
            for one, other in ((a, b), (b, a)):
                heard = spoil(line.ticks, one.speak())
                if heard is None:
                    other.miss(TICK)
                else:
                    other.hear(heard)
        a.hang_up()
        b.hang_up()
    return line


def by_packets(sent: Path, came: Path, *, lost: float = 0.0, redundancy: int = 3) -> Line:
    line, chance = Line(Told(), Told()), random.Random(38)
    wires: list[list[bytes]] = [[], []]
    ways = [Outgoing(redundancy), Outgoing(redundancy)]
    into = [Incoming(), Incoming()]

    def send_on(side: int) -> Callable[[bytes, int], None]:
        def send(packet: bytes, times: int) -> None:
            wires[side] += [ways[side].datagram(packet)] * times

        return send

    with (
        PacketTerminal(
            BANK,
            sent,
            calling=True,
            sends=True,
            send=send_on(0),
            on_page=line.sender.pages.append,
            on_end=line.sender.ends.append,
        ) as a,
        PacketTerminal(
            CUSTOMER,
            came,
            calling=False,
            sends=False,
            send=send_on(1),
            on_page=line.receiver.pages.append,
            on_end=line.receiver.ends.append,
        ) as b,
    ):
        while not (a.ended and b.ended) and line.ticks < LONGEST:
            line.ticks += 1
            a.pass_time()
            b.pass_time()
            for side, other in ((0, b), (1, a)):
                for data in wires[side]:
                    if chance.random() >= lost:
                        for number, packet in into[1 - side].receive(read(data)):
                            other.take(number, packet)
                wires[side].clear()
        a.hang_up()
        b.hang_up()
    return line


@pytest.mark.parametrize("ecm", [True, False])
def test_three_pages_come_as_they_were_sent(tmp_path: Path, ecm: bool) -> None:
    sent, came = document(tmp_path / "sent.tif"), tmp_path / "came.tif"
    line = by_audio(sent, came, bank=Station(ident="+862112345678", ecm=ecm))
    assert differing(sent, came) == [0, 0, 0]
    assert line.sender.end.whole
    assert line.receiver.end.whole
    assert line.sender.end.pages == line.sender.end.document_pages == 3
    assert (line.sender.end.remote_ident, line.receiver.end.remote_ident) == (
        "+8675512345678",
        "+862112345678",
    )
    assert [page.number for page in line.sender.pages] == [1, 2, 3]
    page = line.sender.pages[0]
    assert (page.bit_rate, page.ecm, page.columns) == (14400, ecm, 1728)
    assert page.encoding == ("T.6" if ecm else "T.4 2-D")
    assert line.ticks < 110 * 50  # 80 s with error correction, 97 without


@pytest.mark.parametrize(("rows", "lines", "metre"), [(1146, 98, 3850), (4584, 391, 15400)])
def test_pages_keep_their_resolution(tmp_path: Path, rows: int, lines: int, metre: int) -> None:
    sent = document(tmp_path / "sent.tif", 1, rows=rows, lines=lines)
    line = by_audio(sent, tmp_path / "came.tif")
    assert differing(sent, tmp_path / "came.tif") == [0]
    assert abs(line.receiver.pages[0].lines_per_metre - metre) < 100


def test_a_header_stands_above_what_was_sent(tmp_path: Path) -> None:
    sent, came = document(tmp_path / "sent.tif", 1), tmp_path / "came.tif"
    by_audio(sent, came, bank=Station(ident="+862112345678", header="Example Bank 招商"))
    assert differing(sent, came, header=HEADER) == [0]
    assert not pages_of(came)[0][:HEADER].all()


@pytest.mark.parametrize(("lost", "redundancy"), [(0.0, 3), (0.05, 3), (0.1, 3)])
def test_by_t38_nothing_is_missing_though_datagrams_are_lost(
    tmp_path: Path, lost: float, redundancy: int
) -> None:
    sent, came = document(tmp_path / "sent.tif"), tmp_path / "came.tif"
    line = by_packets(sent, came, lost=lost, redundancy=redundancy)
    assert line.sender.end.whole
    assert differing(sent, came) == [0, 0, 0]


def test_without_redundancy_what_is_lost_is_told(tmp_path: Path) -> None:
    line = by_packets(
        document(tmp_path / "sent.tif"), tmp_path / "came.tif", lost=0.05, redundancy=0
    )
    assert not line.sender.end.whole
    assert line.sender.end.outcome.reason
    assert not line.sender.end.outcome.permanent


def test_a_line_that_is_cut_in_a_page_leaves_the_pages_before_it(tmp_path: Path) -> None:
    sent, came = document(tmp_path / "sent.tif"), tmp_path / "came.tif"
    line = by_audio(sent, came, until=50 * 50)
    for told in (line.sender, line.receiver):
        assert not told.end.whole
        assert told.end.outcome.reason == "The call dropped prematurely"
    assert line.sender.end.pages == line.receiver.end.pages == 1
    assert len(pages_of(came)) == 1
    assert not line.sender.end.outcome.permanent


def test_a_good_bye_that_is_lost_does_not_undo_what_was_confirmed(tmp_path: Path) -> None:
    """The receiver would wait for ever: the end of the call is the end of its wait."""
    sent, came = document(tmp_path / "sent.tif", 1), tmp_path / "came.tif"
    whole = by_audio(sent, came)
    cut = by_audio(sent, came, until=whole.ticks - 60)
    assert cut.receiver.end.whole
    assert differing(sent, came) == [0]


def test_nobody_who_speaks_fax_is_told_from_a_bad_line(tmp_path: Path) -> None:
    told = Told()
    with AudioTerminal(
        BANK,
        document(tmp_path / "sent.tif", 1),
        calling=True,
        sends=True,
        on_page=told.pages.append,
        on_end=told.ends.append,
    ) as machine:
        for _ in range(LONGEST):
            machine.speak()
            machine.hear(bytes(2 * TICK))
            if machine.ended:
                break
    assert told.end.outcome.nobody_there
    assert not told.end.outcome.permanent


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 no TIFF", b"II*\0\x08\0\0\0\0\0"])
def test_what_is_no_fax_is_refused_for_good(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.tif"
    bad.write_bytes(content)
    line = by_audio(bad, tmp_path / "came.tif")
    assert line.sender.end.outcome.permanent
    assert not line.receiver.end.whole


def test_a_few_samples_of_noise_and_a_lost_packet_do_no_harm(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(-60, 60, TICK, np.int16)

    def spoil(tick: int, samples: bytes) -> bytes | None:
        if tick % 2000 == 1999:
            return None
        return bytes((np.frombuffer(samples, np.int16) // 2 + noise).astype(np.int16))

    sent, came = document(tmp_path / "sent.tif"), tmp_path / "came.tif"
    line = by_audio(sent, came, spoil=spoil)
    assert line.sender.end.whole
    assert differing(sent, came) == [0, 0, 0]
