"""All captures of a worker: begun, written in turns, ended, failed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

import structlog

from recording.capture import AGENT, CALLER

from .capture import (
    BACKLOG_LIMIT,
    FLUSH_GROUPS,
    Capture,
    CaptureWriter,
    Channel,
    Pieces,
    TimeLine,
    WriteJob,
)
from .g711 import law
from .leg import Leg
from .protocol import StartCapture
from .worker_reports import CaptureClosed, CaptureFailed, CaptureHeard, Report

log = structlog.get_logger()


class Captures:
    """``legs`` are the worker's, by their ids."""

    def __init__(self, legs: Mapping[str, Leg], report: Callable[[Report], None]) -> None:
        self._legs = legs
        self._report = report
        self._writer = CaptureWriter()
        self._open: dict[str, Capture] = {}
        self._closing: set[str] = set()  # whose last samples are on their way to the disk
        self._groups: list[set[Capture]] = [set() for _ in range(FLUSH_GROUPS)]
        self._turns = count()

    def __len__(self) -> int:
        return len(self._open)

    @property
    def fd(self) -> int:
        """Readable when :meth:`collect` has something to tell."""
        return self._writer.fd

    def start(self, command: StartCapture) -> None:
        sides = {CALLER: command.caller, AGENT: command.agent}
        files = [file for file, name in sides.items() if name is not None]
        names = [name for name in sides.values() if name is not None]
        legs = [self._legs[name] for name in names if name in self._legs]
        if (refusal := self._refusal(command.capture, names, legs)) is not None:
            self._report(CaptureFailed(capture=command.capture, reason=refusal))
            return
        laws = [law(leg.remote.codec) if leg.remote else "PCMU" for leg in legs]
        if command.told:
            files, laws = [CALLER, AGENT], 2 * laws
        capture = Capture(
            command.capture,
            Path(command.folder),
            laws,
            next(self._turns) % FLUSH_GROUPS,
            time.monotonic(),
            files=files,
            speech=command.speech,
            told=command.told,
        )
        self._open[capture.name] = capture
        self._groups[capture.slot].add(capture)
        for leg, channel in zip(legs, capture.channels, strict=not command.told):
            leg.incoming.capture(channel)
        if command.told:
            legs[0].steady = None  # what is played goes by the way on which it is written down
        self._writer.write(capture, _nothing(capture))

    def _refusal(self, name: str, names: Sequence[str], legs: Sequence[Leg]) -> str | None:
        if name in self._open or name in self._closing:
            return "the id is taken"
        if not names or len(legs) < len(names) or len(set(names)) < len(names):
            return "there are no such legs"
        return None

    def stop(self, name: str) -> None:
        if (capture := self._open.get(name)) is not None:
            self._close(capture)
        elif name not in self._closing:
            self._report(CaptureFailed(capture=name, reason="there is no such capture"))

    def leg_closed(self, capture: TimeLine) -> None:
        """One of its legs is no more; with the last one it ends."""
        if isinstance(capture, Capture) and not any(self._sides(capture)):
            self._close(capture)

    def abandon(self, name: str, reason: str) -> None:
        """Leave nothing half done of a capture that could not be begun or ended."""
        if (capture := self._open.get(name)) is not None:
            self._fail(capture, reason)
        else:
            self._report(CaptureFailed(capture=name, reason=reason))

    def flush(self, turn: int, now: float) -> None:
        """Write what one group has."""
        jobs: list[WriteJob] = []
        for capture in list(self._groups[turn % FLUSH_GROUPS]):
            if capture.queued - capture.written > BACKLOG_LIMIT:
                self._fail(capture, "the disk is too slow")
            else:
                jobs.append((capture, capture.pieces(now), False))
                self._tell_speech(capture)
        if jobs:
            self._writer.write_all(jobs)

    def collect(self) -> None:
        """Tell which captures are whole, and which have failed."""
        for capture, error in self._writer.results():
            asked = capture.name in self._closing
            self._closing.discard(capture.name)
            if error is not None:
                self._fail(capture, error.strerror or str(error))
            elif asked:  # else it is told already that it failed
                self._report(CaptureClosed(capture=capture.name, samples=capture.samples))

    def close(self, timeout: float) -> bool:
        """End them all; False if the disk did not take what is queued in time."""
        for capture in list(self._open.values()):
            self._close(capture)
        return self._writer.close(timeout)

    def _close(self, capture: Capture) -> None:
        """Write the rest; the answer is given once that is in the file."""
        self._detach(capture)
        self._closing.add(capture.name)
        self._writer.write(capture, capture.last_pieces(time.monotonic()), last=True)
        self._tell_speech(capture)

    def _tell_speech(self, capture: Capture) -> None:
        if (speech := capture.speech) is not None:
            self._report(
                CaptureHeard(
                    capture=capture.name,
                    seconds=speech.seconds,
                    spoken=speech.spoken,
                    spoken_until=speech.spoken_until,
                )
            )

    def _detach(self, capture: Capture) -> None:
        self._open.pop(capture.name, None)
        self._groups[capture.slot].discard(capture)
        for leg, channel in list(self._sides(capture)):
            leg.incoming.stop_capture(channel)

    def _sides(self, capture: Capture) -> Iterator[tuple[Leg, Channel]]:
        """Which legs it still captures, each with its channel."""
        for leg in self._legs.values():
            for channel in leg.channels:
                if channel.capture is capture:
                    yield leg, channel

    def _fail(self, capture: Capture, reason: str) -> None:
        log.error("media.capture_failed", capture=capture.name, reason=reason)
        if self._open.get(capture.name) is capture:
            self._detach(capture)
            self._writer.write(capture, _nothing(capture), last=True)
        self._report(CaptureFailed(capture=capture.name, reason=reason))


def _nothing(capture: Capture) -> Pieces:
    return (b"",) * len(capture.channels)
