"""Reviews over REST: who judges whom, who sees what, and what becomes of it."""

import msgspec

from cti_server.privacy.emptying import empty
from cti_server.privacy.recordings import forget
from cti_server.store.personal_records import Person
from cti_server.store.recordings import Recording
from cti_server.wire.events import RecordChanged
from tests.crm.quality.cards import DEFINITION
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Asking, asking, told
from .conftest import Centre
from .quality import LABELS, Reviewed, centre, given, recorded, review_of

__all__ = ["centre", "database_url", "postgres", "postgres_url"]


async def test_a_review_is_filled_in_submitted_objected_to_and_settled_by_somebody_else(
    centre: Centre,
) -> None:
    await recorded(centre, 1)
    happened: list[RecordChanged] = []
    centre.parts.log.subscribe(
        lambda logged: (
            happened.append(logged.event) if isinstance(logged.event, RecordChanged) else None
        )
    )
    review = await review_of(centre)
    assert [await review.seen_by(who) for who in ("zhao", "qian", "li", "wang")] == [
        *(200, 200, 404, 404),
    ]
    mark = {"from_ms": 1000, "to_ms": 2500, "note": "no greeting"}
    answers = given({"greeting": "greeting_missing"}, greeting="no", tone=3)
    answers[0] |= {"marks": [mark], "note": "began at once"}

    early = await review.take("zhao", "submit")
    saved = await review.take("zhao", "answers", answers=answers[:1], comment="so far")
    unfinished = await review.take("zhao", "submit")
    await review.take("zhao", "answers", answers=answers, comment="good otherwise")
    foreign = await review.take("huang", "answers", answers=[])
    submitted = await review.take("zhao", "submit")
    assert (early.status, unfinished.status, foreign.status) == (422, 422, 403)
    assert (saved.body["score"], saved.body["sections"]) == (None, {})
    assert (submitted.body["score"], submitted.body["passed"]) == (75.0, True)
    assert submitted.body["sections"] == {"manner": 37.5, "answer": 100.0, "rules": None}
    assert submitted.body["answers"][0]["marks"] == [mark]
    assert submitted.body["length_ms"] == 12500

    assert [await review.seen_by(who) for who in ("li", "wang")] == [200, 404]
    assert (await review.take("zhao", "answers", answers=answers)).status == 409
    assert (await review.take("zhao", "object", text="?")).status == 403
    assert (await review.take("wang", "acknowledge")).status == 404
    stale = dict(review.body)
    assert (await review.take("li", "object", text="I did greet, before the beep")).status == 200
    late = await Reviewed(centre, stale).take("li", "acknowledge")
    assert (late.status, late.body["type"]) == (409, "EditConflict")
    assert (await review.take("zhao", "settle", text="no")).status == 403  # their own review
    assert (await review.take("li", "settle", text="yes")).status == 403
    settled = await review.take("sun", "settle", text="He did", answers=given(tone=3))

    assert (settled.body["state"], settled.body["score"]) == ("settled", 85.0)
    assert settled.body["changed"] is True
    assert [(one["action"], one["by"], one["score"]) for one in settled.body["steps"]] == [
        ("assigned", "zhao", None),
        ("submitted", "zhao", 75.0),
        ("objected", "li", 75.0),
        ("settled", "sun", 85.0),
    ]
    assert settled.body["steps"][2]["text"] == "I did greet, before the beep"
    assert [(one.action, one.agent_id) for one in happened if one.record == "review"] == [
        ("assigned", "zhao"),
        *[("saved", None)] * 2,
        ("submitted", "li"),
        ("objected", "zhao"),
        ("settled", "li"),
    ]
    assert happened[-1].facts["score"] == 85.0
    trail = await told(centre, record="review")
    assert [(actor, action) for actor, action, _, _ in trail][-2:] == [
        ("li", "objected"),
        ("sun", "settled"),
    ]


async def test_who_is_judged_hears_the_recording_and_nobody_elses(centre: Centre) -> None:
    await recorded(centre, 1, 2)
    li = asking(centre, "li")
    review = await review_of(centre)
    assert (await li("GET", "recordings/r1/audio")).status == 403

    await review.submitted()

    assert (await li("GET", "recordings/r1/audio")).status != 403
    assert (await li("GET", "recordings/r2/audio")).status == 403
    assert (await asking(centre, "wang")("GET", "recordings/r1/audio")).status == 403


async def test_nobody_judges_themselves_or_a_recording_twice(centre: Centre) -> None:
    await recorded(centre, 1)
    await recorded(centre, 2, agent="zhao")
    zhao = asking(centre, "zhao")
    review = await review_of(centre)

    twice = await zhao("POST", "quality/reviews", {"recording_id": "r1", "scorecard_id": "card"})
    own = await zhao("POST", "quality/reviews", {"recording_id": "r2", "scorecard_id": "card"})
    for body, field in (
        ({"recording_id": "r9", "scorecard_id": "card"}, "recording_id"),
        ({"recording_id": "r2", "scorecard_id": "none"}, "scorecard_id"),
        ({"recording_id": "r2", "scorecard_id": "card", "reviewer_id": "li"}, "reviewer_id"),
    ):
        refused = await zhao("POST", "quality/reviews", body)
        assert (refused.status, refused.body["detail"].split(":")[0]) == (422, field)
    withdrawn = await review.take("sun", "withdraw", text="by mistake")
    again = await zhao("POST", "quality/reviews", {"recording_id": "r1", "scorecard_id": "card"})

    assert (twice.status, twice.body["type"]) == (409, "AlreadyThere")
    assert (own.status, "part" in own.body["detail"]) == (422, True)
    assert (withdrawn.status, again.status) == (200, 201)


async def test_supervisors_see_what_their_teams_agents_are_judged_by(centre: Centre) -> None:
    await recorded(centre, 1, agent="chen")
    await recorded(centre, 2, agent="lin")
    await recorded(centre, 3, agent="li")
    for recording in ("r1", "r2", "r3"):
        await review_of(centre, recording)
    huang, zhao = asking(centre, "huang"), asking(centre, "zhao")

    theirs = (await huang("GET", "quality/reviews")).body["items"]
    every = (await zhao("GET", "quality/reviews", None, limit="2")).body
    rest = (await zhao("GET", "quality/reviews", None, limit="2", after=every["next"])).body
    of_lin = (await zhao("GET", "quality/reviews", None, agent_id="lin", state="draft")).body
    south = await zhao(
        "POST",
        f"quality/reviews/{of_lin['items'][0]['id']}/assign",
        {"version": 1, "reviewer_id": "huang"},
    )
    north = await zhao(
        "POST",
        f"quality/reviews/{theirs[-1]['id']}/assign",
        {"version": theirs[-1]["version"], "reviewer_id": "huang"},
    )

    assert {one["agent_id"] for one in theirs} == {"chen", "li"}
    assert [one["agent_id"] for one in every["items"] + rest["items"]] == ["li", "lin", "chen"]
    assert rest["next"] is None
    assert [one["agent_id"] for one in of_lin["items"]] == ["lin"]
    assert (south.status, north.status) == (422, 200)
    assert north.body["reviewer_id"] == "huang"
    assert (await asking(centre, "li")("GET", "quality/reviews")).body["items"] == []


async def test_scorecards_have_versions_and_reviews_keep_theirs(centre: Centre) -> None:
    await recorded(centre, 1, 2)
    zhao = asking(centre, "zhao")
    review = await review_of(centre)
    easier = DEFINITION | {"pass_mark": 10}

    edited = await zhao("PATCH", "quality/scorecards/card", {"version": 1, "definition": easier})
    stale = await zhao("PATCH", "quality/scorecards/card", {"version": 1, "active": False})
    first = await zhao("GET", "quality/scorecards/card/versions/1")
    await review.submitted(errors={"correct": "wrong_answer"}, correct="no")
    new = await (await review_of(centre, "r2")).submitted(
        errors={"correct": "wrong_answer"}, correct="no"
    )

    assert (edited.status, edited.body["latest"], stale.status) == (200, 2, 409)
    assert first.body["definition"]["pass_mark"] == 60
    assert (review.body["score"], review.body["passed"]) == (40.0, False)
    assert (new.body["scorecard_version"], new.body["passed"]) == (2, True)
    bad = {"id": "bad", "labels": LABELS, "definition": DEFINITION | {"pass_mark": 101}}
    assert (await zhao("POST", "quality/scorecards", bad)).status == 422
    unknown = msgspec.json.decode(msgspec.json.encode(DEFINITION))
    unknown["sections"][0]["questions"][0]["errors"] = ["nothing"]
    refused = await zhao("POST", "quality/scorecards", bad | {"definition": unknown})
    assert (refused.status, "nothing" in refused.body["detail"]) == (422, True)
    assert (await zhao("POST", "quality/scorecards", bad | {"id": "card"})).status == 422


async def test_codes_of_errors_are_a_tree_and_never_removed(centre: Centre) -> None:
    zhao, li = asking(centre, "zhao"), asking(centre, "li")
    own = {"id": "own", "labels": LABELS, "parent_id": "wrong_answer"}

    made = await zhao("POST", "quality/error-codes", own)
    orphan = await zhao("POST", "quality/error-codes", own | {"id": "x", "parent_id": "none"})
    off = await zhao("PATCH", "quality/error-codes/own", {"version": 1, "active": False})
    codes = (await li("GET", "quality/error-codes")).body

    assert (made.status, orphan.status, off.status) == (201, 422, 200)
    assert {one["id"]: one["active"] for one in codes}["own"] is False
    assert (await li("POST", "quality/error-codes", own)).status == 403


async def test_what_names_a_customer_goes_with_them_and_what_was_counted_stays(
    centre: Centre,
) -> None:
    await recorded(centre, 1, 2)
    done, open_one = await review_of(centre, "r1"), await review_of(centre, "r2")
    answers = given({"greeting": "impolite"}, greeting="no")
    answers[0] |= {"note": "Mr Wang", "marks": [{"from_ms": 0, "to_ms": 9, "note": "Wang"}]}
    await done.take("zhao", "answers", answers=answers, comment="Mr Wang was right")
    await done.take("zhao", "submit")
    await done.take("li", "object", text="Mr Wang began it")
    database = centre.parts.database

    async with database.sessions.begin() as session:
        await empty(session, Person([], ["k1", "k2"], ["c1", "c2"], []))
        rows = [await session.get_one(Recording, name) for name in ("r1", "r2")]
        await forget(session, rows, centre.parts.clock.now())

    left = (await asking(centre, "zhao")("GET", done.path)).body
    assert "Wang" not in str(left)
    assert (left["score"], left["answers"][0]["error"]) == (90.0, "impolite")
    assert (await asking(centre, "zhao")("GET", open_one.path)).body["state"] == "withdrawn"
    assert (await open_one.take("zhao", "submit")).status == 409


async def test_agents_manage_nothing_of_it(centre: Centre) -> None:
    li: Asking = asking(centre, "li")

    for method, path in (
        ("POST", "quality/reviews"),
        ("POST", "quality/sampling-plans"),
        ("GET", "quality/sampling-plans"),
        ("GET", "quality/calibrations"),
        ("POST", "quality/calibrations"),
    ):
        assert (await li(method, path, {})).status == 403, path
