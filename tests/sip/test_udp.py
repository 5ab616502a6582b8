"""The UDP edge on real sockets of the loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cti_server.sip.errors import SipParseError
from cti_server.sip.limits import DEFAULT_LIMITS
from cti_server.sip.message import Request, Response
from cti_server.sip.transport import Flow, Listen
from cti_server.sip.udp import UdpTransport, open_udp

from .machines import request


class Inbox:
    """A receiver with a memory that can be waited for."""

    def __init__(self) -> None:
        self.messages: list[tuple[Request | Response, Flow]] = []
        self.errors: list[SipParseError] = []
        self.failures: list[Flow] = []
        self._news = asyncio.Event()

    def received(self, message: Request | Response, flow: Flow) -> None:
        self.messages.append((message, flow))
        self._news.set()

    def rejected(self, error: SipParseError, flow: Flow) -> None:
        self.errors.append(error)
        self._news.set()

    def failed(self, flow: Flow) -> None:
        self.failures.append(flow)
        self._news.set()

    async def until(self, *, messages: int = 0, errors: int = 0, failures: int = 0) -> None:
        async with asyncio.timeout(30):
            while (
                len(self.messages) < messages
                or len(self.errors) < errors
                or len(self.failures) < failures
            ):
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def opened(host: str = "127.0.0.1") -> AsyncIterator[tuple[UdpTransport, Inbox]]:
    inbox = Inbox()
    transport = await open_udp(Listen("udp", host, 0), inbox, DEFAULT_LIMITS)
    try:
        yield transport, inbox
    finally:
        await transport.close()


@asynccontextmanager
async def plain_socket() -> AsyncIterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.bind(("127.0.0.1", 0))
        yield plain


async def test_a_datagram_becomes_a_message_with_its_flow() -> None:
    async with opened() as (transport, inbox), plain_socket() as peer:
        peer.sendto(bytes(request()), transport.address)
        await inbox.until(messages=1)
        message, flow = inbox.messages[0]
        assert message == request()
        assert flow == Flow("udp", "127.0.0.1", peer.getsockname()[1], transport.address)
        assert transport.has(flow)


async def test_what_is_sent_on_a_flow_arrives_there() -> None:
    async with opened() as (one, _), opened() as (other, inbox):
        one.send(bytes(request("BYE")), Flow("udp", *other.address, one.address))
        await inbox.until(messages=1)
        assert inbox.messages[0][1].port == one.address[1]


async def test_garbage_is_reported_keep_alives_are_not_and_the_next_message_is_read() -> None:
    async with opened() as (transport, inbox), plain_socket() as peer:
        for data in (b"", b"\r\n\r\n", b"\0", b"x" * 60_000, bytes(request())[:-40], b"\xff" * 99):
            peer.sendto(data, transport.address)
        peer.sendto(bytes(request()), transport.address)
        await inbox.until(messages=1)
        assert len(inbox.messages) == 1
        assert len(inbox.errors) == 3


async def test_a_burst_is_taken_in_whole() -> None:
    async with opened() as (transport, inbox), plain_socket() as peer:
        for _ in range(500):
            peer.sendto(bytes(request()), transport.address)
        await inbox.until(messages=500)


async def test_what_cannot_be_sent_is_reported_later_not_raised() -> None:
    async with opened() as (transport, inbox):
        flow = Flow("udp", "127.0.0.1", 9, transport.address)
        transport.send(b"x" * 70_000, flow)
        assert inbox.failures == []
        await inbox.until(failures=1)
        assert inbox.failures == [flow]


async def test_a_closed_transport_gives_its_port_back() -> None:
    async with opened() as (transport, _):
        address = transport.address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(address)
