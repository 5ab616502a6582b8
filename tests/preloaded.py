"""
``hotline`` out of a process that has imported it already.

To import the server takes two seconds of a processor, and the tests start it a hundred times. So
each process that runs tests has one that imports everything once and then forks for each command.
What runs there is ``python -m cti_server`` from its first line, in a process of its own, with the
words, the environment and the output that it is given; only its command line in ``/proc`` is that
of the process that it was forked from.
"""

import asyncio
import atexit
import functools
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

_MUCH = 1 << 20  # bytes of one order: its words and its environment


class Process:
    """One command that runs: what the tests need of asyncio's."""

    def __init__(self, pid: int, told: socket.socket, output: asyncio.StreamReader) -> None:
        """``told``: where its exit code will come."""
        self.pid = pid
        self.output = output
        self.returncode: int | None = None
        self._told = told
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(told, self._end)

    async def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self) -> None:
        said = self._told.recv(64)
        asyncio.get_running_loop().remove_reader(self._told)
        self._told.close()
        # Nothing said: whoever would have said it has been killed itself.
        self.returncode = int(said) if said else -signal.SIGKILL
        self._ended.set()


async def run(*words: str, environment: Mapping[str, str], output: str) -> Process:
    """Start ``hotline WORDS…``; ``output``: whether to read its "stderr" only, or "both"."""
    loop = asyncio.get_running_loop()
    told, tells = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    told.setblocking(False)
    reads, writes = os.pipe()
    order = {"words": words, "environment": dict(environment), "output": output}
    with tells:
        socket.send_fds(_forker(), [json.dumps(order).encode()], [tells.fileno(), writes])
    os.close(writes)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reads, "rb", buffering=0)
    )
    pid = int(await loop.sock_recv(told, 64))
    return Process(pid, told, reader)


@functools.cache
def _forker() -> socket.socket:
    """Of this process that runs tests: where it takes its orders. It ends when we do."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        child = subprocess.Popen(
            [sys.executable, "-m", __name__, str(its.fileno())], cwd=ROOT, pass_fds=[its.fileno()]
        )

    def end() -> None:
        ours.shutdown(socket.SHUT_RDWR)  # whoever else may have it open
        ours.close()
        child.wait()

    atexit.register(end)
    return ours


class _Forker:
    """Takes orders, forks for each, and tells of each one's pid and exit code."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._running: dict[int, tuple[int, socket.socket]] = {}  # by pidfd: its pid, whom to tell
        self._selector = selectors.DefaultSelector()
        self._selector.register(orders, selectors.EVENT_READ)

    def until_forked(self) -> dict[str, Any] | None:
        """Returns in each child, with its order; in the parent None, when nobody orders more."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._orders:
                    self._bury(key.fd)
                    continue
                order, fds, _, _ = socket.recv_fds(self._orders, _MUCH, 2)
                if not order:
                    return None
                wanted = json.loads(order)
                if self._fork(wanted, *fds):
                    return dict(wanted)

    def _fork(self, wanted: Mapping[str, Any], tells: int, output: int) -> bool:
        """Whether this is the child."""
        pid = os.fork()
        if pid == 0:
            self._let_go()
            os.close(tells)
            os.dup2(output, 2)
            if wanted["output"] == "both":
                os.dup2(output, 1)
            os.close(output)
            return True
        os.close(output)
        teller = socket.socket(fileno=tells)
        teller.send(str(pid).encode())
        handle = os.pidfd_open(pid)
        self._running[handle] = pid, teller
        self._selector.register(handle, selectors.EVENT_READ)
        return False

    def _bury(self, handle: int) -> None:
        self._selector.unregister(handle)
        os.close(handle)
        pid, teller = self._running.pop(handle)
        _, status = os.waitpid(pid, 0)
        with teller:
            try:
                teller.send(str(os.waitstatus_to_exitcode(status)).encode())
            except OSError:
                return  # the test is over, and its loop closed

    def _let_go(self) -> None:
        """Close what is the parent's."""
        self._selector.close()
        self._orders.close()
        for handle, (_, teller) in self._running.items():
            os.close(handle)
            teller.close()


def _warm_up() -> None:
    """What each server would work out once for its process: half a second of it."""
    from aiohttp.web import UrlDispatcher
    from sqlalchemy.orm import configure_mappers

    from cti_server.api.server import ROUTES
    from cti_server.store.database import Database
    from cti_server.store.records import Records

    configure_mappers()
    Records(Database("sqlite:///never-opened").engine.dialect)  # JSON is written as it says
    router = UrlDispatcher()
    for route in ROUTES:
        router.add_route(route.method, route.path, route.handler)


def _main(orders: int) -> None:
    gc.disable()
    import cti_server.administration
    import cti_server.cli
    import cti_server.serving  # noqa: F401 - so that no child does

    _warm_up()
    gc.freeze()
    order = _Forker(socket.socket(fileno=orders)).until_forked()
    if order is None:
        return
    gc.enable()
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv[1:] = order["words"]
    runpy.run_module("cti_server", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
