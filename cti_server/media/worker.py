"""
A media worker: ``python -m cti_server.media.worker --socket … --host … --ports a-b``.

One process, one thread for the packets (and two that only touch files). It does what the control
process says over a unix socket and reports what happens. When that socket closes, the control
process has died: the captures are written out and closed properly, and the worker exits.
"""

import gc
import random
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Final

import msgspec
import structlog

from .browsers import Browsers
from .capture import FLUSH_TICKS
from .captures import Captures
from .connections import Connections
from .control_link import ControlLink
from .digits import Pressed
from .errors import NoPortFree
from .leg import Leg
from .levels import Levels
from .mixing import Mixing
from .packets import COMPILED, PacketLoop, guarded
from .play import PlayInProgress
from .plays import Plays
from .ports import PortRange
from .process_start import arguments, connected, settle
from .protocol import (
    CloseLeg,
    Command,
    Connect,
    GetStatistics,
    LegTransport,
    Listen,
    Mask,
    Mute,
    OpenLeg,
    OpenPeer,
    Play,
    RestartIce,
    SendDigits,
    SetRemote,
    Shutdown,
    StartCapture,
    StopCapture,
    StopListening,
    StopPlay,
    WatchLevels,
)
from .rtp_port import RtpPort
from .tone_watch import ToneWatch
from .utterances import Utterances
from .visits import Visits
from .web_leg import REPORTS
from .worker_reports import (
    Digit,
    LegClosed,
    LegOpened,
    LegQuality,
    LegRefused,
    PeerChanged,
    PlayEnded,
    Report,
    RtcpHeard,
    RtpResumed,
    RtpSilent,
    SpeechEnded,
    WorkerStatistics,
)

log = structlog.get_logger()

LOOK_TICKS: Final = 10  # each leg is looked at every 0.2 s
CLEAN_TICKS: Final = 3000  # garbage in cycles is collected once a minute
_COMMANDS: Final = msgspec.msgpack.Decoder(Command)
KEY_GAP_MS: Final = 80  # after a key that is passed on
EXIT_WRITING: Final = 5.0  # seconds for the disk to take the last of the captures


class Worker:
    """The legs of one process, what is played to them, and what is captured of them."""

    def __init__(self, control: socket.socket, host: str, first: int, last: int) -> None:
        self._ports = PortRange(host, first, last)
        self._legs: dict[str, Leg] = {}
        self._slots: list[set[Leg]] = [set() for _ in range(LOOK_TICKS)]
        self._next_slot = count()
        self._ticks = 0
        self._received_before = self._sent_before = 0  # by legs that are closed
        self._chance = random.SystemRandom()
        self._loop = PacketLoop(self._tick)
        self._visits = Visits(self._loop)
        self._control = ControlLink(
            control, self._loop, _COMMANDS.decode, self._obey, self._refuse, self._control_lost
        )
        self._browsers = Browsers(self._loop, self._ports, self._control.send, self._chance)
        self._plays = Plays(self._control.send)
        self._mixing = Mixing(self._play_finished)
        self._connections = Connections(self._mixing)
        self._tones = ToneWatch(self._tone)
        self._utterances = Utterances(self._control.send, self._barge_in)
        self._captures = Captures(self._legs, self._control.send)
        self._levels = Levels(self._legs, self._control.send)
        self._loop.watch(self._plays.fd, self._plays.deliver)
        self._loop.watch(self._captures.fd, self._captures.collect)

    def run(self) -> None:
        """Until told to stop, or left alone."""
        self._loop.run()
        for leg in list(self._legs.values()):
            if not guarded(self._close_leg, leg):
                self._abandon(leg.name)
        written = self._captures.close(EXIT_WRITING)
        with suppress(BlockingIOError):
            self._captures.collect()
        if not written:
            log.error("media.captures_unwritten")
        self._browsers.close()
        self._plays.close()
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
            self._open_leg(command.leg, command.transport)
        elif isinstance(command, StartCapture):
            self._captures.start(command)
        elif isinstance(command, StopCapture):
            self._captures.stop(command.capture)
        elif isinstance(command, Connect):
            self._connect(command.hears)
        elif isinstance(command, GetStatistics):
            self._report(self._statistics())
        elif isinstance(command, WatchLevels):
            self._levels.watch(command.seconds, time.monotonic())
        elif isinstance(command, Shutdown):
            self.stop()
        elif (leg := self._legs.get(command.leg)) is not None:
            self._obey_for(leg, command)
        elif isinstance(command, Play):
            self._report(PlayEnded(leg=command.leg, play=command.play, outcome="failed"))
        elif isinstance(command, OpenPeer | RestartIce):
            self._report(
                PeerChanged(
                    leg=command.leg, peer=command.peer, state="gone", reason="there is no such leg"
                )
            )
        elif isinstance(command, CloseLeg):
            self._report(LegClosed(leg=command.leg, quality=LegQuality()))

    def _obey_for(self, leg: Leg, command: Command) -> None:
        match command:
            case SetRemote():
                if isinstance(leg.transport, RtpPort):  # a browser's come with its peers
                    leg.set_remote(command, time.monotonic())
                    self._tones.arrange(leg)
            case OpenPeer():
                self._browsers.open_peer(leg, command)
            case RestartIce():
                self._browsers.restart(leg, command)
            case CloseLeg():
                self._close_leg(leg)
            case Play():
                self._plays.start(leg, command)
            case StopPlay(play=number):
                self._plays.stop(leg, number)
            case SendDigits(digits=digits, duration_ms=duration, gap_ms=gap):
                self._plays.send_digits(leg, digits, duration, gap)
            case Mute(on=on):
                leg.incoming.mute(on)
                leg.rewire()
            case Mask(on=on):
                leg.incoming.mask(on)
            case Listen():
                self._utterances.listen(leg, command)
            case StopListening(listening=number):
                self._utterances.stop(leg, number)

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
            case Play(leg=name):
                self._plays.abandon(self._legs.get(name), command)
            case OpenPeer(leg=name, peer=number) | RestartIce(leg=name, peer=number):
                self._report(PeerChanged(leg=name, peer=number, state="gone", reason=reason))
            case Listen(leg=name, listening=number):
                self._report(SpeechEnded(leg=name, listening=number, codec="PCMU", audio=b""))
            case StartCapture(capture=name) | StopCapture(capture=name):
                self._captures.abandon(name, reason)

    def _open_leg(self, name: str, transport: LegTransport) -> None:
        if name in self._legs:
            self._report(LegRefused(leg=name, reason="the id is taken"))
            return
        try:
            leg = self._new_leg(name, transport)
        except NoPortFree as refusal:
            self._report(LegRefused(leg=name, reason=str(refusal)))
            return
        leg.on_digit, leg.on_barge_in = self._digit, self._barge_in
        leg.on_rewire = self._connections.rewire
        self._legs[name] = leg
        self._slots[leg.slot].add(leg)
        leg.transport.open()
        self._loop.ticking = True
        self._report(LegOpened(leg=name, port=leg.transport.port))

    def _new_leg(self, name: str, transport: LegTransport) -> Leg:
        slot, now = next(self._next_slot) % LOOK_TICKS, time.monotonic()
        if transport == "web":
            return Leg(name, slot, now, self._chance, self._browsers.transport, REPORTS)
        return Leg(name, slot, now, self._chance, self._rtp_port)

    def _rtp_port(self, leg: Leg) -> RtpPort:
        return RtpPort(
            leg.name,
            self._ports,
            self._loop,
            self._visits,
            leg.incoming,
            leg.sender,
            leg.rtcp.receive,
            leg.rewire,
        )

    def _close_leg(self, leg: Leg) -> None:
        self._plays.clear(leg)
        self._tones.forget(leg)
        self._utterances.forget(leg)
        self._connections.forget(leg)
        channels = leg.channels
        quality = leg.close(time.monotonic())
        del self._legs[leg.name]
        self._slots[leg.slot].discard(leg)
        self._received_before += quality.packets_received
        self._sent_before += quality.packets_sent
        self._report(LegClosed(leg=leg.name, quality=quality))
        for channel in channels:
            self._captures.leg_closed(channel.capture)
        self._loop.ticking = bool(self._legs)

    def _abandon(self, name: str) -> None:
        """A leg that could not be opened, or closed, as it should be."""
        if (leg := self._legs.pop(name, None)) is not None:
            self._slots[leg.slot].discard(leg)
            guarded(self._utterances.forget, leg)
            channels = leg.channels
            guarded(self._plays.forget, leg)
            guarded(self._tones.forget, leg)
            guarded(leg.close, time.monotonic())  # first, so that nothing is played to it any more
            guarded(self._connections.forget, leg)
            for channel in channels:
                guarded(self._captures.leg_closed, channel.capture)
            self._loop.ticking = bool(self._legs)

    def _connect(self, hears: Mapping[str, Sequence[str]]) -> None:
        legs = self._legs
        heard = {
            legs[name]: [legs[one] for one in names if one in legs]
            for name, names in hears.items()
            if name in legs
        }
        for leg, sources in heard.items():
            if sources:
                self._plays.end(leg, leg.play, "stopped")
        self._connections.connect(heard)

    def _digit(self, leg: Leg, pressed: Pressed) -> None:
        self._report(Digit(leg=leg.name, digit=pressed.digit, duration_ms=pressed.duration_ms))
        if (other := self._connections.partner_behind_mixing(leg)) is not None:
            self._plays.send_digits(other, pressed.digit, pressed.duration_ms, KEY_GAP_MS)

    def _tone(self, leg: Leg, pressed: list[Pressed], down: bool) -> None:
        """Keys in the audio: whoever hears the leg has heard them already."""
        if down:
            self._barge_in(leg)
        for key in pressed:
            self._report(
                Digit(leg=leg.name, digit=key.digit, duration_ms=key.duration_ms, heard=True)
            )

    def _play_finished(self, leg: Leg, play: PlayInProgress) -> None:
        self._plays.end(leg, play, "finished")

    def _barge_in(self, leg: Leg) -> None:
        self._plays.interrupt(leg)

    # --- time ----------------------------------------------------------------------------------

    def _tick(self, now: float) -> None:
        """Every 20 ms, at its due time ``now``."""
        guarded(self._visits.tick)  # first: a key ends a prompt
        guarded(self._plays.tick, now)
        guarded(self._tones.tick, now)
        guarded(self._utterances.tick, time.monotonic())
        guarded(self._levels.tick, time.monotonic())
        guarded(self._mixing.tick, now)
        guarded(self._browsers.tick, time.monotonic())
        self._ticks += 1
        present = time.monotonic()
        for leg in list(self._slots[self._ticks % LOOK_TICKS]):
            if not leg.calm(present):
                guarded(self._look_at, leg, present)
        if self._ticks % FLUSH_TICKS == 0:
            guarded(self._captures.flush, self._ticks // FLUSH_TICKS, present)
        if self._ticks % CLEAN_TICKS == 0:
            gc.collect()

    def _look_at(self, leg: Leg, now: float) -> None:
        leg.incoming.handle_timer(now)
        leg.report(now)
        leg.transport.settle(now)
        if leg.resumed(now):
            self._report(RtpResumed(leg=leg.name))
        elif (seconds := leg.silence(now)) is not None:
            self._report(RtpSilent(leg=leg.name, seconds=round(seconds, 1)))
        elif leg.shows_life():
            self._report(RtcpHeard(leg=leg.name))
        leg.looked_at(now)

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


def main() -> int:
    told = arguments("A media worker; started by the server.")
    worker = Worker(connected(told), told.host, *told.ports)
    settle(told, worker.stop)
    sys.setswitchinterval(0.0005)  # the file threads must not hold up the packets
    log.info("media.loop_started", compiled=COMPILED, ports=told.ports)
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
