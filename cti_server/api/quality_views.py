"""Reviews as the API tells them, and answers as it takes them."""

from crm.quality.scoring import Answer, Mark
from cti_server.quality.reviewing import outcome_of
from cti_server.store.reviews import Review, Reviews
from cti_server.store.scorecards import Scorecards
from cti_server.wire.reviews import ReviewAnswerView, ReviewRow, ReviewStepView, ReviewView


def answer_of(one: ReviewAnswerView) -> Answer:
    marks = [Mark(mark.from_ms, mark.to_ms, mark.note) for mark in one.marks]
    return Answer(one.question, one.value, one.error, one.note, marks)


def row(review: Review) -> ReviewRow:
    return ReviewRow.model_validate(
        {name: getattr(review, name) for name in ReviewRow.model_fields}
    )


async def view(stored: Reviews, cards: Scorecards, review: Review) -> ReviewView:
    answers = (await stored.answers([review.id])).get(review.id, [])
    card = (await cards.version(review.scorecard_id, review.scorecard_version)).card
    given = {one.question: one.answer for one in answers}
    order = [question.id for _, question in card.questions() if question.id in given]
    whole = len(order) == len([*card.questions()])
    made = outcome_of(card, [*given.values()]) if whole else None
    return ReviewView.model_validate(
        {
            **row(review).model_dump(),
            "length_ms": review.length_ms,
            "audio": f"/api/v1/recordings/{review.recording_id}/audio",
            "comment": review.comment,
            "answers": [_answer_view(given[name]) for name in order],
            "sections": {} if made is None else made.sections,
            "steps": [
                ReviewStepView.model_validate(
                    {name: getattr(step, name) for name in ReviewStepView.model_fields}
                )
                for step in await stored.steps(review.id)
            ],
        }
    )


def _answer_view(one: Answer) -> ReviewAnswerView:
    return ReviewAnswerView.model_validate(
        {
            "question": one.question,
            "value": one.value,
            "error": one.error,
            "note": one.note,
            "marks": [
                {"from_ms": mark.from_ms, "to_ms": mark.to_ms, "note": mark.note}
                for mark in one.marks
            ],
        }
    )
