"""How a process of ours begins: what it was started with, and how it is told to end."""

import argparse
import gc
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from ..logs import LEVELS, configure


@dataclass(frozen=True, slots=True)
class Told:
    """``ports``: the first and the last that it may bind on ``host``."""

    socket: Path
    host: str
    ports: tuple[int, int]
    log_level: str


def arguments(description: str) -> Told:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--ports", required=True, help="first-last")
    parser.add_argument("--log-level", choices=LEVELS, default="info")
    found = parser.parse_args()
    first, last = (int(port) for port in found.ports.split("-"))
    return Told(found.socket, found.host, (first, last), found.log_level)


def connected(told: Told) -> socket.socket:
    """The way to the control process."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.connect(str(told.socket))
    return control


def settle(told: Told, stop: Callable[[], object]) -> None:
    """Signals, logs, as many open files as there may be; garbage is collected by who runs."""

    def stopped(_number: int, _frame: FrameType | None) -> None:
        stop()

    signal.signal(signal.SIGTERM, stopped)
    # Ctrl-C goes to the whole process group; the control process decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure(level=told.log_level, json_lines=True)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # several sockets a party
    gc.collect()
    gc.freeze()
    gc.disable()
