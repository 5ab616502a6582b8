"""The fax machines as the control process has them, and the process that runs them."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from cti_server.media.process import Launch, end, kill, launch
from cti_server.media.process_link import ProcessLink

from .errors import FaxUnavailable
from .protocol import (
    UNTOLD,
    CloseMachine,
    FaxStatistics,
    GetStatistics,
    HangUp,
    Law,
    MachineEnded,
    MachineOpened,
    MachineRefused,
    OpenMachine,
    PageDone,
    Report,
    Shutdown,
    SpeakAudio,
    SpeakPackets,
)

log = structlog.get_logger()

OPEN_WITHIN: Final = 5.0  # seconds
HUNG_UP_WITHIN: Final = 5.0  # seconds
DIED: Final = "the fax process died"
_REPORTS: Final = msgspec.msgpack.Decoder(Report)


class FaxMachine:
    """
    One that is open. Once the process is dead, everything here is quietly without effect.

    ``host`` and ``packet_port`` are what the other side is told of T.38; ``audio_host`` and
    ``audio_port``, what a media worker is told.
    """

    def __init__(self, opened: MachineOpened, host: str, public_host: str, link: "FaxLink") -> None:
        self.id = opened.machine
        self.host = public_host
        self.packet_port = opened.packet_port
        self.audio_host = host
        self.audio_port = opened.audio_port
        self.pages: list[PageDone] = []
        """Those that were confirmed, since it began (anew)."""
        self.on_page: Callable[[PageDone], object] = lambda page: None
        self.ended: asyncio.Future[MachineEnded] = asyncio.get_running_loop().create_future()
        self._by_packets = False
        self._link = link

    def lost(self, reason: str) -> MachineEnded:
        """An end that the machine itself does not tell: with what it told until then."""
        return MachineEnded(
            machine=self.id,
            code=UNTOLD,
            reason=reason,
            pages=len(self.pages),
            whole=False,
            by_packets=self._by_packets,
        )

    def speak_audio(self, host: str, port: int, law: Law, payload_type: int) -> None:
        self._link.send(
            SpeakAudio(machine=self.id, host=host, port=port, law=law, payload_type=payload_type)
        )

    def speak_packets(self, host: str, port: int, *, redundant: bool, largest: int) -> None:
        """What was begun by audio begins anew; by packets it goes on, elsewhere perhaps."""
        if not self._by_packets:
            self.pages.clear()
        self._by_packets = True
        self._link.send(
            SpeakPackets(
                machine=self.id, host=host, port=port, redundant=redundant, largest=largest
            )
        )

    async def hang_up(self) -> MachineEnded:
        """The line is gone: what was confirmed by now."""
        self._link.send(HangUp(machine=self.id))
        try:
            async with asyncio.timeout(HUNG_UP_WITHIN):
                return await asyncio.shield(self.ended)
        except TimeoutError:
            return self.lost("the fax process does not answer")

    def close(self) -> None:
        self._link.close_machine(self.id)


class FaxLink(ProcessLink[Report]):
    """The connection to the fax process, for as long as that lives."""

    def __init__(self, host: str, public_host: str) -> None:
        super().__init__(_REPORTS.decode, "fax")
        self._host, self._public_host = host, public_host
        self._opening: dict[str, asyncio.Future[FaxMachine]] = {}
        self._machines: dict[str, FaxMachine] = {}
        self._statistics: list[asyncio.Future[FaxStatistics]] = []

    def __len__(self) -> int:
        return len(self._machines) + len(self._opening)

    async def open(self, order: OpenMachine) -> FaxMachine:
        """Raises FaxUnavailable."""
        opening: asyncio.Future[FaxMachine] = asyncio.get_running_loop().create_future()
        self._opening[order.machine] = opening
        self.send(order)
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                return await opening
        except TimeoutError:
            self.send(CloseMachine(machine=order.machine))
            raise FaxUnavailable("the fax process does not answer") from None
        except asyncio.CancelledError:
            self.close_machine(order.machine)
            raise
        finally:
            self._opening.pop(order.machine, None)

    def close_machine(self, machine_id: str) -> None:
        self._machines.pop(machine_id, None)
        self.send(CloseMachine(machine=machine_id))

    async def statistics(self) -> FaxStatistics:
        """Raises FaxUnavailable."""
        answer: asyncio.Future[FaxStatistics] = asyncio.get_running_loop().create_future()
        self._statistics.append(answer)
        self.send(GetStatistics())
        await asyncio.wait(
            (answer, self.lost), timeout=OPEN_WITHIN, return_when=asyncio.FIRST_COMPLETED
        )
        if not answer.done():
            raise FaxUnavailable("the fax process does not answer")
        return answer.result()

    def receive(self, report: Report) -> None:
        match report:
            case MachineOpened(machine=name):
                self._opened(name, report)
            case MachineRefused(machine=name, reason=reason):
                if (waiting := self._opening.get(name)) is not None and not waiting.done():
                    waiting.set_exception(FaxUnavailable(reason))
            case PageDone(machine=name):
                if (machine := self._machines.get(name)) is not None:
                    machine.pages.append(report)
                    asyncio.get_running_loop().call_soon(machine.on_page, report)
            case MachineEnded(machine=name):
                machine = self._machines.get(name)
                if machine is not None and not machine.ended.done():
                    machine.ended.set_result(report)
            case FaxStatistics():
                if self._statistics and not (waits := self._statistics.pop(0)).done():
                    waits.set_result(report)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for opening in self._opening.values():
            if not opening.done():
                opening.set_exception(FaxUnavailable(DIED))
        for machine in self._machines.values():
            if not machine.ended.done():
                machine.ended.set_result(machine.lost(DIED))

    def _opened(self, name: str, report: MachineOpened) -> None:
        waiting = self._opening.get(name)
        if waiting is None or waiting.done():
            self.send(CloseMachine(machine=name))  # nobody waits for it any more
            return
        # Before the waiter runs: a report on this machine may be in the same read.
        machine = FaxMachine(report, self._host, self._public_host, self)
        self._machines[name] = machine
        waiting.set_result(machine)


class FaxMachines:
    """
    Starts the fax process with the first machine, and anew with the next where it has died.

    ``host`` is what the ports (first, last) are bound to; ``public_host`` what others are told.
    """

    def __init__(
        self,
        *,
        host: str,
        public_host: str | None,
        ports: tuple[int, int],
        run_folder: Path,
        log_level: str,
    ) -> None:
        self._launch = Launch(
            module="cti_server.fax.process",
            name="fax",
            host=host,
            ports=ports,
            run_folder=run_folder,
            log_level=log_level,
        )
        self._public_host = public_host or host
        self._link: FaxLink | None = None
        self._process: Process | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    @property
    def process_id(self) -> int | None:
        """Of the process, if one was started."""
        return None if self._process is None else self._process.pid

    async def open(self, order: OpenMachine) -> FaxMachine:
        """Raises FaxUnavailable."""
        link = await self._running()
        try:
            return await link.open(order)
        except FaxUnavailable as error:
            log.warning("fax.machine_not_opened", reason=str(error))
            raise

    async def statistics(self) -> FaxStatistics | None:
        """None where no process is there. Raises FaxUnavailable."""
        if self._link is None or not self._link.alive:
            return None
        return await self._link.statistics()

    async def close(self) -> None:
        self._closed = True
        async with self._starting:
            if self._link is not None:
                self._link.send(Shutdown())
            if self._process is not None:
                await end(self._process)

    async def _running(self) -> FaxLink:
        async with self._starting:
            if self._closed:
                raise FaxUnavailable("the server ends")
            if self._link is None or not self._link.alive:
                await self._start()
            if self._link is None:
                raise FaxUnavailable(DIED)
            return self._link

    async def _start(self) -> None:
        if self._process is not None:
            log.error("fax.process_died", pid=self._process.pid)
            kill(self._process)
            await end(self._process)
            self._link = self._process = None
        link = FaxLink(self._launch.host, self._public_host)
        try:
            self._process = await launch(self._launch, link)
        except OSError as error:
            reason = str(error) or type(error).__name__
            log.error("fax.process_not_started", error=reason)  # noqa: TRY400 - nothing to trace
            raise FaxUnavailable(f"the fax process does not start: {reason}") from error
        self._link = link
        log.info("fax.process_started", pid=self._process.pid)
