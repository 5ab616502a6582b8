"""
A media worker: ``python -m cti_server.media.worker --socket … --host … --ports a-b``.

One process, one thread for the packets (and two that only touch files). It does what the control
process says over a unix socket and reports what happens. When that socket closes, the control
process has died: the captures are written out and closed properly, and the worker exits.
"""

import argparse
import gc
import random
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

import structlog

from .capture import BACKLOG_LIMIT, FLUSH_GROUPS, FLUSH_TICKS, Capture, CaptureWriter, WriteJob
from .control_link import ControlLink
from .digits import Pressed
from .errors import NoPortFree
from .latch import Address, Verdict
from .leg import Leg, PlayInProgress
from .packets import PacketLoop, guarded
from .ports import PortRange
from .prompts import Prompts
from .protocol import (
    Bridge,
    CaptureClosed,
    CaptureFailed,
    CloseLeg,
    Command,
    Digit,
    GetStatistics,
    LegClosed,
    LegOpened,
    LegQuality,
    LegRefused,
    OpenLeg,
    Play,
    PlayEnded,
    Report,
    RtpResumed,
    RtpSilent,
    SendDigits,
    SetRemote,
    Shutdown,
    StartCapture,
    StopCapture,
    StopPlay,
    Unbridge,
    WorkerStatistics,
)
from .rtcp import is_rtcp
from .rtp import HEADER

log = structlog.get_logger()

LOOK_TICKS: Final = 10  # each leg is looked at every 0.2 s
CLEAN_TICKS: Final = 3000  # garbage in cycles is collected once a minute
EXIT_WRITING: Final = 5.0  # seconds for the disk to take the last of the captures


class Worker:
    """The legs, plays, bridges and captures of one process."""

    def __init__(self, control: socket.socket, host: str, first: int, last: int) -> None:
        self._ports = PortRange(host, first, last)
        self._legs: dict[str, Leg] = {}
        self._speaking: dict[Leg, None] = {}  # in order of their beginning
        self._slots: list[set[Leg]] = [set() for _ in range(LOOK_TICKS)]
        self._captures: dict[str, Capture] = {}
        self._closing: set[str] = set()  # captures whose last samples are on their way to the disk
        self._capture_slots: list[set[Capture]] = [set() for _ in range(FLUSH_GROUPS)]
        self._prompts = Prompts()
        self._writer = CaptureWriter()
        self._loop = PacketLoop(self._tick)
        self._control = ControlLink(
            control, self._loop, self._obey, self._refuse, self._control_lost
        )
        self._ticks = 0
        self._next_slot = 0
        self._received_before = self._sent_before = 0  # by legs that are closed
        self._chance = random.SystemRandom()
        self._loop.watch(self._prompts.fd, self._prompts.deliver)
        self._loop.watch(self._writer.fd, self._captures_ended)

    def run(self) -> None:
        """Until told to stop, or left alone."""
        self._loop.run()
        for leg in list(self._legs.values()):
            self._close_leg(leg)
        written = self._writer.close(EXIT_WRITING)
        with suppress(BlockingIOError):
            self._captures_ended()
        if not written:
            log.error("media.captures_unwritten")
        self._prompts.close()
        self._control.close()
        self._loop.close()

    def stop(self) -> None:
        self._loop.stopped = True

    def _control_lost(self) -> None:
        log.warning("media.control_lost", legs=len(self._legs), captures=len(self._captures))
        self.stop()

    def _report(self, report: Report) -> None:
        self._control.send(report)

    # --- commands ------------------------------------------------------------------------------

    def _obey(self, command: Command) -> None:
        if isinstance(command, OpenLeg):
            self._open_leg(command.leg)
        elif isinstance(command, StartCapture):
            self._start_capture(command)
        elif isinstance(command, StopCapture):
            self._stop_capture(command.capture)
        elif isinstance(command, GetStatistics):
            self._report(self._statistics())
        elif isinstance(command, Shutdown):
            self.stop()
        elif (leg := self._legs.get(command.leg)) is not None:
            self._obey_for(leg, command)
        elif isinstance(command, Play):
            self._report(PlayEnded(leg=command.leg, play=command.play, outcome="failed"))
        elif isinstance(command, CloseLeg):
            self._report(LegClosed(leg=command.leg, quality=LegQuality()))

    def _obey_for(self, leg: Leg, command: Command) -> None:
        match command:
            case SetRemote():
                self._set_remote(leg, command)
            case CloseLeg():
                self._close_leg(leg)
            case Play():
                self._play(leg, command)
            case StopPlay(play=number):
                if leg.play is not None and leg.play.number == number:
                    self._end_play(leg, "stopped")
            case SendDigits(digits=digits, duration_ms=duration, gap_ms=gap):
                if leg.sender.dtmf_payload_type is not None:
                    leg.digits.append(digits, duration, gap)
                    self._let_speak(leg)
            case Bridge(other=name):
                if (other := self._legs.get(name)) is not None and other is not leg:
                    self._bridge(leg, other)
            case Unbridge():
                leg.unbridge()

    def _refuse(self, command: Command) -> None:
        """Answer a command that failed by an error of ours, and leave nothing half done."""
        reason = "an error in the media worker"
        match command:
            case OpenLeg(leg=name):
                self._abandon(name)
                self._report(LegRefused(leg=name, reason=reason))
            case CloseLeg(leg=name):
                self._abandon(name)
                self._report(LegClosed(leg=name, quality=LegQuality()))
            case Play(leg=name, play=number):
                if (leg := self._legs.get(name)) is not None:
                    leg.play = None
                    guarded(self._fall_silent, leg)
                self._report(PlayEnded(leg=name, play=number, outcome="failed"))
            case StartCapture(capture=name) | StopCapture(capture=name):
                if (capture := self._captures.get(name)) is not None:
                    self._fail_capture(capture, reason)
                else:
                    self._report(CaptureFailed(capture=name, reason=reason))

    def _abandon(self, name: str) -> None:
        """A leg that could not be opened, or closed, as it should be."""
        if (leg := self._legs.pop(name, None)) is None:
            return
        self._slots[leg.slot].discard(leg)
        self._speaking.pop(leg, None)
        for one in (leg.listener, leg.connected, leg.rtcp_socket):
            if one is not None:
                with suppress(OSError, ValueError):  # not watched yet, or not any more
                    self._loop.forget(one.fileno())
        guarded(leg.close, time.monotonic())
        self._loop.ticking = bool(self._legs)

    def _open_leg(self, name: str) -> None:
        if name in self._legs:
            self._report(LegRefused(leg=name, reason="the id is taken"))
            return
        self._next_slot += 1
        slot = self._next_slot % LOOK_TICKS
        try:
            leg = Leg(name, self._ports, slot, time.monotonic(), self._chance)
        except NoPortFree as refusal:
            self._report(LegRefused(leg=name, reason=str(refusal)))
            return
        leg.on_digit, leg.on_barge_in = self._digit, self._barge_in
        self._legs[name] = leg
        self._slots[slot].add(leg)
        self._listen(leg)
        self._loop.watch(leg.rtcp_socket.fileno(), lambda: self._rtcp(leg))
        self._loop.ticking = True
        self._report(LegOpened(leg=name, port=leg.port))

    def _close_leg(self, leg: Leg) -> None:
        self._end_play(leg, "stopped")
        channel = leg.incoming.channel
        self._stop_listening(leg)
        for one in (leg.connected, leg.rtcp_socket):
            if one is not None:
                self._loop.forget(one.fileno())
        del self._legs[leg.name]
        self._slots[leg.slot].discard(leg)
        self._speaking.pop(leg, None)
        quality = leg.close(time.monotonic())
        self._received_before += quality.packets_received
        self._sent_before += quality.packets_sent
        self._report(LegClosed(leg=leg.name, quality=quality))
        if channel is not None and not self._captured(channel.capture):
            self._close_capture(channel.capture)
        self._loop.ticking = bool(self._legs)

    # --- addresses -----------------------------------------------------------------------------

    def _set_remote(self, leg: Leg, remote: SetRemote) -> None:
        moved = leg.set_remote(remote, time.monotonic())
        if moved and leg.connected is not None:
            self._loop.forget(leg.connected.fileno())
            leg.unlearn()
            self._listen(leg)
        leg.rewire()

    def _listen(self, leg: Leg) -> None:
        """Read what comes to the leg's port from anybody."""
        if not leg.listening:
            leg.listening = True
            self._loop.watch(leg.listener.fileno(), lambda: self._hear(leg))

    def _stop_listening(self, leg: Leg) -> None:
        if leg.listening:
            leg.listening = False
            self._loop.forget(leg.listener.fileno())

    def _hear(self, leg: Leg) -> None:
        """A packet that may be from anybody; the leg's latch judges."""
        buffer, now = self._loop.buffer, time.monotonic()
        try:
            size, (host, port, *_) = leg.listener.recvfrom_into(buffer)
        except OSError:
            return
        source = (host, port)
        if leg.remote is None or leg.latch.shuns(source, now):
            leg.reject()
        elif is_rtcp(buffer, size):
            leg.receive_rtcp(bytes(buffer[:size]), source, now)
        elif not leg.incoming.accepts(buffer, size):
            leg.reject()
        else:
            _, seq, _, ssrc = HEADER.unpack_from(buffer)
            verdict = leg.latch.receive(source, seq, ssrc, now)
            if verdict is Verdict.REFUSED:
                leg.reject()
                return
            if verdict is Verdict.LEARNED:
                self._learn(leg, source)
            leg.incoming.receive(buffer, size, now)
            if verdict is Verdict.LEARNED and leg.connected is not None:
                self._switch_to(leg, leg.connected, source, now)

    def _learn(self, leg: Leg, source: Address) -> None:
        if leg.connected is not None:
            log.warning("media.stranger_dropped", leg_id=leg.name)
            self._loop.forget(leg.connected.fileno())
        try:
            leg.learn(source)
        except OSError as error:
            # Out of file descriptors, say: then it is heard and spoken to by the listener.
            log.error("media.leg_not_connected", leg_id=leg.name, error=str(error))  # noqa: TRY400
        leg.wire()

    def _switch_to(self, leg: Leg, connected: socket.socket, source: Address, now: float) -> None:
        """Read the connected socket from now on, and the listener while somebody may come yet."""
        settled = leg.latch.settled(now)
        # What came to either socket before the new one was connected may be from anybody.
        for one in (leg.listener, connected) if settled else (connected,):
            with suppress(OSError):
                while True:
                    size, (host, port, *_) = one.recvfrom_into(self._loop.buffer)
                    if (host, port) == source:
                        leg.incoming.receive(self._loop.buffer, size, now)
                    else:
                        leg.reject()
        self._loop.watch_stream(connected.fileno(), leg.incoming)
        if settled:
            self._stop_listening(leg)

    def _rtcp(self, leg: Leg) -> None:
        with suppress(OSError):
            data, source = leg.rtcp_socket.recvfrom(2048)
            leg.receive_rtcp(data, source[:2], time.monotonic())

    # --- plays, digits, bridges ----------------------------------------------------------------

    def _play(self, leg: Leg, command: Play) -> None:
        self._end_play(leg, "stopped")
        if leg.remote is None:
            self._report(PlayEnded(leg=leg.name, play=command.play, outcome="failed"))
            return
        play = PlayInProgress(command.play, leg.remote.codec, barge_in=command.barge_in)
        leg.play = play
        leg.wire()

        def loaded(files: list[bytes] | None) -> None:
            if leg.play is not play:
                return  # stopped in the meantime
            if files is None:
                self._end_play(leg, "failed")
                return
            play.load(files, repeat=command.repeat)
            self._let_speak(leg)

        self._prompts.load(command.files, leg.remote.codec, loaded)

    def _end_play(self, leg: Leg, outcome: Any) -> None:
        if (play := leg.play) is not None:
            leg.play = None
            self._fall_silent(leg)
            self._report(PlayEnded(leg=leg.name, play=play.number, outcome=outcome))

    def _let_speak(self, leg: Leg) -> None:
        leg.wire()
        self._speaking[leg] = None

    def _fall_silent(self, leg: Leg) -> None:
        if not leg.speaking:
            self._speaking.pop(leg, None)
            leg.wire()

    def _bridge(self, leg: Leg, other: Leg) -> None:
        for one in (leg, other):
            self._end_play(one, "stopped")
            one.unbridge()
        leg.bridge(other)

    def _digit(self, leg: Leg, pressed: Pressed) -> None:
        self._report(Digit(leg=leg.name, digit=pressed.digit, duration_ms=pressed.duration_ms))

    def _barge_in(self, leg: Leg) -> None:
        self._end_play(leg, "interrupted")

    # --- captures ------------------------------------------------------------------------------

    def _start_capture(self, command: StartCapture) -> None:
        name, reason = command.capture, None
        caller, agent = self._legs.get(command.caller), self._legs.get(command.agent)
        if name in self._captures or name in self._closing:
            reason = "the id is taken"
        elif caller is None or agent is None or caller is agent:
            reason = "there are no such two legs"
        elif caller.channel is not None or agent.channel is not None:
            reason = "a leg is being captured already"
        if reason is not None or caller is None or agent is None:
            self._report(CaptureFailed(capture=name, reason=reason or ""))
            return
        self._next_slot += 1
        slot = self._next_slot % FLUSH_GROUPS
        codecs = [leg.remote.codec if leg.remote else "PCMU" for leg in (caller, agent)]
        capture = Capture(name, Path(command.folder), codecs[0], codecs[1], slot, time.monotonic())
        self._captures[name] = capture
        self._capture_slots[slot].add(capture)
        caller.incoming.capture(capture.channels[0])
        agent.incoming.capture(capture.channels[1])
        self._writer.write(capture, (b"", b""))

    def _stop_capture(self, name: str) -> None:
        if (capture := self._captures.get(name)) is None:
            if name not in self._closing:
                self._report(CaptureFailed(capture=name, reason="there is no such capture"))
        else:
            self._close_capture(capture)

    def _captured(self, capture: Capture) -> bool:
        """Whether any leg is still there for it."""
        return any(leg.channel in capture.channels for leg in self._legs.values() if leg.channel)

    def _close_capture(self, capture: Capture) -> None:
        """Write the rest; the answer is given once that is in the file."""
        self._detach(capture)
        self._closing.add(capture.name)
        self._writer.write(capture, capture.last_pieces(time.monotonic()), last=True)

    def _detach(self, capture: Capture) -> None:
        self._captures.pop(capture.name, None)
        self._capture_slots[capture.slot].discard(capture)
        for leg in self._legs.values():
            if leg.channel in capture.channels:
                leg.incoming.capture(None)

    def _captures_ended(self) -> None:
        for capture, error in self._writer.results():
            asked = capture.name in self._closing
            self._closing.discard(capture.name)
            if error is not None:
                self._fail_capture(capture, error.strerror or str(error))
            elif asked:  # else it is told already that it failed
                self._report(CaptureClosed(capture=capture.name, samples=capture.samples))

    def _fail_capture(self, capture: Capture, reason: str) -> None:
        log.error("media.capture_failed", capture=capture.name, reason=reason)
        if self._captures.get(capture.name) is capture:
            self._detach(capture)
            self._writer.write(capture, (b"", b""), last=True)
        self._report(CaptureFailed(capture=capture.name, reason=reason))

    # --- time ----------------------------------------------------------------------------------

    def _tick(self, now: float) -> None:
        """Every 20 ms, at its due time ``now``."""
        for leg in list(self._speaking):
            guarded(self._let_say, leg, now)
        self._ticks += 1
        present = time.monotonic()
        for leg in list(self._slots[self._ticks % LOOK_TICKS]):
            guarded(self._look_at, leg, present)
        if self._ticks % FLUSH_TICKS == 0:
            guarded(self._flush, self._ticks // FLUSH_TICKS % FLUSH_GROUPS, present)
        if self._ticks % CLEAN_TICKS == 0:
            gc.collect()

    def _let_say(self, leg: Leg, now: float) -> None:
        if leg.speak(now) is not None:
            self._end_play(leg, "finished")
        elif not leg.speaking:
            self._fall_silent(leg)

    def _look_at(self, leg: Leg, now: float) -> None:
        leg.incoming.handle_timer(now)
        leg.report(now)
        if leg.listening and leg.connected is not None and leg.latch.settled(now):
            self._stop_listening(leg)
        if leg.resumed(now):
            self._report(RtpResumed(leg=leg.name))
        elif (seconds := leg.silence(now)) is not None:
            self._report(RtpSilent(leg=leg.name, seconds=round(seconds, 1)))

    def _flush(self, slot: int, now: float) -> None:
        jobs: list[WriteJob] = []
        for capture in list(self._capture_slots[slot]):
            if capture.queued - capture.written > BACKLOG_LIMIT:
                self._fail_capture(capture, "the disk is too slow")
            else:
                jobs.append((capture, capture.pieces(now), False))
        if jobs:
            self._writer.write_all(jobs)

    def _statistics(self) -> WorkerStatistics:
        streams = [leg.incoming for leg in self._legs.values()]
        return WorkerStatistics(
            legs=len(self._legs),
            captures=len(self._captures),
            late_ticks=self._loop.late_ticks,
            packets_received=self._received_before + sum(s.received + s.copies for s in streams),
            packets_sent=self._sent_before + sum(leg.sender.sent for leg in self._legs.values()),
            cpu_seconds=time.process_time(),
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A media worker; started by the server.")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--ports", required=True, help="first-last")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    first, last = (int(port) for port in arguments.ports.split("-"))
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.connect(str(arguments.socket))
    worker = Worker(control, arguments.host, first, last)

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    # Ctrl-C goes to the whole process group; the control process decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # three sockets a leg
    sys.setswitchinterval(0.0005)  # the file threads must not hold up the packets
    gc.collect()
    gc.freeze()
    gc.disable()  # Worker collects by itself, once a minute
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
