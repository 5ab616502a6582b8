"""A recording leaves a store: only when another one gave it back whole."""

from pathlib import Path

import pytest

from config.archive import FolderSettings, StoreSettings
from recording.copies import Sound, keep, look
from recording.moves import MoveOrder, Secured, remove, secure_all
from recording.stores.folder import FolderStore

KEY, FILE = b"k" * 32, "2031/07/04/r1.wav.sealed"
SOUND = b"\x7f" * 70_000


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, StoreSettings]:
    return {
        name: FolderSettings(kind="folder", folder=tmp_path / name)
        for name in ("near", "far", "third")
    }


def put(folder: Path, store: str) -> Sound:
    return keep(FolderStore(store, folder / store), FILE, lambda: [SOUND], KEY, "r1")


def order(*stores: str) -> MoveOrder:
    return MoveOrder("r1", FILE, Sound.of([SOUND]), KEY, stores, "near")


def test_a_store_that_has_it_whole_is_enough(
    tmp_path: Path, settings: dict[str, StoreSettings]
) -> None:
    put(tmp_path, "near")
    put(tmp_path, "third")

    assert secure_all([order("near", "third")], settings) == [Secured("third", brought=False)]
    assert not (tmp_path / "far").exists()
    assert (tmp_path / "near" / FILE).exists()  # nothing is deleted yet


def test_where_no_other_store_has_it_it_is_brought_and_read_back(
    tmp_path: Path, settings: dict[str, StoreSettings]
) -> None:
    sound = put(tmp_path, "near")

    assert secure_all([order("near")], settings) == [Secured("far", brought=True)]
    assert look(FolderStore("far", tmp_path / "far"), FILE, KEY, "r1") == sound


def test_a_copy_that_was_altered_is_none_and_is_made_anew(
    tmp_path: Path, settings: dict[str, StoreSettings]
) -> None:
    sound = put(tmp_path, "near")
    put(tmp_path, "far")
    copy = tmp_path / "far" / FILE
    copy.write_bytes(copy.read_bytes()[:-1] + b"\0")

    assert secure_all([order("near", "far")], settings) == [Secured("far", brought=False)]
    assert look(FolderStore("far", tmp_path / "far"), FILE, KEY, "r1") == sound


def test_it_stays_where_no_other_store_is_or_takes_it(
    tmp_path: Path, settings: dict[str, StoreSettings]
) -> None:
    put(tmp_path, "near")
    (tmp_path / "far").write_text("no folder")
    (tmp_path / "third").write_text("no folder either")

    [alone] = secure_all([order("near")], {"near": settings["near"]})
    [refused] = secure_all([order("near")], settings)

    assert alone == "there is no other store"
    assert isinstance(refused, str)
    assert refused.count("Not a directory") == 2
    assert look(FolderStore("near", tmp_path / "near"), FILE, KEY, "r1")


def test_what_is_nowhere_is_not_taken_for_safe(
    tmp_path: Path, settings: dict[str, StoreSettings]
) -> None:
    [reason] = secure_all([order("near", "far")], settings)

    assert "neither in 'near' nor in 'far'" in str(reason)


def test_the_file_goes_from_that_store_alone(
    tmp_path: Path, settings: dict[str, StoreSettings]
) -> None:
    put(tmp_path, "near")
    put(tmp_path, "far")

    remove(FILE, "near", settings)
    remove(FILE, "near", settings)

    assert not (tmp_path / "near" / FILE).exists()
    assert (tmp_path / "far" / FILE).exists()
