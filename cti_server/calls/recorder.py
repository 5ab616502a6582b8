"""The recording of one conversation, or of a menu: its capture, and who it belongs to."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import structlog
from msgspec.structs import replace

from cti_server.media.plane import MediaLeg, MediaPlane
from cti_server.media.worker_reports import CaptureFailed, CaptureHeard, LegQuality
from cti_server.wire.events import RecordingFailed, RecordingStarted
from recording.budget import Room
from recording.capture import CaptureInfo
from recording.foreign_call import ForeignCall

from .exchange import Exchange
from .leg import quality_figures

log = structlog.get_logger()

PROMPT: Final = timedelta(milliseconds=20)
"""How late it may begin without being dated anew."""
STOP_WITHIN: Final = 5.0
"""Seconds that the call waits for the disk; the recording waits for as long as it takes."""
NO_ROOM: Final = "disk: there is no room for recordings"


class Captured(Protocol):
    """Whoever's voice is recorded: a :class:`.leg.Leg`, or a stream of another PBX's call."""

    @property
    def media(self) -> MediaLeg: ...

    @property
    def quality(self) -> LegQuality | None: ...


class Recorder:
    """One capture under way. ``stop`` hands it to the archiver."""

    def __init__(self, exchange: Exchange, info: CaptureInfo) -> None:
        self._exchange = exchange
        self._info = info
        self._running = False
        self._stopped = False
        self._failed = False
        self._noting: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> bool:
        return not (self._stopped or self._failed)

    @property
    def _folder(self) -> Path:
        return self._exchange.spool / self._info.recording_id

    @property
    def _plane(self) -> MediaPlane:
        return self._exchange.plane

    async def start(self, caller: Captured, agent: Captured | None) -> None:
        """
        Begin to capture; a disk that refuses ends the recording, not the call.

        Without an agent it is what the caller says and, if both sides are wanted, is told.
        """
        if self._stopped:  # the agent came and left at once
            return
        info = replace(self._info, started_at=self._exchange.clock.now())
        self._info = info  # what the customer was told before is no part of it
        self._exchange.append(begun(info))
        if self._exchange.room() is Room.NONE:
            self._refuse(NO_ROOM)
            return
        self._noting = asyncio.create_task(asyncio.to_thread(info.save, self._folder))
        try:
            await asyncio.shield(self._noting)
        except OSError as error:
            self._refuse(str(error))
            return
        if self._stopped:  # the agent left while the folder was made: nothing captures into it
            return
        self._running = True
        self._plane.start_capture(
            info.recording_id,
            self._folder,
            caller.media if info.sides != "agent" else None,
            agent.media if agent is not None and info.sides != "customer" else None,
            self._heard,
            told=agent is None and info.sides == "both",
        )
        self._note_delay()

    def _refuse(self, reason: str) -> None:
        log.error("recording.not_started", recording_id=self._info.recording_id, reason=reason)
        self._fail(reason)

    def _heard(self, report: CaptureHeard | CaptureFailed) -> None:
        """It ends before the call does; what was written until then is archived with the call."""
        if isinstance(report, CaptureFailed) and not report.cut_short and self.under_way:
            self._fail(report.reason)

    def _note_delay(self) -> None:
        """A folder that was long in the making is no part of it: masks are told in its seconds."""
        now = self._exchange.clock.now()
        if now - self._info.started_at > PROMPT:
            self._info = replace(self._info, started_at=now)
            self._note_again()

    def tell(self, foreign: ForeignCall) -> None:
        """The other PBX has told more of the call since it began: the archive has it, too."""
        if self.under_way and foreign != self._info.foreign:
            self._info = replace(self._info, foreign=foreign)
            if self._noting is not None:  # else it is noted when it begins
                self._note_again()

    def _note_again(self) -> None:
        self._noting = asyncio.create_task(self._note_after(self._noting, self._info))

    async def _note_after(self, before: asyncio.Task[None] | None, info: CaptureInfo) -> None:
        """One after the other: the last that was known is what stays."""
        if before is not None:
            with contextlib.suppress(OSError):  # what it had not noted is noted now
                await before
        await asyncio.to_thread(info.save, self._folder)

    def cease(self) -> None:
        """It is over for whoever looks; :meth:`stop` sees to it."""
        self._stopped = True

    async def stop(self) -> None:
        """
        No more audio belongs to it. Again waits for the same end.

        A disk that stands still does not hold up the call: its last samples are written later.
        """
        self.cease()
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.wait({self._ending}, timeout=STOP_WITHIN)

    async def _end(self) -> None:
        if not self._running:
            await self._leave_nothing()
            return
        closed = await self._plane.stop_capture(self._info.recording_id)
        await self._noted()
        if isinstance(closed, CaptureFailed):
            log.error(
                "recording.cut_short",
                recording_id=self._info.recording_id,
                reason=closed.reason,
            )

    async def _leave_nothing(self) -> None:
        """The call ended, or the disk refused, before the capture began."""
        if self._noting is None:
            return
        await self._noted()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        if not self._failed:
            self._fail("the call ended before anything was captured")

    async def _noted(self) -> None:
        """Nothing is written into its folder any more."""
        if self._noting is None:
            return
        try:
            await self._noting
        except OSError as error:
            if not self._failed:  # which was told
                log.error(  # noqa: TRY400 - nothing to trace
                    "recording.not_noted",
                    recording_id=self._info.recording_id,
                    reason=str(error),
                )

    def _fail(self, reason: str) -> None:
        self._failed = True
        info = self._info
        self._exchange.append(
            RecordingFailed(
                recording_id=info.recording_id,
                reason=reason,
                agent_id=info.agent_id or None,
                contact_id=info.contact_id,
            )
        )

    def hand_over(self, caller: Captured, agent: Captured | None) -> None:
        """The legs are closed and their quality is known: archive what was captured."""
        if self._running:
            self._running = False
            quality = {
                f"{role}_{name}": figure
                for role, leg in (("caller", caller), ("agent", agent))
                if leg is not None
                for name, figure in quality_figures(leg.quality).items()
            }
            self._when_whole(partial(self._exchange.archiver.submit, self._folder, quality))

    def _when_whole(self, act: Callable[[], None]) -> None:
        if self._ending is None or self._ending.done():
            act()
        else:
            self._ending.add_done_callback(lambda _: act())


def begun(info: CaptureInfo) -> RecordingStarted:
    """What the log is told of a recording that there is from now on."""
    foreign = info.foreign is not None  # its contact, which would have the numbers, is none
    return RecordingStarted(
        recording_id=info.recording_id,
        call_id=info.call_id,
        contact_id=info.contact_id,
        interaction_id=info.interaction_id,
        agent_id=info.agent_id,
        queue=info.queue,
        kind=info.kind,
        rule=info.rule,
        asked_by=info.asked_by,
        sides=info.sides,
        caller_number=info.caller_number if foreign else "",
        dialled_number=info.dialled_number if foreign else "",
        foreign=info.foreign,
    )
