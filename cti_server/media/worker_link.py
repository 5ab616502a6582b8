"""The connection to one worker process, for as long as that lives."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from .errors import MediaUnavailable
from .key_presses import Way
from .media_leg import MediaLeg, MediaListener
from .process_link import ProcessLink
from .protocol import (
    CloseLeg,
    GetStatistics,
    LegTransport,
    OpenLeg,
    StartCapture,
    StopCapture,
)
from .worker_reports import (
    CaptureClosed,
    CaptureFailed,
    CaptureHeard,
    Digit,
    LegClosed,
    LegOpened,
    LegQuality,
    LegRefused,
    LevelsHeard,
    PeerChanged,
    PeerOpened,
    PlayEnded,
    Report,
    RtcpHeard,
    RtpResumed,
    RtpSilent,
    SpeechBegun,
    SpeechEnded,
    WorkerStatistics,
)

log = structlog.get_logger()

OPEN_WITHIN: Final = 2.0  # seconds for a worker to find a port
_KEPT_RESULTS: Final = 1000  # of captures that ended before anybody asked

CaptureResult = CaptureClosed | CaptureFailed
OnLevels = Callable[[LevelsHeard], None]
OnCapture = Callable[[CaptureHeard | CaptureFailed], None]
"""Who is told how far a message has got, and that it is no more."""
_Opening = tuple["asyncio.Future[MediaLeg]", MediaListener, str]

_REPORTS = msgspec.msgpack.Decoder(Report)


class WorkerLink(ProcessLink[Report]):
    """
    Commands to a worker, and its reports to whoever waits for them.

    State changes in ``def`` only. When the connection is lost, every waiter gets an answer.
    """

    def __init__(self, number: int) -> None:
        super().__init__(_REPORTS.decode, f"media {number}")
        self.number = number
        self._legs: dict[str, tuple[MediaLeg, MediaListener]] = {}
        self._opening: dict[str, _Opening] = {}
        self._captures: dict[str, asyncio.Future[CaptureResult]] = {}
        self.results: dict[str, CaptureResult] = {}
        self._on_capture: dict[str, OnCapture] = {}  # of those that are open
        self.on_levels: OnLevels | None = None
        self._changed = asyncio.Event()  # a leg was closed, or everything is lost
        self._statistics: list[asyncio.Future[WorkerStatistics]] = []

    @property
    def load(self) -> int:
        return len(self._legs) + len(self._opening)

    @property
    def legs(self) -> list[tuple[MediaLeg, MediaListener]]:
        """Those that are open, and who hears them."""
        return list(self._legs.values())

    async def emptied(self) -> None:
        """Until it has no leg; it may get one again after that."""
        while self.load and not self.lost.done():
            self._changed.clear()
            await self._changed.wait()

    def has_leg(self, leg_id: str) -> bool:
        return leg_id in self._legs

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._changed.set()

    # --- what is asked ---------------------------------------------------------------------------

    async def open_leg(
        self, leg_id: str, listener: MediaListener, host: str, transport: LegTransport = "rtp"
    ) -> MediaLeg:
        if leg_id in self._legs or leg_id in self._opening:
            raise ValueError(f"leg {leg_id} is there already")
        opening: asyncio.Future[MediaLeg] = asyncio.get_running_loop().create_future()
        self._opening[leg_id] = (opening, listener, host)
        self.send(OpenLeg(leg=leg_id, transport=transport))
        taken = False
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                leg = await opening
            taken = True
        except TimeoutError:
            raise MediaUnavailable(f"media worker {self.number} does not answer") from None
        finally:
            # A leg that opens after this is closed at once, see _leg_opened.
            self._opening.pop(leg_id, None)
            self._changed.set()
            if not taken and leg_id in self._legs:
                self.send(CloseLeg(leg=leg_id))
        return leg

    def start_capture(self, command: StartCapture, on_report: OnCapture | None = None) -> None:
        if command.capture in self._captures:
            raise ValueError(f"capture {command.capture} is there already")
        self._captures[command.capture] = asyncio.get_running_loop().create_future()
        if on_report is not None:
            self._on_capture[command.capture] = on_report
        self.send(command)

    def has_capture(self, capture_id: str) -> bool:
        return capture_id in self._captures or capture_id in self.results

    async def stop_capture(self, capture_id: str, within: float | None) -> CaptureResult:
        """Wait until the files are written and closed, at most so many seconds."""
        if (result := self.results.pop(capture_id, None)) is not None:
            return result
        if (ended := self._captures.get(capture_id)) is None:
            return CaptureFailed(capture=capture_id, reason="there is no such capture")
        self.send(StopCapture(capture=capture_id))
        try:
            async with asyncio.timeout(within):
                result = await asyncio.shield(ended)
        except TimeoutError:
            return CaptureFailed(capture=capture_id, reason="the media worker does not answer")
        self.results.pop(capture_id, None)
        return result

    async def statistics(self) -> WorkerStatistics | None:
        """None if the worker died."""
        answer: asyncio.Future[WorkerStatistics] = asyncio.get_running_loop().create_future()
        self._statistics.append(answer)
        self.send(GetStatistics())
        await asyncio.wait((answer, self.lost), return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else None

    # --- what is reported ------------------------------------------------------------------------

    def receive(self, report: Report) -> None:
        match report:
            case Digit() | PlayEnded():  # most of all reports
                if (found := self._legs.get(report.leg)) is not None:
                    _tell(*found, report)
            case LegOpened():
                self._leg_opened(report)
            case LegRefused(leg=leg_id, reason=reason):
                if leg_id in self._opening and not (waiter := self._opening[leg_id][0]).done():
                    waiter.set_exception(MediaUnavailable(reason))
            case LegClosed(leg=leg_id, quality=quality):
                if (found := self._legs.pop(leg_id, None)) is not None:
                    found[0].closed(quality)
                self._changed.set()
            case CaptureClosed(capture=capture_id) | CaptureFailed(capture=capture_id):
                self._capture_ended(capture_id, report)
            case CaptureHeard(capture=capture_id):
                if (on_report := self._on_capture.get(capture_id)) is not None:
                    asyncio.get_running_loop().call_soon(on_report, report)
            case LevelsHeard():
                if self.on_levels is not None:
                    asyncio.get_running_loop().call_soon(self.on_levels, report)
            case WorkerStatistics():
                if self._statistics and not (waiting := self._statistics.pop(0)).done():
                    waiting.set_result(report)
            case _:
                if (found := self._legs.get(report.leg)) is not None:
                    _tell(*found, report)

    def _leg_opened(self, report: LegOpened) -> None:
        opening = self._opening.get(report.leg)
        if opening is None or opening[0].done():
            self.send(CloseLeg(leg=report.leg))  # nobody waits for it any more
            return
        waiter, listener, host = opening
        leg = MediaLeg(report.leg, host, report.port, self)
        # Before the waiter runs: a report on this leg may be in the same read.
        self._legs[report.leg] = (leg, listener)
        waiter.set_result(leg)

    def _capture_ended(self, capture_id: str, result: CaptureResult) -> None:
        ended = self._captures.pop(capture_id, None)
        on_report = self._on_capture.pop(capture_id, None)
        if ended is None:
            return  # a second answer: it was stopped while it ended by itself
        if isinstance(result, CaptureFailed):
            log.error("media.capture_failed", capture=capture_id, reason=result.reason)
            if on_report is not None:
                asyncio.get_running_loop().call_soon(on_report, result)
        self.results[capture_id] = result
        while len(self.results) > _KEPT_RESULTS:
            del self.results[next(iter(self.results))]
        if not ended.done():
            ended.set_result(result)

    def bury(self) -> list[str]:
        """The worker is dead: answer all who wait, tell the listeners; returns the legs' ids."""
        for opening, _, _ in self._opening.values():
            if not opening.done():
                opening.set_exception(MediaUnavailable(f"media worker {self.number} died"))
        reason = "the media worker died"
        for capture_id in list(self._captures):
            lost = CaptureFailed(capture=capture_id, reason=reason, cut_short=True)
            self._capture_ended(capture_id, lost)
        legs, self._legs = self._legs, {}
        for leg, _ in legs.values():
            leg.closed(LegQuality())
        loop = asyncio.get_running_loop()
        for _, listener in legs.values():
            loop.call_soon(listener.media_lost)
        return list(legs)


def _tell(leg: MediaLeg, listener: MediaListener, report: Report) -> None:
    """A listener is called by the loop, so that its errors are its own and not the link's."""
    loop = asyncio.get_running_loop()
    match report:
        case Digit(digit=digit, duration_ms=duration, heard=heard):
            loop.call_soon(listener.digit, digit, duration, Way.TONE if heard else Way.EVENT)
        case PlayEnded():
            leg.play_ended(report)
        case SpeechBegun() | SpeechEnded():
            leg.spoke(report)
        case PeerOpened():
            leg.peer_opened(report)
        case PeerChanged(state=state, reason=reason):
            if leg.peer_changed(report):
                loop.call_soon(listener.peer_changed, state, reason)
        case RtpSilent(seconds=seconds):
            loop.call_soon(listener.rtp_silent, seconds)
        case RtcpHeard():
            loop.call_soon(listener.rtcp_heard)
        case RtpResumed():
            loop.call_soon(listener.rtp_resumed)
