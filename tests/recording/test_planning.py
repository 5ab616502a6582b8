"""How large the disks have to be, told from the bytes that the archive really writes."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from config.recording_words import Layout
from recording.planning import CODECS, PlanRefused, Traffic, plan
from tests.sentences import sentence

from .captures import capture, finish, info, local, write_channel

CENTRE = Traffic(seats=280, calls_per_hour=12, talk=180, hours=10)


def test_a_call_takes_what_its_file_takes(tmp_path: Path) -> None:
    """To the block: of a real recording of ten seconds."""
    stored = finish(
        capture(tmp_path / "spool", b"\x7f" * 80_000, b"\x7f" * 80_000, "r" * 32),
        local(tmp_path / "archive"),
    )
    file = tmp_path / "archive" / stored.file

    found = plan(Traffic(seats=1, calls_per_hour=1, talk=10, hours=1), "g711-stereo")

    assert 0 <= found.bytes_a_call - file.stat().st_size < 4096
    assert found.bytes_a_call % 4096 == 0


def test_a_centre_of_280_seats() -> None:
    found = plan(CENTRE, "g711-stereo", keep_days=365, free=4 * 10**12)

    assert found.bytes_a_minute == 960_000
    assert found.calls_a_day == 33_600
    assert found.at_once == 168  # of 3360 an hour each lasts a twentieth of it
    assert found.gb_a_day == pytest.approx(33_600 * 2_883_584 / 1e9)
    assert found.spool_mbit == pytest.approx(168 * 0.128)
    assert found.copy_mbit == pytest.approx(found.spool_mbit, rel=0.01)
    assert found.gb_kept == pytest.approx(365 * found.gb_a_day)
    assert found.days_until_full == pytest.approx(4000 / found.gb_a_day)
    assert "a minute: 60 s x 16000 bytes = 960000 bytes" in found.arithmetic


def test_one_channel_takes_half_of_two() -> None:
    stereo, mono = (plan(CENTRE, codec).gb_a_day for codec in ("g711-stereo", "g711-mono"))

    assert mono == pytest.approx(stereo / 2, rel=0.01)


@pytest.mark.parametrize(("codec", "channels"), [("opus-stereo", 2), ("opus-mono", 1)])
def test_opus_takes_no_more_than_that(tmp_path: Path, codec: str, channels: int) -> None:
    """What people say without a pause, all at once."""
    said = (sentence() * 30)[: 60 * 8000]
    layout: Layout = "stereo" if channels == 2 else "mono"
    told = replace(info("r" * 32), layout=layout, file_format="opus")
    folder = tmp_path / "spool" / ("r" * 32)
    told.save(folder)
    for name, turned in (("caller.g711", 0), ("agent.g711", 100_000)):
        write_channel(folder / name, said[turned:] + said[:turned])
    stored = finish(folder, local(tmp_path / "archive"))
    written = (tmp_path / "archive" / stored.file).stat().st_size

    found = plan(Traffic(seats=1, calls_per_hour=1, talk=60, hours=1), codec)

    assert 0.9 * found.bytes_a_call < written <= found.bytes_a_call
    assert f"60 s x {2000 * channels} bytes + 100 of the file's header" in found.arithmetic[1]


def test_what_is_not_known_is_not_told() -> None:
    found = plan(CENTRE, "g711-stereo")

    assert (found.gb_kept, found.days_until_full) == (None, None)
    assert not [line for line in found.arithmetic if line.startswith(("kept", "full"))]


def test_where_nothing_is_recorded_no_disk_is_ever_full() -> None:
    nothing = Traffic(seats=5, calls_per_hour=5, talk=60, hours=8, recorded=0)

    assert plan(nothing, "g711-mono", free=1).days_until_full is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"seats": 0}, "seats: must be from 1 to 100000"),
        ({"talk": float("nan")}, "talk: must be from 1 to 86400"),
        ({"hours": 25}, "hours: must be from 0.1 to 24"),
        ({"recorded": -1}, "recorded: must be from 0 to 100"),
        ({"calls_per_hour": 21}, "calls_per_hour: 21 calls of 180 s are more than an hour"),
    ],
)
def test_a_centre_that_cannot_be_is_refused_by_the_field(said: dict[str, Any], told: str) -> None:
    usual = {"seats": 280, "calls_per_hour": 12, "talk": 180, "hours": 10}

    with pytest.raises(PlanRefused, match=told):
        plan(Traffic(**usual | said), "g711-stereo")


def test_a_codec_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(PlanRefused, match=f"codec: must be one of {', '.join(CODECS)}"):
        plan(CENTRE, "mp3")
