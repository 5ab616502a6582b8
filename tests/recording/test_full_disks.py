"""The archive step on real disks without room: nothing is lost, and it goes on when there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recording.archive import Order, discard, store, unfinished
from recording.errors import CaptureDamaged
from tests.fakes.small_disks import SmallDisk, small_disk

from .captures import KEY, capture, local, sound

SPOKEN = b"\x7f" * 200_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small") as it:
        yield it


def test_a_full_archive_leaves_the_capture_and_no_half_of_a_file(
    tmp_path: Path, disk: SmallDisk
) -> None:
    folder = capture(tmp_path / "spool", SPOKEN, SPOKEN)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    disk.leave(100_000)
    left = disk.free

    with pytest.raises(OSError, match="No space left"):
        store(Order(folder, KEY), [local(disk.folder)])

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not [path for path in disk.folder.rglob("*") if "rec-1" in path.name]
    assert disk.free >= left - 3 * 4096  # but for the day's folders

    disk.make_room()
    stored = store(Order(folder, KEY), [local(disk.folder)])
    assert len(sound(stored, local(disk.folder))) == stored.size
    discard(folder)
    assert unfinished(tmp_path / "spool") == []


def test_a_full_spool_is_emptied_into_an_archive_that_has_room(
    tmp_path: Path, disk: SmallDisk
) -> None:
    folder = capture(disk.folder, SPOKEN, SPOKEN)
    disk.leave_nothing()

    stored = store(Order(folder, KEY), [local(tmp_path / "archive")])
    assert not (folder / "stored.json").exists()
    with pytest.raises(CaptureDamaged, match="not stored yet"):
        discard(folder)
    discard(folder, known=True)

    assert not folder.exists()
    assert disk.free >= 2 * len(SPOKEN)
    assert len(sound(stored, local(tmp_path / "archive"))) == stored.size


def test_what_a_crash_left_of_a_capture_without_a_note_is_no_capture(tmp_path: Path) -> None:
    folder = capture(tmp_path, SPOKEN, SPOKEN)
    going = folder.rename(tmp_path / f".discarded-{folder.name}")
    (going / "caller.g711").unlink()

    assert unfinished(tmp_path) == []
    assert not going.exists()


def test_stored_once_more_after_a_crash_it_is_the_same_file(
    tmp_path: Path, disk: SmallDisk
) -> None:
    """What could not be noted is done again, and changes nothing."""
    folder = capture(disk.folder, SPOKEN, SPOKEN)
    disk.leave_nothing()
    archive = local(tmp_path / "archive")

    first = store(Order(folder, KEY), [archive])
    written = (tmp_path / "archive" / first.file).read_bytes()
    again = store(Order(folder, KEY), [archive])

    assert again == first
    assert (tmp_path / "archive" / first.file).read_bytes() == written
