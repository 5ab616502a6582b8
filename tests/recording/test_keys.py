"""Master keys: made once, kept to their owner, refused with file, line and rule."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recording import keys
from recording.certificates import SIGNATURE, fault_of, signed_bytes
from recording.errors import KeyNotOpened, KeysRefused
from recording.keys import MasterKeys, WrappedKey

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SOME = base64.b64encode(b"s" * 32).decode()
OTHER = base64.b64encode(b"o" * 32).decode()


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "archive.key"
    path.touch(mode=0o600)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_key_opens_under_its_master_key_for_its_recording_alone() -> None:
    ring = MasterKeys({"old": b"a" * 32, "new": b"b" * 32}, "new")
    wrapped = ring.wrap(b"k" * 32, "rec-1")

    assert ring.open(wrapped, "rec-1") == b"k" * 32
    assert wrapped.master == "new"
    assert ring.wrap(b"k" * 32, "rec-1") != wrapped
    for other in (
        (wrapped, "rec-2"),
        (WrappedKey("old", wrapped.wrapped), "rec-1"),
        (WrappedKey("new", wrapped.wrapped[:-1]), "rec-1"),
        (WrappedKey("new", b""), "rec-1"),
    ):
        with pytest.raises(KeyNotOpened, match="does not open the key of"):
            ring.open(*other)
    with pytest.raises(KeyNotOpened, match="'gone' is not there"):
        ring.open(WrappedKey("gone", wrapped.wrapped), "rec-1")


def test_the_file_is_made_once_for_its_owner_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "data" / "archive.key"

    keys.create(path, NOW)
    first = path.read_bytes()
    keys.create(path, NOW)

    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKeys.load(path).active == "2026-11-22"
    assert [each.name for each in path.parent.iterdir()] == ["archive.key"]


def test_a_new_key_is_the_active_one_and_the_old_ones_still_open(tmp_path: Path) -> None:
    path = tmp_path / "archive.key"
    keys.create(path, NOW)
    wrapped = MasterKeys.load(path).wrap(b"k" * 32, "rec-1")

    assert [keys.add(path, NOW), keys.add(path, NOW)] == ["2026-11-22.2", "2026-11-22.3"]

    ring = MasterKeys.load(path)
    assert ring.active == "2026-11-22.3"
    assert ring.open(wrapped, "rec-1") == b"k" * 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_which_key_is_active_can_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, f"# ours\n\nfirst {SOME}\nsecond {OTHER}  # since May\n")

    assert MasterKeys.load(path).active == "second"
    assert MasterKeys.load(path, "first").active == "first"
    with pytest.raises(KeysRefused, match="has no key 'third'"):
        MasterKeys.load(path, "third")


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        ("", 0o600, "has no key"),
        ("# nothing\n", 0o600, "has no key"),
        (f"a {SOME}\nb\n", 0o600, ":2: must be an id and a key in base64"),
        (f"a {SOME} {SOME}", 0o600, ":1: must be an id and a key in base64"),
        ("a !!!!", 0o600, ":1: must be an id and a key in base64"),
        ("a c2hvcnQ=", 0o600, ":1: an id of letters, digits, '.', '_', '-', and 32 bytes"),
        (f"a/b {SOME}", 0o600, ":1: an id of letters"),
        (f"a {SOME}\na {OTHER}", 0o600, ":2: the id 'a' is there twice"),
        ("ключ", 0o600, "is no text of ids and base64"),
        (f"a {SOME}", 0o640, r"others than its owner may read it \(mode 640\): chmod 600"),
    ],
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, text: str, mode: int, reason: str) -> None:
    path = written(tmp_path, text, mode)

    with pytest.raises(KeysRefused, match=f"archive.key.*{reason}"):
        MasterKeys.load(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match=r"none\.keys: No such file"):
        MasterKeys.load(tmp_path / "none.keys")


def test_what_is_signed_is_known_by_its_master_key_and_nothing_else() -> None:
    ring = MasterKeys({"old": b"a" * 32, "new": b"b" * 32}, "new")
    told = {"kind": "x", "list": [1, 2], "name": "王"}

    signed = told | {SIGNATURE: ring.sign(signed_bytes(told)).as_told()}

    read = json.loads(json.dumps(signed))
    assert fault_of(read, ring.public_keys()) is None
    assert fault_of(dict(reversed(read.items())), ring.public_keys()) is None
    rotated = MasterKeys({"new": b"b" * 32, "newest": b"c" * 32}, "newest")
    assert fault_of(read, rotated.public_keys()) is None
    for public_keys, fault in (
        (MasterKeys({"old": b"a" * 32}, "old").public_keys(), "'new' is not there"),
        (MasterKeys({"new": b"x" * 32}, "new").public_keys(), "something else"),
    ):
        assert fault in (fault_of(read, public_keys) or "")
    forged = read[SIGNATURE] | {"value": "AAAA"}
    unread = read[SIGNATURE] | {"value": "no base64"}
    for other in (
        read | {"list": [2, 1]}, read | {"more": 1}, read | {SIGNATURE: forged},
        read | {SIGNATURE: unread}, told, told | {SIGNATURE: "signed"},
    ):  # fmt: skip
        assert fault_of(other, ring.public_keys()) is not None
    assert ring.public_keys()["new"] != ring.public_keys()["old"]
    assert b"b" * 32 not in ring.public_keys().values()
