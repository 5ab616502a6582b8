import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cti_server.store import journal as journal_module
from cti_server.store import journal_files
from cti_server.store.errors import JournalInUse
from cti_server.store.journal import Journal
from cti_server.store.journal_files import Entry

from .logs import node
from .stories import entries


class FullDisk:
    """The journal's writes and syncs, on a disk that is full while :attr:`full` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = threading.Event()
        self.refused = threading.Event()
        self._write, self._sync = os.write, os.fdatasync
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "fdatasync", self.sync)
        monkeypatch.setattr(journal_module, "RETRY", 0.01)

    def write(self, file: int, data: bytes) -> int:
        """As a disk does, take half of what it has no room for."""
        if not self.full.is_set():
            return self._write(file, data)
        if len(data) > 20:
            return self._write(file, data[: len(data) // 2])
        self.refused.set()
        raise OSError(errno.ENOSPC, "No space left on device")

    def sync(self, file: int) -> None:
        if self.full.is_set():
            raise OSError(errno.EIO, "Input/output error")
        self._sync(file)


def write_all(journal: Journal, batch: list[Entry]) -> None:
    """Append and wait until it is on the disk."""
    for entry in batch:
        journal.append(entry)
    wait_for(lambda: journal.written >= batch[-1].sequence)


def wait_for(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise TimeoutError


def opened(folder: Path, **options: int) -> Journal:
    journal = Journal(folder, **options)
    journal.open()
    journal.start()
    return journal


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    batch = entries(node(n) for n in range(1, 101))
    journal = opened(tmp_path)
    write_all(journal, batch)

    assert journal.read(0, 1000) == batch
    assert journal.read(40, 3) == batch[40:43]
    assert journal.read(100, 10) == []
    journal.close()


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    batch = entries(node(n) for n in range(1, 11))
    journal = opened(tmp_path)
    for entry in batch:
        journal.append(entry)
    journal.close()

    assert journal_files.read(tmp_path, 0, 100) == batch


def test_segments_are_begun_by_size_and_deleted_only_when_they_are_stored_whole(
    tmp_path: Path,
) -> None:
    journal = opened(tmp_path, segment=1000, kept=1)
    for n in range(1, 51):
        write_all(journal, entries([node(n)], first=n))
    firsts = [segment.first for segment in journal_files.segments(tmp_path)]
    assert len(firsts) > 4

    journal.release(firsts[2] - 2)  # the second segment's last event is not stored
    assert [each.first for each in journal_files.segments(tmp_path)] == firsts

    journal.release(firsts[3] - 1)
    assert [each.first for each in journal_files.segments(tmp_path)] == firsts[2:]
    assert journal.read(0, 1)[0].sequence == firsts[2]

    journal.release(50)
    assert [each.first for each in journal_files.segments(tmp_path)] == firsts[-2:]
    assert journal.size() == sum(file.stat().st_size for file in tmp_path.glob("*.jsonl"))
    journal.close()


def test_numbers_are_known_though_every_event_was_released(tmp_path: Path) -> None:
    journal_files.path_of(tmp_path, 77).touch()

    assert journal_files.last_sequence(tmp_path) == 76


def test_a_folder_is_one_process_own(tmp_path: Path) -> None:
    journal = opened(tmp_path)

    with pytest.raises(JournalInUse):
        Journal(tmp_path).open()

    journal.close()
    again = opened(tmp_path)
    again.close()


def test_a_full_disk_loses_nothing_once_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    journal = opened(tmp_path)
    first, second = entries(node(n) for n in range(1, 11)), entries((node(11),), first=11)
    write_all(journal, first[:5])

    disk.full.set()
    for entry in first[5:]:
        journal.append(entry)
    assert disk.refused.wait(10)
    wait_for(lambda: journal.failure is not None)
    assert journal.written == 5
    disk.full.clear()
    write_all(journal, second)

    wait_for(lambda: journal.failure is None)  # cleared when all is written, a moment later
    assert journal.read(0, 100) == first + second
    journal.close()


def test_what_was_given_up_is_not_written_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    journal = opened(tmp_path)
    disk.full.set()
    for entry in entries(node(n) for n in range(1, 11)):
        journal.append(entry)
    assert disk.refused.wait(10)

    journal.give_up_to(8)
    wait_for(lambda: journal.failure is not None)
    disk.full.clear()
    wait_for(lambda: journal.written == 10)

    assert {each.sequence for each in journal.read(0, 100)} >= {9, 10}
    journal.close()


def test_closing_on_a_full_disk_comes_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    journal = opened(tmp_path)
    disk.full.set()
    for entry in entries(node(n) for n in range(1, 11)):
        journal.append(entry)

    journal.close()

    assert journal.written == 0


def test_an_idle_journal_does_not_wake_up(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write_all(journal, entries([node(1)]))
    [thread] = [each for each in threading.enumerate() if each.name == "journal"]
    before = switches(thread)

    threading.Event().wait(0.5)

    assert switches(thread) - before <= 1
    journal.close()


def switches(thread: threading.Thread) -> int:
    """How often the thread has waited for something."""
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    [line] = [line for line in status.split("\n") if line.startswith("voluntary_ctxt_switches")]
    return int(line.split()[1])
