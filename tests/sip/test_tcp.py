"""The TCP edge on real sockets of the loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
import uvloop

from cti_server.sip.limits import DEFAULT_LIMITS, Limits
from cti_server.sip.message import Request
from cti_server.sip.tcp import DEFAULT_TCP_LIMITS, TcpLimits, TcpTransport, open_tcp
from cti_server.sip.transport import Flow, Listen

from .machines import request
from .test_udp import Inbox

IMPATIENT = TcpLimits(message_timeout=0.2, idle_timeout=0.5, connect_timeout=0.5)


def framed(method: str = "OPTIONS", body: bytes = b"") -> bytes:
    message = request(method)
    message.body = body
    return bytes(message)


@asynccontextmanager
async def opened(
    bounds: TcpLimits = DEFAULT_TCP_LIMITS, limits: Limits = DEFAULT_LIMITS
) -> AsyncIterator[tuple[TcpTransport, Inbox]]:
    inbox = Inbox()
    transport = await open_tcp(Listen("tcp", "127.0.0.1", 0), inbox, limits, bounds)
    try:
        yield transport, inbox
    finally:
        await transport.close()


async def connected(
    transport: TcpTransport,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*transport.address)


async def end_of(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side closes."""
    async with asyncio.timeout(30):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def test_pipelined_and_split_messages_are_taken_apart_and_put_together() -> None:
    async with opened() as (transport, inbox):
        _, writer = await connected(transport)
        with closing(writer):
            data = b"\r\n" + framed() + framed("INFO", b"Signal=1") + framed("BYE")
            for start in range(0, len(data), 100):
                writer.write(data[start : start + 100])
                await writer.drain()
                await asyncio.sleep(0)
            await inbox.until(messages=3)
        assert [m.method for m, _ in inbox.messages if isinstance(m, Request)] == [
            "OPTIONS",
            "INFO",
            "BYE",
        ]
        assert inbox.messages[1][0].body == b"Signal=1"
        assert len({flow for _, flow in inbox.messages}) == 1


async def test_a_response_goes_back_on_the_connection_of_its_request() -> None:
    async with opened() as (transport, inbox):
        reader, writer = await connected(transport)
        with closing(writer):
            writer.write(framed())
            await inbox.until(messages=1)
            flow = inbox.messages[0][1]
            assert transport.has(flow)
            transport.send(b"answer", flow)
            assert await reader.read(6) == b"answer"
            assert transport.connections == 1


async def test_a_keep_alive_is_answered() -> None:
    async with opened() as (transport, _):
        reader, writer = await connected(transport)
        with closing(writer):
            writer.write(b"\r\n\r\n")
            assert await reader.read(2) == b"\r\n"


async def test_one_connection_is_opened_and_used_again() -> None:
    async with opened() as (one, inbox_one), opened() as (other, inbox_other):
        flow = Flow("tcp", *other.address, one.address)
        for _ in range(3):
            one.send(framed(), flow)
        await inbox_other.until(messages=3)
        back = inbox_other.messages[0][1]
        other.send(framed("BYE"), back)
        await inbox_one.until(messages=1)
        assert inbox_one.messages[0][1] == flow
        assert (one.connections, other.connections) == (1, 1)


async def test_a_peer_that_refuses_the_connection_is_reported() -> None:
    async with opened() as (transport, inbox), opened() as (gone, _):
        flow = Flow("tcp", *gone.address, transport.address)
        await gone.close()
        transport.send(framed(), flow)
        await inbox.until(failures=1)
        assert inbox.failures == [flow]
        assert transport.connections == 0


async def test_a_connection_that_breaks_is_reported_and_forgotten() -> None:
    async with opened() as (transport, inbox):
        _, writer = await connected(transport)
        writer.write(framed())
        await inbox.until(messages=1)
        writer.transport.abort()
        await inbox.until(failures=1)
        assert transport.connections == 0


async def test_a_connection_that_never_says_anything_is_closed() -> None:
    async with opened(IMPATIENT) as (transport, inbox):
        reader, writer = await connected(transport)
        with closing(writer):
            assert await end_of(reader) == b""
        await inbox.until(failures=1)
        assert (transport.connections, inbox.messages) == (0, [])


async def test_half_a_message_is_not_waited_for_for_ever() -> None:
    async with opened(IMPATIENT) as (transport, inbox):
        reader, writer = await connected(transport)
        with closing(writer):
            writer.write(framed() + framed()[:50])
            await inbox.until(messages=1)
            assert await end_of(reader) == b""
        assert transport.connections == 0


@pytest.mark.parametrize("arrived", [0, 4])
async def test_a_body_that_never_comes_behind_a_whole_message_is_not_waited_for_for_ever(
    arrived: int,
) -> None:
    patient = TcpLimits(message_timeout=0.2, idle_timeout=60.0)
    body = b"Signal=1"
    for pieces in (1, 2):
        async with opened(patient) as (transport, inbox):
            reader, writer = await connected(transport)
            with closing(writer):
                head = framed("INFO", body)[: arrived - len(body)]
                writer.write(framed() + (head if pieces == 1 else b""))
                await inbox.until(messages=1)
                writer.write(head if pieces == 2 else b"")
                assert await end_of(reader) == b""
            assert transport.connections == 0


async def test_a_single_line_end_to_keep_the_connection_is_no_unfinished_message() -> None:
    async with opened(TcpLimits(message_timeout=0.05, idle_timeout=60.0)) as (transport, inbox):
        reader, writer = await connected(transport)
        with closing(writer):
            writer.write(framed())
            await inbox.until(messages=1)
            writer.write(b"\r\n")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await reader.read(1)
            writer.write(framed())
            await inbox.until(messages=2)


async def test_an_idle_connection_is_closed_in_the_end() -> None:
    async with opened(IMPATIENT) as (transport, inbox):
        reader, writer = await connected(transport)
        with closing(writer):
            writer.write(framed())
            await inbox.until(messages=1)
            assert await end_of(reader) == b""


async def test_a_stream_that_lost_its_framing_is_reported_and_closed() -> None:
    async with opened(limits=Limits(body=1000)) as (transport, inbox):
        for data in (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            framed().replace(b"Content-Length: 0\r\n", b""),
            framed().replace(b"Content-Length: 0", b"Content-Length: 1001"),
            b"x" * 40_000,
        ):
            reader, writer = await connected(transport)
            with closing(writer):
                writer.write(data)
                assert await end_of(reader) == b""
        assert len(inbox.errors) == 4
        assert inbox.messages == []


async def test_a_source_gets_so_many_connections_and_no_more() -> None:
    async with opened(TcpLimits(connections_per_source=3)) as (transport, _):
        streams = [await connected(transport) for _ in range(4)]
        assert await end_of(streams[3][0]) == b""
        assert (transport.connections, transport.refused) == (3, 1)
        streams[0][1].close()
        await end_of(streams[0][0])
        for _, writer in streams:
            writer.close()


async def test_a_peer_that_does_not_read_is_cut_off() -> None:
    async with opened(TcpLimits(unsent=100_000)) as (transport, inbox):
        _, writer = await connected(transport)
        with closing(writer):
            writer.write(framed())
            await inbox.until(messages=1)
            flow = inbox.messages[0][1]
            for _ in range(400):
                if transport.has(flow):
                    transport.send(b"x" * 60_000, flow)
                await asyncio.sleep(0)
            await inbox.until(failures=1)
        assert transport.connections == 0


def test_uvloop_whose_transports_are_not_asyncios_carries_messages_too() -> None:
    async def scenario() -> int:
        async with opened() as (one, _), opened() as (other, inbox):
            one.send(framed(), Flow("tcp", *other.address, one.address))
            await inbox.until(messages=1)
            return len(inbox.messages)

    assert uvloop.run(scenario()) == 1
