"""What customers said of how they were served."""

from collections.abc import Mapping
from datetime import datetime

from cti_server.wire import events

from ..ratings import Rating
from ..rows import Rows
from .fold import Fold


def _survey_started(rows: Rows, event: events.SurveyStarted, at: datetime, _: int) -> None:
    one = {"flow": event.flow, "question": "", "rating": None, "best": None}
    _add(rows, event, at, one)


def _contact_rated(rows: Rows, event: events.ContactRated, at: datetime, _: int) -> None:
    one = {"flow": "", "question": event.question, "rating": event.rating, "best": event.best}
    _add(rows, event, at, one)


def _add(
    rows: Rows,
    event: events.SurveyStarted | events.ContactRated,
    at: datetime,
    one: Mapping[str, object],
) -> None:
    """Who answers the same question again has thought better of it."""
    row_id = f"{event.interaction_id or event.contact_id}.{one['question']}"
    about = {
        "contact_id": event.contact_id,
        "interaction_id": event.interaction_id,
        "about_agent": event.about_agent,
        "queue": event.queue,
    }
    rows.add(Rating, row_id, {"id": row_id, "at": at, **about, **one})


FOLDS: dict[type, Fold] = {
    events.SurveyStarted: _survey_started,
    events.ContactRated: _contact_rated,
}
