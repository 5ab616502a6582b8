"""The port on real sockets, with our own phone."""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from cti_server.media.web.port import MOST_STRANGERS, WebPort
from simulator.audio import tone
from simulator.web_phone import Transport, WebPhone

from .echo import HOST, EchoPort, LoopWatcher

NOBODY_HEARD = b"\x80\xc9\0\x01" + bytes(4)
"""A receiver report of no stream (RFC 3550 §6.4.2)."""


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[EchoPort]:
    port = EchoPort()
    yield port
    port.close()


@pytest_asyncio.fixture
async def phone() -> AsyncIterator[WebPhone]:
    made = WebPhone()
    yield made
    made.vanish()


@pytest.mark.parametrize("over", ["udp", "tcp"])
async def test_a_tone_comes_back_and_keys_arrive(
    echo: EchoPort, phone: WebPhone, over: Transport
) -> None:
    peer, answer = echo.answer(phone.offer())

    await phone.connect(answer, over=over)
    phone.say(tone(440))
    await phone.hears(440)
    phone.press("1#")
    await phone.until(lambda: phone.heard.digits == "1#")

    assert echo.states == [("connected", "")]
    assert phone.figures.lost == 0
    assert {payload[0] for payload in echo.events} == {1, 11}
    assert phone.mapped is not None
    assert phone.mapped[0] == HOST
    await echo.until(lambda: bool(echo.reports))
    assert peer.path is not None


@pytest.mark.parametrize("over", ["udp", "tcp"])
async def test_a_page_that_is_left_says_goodbye(
    echo: EchoPort, phone: WebPhone, over: Transport
) -> None:
    _, answer = echo.answer(phone.offer())
    await phone.connect(answer, over=over)

    phone.close()

    await echo.until(lambda: ("gone", "closed") in echo.states)
    assert len(echo.port.peers) == 0


async def test_a_goodbye_in_the_middle_of_the_talk_is_not_lost_on_tcp(
    echo: EchoPort, phone: WebPhone
) -> None:
    """There is more on the way in both directions, and what came is never read."""
    peer, answer = echo.answer(phone.offer())
    await phone.connect(answer, over="tcp")
    phone.say(tone(500))
    await phone.hears(500)

    for _ in range(3):
        echo.port.send_rtcp(peer, NOBODY_HEARD)
        phone.raw(b"\x80" + bytes(40))
    phone.close()

    await echo.until(lambda: echo.states != [("connected", "")])
    assert echo.states == [("connected", ""), ("gone", "closed")]


async def test_many_phones_share_the_port_and_each_hears_itself(echo: EchoPort) -> None:
    phones = [WebPhone() for _ in range(8)]
    for number, one in enumerate(phones):
        _, answer = echo.answer(one.offer())
        one.begin(answer, over="tcp" if number % 4 == 3 else "udp")
        one.say(tone(300 + 100 * number))
    for number, one in enumerate(phones):
        await one.hears(300 + 100 * number)
    for one in phones:
        one.close()
    await echo.until(lambda: len(echo.port.peers) == 0)


async def test_junk_from_the_phone_s_own_address_is_dropped(
    echo: EchoPort, phone: WebPhone
) -> None:
    _, answer = echo.answer(phone.offer())
    await phone.connect(answer)
    for junk in (b"", b"\x80", b"\x80\0" + bytes(40), bytes(1500), b"\x16\xfe\xfd" + bytes(30)):
        phone.raw(junk)
    phone.say(tone(500))

    await phone.hears(500)
    assert echo.states == [("connected", "")]


async def test_an_ice_restart_goes_on_with_the_same_stream(echo: EchoPort, phone: WebPhone) -> None:
    peer, answer = echo.answer(phone.offer())
    await phone.connect(answer)
    phone.say(tone(500))
    await phone.hears(500)
    before = phone.figures.received

    phone.restarted(echo.answer_restart(peer, phone.restart_offer()))
    await echo.until(lambda: len(peer.credentials) == 1 and phone.figures.received > before + 10)

    assert phone.figures.lost == 0
    assert echo.states == [("connected", "")]


async def test_a_tcp_connection_that_breaks_takes_its_path_with_it(
    echo: EchoPort, phone: WebPhone
) -> None:
    peer, answer = echo.answer(phone.offer())
    await phone.connect(answer, over="tcp")

    phone.vanish()
    await echo.until(lambda: peer.path is None)

    assert echo.port.sender(peer) is None
    assert echo.port.peers.paths == {}
    assert echo.states == [("connected", "")]


async def test_strangers_on_tcp_are_few_and_keep_no_browser_out(
    echo: EchoPort, phone: WebPhone
) -> None:
    _, answer = echo.answer(phone.offer())
    with contextlib.ExitStack() as sockets:
        first, *_ = (
            sockets.enter_context(socket.create_connection((HOST, echo.port.port)))
            for _ in range(MOST_STRANGERS)
        )
        await phone.connect(answer, over="tcp")

        assert await _is_closed(first)


async def test_strangers_on_tcp_are_not_there_for_long(phone: WebPhone) -> None:
    echo = EchoPort(proven_within=0.1)
    with (
        socket.create_connection((HOST, echo.port.port)) as silent,
        socket.create_connection((HOST, echo.port.port)) as loud,
    ):
        loud.sendall(b"\xff\xff")
        assert await _is_closed(loud)
        assert await _is_closed(silent)
    _, answer = echo.answer(phone.offer())
    await phone.connect(answer, over="tcp")
    phone.say(tone(500))
    await phone.hears(500)
    echo.close()


async def _is_closed(connection: socket.socket) -> bool:
    """Whether the other side ends it, in a few seconds."""
    connection.setblocking(False)
    async with asyncio.timeout(30):
        return await asyncio.get_running_loop().sock_recv(connection, 10) == b""


async def test_without_a_file_descriptor_left_tcp_waits_and_udp_goes_on(phone: WebPhone) -> None:
    echo, other = EchoPort(proven_within=0.1), WebPhone()
    _, answer = echo.answer(phone.offer())
    await phone.connect(answer)
    phone.say(tone(500))
    with socket.socket() as waiting, _file_descriptors_used_up():
        waiting.connect((HOST, echo.port.port))
        calls = echo.watcher.calls
        await phone.hears(500)
        assert echo.watcher.calls - calls < 100  # packets, and not a loop that spins
    _, answer = echo.answer(other.offer())
    await other.connect(answer, over="tcp")
    other.close()
    echo.close()


@contextlib.contextmanager
def _file_descriptors_used_up() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                used.append(os.dup(0))
        yield
    finally:
        for each in used:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_taken_port_is_an_error_of_the_system(echo: EchoPort) -> None:
    peers, clock = echo.port.peers, asyncio.get_running_loop().time

    with pytest.raises(OSError, match="in use"):
        WebPort(LoopWatcher(), peers, print, clock, host=HOST, port=echo.port.port)
