"""
The routing's record: every input of the router and every decision, by which a day can be replayed.

What is appended waits in memory for less than a second; a thread writes it. Routing never waits for
the disk, and goes on without a record while there is none: what cannot be written in time is given
up, together with the rest of the segment, for a replay knows no gaps.
"""

import os
import threading
from collections import deque
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from . import record_files
from .record_lines import Continued, Line, Opened, Taken, encode

log = structlog.get_logger()

GATHER = 0.5  # seconds from the first line of a batch to its writing
RETRY = 1.0  # seconds until a disk that refused is tried again
BOUND = 16 * 1024 * 1024  # bytes in memory while the disk refuses


class RoutingRecord:
    """One folder of days. All methods are for one thread."""

    def __init__(self, folder: Path, *, zone: ZoneInfo, kept: timedelta) -> None:
        """``zone``: where days begin; ``kept``: how long a day stays."""
        self._folder = folder
        self._zone = zone
        self._kept = kept
        self.lost = 0
        """Inputs that are not on record."""
        self.failure: str | None = None
        """Why the disk refuses at present."""
        self._given_up = False
        self._day = self._since = date.min
        self._day_ends: datetime
        self._inbox: deque[tuple[date, bytes]] = deque()
        self._unwritten: deque[tuple[date, bytes]] = deque()  # taken out of it, by the thread
        self._bytes = 0
        self._written = 0
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._file = -1
        self._file_day = date.min
        self._thread = threading.Thread(target=self._run, name="routing-record", daemon=True)

    def open(self, opened: Opened) -> None:
        """Begin with a segment: a router was made."""
        self._turn_to(opened.at)
        self._since = self._day
        self._put(opened)
        self._thread.start()

    def close(self) -> None:
        """Write what waits, if the disk takes it. Blocks."""
        self._closing.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()
        self._leave_file()

    def append(self, taken: Taken) -> None:
        """Never waits, never fails."""
        if self._given_up or self._bytes - self._written > BOUND:
            self._lose("the disk does not take it")
            return
        if taken.at >= self._day_ends:
            self._turn_to(taken.at)
            self._put(Continued(taken.at, self._since))
        try:
            self._put(taken)
        except UnicodeEncodeError:
            # Nobody of such a name exists, so that it was refused and changed nothing.
            if taken.refused is None:
                self._lose("an input is no text")

    def _put(self, line: Line) -> None:
        data = encode(line) + b"\n"
        self._bytes += len(data)
        self._inbox.append((self._day, data))
        if not self._wanted.is_set():
            self._wanted.set()

    def _turn_to(self, moment: datetime) -> None:
        """The day of that moment begins, as far as the record is concerned."""
        self._day = moment.astimezone(self._zone).date()
        self._day_ends = datetime.combine(self._day + timedelta(days=1), time(), self._zone)

    def _lose(self, reason: str) -> None:
        if not self._given_up:
            log.error("acd.record_given_up", reason=reason, until="the next start")
        self._given_up = True
        self.lost += 1

    # --- in the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        while not (self._closing.is_set() and not self._inbox and not self._unwritten):
            self._wanted.wait()
            self._wanted.clear()
            self._closing.wait(GATHER)
            try:
                self._write()
            except OSError as error:
                self._failed(error)
                if self._closing.wait(RETRY):
                    return
                self._wanted.set()
            else:
                self._succeeded()

    def _write(self) -> None:
        batch = [self._inbox.popleft() for _ in range(len(self._inbox))]
        for day, lines in groupby(batch, key=itemgetter(0)):
            self._unwritten.append((day, b"".join(line for _, line in lines)))
        while self._unwritten:
            day, data = self._unwritten[0]
            if day != self._file_day:
                self._begin(day)
            count = os.write(self._file, data)
            self._written += count
            if count < len(data):
                self._unwritten[0] = (day, data[count:])
            else:
                self._unwritten.popleft()
        os.fdatasync(self._file)

    def _begin(self, day: date) -> None:
        """Go on in the file of that day, behind what a crash may have torn."""
        self._leave_file()
        self._folder.mkdir(parents=True, exist_ok=True)
        record_files.tidy(self._folder, day, self._kept)
        path = record_files.path_of(self._folder, day)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        size = os.fstat(file).st_size
        try:
            if size and os.pread(file, 1, size - 1) != b"\n":
                os.write(file, b"\n")
        except OSError:
            os.close(file)
            raise
        self._file, self._file_day = file, day

    def _leave_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file, self._file_day = -1, date.min

    def _failed(self, error: OSError) -> None:
        if self.failure is None:
            log.error("acd.record_failed", reason=str(error))
        self.failure = str(error)

    def _succeeded(self) -> None:
        if self.failure is not None:
            log.warning("acd.record_resumed")
            self.failure = None
