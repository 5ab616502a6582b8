"""The fax process: machines that send to one another in real time, and what goes wrong with it."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from cti_server.fax.errors import FaxUnavailable
from cti_server.fax.machines import DIED, FaxMachine
from cti_server.fax.protocol import PageDone
from tests.fax_sms_email.fax.pages import differing, document
from tests.ports import port_range

from .machines import HOST, exchange, fax_process, order, talk

STANDARD = {"rows": 400, "lines": 98}  # a short page: ten seconds


@pytest.mark.parametrize("way", [talk, exchange])
async def test_a_page_goes_from_one_machine_to_the_other(
    tmp_path: Path, way: Callable[[FaxMachine, FaxMachine], None]
) -> None:
    sent, came = document(tmp_path / "sent.tif", 1, **STANDARD), tmp_path / "came.tif"
    async with fax_process(tmp_path) as faxes:
        one = await faxes.open(order("one", sent, sends=True))
        other = await faxes.open(order("other", came, sends=False))
        pages: list[PageDone] = []
        one.on_page = pages.append
        way(one, other)
        async with asyncio.timeout(60):
            ends = await one.ended, await other.ended
        assert [(end.code, end.pages, end.whole) for end in ends] == [(0, 1, True)] * 2
        assert ends[0].remote_ident == "+8675512345678"
        assert {end.by_packets for end in ends} == {way is exchange}
        assert [page.number for page in pages] == [1]
        figures = await faxes.statistics()
        assert figures is not None
        assert figures.machines == 2
        one.close()
        other.close()
        figures = await faxes.statistics()
        assert figures is not None
        assert figures.machines == 0
    assert differing(sent, came) == [0]


async def test_machines_go_over_to_t38_in_the_midst_of_their_greetings(tmp_path: Path) -> None:
    sent, came = document(tmp_path / "sent.tif", 1, **STANDARD), tmp_path / "came.tif"
    async with fax_process(tmp_path) as faxes:
        one = await faxes.open(order("one", sent, sends=True))
        other = await faxes.open(order("other", came, sends=False))
        talk(one, other)
        await asyncio.sleep(4)  # tones, and who is who
        exchange(one, other)
        async with asyncio.timeout(60):
            end = await one.ended
        assert end.whole
        assert end.by_packets
        await other.ended
    assert differing(sent, came) == [0]


async def test_a_stranger_cannot_put_in_a_word(tmp_path: Path) -> None:
    sent, came = document(tmp_path / "sent.tif", 1, **STANDARD), tmp_path / "came.tif"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        async with fax_process(tmp_path) as faxes:
            one = await faxes.open(order("one", sent, sends=True))
            other = await faxes.open(order("other", came, sends=False))
            exchange(one, other)
            for number in range(400):
                junk = (number * 7 & 0xFFFF).to_bytes(2, "big") + b"\x02\xc0\x01\x00\x00"
                for machine in (one, other):
                    stranger.sendto(junk, (HOST, machine.packet_port))
                    stranger.sendto(b"\x80\x08" + bytes(170), (HOST, machine.audio_port))
                await asyncio.sleep(0.01)
            async with asyncio.timeout(60):
                assert (await one.ended).whole
            await other.ended
    assert differing(sent, came) == [0]


async def test_a_line_that_drops_ends_with_what_was_confirmed(tmp_path: Path) -> None:
    sent = document(tmp_path / "sent.tif", 3, **STANDARD)
    async with fax_process(tmp_path) as faxes:
        one = await faxes.open(order("one", sent, sends=True))
        other = await faxes.open(order("other", tmp_path / "came.tif", sends=False))
        exchange(one, other)
        confirmed = asyncio.Event()
        one.on_page = lambda page: confirmed.set()
        async with asyncio.timeout(60):
            await confirmed.wait()
        ends = await one.hang_up(), await other.hang_up()
        assert [(end.pages, end.whole) for end in ends] == [(1, False)] * 2
        assert "dropped" in ends[0].reason


async def test_one_that_never_began_ends_when_it_is_hung_up(tmp_path: Path) -> None:
    async with fax_process(tmp_path) as faxes:
        one = await faxes.open(order("one", document(tmp_path / "sent.tif", 1), sends=True))
        end = await one.hang_up()
        assert not end.whole
        assert end.pages == 0


async def test_without_a_port_nothing_is_opened_and_nothing_is_lost(tmp_path: Path) -> None:
    sent = document(tmp_path / "sent.tif", 1)
    first, _ = port_range(8)
    async with fax_process(tmp_path, (first, first + 5)) as faxes:  # three pairs: one machine
        one = await faxes.open(order("one", sent, sends=True))
        with pytest.raises(FaxUnavailable, match="no RTP port"):
            await faxes.open(order("two", sent, sends=True))
        one.close()
        (await faxes.open(order("three", sent, sends=True))).close()


async def test_when_the_process_dies_its_faxes_end_and_the_next_one_is_sent(tmp_path: Path) -> None:
    sent, came = document(tmp_path / "sent.tif", 1, **STANDARD), tmp_path / "came.tif"
    async with fax_process(tmp_path) as faxes:
        one = await faxes.open(order("one", sent, sends=True))
        process = faxes.process_id
        assert process is not None
        os.kill(process, signal.SIGKILL)
        async with asyncio.timeout(5):
            end = await one.ended
        assert (end.reason, end.whole) == (DIED, False)
        one.close()  # harmless
        again = await faxes.open(order("again", sent, sends=True))
        other = await faxes.open(order("other", came, sends=False))
        exchange(again, other)
        async with asyncio.timeout(60):
            assert (await again.ended).whole
