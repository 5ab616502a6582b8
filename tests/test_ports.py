"""Two test runs at once do not take one another's ports."""

import socket
import subprocess
import sys

from tests import ports
from tests.ports import port_range
from tests.running_server import ROOT


def test_ports_are_given_once_and_begin_with_an_even_one() -> None:
    first, second = port_range(3), port_range(4)

    assert first[0] % 2 == second[0] % 2 == 0
    assert first[1] - first[0] == 2
    assert second[0] > first[1]


def test_another_process_has_other_ports() -> None:
    ours = port_range(2)
    program = "from tests.ports import port_range; print(*port_range(2))"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=30
    )
    theirs = [int(port) for port in said.stdout.split()]

    assert (theirs[0] - ports.FIRST) // ports.SIZE != (ours[0] - ports.FIRST) // ports.SIZE


def test_a_port_that_somebody_holds_is_passed_over() -> None:
    _, last = port_range(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", last + 3))
        following = port_range(4)

    assert following == (last + 5, last + 8)
