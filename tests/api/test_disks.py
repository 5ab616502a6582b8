"""The disks and the planner over REST: what they tell, and what they refuse."""

from typing import Any, get_args

import pytest

from cti_server.wire.disks import DiskView
from recording.budget import Stage

from .asking import asking
from .conftest import Centre

PLAN = {"seats": "280", "calls_per_hour": "12.5", "talk": "180"}


async def test_disks_tell_how_full_they_are(centre: Centre) -> None:
    await centre.parts.disks.look()

    answer = await asking(centre, "zhao")("GET", "archive/disks")

    assert answer.status == 200
    [disk] = answer.body
    assert (disk["disk"], disk["places"], disk["stage"]) == ("data", ["data"], "ok")
    assert 0 < disk["free"] < disk["total"]
    assert disk["seconds_left"] is None


def test_every_stage_of_a_disk_can_be_told() -> None:
    known = get_args(DiskView.model_fields["stage"].annotation)

    assert list(known) == [stage.name.lower() for stage in Stage]


async def test_the_planner_says_for_each_codec_how_it_comes_to_its_figures(
    centre: Centre,
) -> None:
    ask = asking(centre, "zhao")

    answer = await ask("GET", "archive/plan", **PLAN, keep_days="365", free="4000")

    codecs = ["g711-stereo", "g711-mono", "opus-stereo", "opus-mono"]
    assert [plan["codec"] for plan in answer.body] == codecs
    stereo = answer.body[0]
    assert stereo["calls_a_day"] == 280 * 12.5 * 10
    assert stereo["days_until_full"] == pytest.approx(4000 / stereo["gb_a_day"])
    assert stereo["gb_kept"] == pytest.approx(365 * stereo["gb_a_day"])
    assert f"{stereo['gb_a_day']:.3f} GB" in " ".join(stereo["arithmetic"])

    [mono] = (await ask("GET", "archive/plan", **PLAN, codec="g711-mono")).body
    assert mono["days_until_full"] > 0  # of the disk that there is


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"seats": "0"}, "seats: must be from 1 to 100000"),
        ({"seats": "many"}, "seats: Input should be a valid integer"),
        ({"talk": "inf"}, "talk: must be from 1 to 86400"),
        ({"calls_per_hour": "nan"}, "calls_per_hour: must be from 0.01 to 3600"),
        ({"calls_per_hour": "21"}, "calls_per_hour: 21 calls of 180 s are more than an hour"),
        ({"codec": "mp3"}, "codec: must be one of g711-stereo, g711-mono"),
        ({"keep_days": "0"}, "keep_days: Input should be greater than or equal to 1"),
        ({"free": "-1"}, "free: Input should be greater than or equal to 0"),
        ({"disk": "4"}, "disk: Extra inputs are not permitted"),
    ],
)
async def test_a_plan_of_nonsense_is_refused_by_its_field(
    centre: Centre, said: dict[str, Any], told: str
) -> None:
    answer = await asking(centre, "zhao")("GET", "archive/plan", **PLAN | said)

    assert answer.status == 422
    assert answer.body["detail"].startswith(told)


async def test_what_is_needed_has_to_be_said(centre: Centre) -> None:
    answer = await asking(centre, "zhao")("GET", "archive/plan", seats="3")

    assert answer.status == 422
    assert "talk: Field required" in answer.body["detail"]
