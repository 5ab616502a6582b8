"""Sockets, names and the one timer, on a real loop."""

import asyncio
import contextlib

import pytest

from cti_server.sip.limits import DEFAULT_LIMITS
from cti_server.sip.network import LoopNetwork, usual_transports
from cti_server.sip.session import DEAF
from cti_server.sip.tcp import DEFAULT_TCP_LIMITS, TcpLimits
from cti_server.sip.transport import Flow, Listen
from cti_server.sip.user_agent import UserAgent

from ..virtual_time import run
from .machines import request
from .test_udp import Inbox

TRANSPORTS = usual_transports(DEFAULT_TCP_LIMITS)


async def opened(inbox: Inbox, *listen: Listen) -> LoopNetwork:
    network = LoopNetwork(inbox, lambda now: None)
    await network.open(listen, DEFAULT_LIMITS, TRANSPORTS)
    return network


async def looked_up(network: LoopNetwork, host: str) -> str | None:
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    network.resolve(host, answer.set_result)
    async with asyncio.timeout(30):
        return await answer


async def test_names_are_looked_up_once_and_addresses_never() -> None:
    network = await opened(Inbox())
    assert await looked_up(network, "localhost") == "127.0.0.1"
    at_once = list[str | None]()
    for host in ("localhost", "192.0.2.1", "2001:db8::1"):
        network.resolve(host, at_once.append)
    assert at_once == ["127.0.0.1", "192.0.2.1", "2001:db8::1"]
    await network.close()


@pytest.mark.parametrize("host", ["no-such-name.invalid", "x" * 300, "a..b"])
async def test_a_name_that_leads_nowhere_is_none(host: str) -> None:
    network = await opened(Inbox())
    assert await looked_up(network, host) is None
    await network.close()


async def test_a_flow_is_found_by_transport_and_address_family() -> None:
    network = await opened(
        Inbox(), Listen("udp", "127.0.0.1", 0), Listen("tcp", "127.0.0.1", 0, advertised="sip.test")
    )
    udp, tcp = network.flow_to("udp", "127.0.0.2", 5060), network.flow_to("tcp", "127.0.0.2", 5060)
    assert udp is not None
    assert tcp is not None
    assert network.advertised(udp) == f"127.0.0.1:{udp.local[1]}"
    assert network.advertised(tcp) == f"sip.test:{tcp.local[1]}"
    assert network.flow_to("tls", "127.0.0.2", 5061) is None
    assert network.flow_to("udp", "::1", 5060) is None
    await network.close()


async def test_a_socket_bound_to_all_addresses_names_the_one_that_the_peer_can_reach() -> None:
    network = await opened(Inbox(), Listen("udp", "0.0.0.0", 0))
    flow = network.flow_to("udp", "127.0.0.1", 5060)
    assert flow is not None
    assert network.advertised(flow) == f"127.0.0.1:{flow.local[1]}"
    await network.close()


async def test_a_flow_of_a_socket_that_is_gone_is_reported() -> None:
    inbox = Inbox()
    network = await opened(inbox)
    flow = Flow("udp", "127.0.0.1", 5060, ("127.0.0.1", 1))
    assert not network.has(flow)
    network.send(bytes(request()), flow)
    await inbox.until(failures=1)
    await network.close()


async def test_if_one_socket_cannot_be_opened_none_stays_open() -> None:
    network = await opened(Inbox(), Listen("udp", "127.0.0.1", 0))
    taken = network.transports[0].address
    other = LoopNetwork(Inbox(), lambda now: None)
    with pytest.raises(OSError, match="in use"):
        await other.open(
            [Listen("tcp", "127.0.0.1", 0), Listen("udp", *taken)], DEFAULT_LIMITS, TRANSPORTS
        )
    assert other.transports == []
    await network.close()


def test_timers_run_at_the_earliest_deadline_and_again_at_the_next() -> None:
    ran = list[float]()
    following: list[float | None] = [4.0, None]

    def run_due(now: float) -> float | None:
        ran.append(now)
        return following.pop(0)

    async def scenario() -> None:
        network = LoopNetwork(Inbox(), run_due)
        for deadline in (3.0, 2.0, 5.0):
            network.wake_by(deadline)
        await asyncio.sleep(10)
        await network.close()

    run(scenario())
    assert ran == [2.0, 4.0]


def test_a_timer_that_breaks_does_not_stop_the_others() -> None:
    ran = list[float]()
    complaints = list[object]()

    def run_due(now: float) -> float | None:
        ran.append(now)
        if len(ran) == 1:
            raise ZeroDivisionError
        return None

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: complaints.append(context["exception"])
        )
        network = LoopNetwork(Inbox(), run_due)
        network.wake_by(1.0)
        await asyncio.sleep(2)
        await network.close()

    run(scenario())
    assert ran == [1.0, 1.0]
    assert len(complaints) == 1


async def test_a_user_agent_lets_in_as_many_connections_of_a_source_as_it_was_told() -> None:
    agent = UserAgent(
        listen=[Listen("tcp", "127.0.0.1", 0)],
        realm="hotline.test",
        on_call=lambda call: DEAF,
        tcp_limits=TcpLimits(connections_per_source=1),
    )
    await agent.start()
    try:
        where = agent.addresses[0].host, agent.addresses[0].port
        _, first = await asyncio.open_connection(*where)
        reader, second = await asyncio.open_connection(*where)
        async with asyncio.timeout(30):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        first.close()
        second.close()
    finally:
        await agent.close()


async def test_what_is_due_at_a_start_waits_until_calls_can_be_placed() -> None:
    agent = UserAgent(
        listen=[Listen("udp", "127.0.0.1", 0)], realm="hotline.test", on_call=lambda call: DEAF
    )
    waiting = asyncio.create_task(agent.started())
    await asyncio.sleep(0)
    early = waiting.done()
    await agent.start()
    try:
        async with asyncio.timeout(5):
            await waiting
    finally:
        await agent.close()
    assert not early
