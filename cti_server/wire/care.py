"""Care: the resources."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.care import Rule

from .resource import Identifier, Page, Resource, Text, Version, Word


class CareRuleCreate(Resource):
    """
    On its occasions somebody gets a task of the kind call, visit, sms or mail, and the log says
    ``care_occasion.sms_wanted`` and so on. No message leaves by itself: whoever has the task, or
    the system that hears of it, sends the text.
    """

    id: Word
    definition: Rule
    enabled: bool = True


class CareRuleEdit(Resource):
    version: Version
    definition: Rule | None = None
    enabled: bool | None = None


class CareRuleView(Resource):
    """``planned_to``: the last day whose occasions were looked for, ``next_at`` the next time."""

    id: str
    version: int
    definition: Rule
    enabled: bool
    planned_to: str | None
    next_at: datetime | None


class CareFeedback(Resource):
    """What the customer said to it; ``rating`` from 1 to 5."""

    version: Version
    feedback: Text
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    contact_id: Identifier | None = None


class OccasionView(Resource):
    """
    ``state``: planned for ``at``; done, then ``task_id`` is what is to be done, with the text;
    refused or dropped for a ``cause``; answered, with the customer's ``feedback``.
    """

    id: str
    version: int
    rule_id: str
    customer_id: str
    key: str
    at: datetime
    about: str | None
    state: Literal["planned", "done", "refused", "dropped", "answered"]
    cause: str | None
    task_id: str | None
    feedback: str | None
    rating: int | None
    contact_id: str | None
    answered_at: datetime | None
    answered_to: str | None


class OccasionPage(Page[OccasionView]):
    """The newest first, those to come before them."""
