import errno
import hashlib
import os
import pickle
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from config.archive import FolderSettings
from recording.archive import Order, StoredRecording, discard, store_all, unfinished
from recording.archive import store as store_order
from recording.disk import Disk
from recording.errors import CaptureDamaged, StoreSpared, StoreUnavailable, UnknownCapture
from recording.stores.folder import FolderStore

from .captures import KEY, capture, finish, info, local, read_wav, sound, write_channel


def store(folder: Path, archive: Path) -> StoredRecording:
    return store_order(Order(folder, KEY), [local(archive)])


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_finished_capture_is_one_file_below_its_day_and_the_spool_is_empty(
    tmp_path: Path,
) -> None:
    folder = capture(tmp_path / "spool", caller=b"abcdefgh", agent=b"ABCD")

    stored = finish(folder, local(tmp_path / "archive"))

    assert files_in(tmp_path) == ["archive/2031/07/04/rec-1.wav.sealed"]
    assert list((tmp_path / "spool").iterdir()) == []
    content = sound(stored, local(tmp_path / "archive"))
    assert read_wav(content).left == b"abcdefgh"
    assert read_wav(content).right == b"ABCD\xff\xff\xff\xff"
    assert stored.file == "2031/07/04/rec-1.wav.sealed"
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert (stored.size, stored.duration, stored.codec) == (len(content), 0.001, "PCMU")
    assert stored.info == info()


def test_a_stored_capture_stays_until_it_is_discarded(tmp_path: Path) -> None:
    folder = capture(tmp_path / "spool")

    stored = store(folder, tmp_path / "archive")
    assert unfinished(tmp_path / "spool") == [folder]
    assert store(folder, tmp_path / "archive") == stored
    discard(folder)
    discard(folder)

    assert unfinished(tmp_path / "spool") == []


def test_a_capture_that_is_not_stored_is_not_discarded(tmp_path: Path) -> None:
    folder = capture(tmp_path / "spool")

    with pytest.raises(CaptureDamaged, match="not stored yet"):
        discard(folder)

    assert len(files_in(folder)) == 3


def test_one_capture_that_cannot_be_stored_stops_no_other(tmp_path: Path) -> None:
    folders = [capture(tmp_path / "spool", name=f"rec-{n}") for n in (1, 2, 3, 4)]
    (folders[0] / "agent.g711").unlink()
    (folders[1] / "agent.g711").unlink()
    (folders[1] / "agent.g711").mkdir()

    before_all_days = {"recording_id": "rec-3", "started_at": "0001-01-01T00:00:00+14:00"}
    about = msgspec.json.decode((folders[2] / "recording.json").read_bytes()) | before_all_days
    saying(msgspec.json.encode(about))(folders[2])

    damaged, refused, unforeseen, stored = store_all(
        [Order(folder, KEY) for folder in folders],
        {"local": FolderSettings(kind="folder", folder=tmp_path / "archive")},
    )

    assert isinstance(damaged, CaptureDamaged)
    assert isinstance(refused, IsADirectoryError)
    assert str(pickle.loads(pickle.dumps(unforeseen))).startswith("OverflowError: ")  # noqa: S301
    assert isinstance(stored, StoredRecording)
    assert files_in(tmp_path / "archive") == ["2031/07/04/rec-4.wav.sealed"]


class Silent(FolderStore):
    """An S3 store that does not answer: each question takes its time-out."""

    asked = 0

    def size(self, file: str) -> int | None:
        self.asked += 1
        raise StoreUnavailable(self.name, "no answer")


def test_a_first_store_that_is_silent_is_asked_once_for_all_of_a_job(tmp_path: Path) -> None:
    silent, resting = Silent("s3", tmp_path / "archive"), set[str]()
    refused: list[StoreUnavailable] = []
    for n in (1, 2, 3):
        folder = capture(tmp_path / "spool", name=f"rec-{n}")
        with pytest.raises(StoreUnavailable) as told:
            store_order(Order(folder, KEY), [silent], resting=resting)
        refused.append(pickle.loads(pickle.dumps(told.value)))  # noqa: S301
        assert (folder / "recording.json").exists()

    assert silent.asked == 1
    assert [type(each) for each in refused] == [StoreUnavailable, StoreSpared, StoreSpared]
    assert {each.store for each in refused} == {"s3"}


def test_a_recording_that_vanished_from_the_archive_is_stored_anew(tmp_path: Path) -> None:
    folder = capture(tmp_path / "spool")
    stored = store(folder, tmp_path / "archive")
    (tmp_path / "archive" / stored.file).unlink()

    assert store(folder, tmp_path / "archive") == stored

    assert len(sound(stored, local(tmp_path / "archive"))) == stored.size


def test_what_cannot_be_read_of_an_earlier_try_is_made_anew(tmp_path: Path) -> None:
    folder = capture(tmp_path / "spool")
    stored = store(folder, tmp_path / "archive")
    (folder / "stored.json").write_bytes(b'{"file":"\xff"}')

    assert store(folder, tmp_path / "archive") == stored


def test_a_capture_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownCapture):
        finish(tmp_path / "nothing", local(tmp_path / "archive"))


@pytest.mark.parametrize(
    "error", [UnknownCapture(Path("a")), CaptureDamaged("worn out", Path("b"))]
)
def test_what_went_wrong_crosses_to_another_process(error: UnknownCapture | CaptureDamaged) -> None:
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (str(arrived), arrived.folder) == (str(error), error.folder)


def test_a_stored_recording_crosses_to_another_process(tmp_path: Path) -> None:
    stored = finish(capture(tmp_path / "spool"), local(tmp_path / "archive"))

    assert pickle.loads(pickle.dumps(stored)) == stored  # noqa: S301


def test_what_is_unfinished_is_neither_damaged_nor_empty(tmp_path: Path) -> None:
    (tmp_path / "damaged" / "rec-0").mkdir(parents=True)
    (tmp_path / "rec-3").mkdir()
    second, first = capture(tmp_path, name="rec-2"), capture(tmp_path, name="rec-1")

    assert unfinished(tmp_path) == [first, second]
    assert not (tmp_path / "rec-3").exists()
    assert unfinished(tmp_path / "nowhere") == []


Spoil = Callable[[Path], None]


def without(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def cut_to(size: int, *names: str) -> Spoil:
    def spoil(folder: Path) -> None:
        for name in names:
            os.truncate(folder / name, size)

    return spoil


def saying(content: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / "recording.json").write_bytes(content)

    return spoil


BOTH = ("caller.g711", "agent.g711")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (without("recording.json"), "recording.json is missing"),
        (without("caller.g711"), "caller.g711 is missing"),
        (without("agent.g711"), "agent.g711 is missing"),
        (cut_to(15, "agent.g711"), "agent.g711 ends within its header (15 bytes)"),
        (cut_to(16, *BOTH), "no channel has any audio"),
        (cut_to(0, *BOTH), "no channel has any audio"),
        (saying(b'{"recor'), "recording.json is unreadable: Input data was truncated"),
        (
            saying(b'{"queue":"sa\xffes"}'),
            "recording.json is unreadable: 'utf-8' codec can't decode byte 0xff in position 2: "
            "invalid start byte",
        ),
        (
            saying(b"{}"),
            "recording.json is unreadable: Object missing required field `recording_id`",
        ),
    ],
)
def test_a_damaged_capture_is_put_aside_whole_with_its_reason(
    tmp_path: Path, spoil: Spoil, reason: str
) -> None:
    folder = capture(tmp_path / "spool")
    spoil(folder)
    left = files_in(folder)

    with pytest.raises(CaptureDamaged) as damage:
        finish(folder, local(tmp_path / "archive"))

    aside = tmp_path / "spool" / "damaged" / "rec-1"
    assert (damage.value.reason, damage.value.folder) == (reason, aside)
    assert (aside / "reason.txt").read_text() == f"{reason}\n"
    assert files_in(aside) == sorted([*left, "reason.txt"])
    assert files_in(tmp_path / "archive") == []
    assert unfinished(tmp_path / "spool") == []


@pytest.mark.parametrize("recording_id", ["../../etc/passwd", "a/b", "", ".hidden", "x" * 129])
def test_an_id_cannot_lead_out_of_the_archive(tmp_path: Path, recording_id: str) -> None:
    folder = capture(tmp_path / "spool")
    info(recording_id).save(folder)

    with pytest.raises(CaptureDamaged, match="cannot name a file"):
        finish(folder, local(tmp_path / "archive"))

    assert files_in(tmp_path / "archive") == []


def test_damaged_captures_of_one_name_do_not_push_one_another_out(tmp_path: Path) -> None:
    kept = []
    for _ in range(3):
        folder = capture(tmp_path / "spool")
        (folder / "agent.g711").unlink()
        with pytest.raises(CaptureDamaged) as damage:
            finish(folder, local(tmp_path / "archive"))
        assert damage.value.folder is not None
        kept.append(damage.value.folder.name)

    assert kept == ["rec-1", "rec-1-2", "rec-1-3"]


def test_a_second_recording_of_the_same_id_does_not_replace_the_first(tmp_path: Path) -> None:
    first = finish(capture(tmp_path / "spool", caller=b"first"), local(tmp_path / "archive"))

    with pytest.raises(CaptureDamaged, match="another recording named"):
        finish(capture(tmp_path / "spool", caller=b"other"), local(tmp_path / "archive"))

    content = sound(first, local(tmp_path / "archive"))
    assert hashlib.sha256(content).hexdigest() == first.sha256
    assert files_in(tmp_path / "archive") == [first.file]


def test_one_side_that_said_nothing_is_a_recording_all_the_same(tmp_path: Path) -> None:
    folder = capture(tmp_path / "spool", caller=b"hello?", agent=b"")

    stored = finish(folder, local(tmp_path / "archive"))

    assert read_wav(sound(stored, local(tmp_path / "archive"))).right == b"\xff" * 6


class FullDisk(Disk):
    def write(self, path: Path, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        path.write_bytes(next(iter(blocks)))
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_keeps_the_capture_for_another_try_and_gets_its_space_back(
    tmp_path: Path,
) -> None:
    folder = capture(tmp_path / "spool")

    with pytest.raises(OSError, match="No space left"):
        finish(folder, local(tmp_path / "archive", FullDisk()))
    assert files_in(tmp_path / "archive") == []
    assert len(files_in(folder)) == 3

    assert finish(folder, local(tmp_path / "archive")).file == "2031/07/04/rec-1.wav.sealed"


def test_the_file_is_not_for_everybody_to_read(tmp_path: Path) -> None:
    stored = finish(capture(tmp_path / "spool"), local(tmp_path / "archive"))

    assert (tmp_path / "archive" / stored.file).stat().st_mode & 0o007 == 0


def test_a_long_call_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def most_taken(minutes: int) -> int:
        said = bytes(minutes * 60 * 8000)
        folder = capture(tmp_path / "spool", said, said, name=f"rec-{minutes}")
        tracemalloc.start()
        finish(folder, local(tmp_path / "archive"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert most_taken(minutes=30) < most_taken(minutes=1) + 65_536


def test_a_day_is_a_day_of_utc(tmp_path: Path) -> None:
    folder = capture(tmp_path / "spool")
    path = folder / "recording.json"
    path.write_text(path.read_text().replace("23:59:58Z", "23:59:58-05:00"))

    assert finish(folder, local(tmp_path / "archive")).file == "2031/07/05/rec-1.wav.sealed"


def test_a_message_has_the_callers_channel_alone(tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "m-1"
    message = msgspec.structs.replace(info("m-1"), kind="message", agent_id="", interaction_id="")
    message.save(folder)
    write_channel(folder / "caller.g711", b"caller")

    stored = finish(folder, local(tmp_path / "archive"))

    assert read_wav(sound(stored, local(tmp_path / "archive"))).data == b"caller"
    assert stored.info == message
    assert not folder.exists()
