"""What is drawn of recordings: worked out once, for whoever may hear them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from recording.peaks import FINEST
from recording.stereo import wav_header
from tests.recording.captures import capture

from .conftest import Centre
from .test_rest import CALL, log_all

PEAKS = "/api/v1/recordings/r1/peaks"
FILE = "2026/11/21/r1.wav.sealed"
LOUD, SILENT = b"\x80", b"\xff"  # of mu-law: as far up as it goes, and nothing
POINTS = 6
SOUND = (LOUD + SILENT) * FINEST * 2 + (SILENT + LOUD) * FINEST * 4  # left first, then right
WAV = wav_header("PCMU", FINEST * POINTS) + SOUND


async def asked(centre: Centre, name: str = "qian", query: str = "") -> tuple[int, Any]:
    answer = await centre.client.get(PEAKS + query, headers=await centre.headers(name))
    return answer.status, await answer.json()


async def stored(centre: Centre) -> None:
    sound = await centre.archive.put("r1", FILE, WAV)
    row = {"file": FILE, "size": sound.size, "sha256": sound.sha256, "stores": ("local",)}
    await log_all(centre, [*CALL[:-1], msgspec.structs.replace(CALL[-1], **row)])


async def test_each_side_is_drawn_once_and_in_as_many_points_as_wanted(
    centre: Centre, tmp_path: Path
) -> None:
    await stored(centre)

    status, whole = await asked(centre)
    for store in centre.archive.stores:
        store.delete(FILE)
    again = await asked(centre)  # without a look at the sound
    _, coarse = await asked(centre, query="?points=3")
    _, least = await asked(centre, query="?points=1")

    assert (status, again) == (200, (200, whole))
    assert whole["data"] == [125, 125, 0, 0] * 2 + [0, 0, 125, 125] * 4
    assert (whole["version"], whole["channels"], whole["bits"]) == (2, 2, 8)
    assert (whole["sample_rate"], whole["samples_per_pixel"], whole["length"]) == (8000, 256, 6)
    assert coarse["data"] == [125, 125, 0, 0] + [0, 0, 125, 125] * 2
    assert (least["samples_per_pixel"], least["data"]) == (6 * 256, [0, 125, 0, 125])
    [kept] = (path for path in (tmp_path / "peaks").rglob("*") if path.is_file())
    assert bytes([125, 125, 0, 0]) not in kept.read_bytes()  # sealed


async def test_what_is_kept_and_does_not_open_is_worked_out_anew(
    centre: Centre, tmp_path: Path
) -> None:
    await stored(centre)
    first = await asked(centre)
    [kept] = (path for path in (tmp_path / "peaks").rglob("*") if path.is_file())
    # The sound itself, too, opens under the key, and is no peaks.
    for other in (b"", b"?" * 500, next((tmp_path / "archive").rglob("*.sealed")).read_bytes()):
        kept.write_bytes(other)
        assert await asked(centre) == first
        assert kept.read_bytes() != other


async def test_nothing_of_it_is_left_when_the_recording_is_destroyed(
    centre: Centre, tmp_path: Path
) -> None:
    await stored(centre)
    assert (await asked(centre))[0] == 200

    await centre.archive.archive.destroy("r1", FILE)

    assert not [path for path in (tmp_path / "peaks").rglob("*") if path.is_file()]
    assert (await asked(centre))[0] == 404


async def test_no_store_has_it_now(centre: Centre) -> None:
    await stored(centre)
    for store in centre.archive.stores:
        store.delete(FILE)

    status, problem = await asked(centre)

    assert (status, problem["type"]) == (503, "SoundUnavailable")


async def test_of_a_call_that_goes_on_it_is_what_there_is_by_now(
    centre: Centre, tmp_path: Path
) -> None:
    await log_all(centre, CALL[:-1])
    assert (await asked(centre))[0] == 404
    folder = capture(tmp_path / "spool", LOUD * FINEST, SILENT * FINEST, name="r1")

    before = await asked(centre)
    for name in ("caller.g711", "agent.g711"):
        with (folder / name).open("ab") as file:
            file.write(SILENT * FINEST)
    after = await asked(centre)

    assert (before[0], before[1]["data"]) == (200, [125, 125, 0, 0])
    assert (after[0], after[1]["data"]) == (200, [125, 125, 0, 0] + [0] * 4)
    assert not (tmp_path / "peaks").exists()


async def test_of_a_release_that_did_not_seal(centre: Centre, tmp_path: Path) -> None:
    await log_all(centre, CALL)
    file = tmp_path / "archive/2026/11/21/r1.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(WAV)

    status, drawn = await asked(centre)

    assert (status, drawn["length"]) == (200, POINTS)
    file.write_bytes(b"RIFF, and no more")
    assert (await asked(centre))[0] == 404


@pytest.mark.parametrize("points", ["0", "20001", "-1", "many"])
async def test_a_number_of_points_that_makes_no_sense_is_refused(
    centre: Centre, points: str
) -> None:
    await stored(centre)

    status, problem = await asked(centre, query=f"?points={points}")

    assert (status, problem["detail"].startswith("points: ")) == (422, True)


@pytest.mark.parametrize("name", ["sun", "li"])
async def test_who_may_not_hear_it_sees_nothing_of_it(centre: Centre, name: str) -> None:
    await stored(centre)

    assert (await asked(centre, name))[0] == 403
