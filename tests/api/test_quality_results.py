"""What reviews and calibrations show: agreement, scores, the most frequent errors."""

import asyncio
from typing import Any

from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, asking
from .conftest import Centre
from .quality import Reviewed, centre, given, recorded, review_of

__all__ = ["centre", "database_url", "postgres", "postgres_url"]


async def calibrated(centre: Centre, reviewers: list[str]) -> Answer:
    body = {
        "title": "November",
        "scorecard_id": "card",
        "recording_ids": ["r1"],
        "reviewer_ids": reviewers,
    }
    return await asking(centre, "zhao")("POST", "quality/calibrations", body)


async def drafts(centre: Centre, who: str) -> Reviewed:
    found = await asking(centre, who)("GET", "quality/reviews", None, reviewer_id=who)
    [row] = found.body["items"]
    whole = await asking(centre, who)("GET", f"quality/reviews/{row['id']}")
    return Reviewed(centre, whole.body)


async def test_reviewers_of_a_calibration_are_blind_to_one_another_until_all_have_judged(
    centre: Centre,
) -> None:
    await recorded(centre, 1, agent="chen")
    happened: list[Any] = []
    centre.parts.log.subscribe(lambda logged: happened.append(logged.event))
    begun = await calibrated(centre, ["zhao", "huang"])
    assert begun.status == 201, begun.body
    path = f"quality/calibrations/{begun.body['id']}"
    zhaos, huangs = await drafts(centre, "zhao"), await drafts(centre, "huang")

    await zhaos.submitted("zhao")
    hidden = [await zhaos.seen_by(who) for who in ("huang", "qian", "chen")]
    halfway = (await asking(centre, "huang")("GET", path)).body
    await huangs.submitted("huang", tone=3)
    shown = [await zhaos.seen_by(who) for who in ("huang", "qian", "chen")]
    closed = (await asking(centre, "qian")("GET", path)).body

    assert (hidden, shown) == ([404] * 3, [200, 200, 404])
    assert (halfway["state"], halfway["submitted"], halfway["agreement"]) == ("open", 1, None)
    assert (closed["state"], closed["submitted"]) == ("closed", 2)
    assert closed["agreement"]["differences"] == [
        {"recording_id": "r1", "question": "tone", "values": {"huang": 3, "zhao": 5}}
    ]
    assert closed["agreement"]["alpha"] == 0.0  # what differs once differs as by chance
    facts = [one.facts for one in happened if getattr(one, "record", "") == "review"]
    assert all("score" not in each for each in facts)
    assert (await zhaos.take("chen", "acknowledge")).status == 404
    assert (await zhaos.take("sun", "settle", text="no")).status == 409
    assert (await review_of(centre)).body["calibration_id"] is None  # its own review is still due


async def test_a_calibration_goes_on_without_who_does_not_come(centre: Centre) -> None:
    await recorded(centre, 1, agent="chen")
    begun = await calibrated(centre, ["zhao", "huang"])
    path = f"quality/calibrations/{begun.body['id']}"
    await (await drafts(centre, "zhao")).submitted("zhao")
    left = await drafts(centre, "huang")

    closed = await asking(centre, "sun")("POST", f"{path}/close", {"version": 1})
    twice = await asking(centre, "sun")(
        "POST", f"{path}/close", {"version": closed.body["version"]}
    )

    assert (closed.status, twice.status) == (200, 409)
    assert closed.body["agreement"] | {"questions": []} == {
        "alpha": None, "units": 0, "questions": [], "differences": [],
    }  # fmt: skip
    assert (await drafts(centre, "huang")).body["state"] == "withdrawn"
    assert (await left.take("huang", "submit")).status == 409
    for reviewers, says in ((["zhao", "zhao"], "twice"), (["zhao", "li"], "'li'")):
        refused = await calibrated(centre, reviewers)
        assert (refused.status, says in refused.body["detail"]) == (422, True)


async def test_of_two_who_submit_last_at_once_one_closes_it(centre: Centre) -> None:
    await recorded(centre, 1, agent="chen")
    begun = await calibrated(centre, ["zhao", "huang"])
    both = [await drafts(centre, who) for who in ("zhao", "huang")]
    for who, one in zip(("zhao", "huang"), both, strict=True):
        assert (await one.take(who, "answers", answers=given())).status == 200

    done = await asyncio.gather(
        *(one.take(who, "submit") for who, one in zip(("zhao", "huang"), both, strict=True))
    )

    path = f"quality/calibrations/{begun.body['id']}"
    assert [one.status for one in done] == [200, 200]
    assert (await asking(centre, "zhao")("GET", path)).body["state"] == "closed"


async def report(centre: Centre, name: str, by: str = "sun", **query: str) -> list[dict[str, Any]]:
    found = await asking(centre, by)("GET", f"reports/quality-{name}", None, **query)
    assert found.status == 200, found.body
    rows: list[dict[str, Any]] = found.body["rows"]
    return rows


async def test_reports_add_up_what_reviews_say(centre: Centre) -> None:
    await recorded(centre, 1, 2)
    await recorded(centre, 3, agent="chen")
    await recorded(centre, 4, agent="lin")
    rude: dict[str, Any] = {"errors": {"greeting": "impolite"}, "greeting": "no"}
    await (await review_of(centre, "r1")).submitted()
    await (await review_of(centre, "r2")).submitted(**rude)
    wrong: dict[str, Any] = {
        "errors": {"greeting": "impolite", "correct": "wrong_answer"},
        "correct": "no",
    }
    of_chen = await (await review_of(centre, "r3")).submitted(**rude | wrong)
    await of_chen.take("chen", "object", text="no")
    await of_chen.take("sun", "settle", text="yes", answers=given(**rude))
    await (await review_of(centre, "r4")).take("zhao", "answers", answers=given())

    by_agent = {row["agent"]: row for row in await report(centre, "agents")}
    assert by_agent.keys() == {"li", "chen"}  # a draft says nothing yet
    li, chen = by_agent["li"], by_agent["chen"]
    assert (li["name"], li["reviews"], li["score"], li["pass_rate"]) == ("Li", 2, 0.95, 1.0)
    assert (li["faults"], li["objection_rate"], li["changed"]) == (1, 0.0, 0)
    assert (chen["score"], chen["objected"], chen["changed"]) == (0.9, 1, 1)
    assert [row["team"] for row in await report(centre, "teams")] == ["", "north"]
    assert [(row["queue"], row["score"]) for row in await report(centre, "queues")] == [
        ("sales", 0.9333)
    ]
    [card] = await report(centre, "scorecards", language="en")
    assert (card["scorecard"], card["card"], card["reviews"]) == ("card", "Card", 3)
    assert [row["agent"] for row in await report(centre, "agents", agent="li")] == ["li"]
    assert [row["agent"] for row in await report(centre, "agents", "huang")] == ["chen", "li"]
    [error] = await report(centre, "errors")
    assert (error["error"], error["label"], error["group"]) == ("impolite", "用语不礼貌", "manner")
    assert (error["faults"], error["share"], error["cumulative"]) == (2, 1.0, 1.0)


async def test_the_most_frequent_errors_come_first_and_agreement_is_reported(
    centre: Centre,
) -> None:
    await recorded(centre, *range(1, 4), agent="chen")
    for number, greeting in ((1, "impolite"), (2, "interrupts"), (3, "interrupts")):
        review = await review_of(centre, f"r{number}")
        await review.submitted(errors={"greeting": greeting}, greeting="no")
    begun = await calibrated(centre, ["zhao", "huang"])
    for who in ("zhao", "huang"):
        found = await asking(centre, who)(
            "GET", "quality/reviews", None, calibration_id=begun.body["id"], reviewer_id=who
        )
        whole = await asking(centre, who)("GET", f"quality/reviews/{found.body['items'][0]['id']}")
        await Reviewed(centre, whole.body).submitted(who, tone=3)

    errors = await report(centre, "errors")
    [agreed] = await report(centre, "calibrations")

    assert [(row["error"], row["faults"], row["cumulative"]) for row in errors] == [
        ("interrupts", 2, 0.6667),
        ("impolite", 1, 1.0),
    ]
    assert (agreed["title"], agreed["recordings"], agreed["reviewers"], agreed["alpha"]) == (
        *("November", 1, 2, 1.0),
    )
