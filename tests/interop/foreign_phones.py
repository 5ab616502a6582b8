"""Softphones that nobody here wrote, as processes: pjsua2 and baresip."""

import asyncio
import contextlib
import json
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.audio import Samples, read_pcm, write_tone
from tests.ports import free_port, port_range
from tests.running_server import PASSWORD


class Happenings:
    """What a phone said, in order; waits for what comes next."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.at: list[float] = []
        self._new = asyncio.Event()
        self._seen = 0

    def add(self, happening: dict[str, Any]) -> None:
        self.all.append(happening)
        self.at.append(asyncio.get_running_loop().time())
        self._new.set()

    async def next(self, within: float = 20.0, **wanted: Any) -> tuple[float, dict[str, Any]]:
        """The next one, after the last that was waited for, with these values; and its time."""
        async with asyncio.timeout(within):
            while True:
                while self._seen < len(self.all):
                    self._seen += 1
                    if wanted.items() <= self.all[self._seen - 1].items():
                        return self.at[self._seen - 1], self.all[self._seen - 1]
                self._new.clear()
                await self._new.wait()


class PjsuaPhone:
    """See pjsua_phone.py. Its file of what it heard is whole after :func:`pjsua` has ended."""

    def __init__(self, process: asyncio.subprocess.Process, heard: Path) -> None:
        self.process = process
        self.heard_file = heard
        self.happened = Happenings()
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.startswith(b"{"):
                self.happened.add(json.loads(line))

    async def do(self, what: str, **facts: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **facts}).encode() + b"\n")
        await self.process.stdin.drain()

    def heard(self) -> Samples:
        return read_pcm(self.heard_file)


@contextlib.asynccontextmanager
async def pjsua(
    folder: Path, name: str, *, tone: float, **config: Any
) -> AsyncIterator[PjsuaPhone]:
    """A phone that says a tone. ``registrar``, ``username`` make it register."""
    heard = folder / f"{name}-heard.wav"
    says = write_tone(folder / f"{name}-says.wav", tone)
    file = folder / f"{name}.json"
    settings = {"id": f"sip:{name}@127.0.0.1", "says": str(says), "hears": str(heard), **config}
    file.write_text(json.dumps({"password": PASSWORD, **settings}), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).parent / "pjsua_phone.py"),
        str(file),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    phone = PjsuaPhone(process, heard)
    try:
        await phone.happened.next(event="ready")
        if "registrar" in config:
            await phone.happened.next(event="registered", status=200)
        yield phone
    finally:
        if process.returncode is None:
            with contextlib.suppress(ConnectionError):
                await phone.do("quit")
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        await phone.reader


BARESIP = """\
poll_method epoll
sip_listen 127.0.0.1:{sip_port}
call_local_timeout 120
audio_player aufile,{folder}/player.wav
audio_source aufile,{folder}/says.wav
audio_alert aufile,{folder}/says.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp_port}-{last_rtp_port}
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
snd_path {folder}/dump
"""


class BaresipPhone:
    """Controlled over ctrl_tcp: netstrings of JSON."""

    def __init__(
        self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.folder = folder
        self.happened = Happenings()
        self._writer = writer
        self._task = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int((await reader.readuntil(b":"))[:-1])
                body = await reader.readexactly(size + 1)
                self.happened.add(json.loads(body[:-1]))

    async def command(self, command: str, parameters: str = "") -> None:
        body = json.dumps({"command": command, "params": parameters, "token": command}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))
        await self._writer.drain()

    async def close(self) -> None:
        with contextlib.suppress(ConnectionError):
            await self.command("quit")
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        await self._task

    def heard(self) -> Samples:
        """What came in over RTP, of all calls, at 8 kHz; whole after the phone has ended."""
        (dump,) = (self.folder / "dump").glob("*-dec.wav")
        channels, rate = struct.unpack_from("<HI", dump.read_bytes(), 22)  # those of its codec
        step = channels * rate // 8000
        samples = read_pcm(dump)
        means: Samples = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1)
        return means


@contextlib.asynccontextmanager
async def baresip(
    folder: Path, name: str, *, tone: float, account: str
) -> AsyncIterator[BaresipPhone]:
    """A phone that says a tone. ``account`` is baresip's account line."""
    home = folder / f"baresip-{name}"
    (home / "dump").mkdir(parents=True)
    write_tone(home / "says.wav", tone)
    control_port, rtp_port = free_port(), port_range(102)[0]
    (home / "config").write_text(
        BARESIP.format(
            folder=home,
            sip_port=free_port(),
            control_port=control_port,
            rtp_port=rtp_port,
            last_rtp_port=rtp_port + 100,
        ),
        encoding="utf-8",
    )
    (home / "accounts").write_text(account + "\n", encoding="utf-8")
    (home / "contacts").write_text("", encoding="utf-8")
    with (home / "output.txt").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            "baresip", "-4", "-f", str(home), stdout=output, stderr=output
        )
        try:
            phone = BaresipPhone(home, *await _connect(control_port))
            try:
                yield phone
            finally:
                await phone.close()
        finally:
            try:
                async with asyncio.timeout(5):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """baresip opens its control port when everything else is up."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
