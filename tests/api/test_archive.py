"""The archive's rounds and drills over REST: asked for, refused, listed."""

from .asking import asking, told
from .conftest import Centre


async def test_a_round_is_asked_for_once_and_listed_and_in_the_trail(centre: Centre) -> None:
    sun, qian = asking(centre, "sun"), asking(centre, "qian")

    begun = await sun("POST", "archive/rounds", {"sample": 7})
    again = await sun("POST", "archive/rounds", {})

    assert (begun.status, begun.body["state"], begun.body["wanted"]) == (202, "running", 7)
    assert again.body["id"] == begun.body["id"]
    page = (await qian("GET", "archive/rounds")).body
    assert page == {"items": [begun.body], "next": None}
    run_id = begun.body["id"]
    assert (await qian("GET", f"archive/rounds/{run_id}")).body == begun.body
    assert (await qian("GET", f"archive/drills/{run_id}")).status == 404
    assert (await qian("GET", "archive/drills")).body["items"] == []
    assert ("sun", "began", "archive_run", run_id) in await told(centre, record="archive_run")


async def test_what_cannot_be_is_refused_with_its_reason(centre: Centre) -> None:
    sun = asking(centre, "sun")

    alone = await sun("POST", "archive/drills", {})
    assert (alone.status, alone.kind) == (409, "NoSecondStore")
    assert "archive.stores" in alone.body["detail"]
    for body in ({"sample": 0}, {"sample": 1001}, {"sample": "all"}, {"samples": 1}):
        refused = await sun("POST", "archive/rounds", body)
        assert refused.status == 422
        assert "sample" in refused.body["detail"]
