"""Drills restore from the second store on, and each way in which that can go wrong is told."""

from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest

from config.archive import FolderSettings
from cti_server.backup.drills import Drill, moments
from cti_server.backup.errors import DrillImpossible, NoSecondStore
from recording import keys
from recording.opus import encoded
from tests.fakes.archives import MADE_AT

from .kept_twice import A_MONTH, NINE, SECONDS, KeptTwice, file_of, wav


async def test_what_a_restore_would_give_is_whole_and_nothing_is_left_of_it(
    it: KeptTwice,
) -> None:
    for number in range(6):
        await it.add(f"r{number}", at=NINE + number * A_MONTH)
    await it.add("r6", sound=wav(6, channels=1), kind="message")
    for each in range(7):
        it.path("near", f"r{each}").unlink()  # the first store is not even looked at

    outcome = await it.drill().run(7)

    assert outcome.findings == []
    assert (outcome.sampled, outcome.by_store) == (7, {"far": 7})
    assert outcome.size == 6 * len(wav(0)) + len(wav(6, channels=1))
    assert (outcome.first, outcome.last) == (NINE, NINE + 5 * A_MONTH)
    assert list((it.folder / "scratch").iterdir()) == []


async def test_what_is_in_opus_is_as_long_and_has_as_many_channels_for_others(
    it: KeptTwice,
) -> None:
    frames = np.random.default_rng(1).normal(0, 2000, (SECONDS * 8000, 2)).astype(np.int16)
    for number, channels in enumerate((2, 1)):
        sound = b"".join(encoded([frames[:, :channels]], channels, serial=number))
        await it.add(
            f"r{number}", sound=sound, codec="OPUS", layout="stereo" if channels == 2 else "mono"
        )

    outcome = await it.drill().run(2)

    assert (outcome.findings, outcome.sampled) == ([], 2)


async def test_each_fault_of_a_copy_is_told(it: KeptTwice) -> None:
    for number in range(8):
        await it.add(f"r{number}", at=NINE + number * A_MONTH)
    await it.add("r8", sound=b"nothing that anybody could hear")
    await it.add("r9", sound=wav(9, seconds=7))
    await it.add("r10", sound=wav(10, channels=1))
    it.rot("far", "r1")
    it.path("far", "r2").unlink()
    it.path("far", "r3").write_bytes(it.path("far", "r4").read_bytes())
    whole = it.path("far", "r5").read_bytes()
    it.path("far", "r5").write_bytes(whole[: len(whole) // 2])
    await it.kept.keys.destroy("r6")
    await it.erase("r7")  # is no fault

    found = await it.drill().run(99)

    told = {each.recording_id: each.fault for each in found.findings}
    assert told == {
        "r1": "was altered: chunk 1 of 3 does not open",
        "r2": "is not there",
        "r3": "was altered: it is another recording's",
        "r5": "was altered: chunk 1 of 2 does not open",
        "r6": "its key was removed",
        "r8": told["r8"],
        "r9": "is 7.000 s long, not 10.000 s",
        "r10": "has 1 channels, not 2",
    }
    assert told["r8"].startswith("cannot be read: ")
    assert found.sampled == 10
    assert list((it.folder / "scratch").iterdir()) == []


async def test_it_is_done_with_the_keys_that_are_there_not_with_those_that_are_remembered(
    it: KeptTwice, tmp_path: Path
) -> None:
    await it.add("r1")
    other = tmp_path / "other.key"
    keys.create(other, MADE_AT + timedelta(days=1))

    [finding] = (await it.drill(keys=other).run(1)).findings
    assert finding.fault.startswith("its key does not open: the master key '2026-11-21' is not")

    (it.folder / "archive.key").unlink()
    with pytest.raises(DrillImpossible, match=r"archive\.key: No such file"):
        await it.drill().run(1)


async def test_a_drill_that_shows_nothing_is_no_success(it: KeptTwice) -> None:
    with pytest.raises(DrillImpossible, match="no recording lies in another store"):
        await it.drill().run(1)
    await it.add("r1", "near")
    with pytest.raises(DrillImpossible, match="no recording lies in another store"):
        await it.drill().run(1)

    (it.folder / "scratch").write_bytes(b"")
    await it.add("r2")
    with pytest.raises(DrillImpossible, match="no folder to restore to"):
        await it.drill().run(1)
    with pytest.raises(NoSecondStore):
        Drill(
            it.database,
            {"near": FolderSettings(kind="folder", folder=it.folder / "near")},
            keys=it.folder / "archive.key",
            scratch=it.folder / "scratch",
            jobs=None,
            chance=Random(1),
        )


async def test_a_store_that_gives_another_sound_under_the_right_seal_is_found(
    it: KeptTwice,
) -> None:
    """Who has the key, a thief or an error of ours, can seal; the row knows what it was."""
    await it.add("r1")
    key = (await it.kept.keys.of(["r1"]))["r1"]
    from recording.sealing import seal

    sealed = b"".join(seal([wav(2)], key, "r1", b"s" * 16))
    (it.folder / "far" / file_of("r1")).write_bytes(sealed)

    [finding] = (await it.drill().run(1)).findings

    assert finding.fault.startswith("has the SHA-256 ")


def test_a_sample_is_of_all_times() -> None:
    found = moments(NINE, NINE + 10 * A_MONTH, 10, Random(1))

    parts = [(each - NINE) // A_MONTH for each in found]
    assert parts == list(range(10))
    assert moments(NINE, NINE, 2, Random(1)) == [NINE, NINE]
