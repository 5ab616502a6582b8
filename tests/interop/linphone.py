"""linphone (Debian's linphone-cli 5.1.65) without a sound card: it says and hears files."""

import asyncio
import contextlib
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

from tests.ports import free_port, port_range

# use_cn: silence is comfort noise (RFC 3389). The extended reports are linphone's own default.
CONFIGURATION = """\
[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
contact=<sip:{name}@127.0.0.1>
ipv6_migration_done=1
use_ipv6=0
[rtp]
audio_rtp_port={first}-{last}
rtcp_xr_enabled=1
rtcp_xr_voip_metrics_enabled=1
[misc]
use_cn=1
[sound]
echocancellation=0
[video]
capture=0
display=0
automatically_initiate=0
automatically_accept=0
"""
ENDS_WITHIN = 10.0  # seconds


class Linphone:
    """Its console, as a person would type in it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def type_in(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()

    async def call(self, uri: str) -> None:
        await self.type_in(f"call {uri}")

    async def say(self, file: Path) -> None:
        """Repeat a file of 8 kHz, 16 bits, mono; only in a call: before one it would crash."""
        await self.type_in(f"play {file}")

    async def hang_up(self) -> None:
        await self.type_in("terminate")


@contextlib.asynccontextmanager
async def linphone(folder: Path, name: str) -> AsyncIterator[Linphone]:
    home = folder / f"linphone-{name}"
    for place in (".config/linphone", ".local/share/linphone"):  # without them it is deaf to SIP
        (home / place).mkdir(parents=True)
    first, last = port_range(10)
    file = home / "linphonerc"
    file.write_text(
        CONFIGURATION.format(port=free_port(), name=name, first=first, last=last), encoding="utf-8"
    )
    process = await asyncio.create_subprocess_exec(
        "linphonec",
        *("-c", str(file)),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        env={**os.environ, "HOME": str(home)},
    )
    phone = Linphone(process)
    try:
        await phone.type_in("soundcard use files")
        await phone.type_in(f"record {home / 'heard.wav'}")
        yield phone
    finally:
        with contextlib.suppress(ConnectionError):
            await phone.type_in("quit")
        try:
            async with asyncio.timeout(ENDS_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
