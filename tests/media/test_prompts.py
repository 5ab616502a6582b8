import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from cti_server.media.g711 import MU_TO_A
from cti_server.media.prompts import Prompts
from cti_server.media.protocol import Codec


@pytest.fixture
def prompts() -> Iterator[Prompts]:
    prompts = Prompts(limit=1000)
    yield prompts
    prompts.close()


def load(
    prompts: Prompts, *files: Path, codec: Codec = "PCMU", keep: bool = True
) -> tuple[list[bytes] | None, bool]:
    """The payloads, and whether they were in memory already."""
    found: list[list[bytes] | None] = []
    prompts.load([str(file) for file in files], codec, found.append, keep=keep)
    if found:
        return found[0], True
    assert select.select([prompts.fd], [], [], 5.0)[0]
    prompts.deliver()
    return found[0], False


def test_a_file_is_read_once(prompts: Prompts, tmp_path: Path) -> None:
    file = tmp_path / "a.ulaw"
    file.write_bytes(b"abc")

    assert load(prompts, file) == ([b"abc"], False)
    assert load(prompts, file, file) == ([b"abc", b"abc"], True)


def test_a_law_legs_get_the_file_by_table(prompts: Prompts, tmp_path: Path) -> None:
    file = tmp_path / "a.ulaw"
    file.write_bytes(bytes(range(256)))

    assert load(prompts, file, codec="PCMA") == ([MU_TO_A], False)


def test_a_file_that_was_replaced_is_read_again(prompts: Prompts, tmp_path: Path) -> None:
    file = tmp_path / "a.ulaw"
    file.write_bytes(b"abc")
    load(prompts, file)
    file.write_bytes(b"longer")

    assert load(prompts, file) == ([b"longer"], False)


def test_the_least_used_is_forgotten_when_the_memory_is_full(
    prompts: Prompts, tmp_path: Path
) -> None:
    files = [tmp_path / f"{n}.ulaw" for n in range(3)]
    for file in files:
        file.write_bytes(bytes(400))
        load(prompts, file)

    assert load(prompts, files[2])[1]
    assert load(prompts, files[1])[1]
    assert not load(prompts, files[0])[1]


def test_what_is_not_to_be_kept_is_read_each_time(prompts: Prompts, tmp_path: Path) -> None:
    file = tmp_path / "a.ulaw"
    file.write_bytes(b"abc")

    assert load(prompts, file, keep=False) == ([b"abc"], False)
    assert load(prompts, file) == ([b"abc"], False)
    assert load(prompts, file, keep=False) == ([b"abc"], False)


def test_a_missing_file_fails_the_play(prompts: Prompts, tmp_path: Path) -> None:
    assert load(prompts, tmp_path / "none.ulaw") == (None, False)


def test_a_folder_is_no_prompt(prompts: Prompts, tmp_path: Path) -> None:
    assert load(prompts, tmp_path) == (None, False)
