"""Real calls are recorded, sampled, judged on their time line, answered by the agent, reported."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from tests.running_server import Desktop

from .centre import Centre, centre, queue
from .people import Hire, passed
from .talking import CUSTOMER_HZ, LI_HZ, hears, speak

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

QUALITY = "/api/v1/quality"
LI = Hire("li", "8026", skills=("desk:5",))
REVIEWERS = [
    Hire(name, number, skills=(), roles=("supervisor",), registers=False)
    for name, number in (("ann", "8101"), ("bob", "8102"), ("cai", "8103"))
]
LABELS = {"zh": "质检", "en": "Quality"}
SERVICE: dict[str, Any] = {
    "pass_mark": 80,
    "sections": [
        {
            "id": "manner",
            "labels": LABELS,
            "questions": [
                {"id": "greeting", "labels": LABELS, "weight": 20, "errors": ["manner"]},
                {
                    "id": "tone",
                    "labels": LABELS,
                    "weight": 30,
                    "scale": {"kind": "marks", "best": 5, "passes": 3},
                },
            ],
        },
        {
            "id": "answer",
            "labels": LABELS,
            "questions": [{"id": "correct", "labels": LABELS, "weight": 50, "critical": "all"}],
        },
    ],
}
# Three judges of fifteen things, with gaps: the example in Wikipedia's article on Krippendorff's
# alpha. By hand: 26 values can be paired; by the squares of differences 0.4615 is observed, 2.44
# expected, and alpha is 1 - 0.4615 / 2.44 = 0.811.
JUDGED = {
    "ann": "*****34121133*3",
    "bob": "1*213343*******",
    "cai": "**21344*21133*4",
}
INTERVAL_ALPHA = 0.811


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    changes: dict[str, Any] = {
        "queues": [queue("kept", skills={"desk": 1}, record=True)],
        "numbers": {"2000": {"queue": "kept", "language": "en"}},
    }
    async with centre(tmp_path_factory.mktemp("quality"), LI, *REVIEWERS, **changes) as it:
        yield it


async def recorded_call(hotline: Centre) -> str:
    """A conversation of a second and a half; its recording's id, when it is archived."""
    async with hotline.on_duty("li") as (li,):
        li.on_ring(speak(LI_HZ))
        caller = hotline.caller()
        await caller.dial("2000")
        at_agent = await li.rung()
        caller.call.say(tone(CUSTOMER_HZ))
        await hears(caller.call, LI_HZ)
        await hears(at_agent, CUSTOMER_HZ)
        await passed(caller.call, 1.5)
        caller.call.hang_up()
        await caller.over()
        stored = await caller.happens("recording.stored")
    return str(stored.data["recording_id"])


async def made(desk: Desktop, path: str, **body: Any) -> dict[str, Any]:
    status, answer = await desk.post(f"{QUALITY}/{path}", **body)
    assert status in {200, 201}, answer
    found: dict[str, Any] = answer
    return found


async def to_do(desk: Desktop, **of: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in of.items())
    rows = await desk.get(
        f"{QUALITY}/reviews?reviewer_id={desk.agent_id}&state=draft&limit=100&{query}"
    )
    items: list[dict[str, Any]] = rows["items"]
    return items


async def filled_in(
    desk: Desktop, review: dict[str, Any], answers: list[dict[str, Any]]
) -> dict[str, Any]:
    path = f"reviews/{review['id']}"
    saved = await desk.put(f"{QUALITY}/{path}/answers", version=review["version"], answers=answers)
    return await made(desk, f"{path}/submit", version=saved["version"])


@pytest.mark.req("KP-05")
async def test_calls_are_sampled_judged_answered_settled_and_reported_and_judges_compared(
    hotline: Centre,
) -> None:
    recordings = [await recorded_call(hotline) for _ in range(3)]
    chief, li = hotline.chief, hotline.agents["li"].desk
    ann = hotline.agents["ann"].desk
    await made(chief, "scorecards", id="service", labels=LABELS, definition=SERVICE)

    # one of the agent's three calls is chosen, and no second one for the same week
    plan = {"labels": LABELS, "scorecard": "service", "reviewers": ["ann"], "a_week": 1}
    await made(chief, "sampling-plans", id="weekly", definition=plan)
    sampled = await made(chief, "sampling-plans/weekly/samples", week="this")
    again = await made(chief, "sampling-plans/weekly/samples", week="this")
    [review] = await to_do(ann)
    assert (sampled["reviews"], again["reviews"]) == (1, 0)
    assert review["recording_id"] in recordings
    assert (review["agent_id"], review["plan_id"]) == ("li", "weekly")

    # it is heard, and judged with marks on its time line
    heard = await ann.get_bytes(f"/api/v1/recordings/{review['recording_id']}/audio")
    played = await hotline.book.when("recording.played", played_by="ann")
    assert heard[:4] == b"RIFF"
    assert played.data["recording_id"] == review["recording_id"]
    mark = {"from_ms": 0, "to_ms": 1200, "note": "begins at once"}
    answers: list[dict[str, Any]] = [
        {"question": "greeting", "value": "no", "error": "greeting_missing", "marks": [mark]},
        {"question": "tone", "value": 2, "error": "impatient"},
        {"question": "correct", "value": "yes"},
    ]
    submitted = await filled_in(ann, review, answers)
    assert (submitted["score"], submitted["passed"]) == (57.5, False)
    assert submitted["sections"] == {"manner": 15.0, "answer": 100.0}

    # the agent sees and hears it, nothing else, and objects; somebody else settles
    [own] = (await li.get(f"{QUALITY}/reviews"))["items"]
    shown = await li.get(f"{QUALITY}/reviews/{own['id']}")
    assert shown["answers"][0]["marks"] == [mark]
    assert await li.get_bytes(shown["audio"]) == heard
    objected = await made(
        li, f"reviews/{own['id']}/object", version=own["version"], text="I was friendly"
    )
    await hotline.book.when("record.changed", record="review", action="objected", changed_by="li")
    status, refused = await ann.post(
        f"{QUALITY}/reviews/{own['id']}/settle", version=objected["version"], text="No"
    )
    assert (status, refused["type"]) == (403, "NotYours")
    settled = await made(
        chief,
        f"reviews/{own['id']}/settle",
        version=objected["version"],
        text="The tone was right",
        answers=[answers[0], {"question": "tone", "value": 5}, answers[2]],
    )
    assert (settled["state"], settled["score"], settled["passed"]) == ("settled", 80.0, True)
    assert [step["action"] for step in settled["steps"]] == [
        *("assigned", "submitted", "objected", "settled"),
    ]

    # reports say so
    [row] = (await chief.get("/api/v1/reports/quality-agents"))["rows"]
    assert (row["agent"], row["reviews"], row["score"]) == ("li", 1, 0.8)
    assert (row["objected"], row["changed"], row["pass_rate"]) == (1, 1, 1.0)
    [error] = (await chief.get("/api/v1/reports/quality-errors"))["rows"]
    assert (error["error"], error["group"], error["share"]) == ("greeting_missing", "manner", 1.0)
    sheet = (await chief.get_bytes("/api/v1/reports/quality-queues?format=csv")).decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(sheet))
    assert (line["队列"], line["平均得分率"]) == ("kept", "0.8")

    await compared(hotline, recordings[0])


async def compared(hotline: Centre, recording_id: str) -> None:
    """Three reviewers judge one recording, blind to one another, as in the published example."""
    chief = hotline.chief
    five = {"kind": "marks", "best": 5, "passes": 1, "measure": "interval"}
    questions = [
        {
            "id": f"q{number}",
            "labels": LABELS,
            "weight": 6 if number < 15 else 16,
            "scale": five,
            "may_not_apply": True,
        }
        for number in range(1, 16)
    ]
    card = {"sections": [{"id": "all", "labels": LABELS, "questions": questions}]}
    await made(chief, "scorecards", id="fifteen", labels=LABELS, definition=card)
    begun = await made(
        chief,
        "calibrations",
        title="Three judges",
        scorecard_id="fifteen",
        recording_ids=[recording_id],
        reviewer_ids=list(JUDGED),
    )
    path = f"{QUALITY}/calibrations/{begun['id']}"
    for name, values in JUDGED.items():
        desk = hotline.agents[name].desk
        [review] = await to_do(desk, calibration_id=begun["id"])
        others = await desk.get(f"{QUALITY}/reviews?calibration_id={begun['id']}")
        assert [one["reviewer_id"] for one in others["items"]] == [name]
        assert (await chief.get(path))["agreement"] is None
        answers = [
            {"question": f"q{number}", "value": "na" if value == "*" else int(value)}
            for number, value in enumerate(values, 1)
        ]
        await filled_in(desk, review, answers)

    closed = await chief.get(path)
    assert (closed["state"], closed["submitted"]) == ("closed", 3)
    assert closed["agreement"]["alpha"] == pytest.approx(INTERVAL_ALPHA, abs=0.0005)
    differing = [one["question"] for one in closed["agreement"]["differences"]]
    assert {"q6", "q15"} <= set(differing)
    assert "q9" in differing  # who says that it does not apply differs, and is not counted
    others = await hotline.agents["ann"].desk.get(f"{QUALITY}/reviews?calibration_id={begun['id']}")
    assert len(others["items"]) == 3
    [row] = (await chief.get("/api/v1/reports/quality-calibrations"))["rows"]
    assert (row["title"], row["reviewers"]) == ("Three judges", 3)
    assert row["alpha"] == pytest.approx(INTERVAL_ALPHA, abs=0.0005)
    [row] = (await chief.get("/api/v1/reports/quality-agents"))["rows"]
    assert row["reviews"] == 1  # what compares judges judges no agent
