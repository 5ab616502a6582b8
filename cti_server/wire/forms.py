"""Forms and dispositions: what agents fill in and record, and what administrators define."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from crm.labels import Labels

from .resource import Identifier, Line, Page, Resource, Version, Word

Queues = Annotated[list[Identifier], Field(max_length=100)]
Definition = Annotated[dict[str, Any], Field(description="JSON Schema 2020-12 of a flat object")]
Values = Annotated[dict[str, Any], Field(max_length=100)]
Position = Annotated[int, Field(ge=0, le=10_000)]
FormNumber = Annotated[int, Field(ge=1, le=1_000_000)]


class FormCreate(Resource):
    """``queues``: for whose contacts it is offered, all if empty."""

    id: Word
    labels: Labels
    queues: Queues = Field(default=[])
    definition: Definition


class FormEdit(Resource):
    """What is not named stays; a ``definition`` makes a new version of the form."""

    version: Version
    labels: Labels | None = None
    queues: Queues | None = None
    active: bool | None = None
    definition: Definition | None = None


class FormView(Resource):
    """``latest``: the number of the version whose ``definition`` this is."""

    id: str
    version: int
    labels: Labels
    queues: list[str]
    active: bool
    latest: int
    definition: dict[str, Any]
    updated_at: datetime


class FormVersionView(Resource):
    form_id: str
    number: int
    definition: dict[str, Any]
    written_by: str
    written_at: datetime


class FormToFill(Resource):
    """``form_version``: the one that was on the screen; the newest if it is not given."""

    form_id: Word
    form_version: FormNumber | None = None
    values: Values
    contact_id: Identifier | None = None
    customer_id: Identifier | None = None


class FilledFormView(Resource):
    """``number`` is for the customer's ears, to ask about it later; null before there were any."""

    id: str
    number: str | None
    form_id: str
    form_version: int
    values: dict[str, Any]
    contact_id: str | None
    customer_id: str | None
    filled_by: str
    filled_at: datetime


class FilledFormPage(Page[FilledFormView]):
    """The newest first."""


class DispositionCodeCreate(Resource):
    """``form_id``: what is filled in with this code. ``queues``: all if empty."""

    id: Word
    parent_id: Word | None = None
    labels: Labels
    queues: Queues = Field(default=[])
    form_id: Word | None = None
    position: Position = 0


class DispositionCodeEdit(Resource):
    """What is not named stays; codes are made inactive, never removed: figures name them."""

    version: Version
    labels: Labels | None = None
    queues: Queues | None = None
    position: Position | None = None
    active: bool | None = None


class DispositionCodeView(Resource):
    id: str
    version: int
    parent_id: str | None
    labels: Labels
    queues: list[str]
    form_id: str | None
    position: int
    active: bool


class DispositionRuleEdit(Resource):
    """``required``: no agent of the queue ends the wrap-up without a disposition."""

    required: bool


class DispositionRuleView(Resource):
    queue: str
    required: bool


class DispositionRecord(Resource):
    """
    What became of the contact. ``values``: of the code's form, if it has one.

    ``version``: the disposition's that was read, when it is recorded anew.
    """

    code: Word
    note: Line | None = None
    values: Values | None = None
    form_version: FormNumber | None = None
    version: Version | None = None


class DispositionView(Resource):
    """``values`` of its form, by the form's version of then."""

    interaction_id: str
    contact_id: str
    agent_id: str
    queue: str
    code: str
    note: str | None
    filled_form_id: str | None
    version: int
    recorded_at: datetime


class OwedDisposition(Resource):
    """A conversation that is over and whose outcome is still to be recorded."""

    interaction_id: str
    contact_id: str
    queue: str
    started_at: datetime
    ended_at: datetime | None


class ContactDisposition(Resource):
    """What an agent recorded of a contact; ``group`` is the code above ``code``."""

    interaction_id: str
    agent_id: str
    code: str
    group: str | None
    labels: Labels
    note: str | None
    filled_form_id: str | None
    recorded_at: datetime
