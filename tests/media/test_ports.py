import socket

import pytest

from cti_server.media.errors import NoPortFree
from cti_server.media.ports import PortRange
from tests.ports import port_range

HOST = "127.0.0.1"


def take(ports: PortRange) -> int:
    port, rtp, rtcp = ports.take()
    assert (rtp.getsockname(), rtcp.getsockname()) == ((HOST, port), (HOST, port + 1))
    rtp.close()
    rtcp.close()
    return port


def test_rtp_is_on_even_ports_and_the_latest_used_is_the_last_to_be_used_again() -> None:
    even, _ = port_range(8)
    ports = PortRange(HOST, even + 1, even + 7)
    first = take(ports)
    ports.give_back(first)

    assert first == even + 2
    assert [take(ports) for _ in range(3)] == [even + 4, even + 6, even + 2]


def test_when_all_are_taken_that_is_said() -> None:
    ports = PortRange(HOST, *port_range(2))
    port = take(ports)

    with pytest.raises(NoPortFree):
        ports.take()
    ports.give_back(port)
    assert take(ports) == port


@pytest.mark.parametrize("which", [0, 1])
def test_a_port_that_somebody_else_holds_is_passed_over(which: int) -> None:
    first, last = port_range(4)
    ports = PortRange(HOST, first, last)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, first + which))
        assert take(ports) == first + 2
    assert take(ports) == first


def test_a_port_is_shared_with_our_own_socket_only() -> None:
    ports = PortRange(HOST, *port_range(2))
    port, rtp, rtcp = ports.take()
    second = ports.bind(port, beside=rtp)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            stranger.bind((HOST, port))
    for one in (rtp, rtcp, second):
        one.close()
