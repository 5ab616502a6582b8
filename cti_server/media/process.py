"""A process of ours: started, connected, waited for, ended."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

import cti_server

from .process_link import ProcessLink, Told

log = structlog.get_logger()

START_WITHIN: Final = 30.0  # seconds for a worker to connect: one that dies is known at once
STOP_WITHIN: Final = 10.0  # seconds for it to write its captures and exit
LONGEST_SOCKET_PATH: Final = 107  # octets, sockaddr_un(7)


@dataclass(frozen=True, slots=True)
class Launch:
    """
    What a process is started with. ``run_folder`` holds its socket until it has connected.

    ``module`` is what it runs, ``ports`` (first, last) what it may bind on ``host``.
    """

    module: str
    name: str
    host: str
    ports: tuple[int, int]
    run_folder: Path
    log_level: str


async def launch(how: Launch, link: ProcessLink[Told]) -> Process:
    """Start a process and wait until it has connected; raises OSError."""
    with ExitStack() as clean_up:
        path = clean_up.enter_context(_socket_place(how.run_folder, f"{how.name}.sock"))
        loop = asyncio.get_running_loop()
        server = await loop.create_unix_server(lambda: link, str(path))
        clean_up.callback(server.close)
        process = await _spawn(how, path)
        try:
            async with asyncio.timeout(START_WITHIN):
                await _connected(link, process)
        except BaseException:
            kill(process)
            await process.wait()
            raise
    return process


async def end(process: Process) -> None:
    """Wait until it is gone, and see to it that it goes."""
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        log.error("server.process_killed", pid=process.pid)  # noqa: TRY400 - nothing to trace
        kill(process)
        await process.wait()


def kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


async def _spawn(how: Launch, path: Path) -> Process:
    first, last = how.ports
    root = str(Path(cti_server.__file__).parent.parent)
    search = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        how.module,
        "--socket",
        str(path),
        "--host",
        how.host,
        "--ports",
        f"{first}-{last}",
        "--log-level",
        how.log_level,
        stdin=asyncio.subprocess.DEVNULL,
        # A tick's few products are done before another thread had woken up for its share.
        env=os.environ | {"PYTHONPATH": search, "OPENBLAS_NUM_THREADS": "1"},
    )


@contextmanager
def _socket_place(folder: Path, name: str) -> Iterator[Path]:
    """A path for a socket in this folder, or in a short one where the path would be too long."""
    path = folder / name
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
    else:
        with tempfile.TemporaryDirectory(prefix="hotline-") as short:  # mode 0700
            yield Path(short) / name


async def _connected(link: ProcessLink[Told], process: Process) -> None:
    """Until it has connected; raises OSError if it exits instead."""
    exited = asyncio.ensure_future(process.wait())
    try:
        await asyncio.wait((link.connected, exited), return_when=asyncio.FIRST_COMPLETED)
        if not link.connected.done():
            raise OSError(f"it exited with {exited.result()}")
    finally:
        exited.cancel()
