"""
Ports for tests that name them, free for UDP and TCP: others in every process that runs tests.

Each process holds a block of its own, by an abstract unix socket that the kernel closes with it.
The blocks end below the ports that Linux gives out by itself; the highest is taken first, for
services of the machine itself are among the lowest.
"""

import socket
from functools import cache

FIRST, SIZE, BLOCKS = 2_000, 4_000, 7

_handed_out = 0  # of this process's block


def free_port() -> int:
    """A port that nobody uses or is given again."""
    return port_range(1)[0]


def port_range(count: int) -> tuple[int, int]:
    """The first, an even one, and the last of so many ports that nobody uses or is given again."""
    global _handed_out
    block = _block()
    while _handed_out + count <= SIZE:
        first = block + _handed_out
        taken = next((port for port in range(first, first + count) if not _is_free(port)), None)
        if taken is None:
            _handed_out += count + count % 2
            return first, first + count - 1
        _handed_out = (taken - block) // 2 * 2 + 2
    raise AssertionError(f"{SIZE} ports are too few for the tests of one process")


@cache
def _block() -> int:
    for number in reversed(range(BLOCKS)):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0hotline-tests-{number}")
        except OSError:
            claim.close()
            continue
        claim.detach()  # open for as long as the process lives
        return FIRST + number * SIZE
    raise AssertionError(f"{BLOCKS} processes run tests already")


def _is_free(port: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket() as other:
        try:
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
