"""The customers' resources: what a client may send, and what it gets."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from crm.consents import Channel, Preferences, Purpose
from crm.duplicates import ReasonCode
from crm.labels import Labels
from crm.merging import Source

from .resource import Identifier, Line, Page, Resource, Text, Version, Word

Kind = Literal["person", "company"]
Language = Annotated[
    str, StringConstraints(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]
Tier = Annotated[Line, Field(max_length=32)]
Tags = Annotated[list[Annotated[Line, Field(max_length=64)]], Field(max_length=50)]
Attributes = Annotated[dict[Word, Any], Field(max_length=200)]
Position = Annotated[int, Field(ge=0, le=100)]


class NumberChange(Resource):
    """
    A telephone or fax number: a new ``number``, or the one at this ``position`` of the version
    that the edit is based on. So who sees numbers masked can still put them in order.
    """

    position: Position | None = None
    number: Annotated[Line, Field(max_length=64)] | None = None
    use: Literal["phone", "fax"] | None = None
    label: Line | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.position is None) == (self.number is None):
            raise ValueError("either number or position")
        return self


class AddressChange(Resource):
    """A mail address or chat name: a new ``value``, or the one at this ``position``."""

    position: Position | None = None
    kind: Literal["mail", "chat", "other"] = "mail"
    value: Annotated[Line, Field(max_length=254)] | None = None
    label: Line | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.position is None) == (self.value is None):
            raise ValueError("either value or position")
        return self


Numbers = Annotated[list[NumberChange], Field(max_length=20)]
Addresses = Annotated[list[AddressChange], Field(max_length=20)]


class CustomerFields(Resource):
    """What there is to say of a customer; in an edit, what is not named stays as it is."""

    external_id: Line | None = None
    language: Language = "zh"
    tier: Tier = "standard"
    company: Line | None = None
    tags: Tags = Field(default_factory=list)
    notes: Text | None = None
    owner_id: Identifier | None = None
    team: Identifier | None = None
    preferences: Preferences = Preferences()
    attributes: Attributes = Field(default_factory=dict)
    numbers: Numbers = Field(default_factory=list)
    addresses: Addresses = Field(default_factory=list)


class CustomerCreate(CustomerFields):
    """A new customer. Without a ``team`` it is in its maker's."""

    kind: Kind = "person"
    name: Line


class CustomerEdit(CustomerFields):
    """An edit. ``attributes`` are changed one by one, null removes one; lists are replaced."""

    version: Version
    kind: Kind = "person"
    name: Line = ""


class NumberView(Resource):
    position: int
    number: str
    kind: str
    use: str
    label: str | None


class AddressView(Resource):
    position: int
    kind: str
    value: str
    label: str | None


class CustomerView(Resource):
    """
    A customer. Unless ``revealed``, numbers and addresses are masked, and the sensitive attributes
    that there are stand in ``withheld`` instead of their values.
    """

    id: str
    version: int
    external_id: str | None
    kind: Kind
    name: str
    tier: str
    language: str
    company: str | None
    tags: list[str]
    notes: str | None
    owner_id: str | None
    team: str | None
    attributes: dict[str, Any]
    withheld: list[str]
    numbers: list[NumberView]
    addresses: list[AddressView]
    preferences: Preferences
    created_at: datetime
    updated_at: datetime
    erased_at: datetime | None
    revealed: bool


class CustomerPage(Page[CustomerView]):
    """Customers, the newest first."""


class ChoiceView(Resource):
    value: Word
    labels: Labels


Bound = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]


class FieldChange(Resource):
    """What can be changed of a field of the customers' records."""

    section: Word
    labels: Labels
    required: bool = False
    sensitive: bool = False
    choices: Annotated[list[ChoiceView], Field(max_length=200)] = Field(default_factory=list)
    minimum: Bound | None = None
    maximum: Bound | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] = 0
    retired: bool = False


class FieldCreate(FieldChange):
    """A new field; its name, type and whom it applies to are for good, as values depend on them."""

    name: Word
    type: Literal["text", "number", "money", "date", "choice", "boolean"]
    applies_to: Literal["person", "company", "both"] = "both"


class FieldEdit(FieldChange):
    """An edit; what is not named stays as it is. Retire a field that nobody needs any more."""

    version: Version
    section: Word = "basic"
    labels: Labels = Labels(zh="-", en="-")


class FieldView(FieldCreate):
    version: int


class ConsentCreate(Resource):
    """What a customer decided, and how: ``source`` is "call", "web form", "paper" …"""

    channel: Channel
    purpose: Purpose
    given: bool
    source: Line
    expires_at: AwareDatetime | None = None


class ConsentView(Resource):
    """A decision; ``in_force``: the newest of its channel and purpose."""

    id: str
    channel: str
    purpose: str
    given: bool
    source: str
    at: datetime
    expires_at: datetime | None
    recorded_by: str
    in_force: bool


class SuspectView(Resource):
    """Two that may be one: how sure that is (0 to 1), what speaks for it and what against."""

    customer: CustomerView
    other: CustomerView
    score: float
    reasons: list[ReasonCode]


class SuspectPage(Page[SuspectView]):
    """Suspected pairs in no order of likelihood. A page may be empty and still have a next one."""


class Distinction(Resource):
    """Two who look alike and are two."""

    customer_id: Identifier
    other_id: Identifier


Choices = Annotated[dict[Annotated[str, Field(max_length=80)], Source], Field(max_length=200)]


class MergePreview(Resource):
    """Whom to merge into the customer, and whose value to take where the rules would not."""

    merged_id: Identifier
    choices: Choices = Field(default_factory=dict)


class MergeOrder(MergePreview):
    """The same, to be done: with the versions of both that were looked at."""

    version: Version
    merged_version: Version


class MergeResult(Resource):
    """
    What the customer is, or would be. ``sources``: whose value it has, of each field in which the
    two differ; "both" where it has the values of both.
    """

    merge_id: str | None
    merged_id: str
    merged_version: int
    customer: CustomerView
    sources: dict[str, Source]


class MergeView(Resource):
    """A merge that was done. ``merged_id`` is a name of ``survivor_id`` until it is undone."""

    id: str
    survivor_id: str
    merged_id: str
    merged_at: datetime
    merged_by: str
    undone_at: datetime | None
    undone_by: str | None
