"""The archive step, cut off before each of its steps on two disks, and then done again."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from recording.archive import StoredRecording, unfinished
from recording.copies import sealed_file
from recording.disk import Disk
from recording.errors import CaptureDamaged
from recording.stores.folder import FolderStore

from .captures import KEY, capture, finish, read_wav


class PowerCut(BaseException):
    """No code of ours runs after it, so nothing may catch it."""


class QuickDisk(Disk):
    """What it did is not safe from a power cut; no test pulls the plug."""

    def sync_folder(self, folder: Path) -> None:
        pass

    def write(self, path: Path, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        path.write_bytes(b"".join(bytes(block) for block in blocks))


class FailingDisk(QuickDisk):
    """
    A disk whose power goes at the given step.

    What was written but not yet synced is then half there, as with a real one.
    """

    def __init__(self, steps: int) -> None:
        self.left = steps
        self._unsynced: Path | None = None

    def _step(self) -> None:
        if self.left == 0:
            if self._unsynced is not None:
                content = self._unsynced.read_bytes()
                self._unsynced.write_bytes(content[: len(content) // 2])
            raise PowerCut
        self.left -= 1

    def make_folder(self, folder: Path) -> None:
        self._step()
        super().make_folder(folder)

    def write(self, path: Path, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        self._step()
        super().write(path, blocks)
        self._unsynced = path
        self._step()
        self._unsynced = None

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)

    def remove_folder(self, folder: Path) -> None:
        self._step()
        super().remove_folder(folder)


STEPS = 25  # a test below fails when there come to be more, or fewer


def archive_in(folder: Path, disk: Disk) -> list[FolderStore]:
    return [FolderStore(name, folder / name, disk) for name in ("near", "far")]


def files_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def archive(spool: Path, folder: Path, disk: Disk) -> list[StoredRecording]:
    """What a server does at its start with what an earlier one left."""
    return [finish(left, *archive_in(folder, disk), disk=disk) for left in unfinished(spool)]


def is_whole(folder: Path, capture: bytes) -> bool:
    """Each store has the one file, which opens; nothing else is left of it anywhere."""
    file = "2031/07/04/rec-1.wav.sealed"
    assert sorted(files_in(folder)) == [f"archive/far/{file}", f"archive/near/{file}"]
    heard = {
        b"".join(sealed_file(store, file, KEY, "rec-1").blocks())
        for store in archive_in(folder / "archive", QuickDisk())
    }
    [one] = heard
    return read_wav(one).left == capture


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_crash_at_any_step_ends_in_exactly_one_right_file_in_each_store(
    tmp_path: Path, steps: int
) -> None:
    spool = tmp_path / "spool"
    capture(spool, caller=b"c" * 70_000, agent=b"a" * 70_000)

    with pytest.raises(PowerCut):
        archive(spool, tmp_path / "archive", FailingDisk(steps))
    archive(spool, tmp_path / "archive", QuickDisk())

    assert is_whole(tmp_path, b"c" * 70_000)


def test_there_are_as_many_steps_as_were_cut_off(tmp_path: Path) -> None:
    capture(tmp_path / "spool")

    archive(tmp_path / "spool", tmp_path / "archive", disk := FailingDisk(STEPS))

    assert disk.left == 0
    assert is_whole(tmp_path, b"caller")


@pytest.mark.parametrize("first", range(STEPS))
def test_a_second_crash_during_the_recovery_changes_nothing(tmp_path: Path, first: int) -> None:
    for second in range(STEPS):
        folder = tmp_path / str(second)
        capture(folder / "spool")
        with pytest.raises(PowerCut):
            archive(folder / "spool", folder / "archive", FailingDisk(first))
        try:
            archive(folder / "spool", folder / "archive", FailingDisk(second))
        except PowerCut:
            archive(folder / "spool", folder / "archive", QuickDisk())

        assert is_whole(folder, b"caller")


@pytest.mark.parametrize("steps", range(5))
def test_a_crash_while_a_damaged_capture_is_put_aside_loses_none_of_it(
    tmp_path: Path, steps: int
) -> None:
    spool = tmp_path / "spool"
    folder = capture(spool)
    (folder / "agent.g711").unlink()

    with pytest.raises(PowerCut):
        archive(spool, tmp_path / "archive", FailingDisk(steps))
    with pytest.raises(CaptureDamaged):
        archive(spool, tmp_path / "archive", QuickDisk())

    aside = spool / "damaged" / "rec-1"
    assert {"caller.g711", "recording.json", "reason.txt"} <= {
        path.name for path in aside.iterdir()
    }
    assert files_in(tmp_path / "archive") == []
    assert unfinished(spool) == []
