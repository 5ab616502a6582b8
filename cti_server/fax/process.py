"""
The fax process: ``python -m cti_server.fax.process --socket … --host … --ports a-b``.

All fax machines of the server, in one thread that ticks every 20 ms. It does what the control
process says over a unix socket and reports what happens; when that closes, it exits.
"""

import gc
import random
import socket
import sys
import time
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from cti_server.media.control_link import ControlLink
from cti_server.media.errors import NoPortFree
from cti_server.media.packets import BUFFER_SIZE, PacketLoop, guarded
from cti_server.media.ports import PortRange
from cti_server.media.process_start import arguments, connected, settle

from .machine import Machine
from .protocol import (
    CloseMachine,
    Command,
    FaxStatistics,
    GetStatistics,
    HangUp,
    MachineOpened,
    MachineRefused,
    OpenMachine,
    Shutdown,
    SpeakAudio,
    SpeakPackets,
)

log = structlog.get_logger()

CLEAN_TICKS: Final = 3000  # garbage in cycles is collected once a minute
FAILED: Final = "the fax machine failed"
_COMMANDS: Final = msgspec.msgpack.Decoder(Command)
_BURST: Final = 64  # datagrams that one machine may have read before another has its turn


Pair = tuple[int, socket.socket, socket.socket]


class FaxProcess:
    def __init__(self, control: socket.socket, host: str, first: int, last: int) -> None:
        self._ports = PortRange(host, first, last)
        self._machines: dict[str, Machine] = {}
        self._taken: dict[str, tuple[Pair, Pair]] = {}
        self._chance = random.SystemRandom()
        self._ticks = 0
        self._loop = PacketLoop(self._tick)
        self._control = ControlLink(
            control, self._loop, _COMMANDS.decode, self._obey, self._refuse, self._control_lost
        )

    def run(self) -> None:
        """Until told to stop, or left alone."""
        self._loop.run()
        for name in list(self._machines):
            self._close(name)
        self._control.close()
        self._loop.close()

    def stop(self) -> None:
        self._loop.stopped = True

    def _control_lost(self) -> None:
        log.warning("fax.control_lost", machines=len(self._machines))
        self.stop()

    def _obey(self, command: Command) -> None:
        match command:
            case OpenMachine():
                self._open(command)
            case CloseMachine(machine=name):
                self._close(name)
            case GetStatistics():
                self._control.send(self._statistics())
            case Shutdown():
                self.stop()
            case _ if (machine := self._machines.get(command.machine)) is not None:
                self._tell(machine, command)

    def _tell(self, machine: Machine, command: SpeakAudio | SpeakPackets | HangUp) -> None:
        now = time.monotonic()
        match command:
            case SpeakAudio():
                machine.speak_audio(command, now)
            case SpeakPackets():
                machine.speak_packets(command, now)
            case HangUp():
                machine.hang_up()

    def _refuse(self, command: Command) -> None:
        """An error of ours: whoever waits for the machine is to know."""
        match command:
            case OpenMachine(machine=name):
                self._control.send(MachineRefused(machine=name, reason="it failed to open"))
            case SpeakAudio(machine=name) | SpeakPackets(machine=name) | HangUp(machine=name):
                if (machine := self._machines.get(name)) is not None:
                    machine.give_up(FAILED)
            case _:
                pass

    def _open(self, order: OpenMachine) -> None:
        if order.machine in self._machines:
            self._control.send(MachineRefused(machine=order.machine, reason="it is open already"))
            return
        try:
            ports = self._take_ports()
        except NoPortFree as error:
            self._control.send(MachineRefused(machine=order.machine, reason=str(error)))
            return
        (audio_port, audio, _), (packet_port, packets, _) = ports
        machine = Machine(order, audio, packets, self._control.send, self._chance)
        self._machines[order.machine], self._taken[order.machine] = machine, ports
        self._loop.watch(audio.fileno(), lambda: self._read_audio(machine))
        self._loop.watch(packets.fileno(), lambda: self._read_packets(machine))
        self._loop.ticking = True
        self._control.send(
            MachineOpened(machine=order.machine, audio_port=audio_port, packet_port=packet_port)
        )

    def _take_ports(self) -> tuple[Pair, Pair]:
        """One for audio, one for T.38, each with the next one beside it. Raises NoPortFree."""
        first = self._ports.take()
        try:
            return first, self._ports.take()
        except NoPortFree:
            self._give_back(first)
            raise

    def _give_back(self, pair: Pair) -> None:
        port, *sockets = pair
        for one in sockets:
            one.close()
        self._ports.give_back(port)

    def _close(self, name: str) -> None:
        if (machine := self._machines.pop(name, None)) is None:
            return
        machine.close()
        self._loop.forget(machine.audio.fileno())
        self._loop.forget(machine.packets.fileno())
        for pair in self._taken.pop(name):
            self._give_back(pair)
        self._loop.ticking = bool(self._machines)

    def _read_audio(self, machine: Machine) -> None:
        now = time.monotonic()
        for _ in range(_BURST):
            try:
                packet = machine.audio.recv(BUFFER_SIZE)
            except OSError:  # nothing more; or an ICMP error for what we sent, read so
                return
            _step(machine, machine.audio_came, packet, now)

    def _read_packets(self, machine: Machine) -> None:
        now = time.monotonic()
        for _ in range(_BURST):
            try:
                data, source = machine.packets.recvfrom(BUFFER_SIZE)
            except OSError:
                return
            _step(machine, machine.packet_came, data, source[:2], now)

    def _tick(self, now: float) -> None:
        self._ticks += 1
        for machine in list(self._machines.values()):
            _step(machine, machine.tick, now)
        if self._ticks % CLEAN_TICKS == 0:
            gc.collect()

    def _statistics(self) -> FaxStatistics:
        return FaxStatistics(
            machines=len(self._machines),
            late_ticks=self._loop.late_ticks,
            cpu_seconds=time.process_time(),
        )


def _step(machine: Machine, step: Callable[..., object], *arguments: object) -> None:
    """An error of ours ends this machine's call, and no other's."""
    if not guarded(step, *arguments):
        machine.give_up(FAILED)


def main() -> int:
    told = arguments("The fax process; started by the server.")
    faxes = FaxProcess(connected(told), told.host, *told.ports)
    settle(told, faxes.stop)
    log.info("fax.loop_started", host=told.host, ports=told.ports)
    faxes.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
