"""Calibrations: begun, closed when everybody has judged, and what they showed."""

from dataclasses import asdict
from datetime import datetime

from crm.errors import NotNow
from crm.quality.calibrating import compared
from crm.quality.sampling import Reviewer
from crm.quality.scoring import Value
from cti_server.store.calibrations import CLOSED, OPEN, Calibration, Calibrations
from cti_server.store.recordings import Recording
from cti_server.store.reviews import DRAFT, WITHDRAWN, Review, Reviews
from cti_server.store.scorecards import Scorecards
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit

from .reviewing import active_version, make


async def begin(
    edit: Edit,
    title: str,
    scorecard_id: str,
    recordings: list[Recording],
    reviewers: list[Reviewer],
    due_at: datetime,
) -> Calibration:
    """One review for each reviewer and recording. Raises InvalidField."""
    number = await active_version(edit, scorecard_id, "scorecard_id")
    calibration = Calibration(
        id=edit.new_id(),
        title=title,
        scorecard_id=scorecard_id,
        scorecard_version=number,
        recording_ids=[one.id for one in recordings],
        reviewer_ids=[one.id for one in reviewers],
        due_at=due_at,
        created_by=edit.by,
        created_at=edit.now,
        updated_at=edit.now,
    )
    edit.session.add(calibration)
    edit.change.record("calibration", calibration.id, "created")
    await edit.session.flush()
    for reviewer in reviewers:
        for recording in recordings:
            await make(
                edit,
                recording,
                reviewer.id,
                scorecard=(scorecard_id, number),
                due_at=due_at,
                calibration_id=calibration.id,
            )
    return calibration


async def close_if_all_submitted(edit: Edit, review: Review) -> None:
    """After a reviewer has submitted one of its reviews."""
    if review.calibration_id is None:
        return
    calibration = await Calibrations(edit.session).need(review.calibration_id, locked=True)
    reviews = await Reviews(edit.session).of_calibration(calibration.id)
    if calibration.state == OPEN and all(one.state != DRAFT for one in reviews):
        await _close(edit, calibration)


async def close(edit: Edit, calibration_id: str, version: int) -> Calibration:
    """With what was submitted by now; who has not is not waited for. Raises NotNow."""
    calibration = await Calibrations(edit.session).need(calibration_id, locked=True)
    check_version(calibration, version)
    if calibration.state != OPEN:
        raise NotNow(f"the calibration is {calibration.state}")
    for review in await Reviews(edit.session).of_calibration(calibration_id):
        if review.state == DRAFT:
            review.state, review.updated_at = WITHDRAWN, edit.now
            edit.change.record("review", review.id, "withdrawn", fields=["state"])
    await edit.session.flush()
    await _close(edit, calibration)
    return calibration


async def _close(edit: Edit, calibration: Calibration) -> None:
    stored = Reviews(edit.session)
    reviews = [
        one for one in await stored.of_calibration(calibration.id) if one.state == "submitted"
    ]
    answers = await stored.answers([one.id for one in reviews])
    judgements: dict[str, dict[str, dict[str, Value]]] = {}
    for one in reviews:
        values = {each.question: each.answer.value for each in answers.get(one.id, [])}
        judgements.setdefault(one.recording_id, {})[one.reviewer_id] = values
    version = await Scorecards(edit.session).version(
        calibration.scorecard_id, calibration.scorecard_version
    )
    shown = compared(version.card, judgements)
    calibration.agreement, calibration.alpha = asdict(shown), shown.alpha
    calibration.state, calibration.closed_at = CLOSED, edit.now
    calibration.updated_at = edit.now
    facts = {"scorecard_id": calibration.scorecard_id, "alpha": calibration.alpha}
    edit.change.record(
        "calibration", calibration.id, "closed", fields=["state", "alpha"], facts=facts
    )
