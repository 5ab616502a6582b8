"""Files that were rendered once: found again, whole or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.speech.cache import Cache, key
from cti_server.speech.rendering import text_key
from tests.fakes.voice import HummingVoice

SOUND = b"\x55\xaa" * 400


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", tmp_path / "shipped")


def test_what_is_kept_is_found(cache: Cache) -> None:
    assert cache.find("a") is None
    path = cache.keep("a", SOUND, "voice")

    assert cache.find("a") == path
    assert path.read_bytes() == SOUND
    assert not list(path.parent.glob("*.part"))


def test_what_was_shipped_is_found_and_ones_own_goes_first(tmp_path: Path) -> None:
    shipped = Cache(tmp_path / "shipped").keep("a", SOUND, "voice")
    cache = Cache(tmp_path / "cache", tmp_path / "shipped")

    assert cache.find("a") == shipped
    own = cache.keep("a", SOUND, "voice")
    assert cache.find("a") == own


@pytest.mark.parametrize("damage", [b"", SOUND[:-1], SOUND + b"!", b"\0" + SOUND[1:]])
def test_a_damaged_file_counts_as_absent(cache: Cache, tmp_path: Path, damage: bytes) -> None:
    path = cache.keep("a", SOUND, "voice")
    path.write_bytes(damage)

    assert Cache(tmp_path / "cache").find("a") is None


def test_damage_after_the_first_look_is_noticed_too(cache: Cache) -> None:
    path = cache.keep("a", SOUND, "voice")
    assert cache.find("a")
    path.write_bytes(SOUND[:-1])

    assert cache.find("a") is None
    cache.keep("a", SOUND, "voice")
    assert cache.find("a")


@pytest.mark.parametrize("note", [b"", b"{", b'{"octets": 1}', b"[]"])
def test_a_file_without_a_readable_note_counts_as_absent(cache: Cache, note: bytes) -> None:
    path = cache.keep("a", SOUND, "voice")
    path.with_suffix(".json").write_bytes(note)
    assert cache.find("a") is None
    path.with_suffix(".json").unlink()
    assert cache.find("a") is None


def test_a_new_version_of_a_voice_speaks_everything_anew() -> None:
    assert text_key("hello", "en", HummingVoice("v/1")) != text_key(
        "hello", "en", HummingVoice("v/2")
    )
    assert text_key("hello", "en", HummingVoice()) != text_key("hello", "zh", HummingVoice())
    assert text_key("hello  there\n", "en", HummingVoice()) == text_key(
        "hello there", "en", HummingVoice()
    )


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_different_parts_never_share_a_name(one: list[str], other: list[str]) -> None:
    assert (key(*one) == key(*other)) == (one == other)
