"""A customer's timeline as it is read, and what other systems may add to it."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, JsonValue, model_validator

from .resource import Identifier, Line, Page, Resource, Text, Word


class TimelineEntryView(Resource):
    """
    One thing that happened: ``kind`` says what ``id`` is an id of.

    A "contact" has channel, direction, number, queue, agent, outcome, flow with its menu path, and
    the ids of its recordings; what other systems reported has a title, its source, and their data.
    """

    at: datetime
    kind: str
    id: str
    data: dict[str, Any]


class TimelinePage(Page[TimelineEntryView]):
    """The newest first."""


class CustomerNote(Resource):
    """What a colleague should know of this customer."""

    text: Text


class TimelineEventToAdd(Resource):
    """
    What another system saw: a visit to the web pages, a talk at the counter, a kiosk.

    The customer is named by our id, by the other system's (``customer_external_id``) or by a
    telephone number that is one customer's alone. The same ``external_id`` of the same ``source``
    is the same event: reported again, it is answered by the one that is there.
    """

    customer_id: Identifier | None = None
    customer_external_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    customer_number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    at: AwareDatetime
    kind: Word
    title: Line
    source: Word
    external_id: Identifier | None = None
    data: dict[Word, JsonValue] = Field(default={}, max_length=32)

    @model_validator(mode="after")
    def _names_one_customer(self) -> Self:
        named = (self.customer_id, self.customer_external_id, self.customer_number)
        if sum(one is not None for one in named) != 1:
            raise ValueError(
                "name exactly one of customer_id, customer_external_id and customer_number"
            )
        return self


class TimelineEventView(Resource):
    """What was added."""

    id: str
    customer_id: str
    at: datetime
    kind: str
    title: str
    source: str
    external_id: str | None
    data: dict[str, Any]
    added_by: str
    added_at: datetime


class CustomerChoice(Resource):
    """Whose contact it is."""

    customer_id: Identifier
