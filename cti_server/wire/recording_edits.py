"""How recordings are edited, as the API tells it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import LARGEST_NUMBER, Line, Resource

_Moment = Annotated[int, Field(ge=0, le=24 * 3600 * 1000)]


class EditSpan(Resource):
    """
    From one moment of the recording up to another, in milliseconds of it as it was recorded.

    ``cut``: it is left out, and what follows comes earlier. ``redact``: it is silent.
    """

    kind: Literal["cut", "redact"]
    from_ms: _Moment
    to_ms: _Moment
    reason: Line


class EditsWanted(Resource):
    """All of them, in the place of those there are; ``version``: that was read, 0 of none."""

    version: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
    edits: Annotated[list[EditSpan], Field(max_length=500)]


class EditsView(Resource):
    """One version; ``version`` 0, made by nobody, where the recording is as it was recorded."""

    version: int
    edits: list[EditSpan]
    made_by: str | None
    made_at: datetime | None
