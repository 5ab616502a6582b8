"""All captures of a worker: begun, written in turns, ended, failed."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import structlog

from .capture import BACKLOG_LIMIT, FLUSH_GROUPS, Capture, CaptureWriter, Channel, WriteJob
from .g711 import law
from .leg import Leg
from .protocol import StartCapture
from .worker_reports import CaptureClosed, CaptureFailed, Report

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
        caller, agent = self._legs.get(command.caller), self._legs.get(command.agent)
        refusal = self._refusal(command.capture, caller, agent)
        if refusal is not None or caller is None or agent is None:
            self._report(CaptureFailed(capture=command.capture, reason=refusal or ""))
            return
        capture = Capture(
            command.capture,
            Path(command.folder),
            law(caller.remote.codec) if caller.remote else "PCMU",
            law(agent.remote.codec) if agent.remote else "PCMU",
            next(self._turns) % FLUSH_GROUPS,
            time.monotonic(),
        )
        self._open[capture.name] = capture
        self._groups[capture.slot].add(capture)
        caller.incoming.capture(capture.channels[0])
        agent.incoming.capture(capture.channels[1])
        self._writer.write(capture, (b"", b""))

    def _refusal(self, name: str, caller: Leg | None, agent: Leg | None) -> str | None:
        if name in self._open or name in self._closing:
            return "the id is taken"
        if caller is None or agent is None or caller is agent:
            return "there are no such two legs"
        return None

    def stop(self, name: str) -> None:
        if (capture := self._open.get(name)) is not None:
            self._close(capture)
        elif name not in self._closing:
            self._report(CaptureFailed(capture=name, reason="there is no such capture"))

    def leg_closed(self, capture: Capture) -> None:
        """One of its legs is no more; with the second one it ends."""
        if not any(self._sides(capture)):
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
            self._writer.write(capture, (b"", b""), last=True)
        self._report(CaptureFailed(capture=capture.name, reason=reason))
