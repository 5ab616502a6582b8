"""A leg as the control process sees it: what it may ask of the worker, and what comes back."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import msgspec
import structlog

from .errors import MediaUnavailable
from .key_presses import Way
from .protocol import (
    CloseLeg,
    Command,
    Connect,
    Direction,
    LegCodec,
    Listen,
    Mask,
    Mute,
    OpenPeer,
    Play,
    RestartIce,
    SendDigits,
    SetRemote,
    StopListening,
    StopPlay,
)
from .worker_reports import (
    LegQuality,
    PeerChanged,
    PeerOpened,
    PeerState,
    PlayEnded,
    SpeechBegun,
    SpeechEnded,
)

log = structlog.get_logger()

ANSWER_WITHIN: Final = 5.0  # seconds for a worker to close something
LOST: Final = "lost"


class WorkerSocket(Protocol):
    """The way to the worker that has the leg."""

    @property
    def number(self) -> int: ...

    def send(self, command: Command) -> None: ...


class MediaListener(Protocol):
    """Who is told what happens on a leg."""

    def digit(self, digit: str, duration_ms: int, way: Way) -> None:
        """A key; the same press may come again by another way (:mod:`.key_presses`)."""

    def rtp_silent(self, seconds: float) -> None: ...

    def rtcp_heard(self) -> None:
        """Somebody who is silent is there all the same."""

    def rtp_resumed(self) -> None: ...

    def peer_changed(self, state: PeerState, reason: str) -> None:
        """The peer that has a browser's leg's audio, or was to have it (see PeerChanged)."""

    def media_lost(self) -> None:
        """The worker died; the leg is gone."""


class Listening:
    """A party is waited for to say something."""

    def __init__(self, number: int, stop: Callable[[int], None]) -> None:
        self.number = number
        self.begun = asyncio.Event()
        """They speak, or have spoken."""
        self._ended: asyncio.Future[SpeechEnded | None] = asyncio.get_running_loop().create_future()
        self._stop = stop

    async def said(self) -> SpeechEnded | None:
        """Once they are silent again; None if the leg is no more, or they are not listened to."""
        return await asyncio.shield(self._ended)

    def stop(self) -> None:
        """What is said from now on, or is being said, is not wanted."""
        if not self._ended.done():
            self._stop(self.number)
            self.over(None)

    def over(self, said: SpeechEnded | None) -> None:
        self.begun.set()
        if not self._ended.done():
            self._ended.set_result(said)


class Playing:
    """Files that a party is being sent."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """How it ended, as :meth:`MediaLeg.play` tells it."""
        self._stop = stop

    def stop(self) -> None:
        """What is left of it is not wanted."""
        if not self.ended.done():
            self._stop()


class MediaLeg:
    """One leg on a worker. After the worker died, everything here is quietly without effect."""

    def __init__(self, leg_id: str, host: str, port: int, link: WorkerSocket) -> None:
        """``host`` and ``port`` are what the party is told to send to."""
        self.id = leg_id
        self.host = host
        self.port = port
        self.lost = False
        self._link = link
        self._quality: asyncio.Future[LegQuality] | None = None
        self._plays: dict[int, asyncio.Future[str]] = {}
        self._numbers = count(1)
        self._latest_play: int | None = None
        self._opening: dict[int, asyncio.Future[PeerOpened]] = {}  # by peer
        self._audio_peer: int | None = None  # the one that has the audio
        self.bridged: MediaLeg | None = None  # to whom, by the shorthand
        self._listening: Listening | None = None

    @property
    def worker(self) -> int:
        return self._link.number

    def set_remote(
        self,
        *,
        host: str,
        port: int,
        codec: LegCodec,
        payload_type: int,
        dtmf_payload_type: int | None,
        direction: Direction,
        dtmf_received_as: int | None = None,
        ptime_ms: int = 20,
        tones: bool = False,
        dtmf_clock_rate: int = 8000,
        comfort_noise: bool = False,
    ) -> None:
        self._send(
            SetRemote(
                leg=self.id,
                host=host,
                port=port,
                codec=codec,
                payload_type=payload_type,
                dtmf_payload_type=dtmf_payload_type,
                direction=direction,
                dtmf_received_as=dtmf_received_as,
                ptime_ms=ptime_ms,
                tones=tones,
                dtmf_clock_rate=dtmf_clock_rate,
                comfort_noise=comfort_noise,
            )
        )

    async def play(
        self,
        files: Sequence[Path],
        *,
        repeat: bool = False,
        barge_in: bool = False,
        over: bool = False,
        private: bool = False,
    ) -> str:
        """
        Play and wait: "finished", "interrupted", "stopped", "failed", or "lost" with the worker.

        Cancelling the waiting task stops the play.
        """
        number = self.start_play(
            files, repeat=repeat, barge_in=barge_in, over=over, private=private
        )
        if (ended := self._plays.get(number)) is None:
            return LOST
        try:
            return await ended
        except asyncio.CancelledError:
            self.stop_play(number)
            raise

    def begin_play(
        self, files: Sequence[Path], *, barge_in: bool = False, private: bool = False
    ) -> Playing:
        """Play without a task that waits for it."""
        number = next(self._numbers)
        playing = Playing(partial(self.stop_play, number))
        if self._gone:
            playing.ended.set_result(LOST)
        self._play(number, playing.ended, files, barge_in=barge_in, private=private)
        return playing

    def start_play(
        self,
        files: Sequence[Path],
        *,
        repeat: bool = False,
        barge_in: bool = False,
        over: bool = False,
        private: bool = False,
    ) -> int:
        """Play without waiting; returns the play's number. See :class:`.protocol.Play`."""
        number = next(self._numbers)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._play(
            number, ended, files, repeat=repeat, barge_in=barge_in, over=over, private=private
        )
        return number

    def _play(
        self,
        number: int,
        ended: "asyncio.Future[str]",
        files: Sequence[Path],
        *,
        repeat: bool = False,
        barge_in: bool = False,
        over: bool = False,
        private: bool = False,
    ) -> None:
        self._latest_play = number
        if self._gone:
            return
        self._plays[number] = ended
        self._link.send(
            Play(
                leg=self.id,
                play=number,
                files=[str(file) for file in files],
                repeat=repeat,
                barge_in=barge_in,
                over=over,
                private=private,
            )
        )

    def stop_play(self, play: int | None = None) -> None:
        """Stop this play, or the latest."""
        number = self._latest_play if play is None else play
        if number in self._plays:
            self._send(StopPlay(leg=self.id, play=number))

    def send_digits(self, digits: str, duration_ms: int = 100, gap_ms: int = 80) -> None:
        self._send(SendDigits(leg=self.id, digits=digits, duration_ms=duration_ms, gap_ms=gap_ms))

    async def open_peer(
        self,
        peer: int,
        *,
        fingerprint: str,
        codec: LegCodec,
        payload_type: int,
        dtmf_payload_type: int | None,
        dtmf_received_as: int | None = None,
        ptime_ms: int = 20,
    ) -> PeerOpened:
        """Expect a browser's peer connection, see OpenPeer; raises MediaUnavailable."""
        return await self._peer_opened(
            OpenPeer(
                leg=self.id,
                peer=peer,
                fingerprint=fingerprint,
                codec=codec,
                payload_type=payload_type,
                dtmf_payload_type=dtmf_payload_type,
                dtmf_received_as=dtmf_received_as,
                ptime_ms=ptime_ms,
            )
        )

    async def restart_ice(self, peer: int) -> PeerOpened:
        """New credentials for this peer; raises MediaUnavailable if it is not there any more."""
        return await self._peer_opened(RestartIce(leg=self.id, peer=peer))

    async def _peer_opened(self, command: OpenPeer | RestartIce) -> PeerOpened:
        if self._gone or command.peer in self._opening:
            raise MediaUnavailable(f"leg {self.id} can't open peer {command.peer} now")
        opening: asyncio.Future[PeerOpened] = asyncio.get_running_loop().create_future()
        self._opening[command.peer] = opening
        self._send(command)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await opening
        except TimeoutError:
            raise MediaUnavailable(f"media worker {self.worker} does not answer") from None
        finally:
            del self._opening[command.peer]

    def bridge(self, other: "MediaLeg") -> None:
        """
        Each hears the other one, and nobody else; with whom they were bridged hears nobody.

        Both have to be on one worker (see ``open_leg(beside=…)``). What goes beyond two is said
        by ``MediaPlane.connect``.
        """
        if other.worker != self.worker:
            raise ValueError(f"{self.id} and {other.id} are on different workers")
        hears: dict[str, list[str]] = {
            left.id: [] for one in (self, other) if (left := one.part()) is not None
        }
        self.bridged, other.bridged = other, self
        self._send(Connect(hears=hears | {self.id: [other.id], other.id: [self.id]}))

    def unbridge(self) -> None:
        """This leg and the one that it is bridged to hear nobody."""
        legs = [self.id] if (other := self.part()) is None else [self.id, other.id]
        self._send(Connect(hears={leg: [] for leg in legs}))

    def part(self) -> "MediaLeg | None":
        """Forget who it is bridged to; returns that leg."""
        other, self.bridged = self.bridged, None
        if other is not None:
            other.bridged = None
        return other

    def mute(self, on: bool) -> None:
        """What this leg says is silence, to those who hear it and in the capture."""
        self._send(Mute(leg=self.id, on=on))

    def mask(self, on: bool) -> None:
        """What this leg says is silence in the capture."""
        self._send(Mask(leg=self.id, on=on))

    def listen(self, *, longest_ms: int = 8000) -> Listening:
        """Wait for the party to say something; who is listened to already is so no more."""
        if self._listening is not None:
            self._listening.over(None)
        listening = self._listening = Listening(next(self._numbers), self._stop_listening)
        if self._gone:
            listening.over(None)
        self._send(Listen(leg=self.id, listening=listening.number, longest_ms=longest_ms))
        return listening

    def _stop_listening(self, number: int) -> None:
        self._send(StopListening(leg=self.id, listening=number))

    async def close(self) -> LegQuality:
        """Give the port back. Idempotent; the quality is empty if the worker died."""
        if self._quality is None:
            self._quality = asyncio.get_running_loop().create_future()
            if self.lost:
                self._quality.set_result(LegQuality())
            else:
                self._link.send(CloseLeg(leg=self.id))
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN):
                return await asyncio.shield(self._quality)
        log.error("media.leg_not_closed", leg_id=self.id, worker=self.worker)
        return LegQuality()

    @property
    def _gone(self) -> bool:
        return self.lost or self._quality is not None

    def _send(self, command: Command) -> None:
        if not self._gone:
            self._link.send(command)

    # --- what the worker said --------------------------------------------------------------------

    def play_ended(self, report: PlayEnded) -> None:
        if (ended := self._plays.pop(report.play, None)) is not None and not ended.done():
            ended.set_result(report.outcome)

    def spoke(self, report: SpeechBegun | SpeechEnded) -> None:
        listening = self._listening
        if listening is None or listening.number != report.listening:
            return
        if isinstance(report, SpeechEnded):
            listening.over(report)
        else:
            listening.begun.set()

    def peer_opened(self, report: PeerOpened) -> None:
        if (opening := self._opening.get(report.peer)) is not None and not opening.done():
            opening.set_result(msgspec.structs.replace(report, host=self.host))

    def peer_changed(self, report: PeerChanged) -> bool:
        """Whether that concerns the audio of this leg; a spare peer's end does not."""
        if report.state == "gone" and (opening := self._opening.get(report.peer)) is not None:
            if not opening.done():
                opening.set_exception(MediaUnavailable(report.reason))
            return False
        if report.state == "connected":
            self._audio_peer = report.peer
        if self._audio_peer not in (None, report.peer):
            return False
        if report.state == "gone":
            self._audio_peer = None
        return True

    def closed(self, quality: LegQuality) -> None:
        """The leg is no more, and so is all that was awaited of it."""
        self.lost = True
        if self._quality is None:
            self._quality = asyncio.get_running_loop().create_future()
        if not self._quality.done():
            self._quality.set_result(quality)
        for ended in self._plays.values():
            if not ended.done():
                ended.set_result(LOST)
        self._plays.clear()
        if self._listening is not None:
            self._listening.over(None)
        for opening in self._opening.values():
            if not opening.done():
                opening.set_exception(MediaUnavailable(f"leg {self.id} is no more"))
