"""The REST resources of contacts that are no calls."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .resource import Identifier, Line, Moment, Resource, printable_lines
from .users import Skills

WorkChannel = Literal["chat", "sms", "email", "fax", "task"]
Name = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(printable_lines)]


class NewWork(Resource):
    """
    What somebody is to see to.

    ``address`` is the customer's: a number, a mail address. ``customer_id``: whose it is, if that
    is known. ``priority``: higher goes first. ``requirements``: skills with their levels, beside
    the queue's.
    """

    channel: WorkChannel
    queue: Annotated[str, Field(min_length=1, max_length=64)]
    subject: Line
    address: Annotated[str, Field(max_length=320, pattern=r"^[!-~]*$")] = ""
    customer_id: Identifier | None = None
    attributes: Annotated[dict[Name, Text], Field(max_length=50)] = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    requirements: Skills = Field(default_factory=dict)
    due_at: Moment | None = None


class WorkPlaced(Resource):
    contact_id: str


class WorkDone(Resource):
    """``reason``: what came of it, in a word for the record."""

    reason: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")] = "completed"


class WorkTarget(Resource):
    """To whom: exactly one of the two."""

    queue: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    agent: Identifier | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.queue is None) == (self.agent is None):
            raise ValueError("name exactly one of queue and agent")
        return self


class WorkView(Resource):
    """
    What rings at an agent's desktop, or is in their hands (``state``: "ringing", "in_hand").

    ``expires_at``: until when it rings.
    """

    contact_id: str
    interaction_id: str
    state: Literal["ringing", "in_hand"]
    channel: str
    queue: str
    address: str
    subject: str
    attributes: dict[str, str]
    customer_ids: list[str]
    waiting_seconds: float
    due_at: datetime | None
    expires_at: datetime | None
    transferred_by: str | None
