"""What a second person approves: what a client may send, and what it gets."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import model_validator

from .recordings import RecordingExportCreate
from .resource import Identifier, Line, Page, Resource

_ONE_OF = ("export", "merge_id", "hold_id", "recording_id")


class ApprovalWanted(Resource):
    """
    One of these, and why: an ``export`` exactly as it will be asked for, the export of a merge, the
    lifting of a legal hold, the playing of a recording's original.
    """

    reason: Line
    export: RecordingExportCreate | None = None
    merge_id: Identifier | None = None
    hold_id: Identifier | None = None
    recording_id: Identifier | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        if sum(getattr(self, name) is not None for name in _ONE_OF) != 1:
            raise ValueError(f"name one of {', '.join(_ONE_OF)}")
        return self


class ApprovalDecision(Resource):
    approve: bool
    reason: Line


class ApprovalView(Resource):
    """
    "approved" until it is "used", or "expired" because nobody has decided or used it in time.

    ``about``: what exactly it is good for; a customer's number is masked for who may not see it.
    ``person_id``: who asked, or made the API key that did.
    """

    id: str
    action: str
    about: dict[str, Any]
    reason: str
    state: Literal["waiting", "approved", "refused", "used", "expired"]
    asked_by: str
    person_id: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    valid_until: datetime | None
    used_at: datetime | None


class ApprovalPage(Page[ApprovalView]):
    """What was to be approved, the newest first."""
