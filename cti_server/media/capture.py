"""
Capture of legs to disk while the call runs: of two on one time line, or of one alone.

The packet path only appends to memory; once in 0.8 s what is there goes to a thread that writes it,
so a slow disk is not heard and a full one ends that capture only. A killed worker loses less than a
second.
"""

import os
import queue
import threading
from collections import deque
from collections.abc import Sequence
from os import write
from pathlib import Path
from typing import Final, Protocol

from recording.capture import AGENT, CALLER, write_header

from .codecs import Decoder, clock_rate, make_decoder
from .frame_source import Samples
from .g711 import SILENCE, SILENT, encode, is_law, law, translation
from .overlay import Overlay
from .protocol import Codec, LegCodec
from .rtp import CLOCK_RATE
from .speech_watch import SpeechWatch
from .timeline import Timeline

# Every 0.8 s, and 0.1 s are held back for order. The captures are in groups that take turns, every
# 0.1 s: a group is one errand for the writer, and waking it for each capture would cost more.
FLUSH_TICKS: Final = 5
FLUSH_GROUPS: Final = 8
BACKLOG_LIMIT: Final = 1 << 20  # octets that may wait for the disk: about a minute of a capture


class TimeLine(Protocol):
    """What a channel belongs to: it knows how far time has got."""

    def position(self, now: float) -> int:
        """Samples from its start to ``now``."""


class Channel:
    """One party's side of a capture. The packet loop reaches into its time line."""

    __slots__ = (
        "_decoder", "_factor", "_overlay", "_table", "capture", "codec", "line", "other", "silent",
        "told",
    )  # fmt: skip

    def __init__(self, capture: TimeLine, codec: Codec) -> None:
        self.capture = capture
        self.codec = codec
        self.line = Timeline(SILENCE[codec])
        self.silent = False  # whatever comes
        self.other: Channel | None = None  # whom this one's party hears, in the same capture
        self.told = False  # whether the other one is what this one's party is played
        self._overlay: Overlay | None = None
        self._table: bytes | None = None
        self._decoder: Decoder | None = None  # of what is not G.711
        self._factor = 1  # of the leg's clock and ours

    def speaks(self, codec: LegCodec) -> None:
        """The leg's codec from now on; the file keeps the law it began with."""
        self._table = translation(law(codec), self.codec) if is_law(codec) else None
        self._decoder = None if is_law(codec) else make_decoder(codec)
        self._factor = clock_rate(codec) // CLOCK_RATE

    @property
    def plain(self) -> bool:
        """Whether what comes is written as it is."""
        return self._table is None and self._decoder is None and not self.silent

    def place(self, timestamp: int, payload: bytes, now: float) -> None:
        timestamp //= self._factor
        if self._decoder is not None:
            if (samples := self._decoder.decode(payload)) is None:
                return
            payload = encode(samples, self.codec)
        table = SILENT[self.codec] if self.silent else self._table
        if table is not None:
            payload = payload.translate(table)
        self.line.place(timestamp, payload, self.capture.position(now))

    def mute(self, timestamp: int, samples: int, now: float) -> None:
        """Nothing is heard in this stretch, whatever comes there."""
        self.line.mute(timestamp, samples, self.capture.position(now))

    def strike(self, timestamp: int, samples: int) -> None:
        """Nothing is heard of what came in this stretch; in G.711."""
        self.line.strike(timestamp, samples)

    def lay_over(self, frame: Samples, now: float) -> None:
        """What the other party is told over what this one says."""
        if self._overlay is None:
            self._overlay = Overlay()
        self._overlay.put(frame, self.capture.position(now))

    def take(self) -> bytes:
        """What is to be written."""
        start = self.line.taken
        return self._whole(self.line.take(), start)

    def finish(self, present: int) -> bytes:
        """All the rest, filled with silence up to the present."""
        start = self.line.taken
        return self._whole(self.line.finish(present), start)

    def _whole(self, piece: bytes, start: int) -> bytes:
        if self._overlay is None:
            return piece
        return self._overlay.over(piece, start, self.codec)


Pieces = tuple[bytes, ...]  # of each channel


class Capture:
    """One recording's channels, on one time line that begins now."""

    def __init__(
        self,
        name: str,
        folder: Path,
        codecs: Sequence[Codec],
        slot: int,
        now: float,
        *,
        files: Sequence[str] = (CALLER, AGENT),
        speech: bool = False,
        told: bool = False,
    ) -> None:
        """
        ``codecs``: of each of the files. ``speech``: listen for it on the first. ``told``: the
        second is what the first one's party is played, and nobody's leg.
        """
        self.name = name
        self.folder = folder
        self.slot = slot
        self.channels = tuple(Channel(self, codec) for codec in codecs)
        if len(self.channels) > 1:
            self.channels[0].other = self.channels[1]
        self.channels[0].told = told
        self.files = files
        self.speech = SpeechWatch(codecs[0]) if speech else None
        self.queued = 0  # octets handed to the writer
        self.written = 0  # octets that it is done with; only the writer's thread counts here
        self._began = now

    def position(self, now: float) -> int:
        """Samples from the capture's start to ``now``."""
        return round((now - self._began) * CLOCK_RATE)

    def pieces(self, now: float) -> Pieces:
        """What is to be written of each channel."""
        present = self.position(now)
        for channel in self.channels:
            channel.line.keep_up(present)
        return self._listened_to(tuple(channel.take() for channel in self.channels))

    def last_pieces(self, now: float) -> Pieces:
        """All the rest; the channels then end at the same position."""
        present = max(self.position(now), *(channel.line.end for channel in self.channels))
        return self._listened_to(tuple(one.finish(present) for one in self.channels))

    def _listened_to(self, pieces: Pieces) -> Pieces:
        if self.speech is not None:
            self.speech.hear(pieces[0])
        return pieces

    @property
    def samples(self) -> int:
        return max(channel.line.end for channel in self.channels)


class _Files:
    """The open files of a capture, as the writer's thread knows them."""

    def __init__(self, capture: Capture) -> None:
        self._open: list[int] = []
        try:
            capture.folder.mkdir(parents=True, exist_ok=True)
            for name, channel in zip(capture.files, capture.channels, strict=True):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
                self._open.append(os.open(capture.folder / name, flags, 0o600))
                _write_all(self._open[-1], write_header(channel.codec, 0))
        except OSError:
            self.close()
            raise
        except ValueError as error:  # no path can be like this
            self.close()
            raise OSError(str(error)) from error

    def write(self, pieces: Pieces) -> None:
        for fd, piece in zip(self._open, pieces, strict=True):
            _write_all(fd, piece)

    def close(self) -> None:
        for fd in self._open:
            os.close(fd)
        self._open.clear()


WriteJob = tuple[Capture, Pieces, bool]  # the last one closes the files


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[write(fd, view) :]


class CaptureWriter:
    """The thread that writes captures. What it finishes or fails waits in :meth:`results`."""

    def __init__(self) -> None:
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._jobs: queue.SimpleQueue[list[WriteJob] | None] = queue.SimpleQueue()
        self._results: deque[tuple[Capture, OSError | None]] = deque()
        self._thread = threading.Thread(target=self._write_all, name="captures", daemon=True)
        self._thread.start()

    def write(self, capture: Capture, pieces: Pieces, *, last: bool = False) -> None:
        """Queue this; the first job of a capture creates its files."""
        self.write_all([(capture, pieces, last)])

    def write_all(self, jobs: list[WriteJob]) -> None:
        for capture, pieces, _ in jobs:
            capture.queued += sum(map(len, pieces))
        self._jobs.put(jobs)

    def results(self) -> list[tuple[Capture, OSError | None]]:
        """Captures that were closed, or that failed with this error; each comes once."""
        os.eventfd_read(self.fd)
        found = []
        while self._results:
            found.append(self._results.popleft())
        return found

    def close(self, timeout: float = 5.0) -> bool:
        """Write everything that is queued; False if the disk did not let it in time."""
        self._jobs.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _write_all(self) -> None:
        files: dict[Capture, _Files | None] = {}  # None: failed, what still comes is dropped
        while (jobs := self._jobs.get()) is not None:
            for job in jobs:
                self._do(files, *job)

    def _do(
        self,
        files: dict[Capture, _Files | None],
        capture: Capture,
        pieces: Pieces,
        last: bool,
    ) -> None:
        try:
            if capture not in files:
                files[capture] = None
                files[capture] = _Files(capture)
            if (opened := files[capture]) is not None:
                opened.write(pieces)
        except OSError as error:
            self._end(files, capture, error)
        capture.written += sum(map(len, pieces))
        if last:
            if files[capture] is not None:
                self._end(files, capture, None)
            del files[capture]

    def _end(
        self, files: dict[Capture, _Files | None], capture: Capture, error: OSError | None
    ) -> None:
        if (opened := files[capture]) is not None:
            opened.close()
            files[capture] = None
        self._results.append((capture, error))
        os.eventfd_write(self.fd, 1)
