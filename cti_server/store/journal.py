"""
The log's first home: a folder on the local disk, written by a thread of its own.

:meth:`Journal.append` never waits. The thread gathers what comes within 40 ms, writes it and syncs
it (fdatasync) before it calls it written; while nothing comes it sleeps. While the disk refuses,
it tries again every second, and what waits stays in memory; whoever appends bounds that by
:meth:`Journal.give_up_to`.
"""

import contextlib
import fcntl
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import structlog

from cti_server.wire.events import Logged

from . import journal_files
from .errors import JournalInUse, JournalNotWritten
from .journal_files import Entry

log = structlog.get_logger()

GATHER = 0.04  # seconds from the first event of a batch to its writing
RETRY = 1.0  # seconds until a disk that refused is tried again
SEGMENT = 4 * 1024 * 1024  # bytes after which a new file is begun
KEPT = 4
"""Segments kept although the database has them, so that "everything since N" needs no database."""
LEAVE_WITHIN = 10.0  # seconds until a segment is left, for which what waits has to be written


class Journal:
    """
    One folder of segments.

    All methods but ``read``, ``release`` and ``rewrite`` are for one thread.
    """

    def __init__(self, folder: Path, *, segment: int = SEGMENT, kept: int = KEPT) -> None:
        self.folder = folder
        self.written = 0
        """The newest number that is safe on the disk."""
        self.begun = 0
        """Segments begun since the start."""
        self.failure: str | None = None
        """Why the disk refuses at present."""
        self._segment = segment
        self._kept = kept
        self._inbox: deque[Entry] = deque()
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._given_up = 0
        self._file = -1
        self._size = 0
        self._lock = -1
        self._to_leave: threading.Event | None = None  # set when the segment was left
        self._changing = threading.Lock()  # of files that are written no more
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def open(self) -> int:
        """Take the folder; return the last number in it. Blocks. Raises JournalInUse, OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            journal_files.discard_parts(self.folder)
            self.written = journal_files.last_sequence(self.folder)
        except BlockingIOError:
            os.close(self._lock)
            raise JournalInUse(self.folder) from None
        except OSError:
            os.close(self._lock)
            raise
        return self.written

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Write what waits, if the disk takes it, and leave the folder. Blocks."""
        self._closing.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()
        self._leave_segment()
        os.close(self._lock)

    def append(self, entry: Entry) -> None:
        """Hand the next entry to the thread."""
        self._inbox.append(entry)
        if not self._wanted.is_set():
            self._wanted.set()

    def give_up_to(self, sequence: int) -> None:
        """What is not written yet up to this number need not be: it is stored, or was lost."""
        self._given_up = max(self._given_up, sequence)

    def read(self, after: int, limit: int) -> list[Entry]:
        """The next entries after this number. Blocks; for any thread."""
        return journal_files.read(self.folder, after, limit)

    def release(self, stored: int) -> None:
        """Delete the older segments that the database has whole. Blocks; for any thread."""
        found = journal_files.segments(self.folder)
        whole = [
            segment for segment, after in itertools.pairwise(found) if after.first - 1 <= stored
        ]
        with self._changing:
            for segment in whole[: -self._kept or None]:
                segment.path.unlink(missing_ok=True)

    def rewrite(self, until: int, changed: Callable[[Logged], Logged | None]) -> int:
        """
        Change events up to this number, which was appended before; how many files had some.

        ``changed`` gives an event as it is to be, None if it stays. Each file is changed whole or
        not at all: after a crash it is asked for again. Blocks; for any thread but the loop's.
        Raises JournalNotWritten while the disk refuses what is to be changed.
        """
        with self._changing:
            self._have_segment_left()
            found = [each for each in journal_files.segments(self.folder) if each.first <= until]
            return sum(journal_files.rewrite(segment, changed) for segment in found)

    def _have_segment_left(self) -> None:
        """Have what was appended until now in files that are written no more."""
        left = self._to_leave = threading.Event()
        self._wanted.set()
        if not left.wait(LEAVE_WITHIN):
            raise JournalNotWritten(self.failure)

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(segment.path.stat().st_size for segment in journal_files.segments(self.folder))

    def _run(self) -> None:
        while not (self._closing.is_set() and not self._inbox):
            self._wanted.wait()
            self._wanted.clear()
            time.sleep(GATHER)  # half as dear as waiting for an event with a timeout
            to_leave, batch = self._to_leave, list[Entry]()  # asked for before the batch is taken
            while self._inbox:
                batch.append(self._inbox.popleft())
            if batch:
                self._write_at_last(batch)
            if to_leave is not None:
                self._leave_segment()
                if self._to_leave is to_leave:
                    self._to_leave = None
                to_leave.set()

    def _write_at_last(self, batch: list[Entry]) -> None:
        """Write the batch, however often that takes, or until nobody needs it any more."""
        while batch:
            try:
                self._write(batch)
            except OSError as error:
                self._failed(error, waiting=len(batch))
                if self._closing.wait(RETRY):
                    log.error("store.journal_left_unwritten", events=len(batch) + len(self._inbox))  # noqa: TRY400
                    self._inbox.clear()
                    return
                while self._inbox:
                    batch.append(self._inbox.popleft())
                batch = [entry for entry in batch if entry.sequence > self._given_up]
            else:
                self.written = batch[-1].sequence
                self._succeeded()
                return

    def _failed(self, error: OSError, waiting: int) -> None:
        if self.failure is None:
            log.error("store.journal_failed", reason=str(error), waiting=waiting)
        self.failure = str(error)

    def _succeeded(self) -> None:
        if self.failure is not None:
            log.warning("store.journal_resumed", written=self.written)
            self.failure = None

    def _write(self, batch: list[Entry]) -> None:
        data = b"".join([entry.line + b"\n" for entry in batch])
        if self._file < 0 or self._size + len(data) > self._segment:
            self._begin(batch[0].sequence)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fdatasync(self._file)
        except OSError:
            # What the file holds beyond its synced size is unsure: never write after it.
            self._leave_segment()
            raise
        self._size += len(data)

    def _begin(self, first: int) -> None:
        """Begin a segment; a file of its name holds nothing that was acknowledged."""
        self._leave_segment()
        path = journal_files.path_of(self.folder, first)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._file, self._size = os.open(path, flags, 0o640), 0
        self.begun += 1
        try:
            journal_files.sync_folder(self.folder)
        except OSError:
            self._leave_segment()
            raise

    def _leave_segment(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            with contextlib.suppress(OSError):
                os.ftruncate(file, self._size)
            os.close(file)
