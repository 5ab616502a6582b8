"""Reviews: made of a recording, answered, and taken on step by step."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from crm.errors import InvalidField
from crm.quality import scoring, steps
from crm.quality.sampling import Candidate, Reviewer
from crm.quality.scorecards import Scorecard
from crm.quality.scoring import Answer, Outcome, is_fault
from crm.quality.steps import Step
from cti_server.store.interactions import Interactions
from cti_server.store.record_facts import Fact
from cti_server.store.recordings import STORED, Recording
from cti_server.store.reviews import Review, ReviewAnswer, Reviews, ReviewStep
from cti_server.store.sampling_plans import CONVERSATION, WITHOUT_AGENT
from cti_server.store.scorecards import Scorecards
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit


async def candidate_of(edit: Edit, recording: Recording, team: str | None) -> Candidate:
    """The recording with everybody who talked in its contact. Raises InvalidField."""
    if recording.state != STORED or recording.kind != CONVERSATION:
        raise InvalidField("recording_id", "must be a stored recording of a conversation")
    if recording.sides == WITHOUT_AGENT:
        raise InvalidField("recording_id", "the agent is not heard in it")
    theirs = await Interactions(edit.session).of_contacts([recording.contact_id])
    agents = {one.agent_id for one in theirs if one.started_at is not None}
    return Candidate(
        recording.id,
        recording.agent_id,
        recording.queue,
        team,
        frozenset(agents | {recording.agent_id}),
    )


def check_judges(reviewer: Reviewer, one: Candidate, field: str) -> None:
    """Raises InvalidField."""
    if reviewer.id in one.agents:
        raise InvalidField(field, f"{reviewer.id!r} had a part in this conversation")
    if not reviewer.judges(one):
        raise InvalidField(field, f"{reviewer.id!r} may not hear this recording")


async def active_version(edit: Edit, scorecard_id: str, field: str) -> int:
    """The number of the version that reviews are made by now. Raises InvalidField."""
    card = next(
        (one for one in await Scorecards(edit.session).all() if one.id == scorecard_id), None
    )
    if card is None or not card.active:
        raise InvalidField(field, "there is no such scorecard in use")
    return card.latest


async def make(
    edit: Edit,
    recording: Recording,
    reviewer_id: str,
    *,
    scorecard: tuple[str, int],
    due_at: datetime,
    plan_id: str | None = None,
    week: str | None = None,
    calibration_id: str | None = None,
) -> Review:
    """A draft that ``reviewer_id`` has to fill in; their desktop hears of it."""
    review = Review(
        id=edit.new_id(),
        recording_id=recording.id,
        contact_id=recording.contact_id,
        interaction_id=recording.interaction_id,
        agent_id=recording.agent_id,
        queue=recording.queue,
        length_ms=round((recording.duration or 0) * 1000),
        reviewer_id=reviewer_id,
        scorecard_id=scorecard[0],
        scorecard_version=scorecard[1],
        due_at=due_at,
        plan_id=plan_id,
        week=week,
        calibration_id=calibration_id,
        created_at=edit.now,
        updated_at=edit.now,
    )
    edit.session.add(review)
    await edit.session.flush()
    await _note(edit, review, "assigned", reviewer_id)
    return review


async def save(
    edit: Edit, review: Review, version: int, answers: Sequence[Answer], comment: str | None
) -> None:
    """What the reviewer has answered so far. Raises InvalidField, NotNow and NotYours."""
    _begin(edit, review, "save", version, manages=False)
    card = await _check_answers(edit, review, answers)
    await _keep(edit, review, card, answers)
    review.comment, review.updated_at = comment, edit.now
    edit.change.record("review", review.id, "saved", fields=["answers", "comment"])


async def submit(edit: Edit, review: Review, version: int) -> None:
    """The score stands, and the agent hears of it."""
    state = _begin(edit, review, "submit", version, manages=False)
    stored = (await Reviews(edit.session).answers([review.id])).get(review.id, [])
    card = await _check_answers(edit, review, [one.answer for one in stored])
    scoring.check_complete(card, [one.answer for one in stored])
    _score(review, card, [one.answer for one in stored])
    review.state, review.submitted_at = state, edit.now
    told = None if review.calibration_id is not None else review.agent_id
    await _note(edit, review, "submitted", told)


async def reply(edit: Edit, review: Review, version: int, step: Step, text: str | None) -> None:
    """The agent takes note of it (``acknowledge``), or has something against it (``object``)."""
    review.state = _begin(edit, review, step, version, manages=False)
    await _note(edit, review, review.state, review.reviewer_id, text)


async def settle(
    edit: Edit, review: Review, version: int, text: str, answers: Sequence[Answer] | None
) -> None:
    """Somebody else decides; with ``answers`` in the place of those there were."""
    state = _begin(edit, review, "settle", version, manages=True)
    if answers is not None:
        card = await _check_answers(edit, review, answers)
        scoring.check_complete(card, answers)
        before = (review.score, review.passed)
        await _keep(edit, review, card, answers)
        _score(review, card, answers)
        review.changed = before != (review.score, review.passed)
    review.state = state
    await _note(edit, review, "settled", review.agent_id, text)


async def assign(edit: Edit, review: Review, version: int, reviewer_id: str) -> None:
    """Another reviewer fills the draft in, from the beginning."""
    _begin(edit, review, "assign", version, manages=True)
    await Reviews(edit.session).replace_answers(review.id, [])
    review.reviewer_id, review.comment = reviewer_id, None
    await _note(edit, review, "assigned", reviewer_id)


async def withdraw(edit: Edit, review: Review, version: int, text: str) -> None:
    """It is not to be done: its recording can be reviewed anew."""
    review.state = _begin(edit, review, "withdraw", version, manages=True)
    await _note(edit, review, "withdrawn", review.reviewer_id, text)


def _begin(edit: Edit, review: Review, step: Step, version: int, *, manages: bool) -> steps.State:
    """The state after it. Raises EditConflict, NotYours and NotNow."""
    steps.check_who(step, edit.by, review.judged, manages=manages)
    check_version(review, version)
    return steps.after(state_of(review), step, review.judged)


def state_of(review: Review) -> steps.State:
    return next(state for state in steps.STATES if state == review.state)


async def _check_answers(edit: Edit, review: Review, answers: Sequence[Answer]) -> Scorecard:
    stored = Scorecards(edit.session)
    card = (await stored.version(review.scorecard_id, review.scorecard_version)).card
    scoring.check(card, answers, await stored.taxonomy(), review.length_ms)
    return card


async def _keep(edit: Edit, review: Review, card: Scorecard, answers: Sequence[Answer]) -> None:
    questions = {question.id: question for _, question in card.questions()}
    await Reviews(edit.session).replace_answers(
        review.id,
        [
            ReviewAnswer(
                review_id=review.id,
                question=one.question,
                value=str(one.value),
                fault=is_fault(questions[one.question], one.value),
                error=one.error,
                note=one.note,
                marks=[asdict(mark) for mark in one.marks],
            )
            for one in answers
        ],
    )


def outcome_of(card: Scorecard, answers: Sequence[Answer]) -> Outcome:
    return scoring.outcome(card, {one.question: one.value for one in answers})


def _score(review: Review, card: Scorecard, answers: Sequence[Answer]) -> None:
    made = outcome_of(card, answers)
    review.score, review.passed = made.score, made.passed
    review.critical = bool(made.critical)


async def _note(
    edit: Edit, review: Review, action: str, tells: str | None, text: str | None = None
) -> None:
    """The step in the review's history, in the log and on somebody's desktop."""
    review.updated_at = edit.now
    await Reviews(edit.session).add_step(
        ReviewStep(
            review_id=review.id,
            number=0,
            action=action,
            by=edit.by,
            at=edit.now,
            text=text,
            score=review.score,
        )
    )
    edit.change.record(
        "review", review.id, action, fields=["state"], agent_id=tells, facts=_facts(review)
    )


def _facts(review: Review) -> dict[str, Fact]:
    """Of a calibration no result: its reviewers are blind to one another."""
    names = ("state", "agent_id", "reviewer_id", "queue", "scorecard_id", "calibration_id")
    known: dict[str, Fact] = {name: getattr(review, name) for name in names}
    if review.calibration_id is not None:
        return known
    return known | {name: getattr(review, name) for name in ("score", "passed", "critical")}
