"""The archive step, cut off before each of its steps on the disk, and then done again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from recording.archive import finish, unfinished
from recording.disk import Disk
from recording.errors import CaptureDamaged

from .captures import capture, read_wav


class PowerCut(BaseException):
    """No code of ours runs after it, so nothing may catch it."""


class FailingDisk(Disk):
    """
    A disk whose power goes at the given step.

    What was written but not yet synced is then half there, as with a real one.
    """

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._unsynced: Path | None = None

    def _step(self) -> None:
        if self._left == 0:
            if self._unsynced is not None:
                content = self._unsynced.read_bytes()
                self._unsynced.write_bytes(content[: len(content) // 2])
            raise PowerCut
        self._left -= 1

    def make_folder(self, folder: Path) -> None:
        self._step()
        super().make_folder(folder)

    def write(self, path: Path, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        self._step()
        path.write_bytes(b"".join(bytes(block) for block in blocks))
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


STEPS = 16  # a test below fails when there come to be more


def recordings(archive: Path) -> list[Path]:
    return [path for path in archive.rglob("*") if path.is_file()]


def recover(spool: Path, archive: Path) -> None:
    for folder in unfinished(spool):
        finish(folder, archive)


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_crash_at_any_step_ends_in_exactly_one_right_file(tmp_path: Path, steps: int) -> None:
    spool, archive = tmp_path / "spool", tmp_path / "archive"
    folder = capture(spool, caller=b"c" * 70_000, agent=b"a" * 70_000)

    with pytest.raises(PowerCut):
        finish(folder, archive, FailingDisk(steps))
    recover(spool, archive)

    [file] = recordings(archive)
    assert file.name == "rec-1.wav"
    wav = read_wav(file.read_bytes())
    assert (wav.left, wav.right) == (b"c" * 70_000, b"a" * 70_000)
    assert list(spool.iterdir()) == []


def test_there_are_no_more_steps_than_were_cut_off(tmp_path: Path) -> None:
    finish(capture(tmp_path / "spool"), tmp_path / "archive", FailingDisk(STEPS))

    assert len(recordings(tmp_path / "archive")) == 1


@pytest.mark.parametrize("first", range(STEPS))
def test_a_second_crash_during_the_recovery_changes_nothing(tmp_path: Path, first: int) -> None:
    reference = finish(capture(tmp_path / "other"), tmp_path / "reference").sha256
    for second in range(STEPS):
        spool, archive = tmp_path / f"spool-{second}", tmp_path / f"archive-{second}"
        folder = capture(spool)
        with pytest.raises(PowerCut):
            finish(folder, archive, FailingDisk(first))
        for left in unfinished(spool):
            try:
                finish(left, archive, FailingDisk(second))
            except PowerCut:
                recover(spool, archive)

        [file] = recordings(archive)
        assert hashlib.sha256(file.read_bytes()).hexdigest() == reference
        assert list(spool.iterdir()) == []


@pytest.mark.parametrize("steps", range(5))
def test_a_crash_while_a_damaged_capture_is_put_aside_loses_none_of_it(
    tmp_path: Path, steps: int
) -> None:
    spool, archive = tmp_path / "spool", tmp_path / "archive"
    folder = capture(spool)
    (folder / "agent.g711").unlink()

    with pytest.raises(PowerCut):
        finish(folder, archive, FailingDisk(steps))
    with pytest.raises(CaptureDamaged):
        recover(spool, archive)

    aside = spool / "damaged" / "rec-1"
    assert {"caller.g711", "recording.json", "reason.txt"} <= {
        path.name for path in aside.iterdir()
    }
    assert recordings(archive) == []
    assert unfinished(spool) == []
