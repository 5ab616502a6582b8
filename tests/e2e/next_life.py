"""A server that was killed, and its next life."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.running_server import RunningServer

from . import possessions
from .centre import Centre


async def bury(server: RunningServer, *pids: int) -> None:
    """End what a killed server left behind, whoever that is, and read its last words."""
    for pid in pids:
        if possessions.runs(pid):
            possessions.kill(pid)
    await server.wait()


@asynccontextmanager
async def risen(it: Centre) -> AsyncIterator[Centre]:
    """
    The same server once more, started by who watches over it, or by us.

    The desktops' sessions and the phones' bindings still hold.
    """
    old = it.server
    if old.watched:
        server = old
        await server.logged("server.started", within=120, nth=2)
    else:
        server = RunningServer(old.folder, old.config, old.sip_port, old.api)
    try:
        if server is not old:
            await server.start()
        again = await it.moved_to(server)
        try:
            yield again
        finally:
            await again.close()
    finally:
        assert await server.stop() == 0, server.log_lines[-20:]
