"""Rules that advise agents what to do for a customer (:mod:`crm.next_action`)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.labels import Labels

from .resource import Line, Resource, Version, Word

Position = Annotated[int, Field(ge=0, le=1_000_000)]
Value = Annotated[str, Field(max_length=200)]


class ConditionPart(Resource):
    """
    ``field``: tier, kind, language, tags, open_tickets, open_ticket_types, contacts, last_outcome,
    or ``attributes.<field>`` for one of the centre's own.

    "is" and "is_not" take one value or several, "has" looks into a list, "at_least" and "at_most"
    compare numbers.
    """

    field: Annotated[str, Field(pattern=r"^(attributes\.)?[a-z][a-z0-9_]{0,63}$")]
    comparison: Literal["is", "is_not", "has", "at_least", "at_most"]
    value: (
        Annotated[bool, Field(strict=True)]
        | Annotated[float, Field(strict=True, allow_inf_nan=False)]
        | Value
        | Annotated[list[Value], Field(max_length=50)]
    )


class NextActionRuleToAdd(Resource):
    """Advice that is given where all conditions hold; the lowest ``position`` goes first."""

    position: Position
    action: Word
    labels: Labels
    conditions: list[ConditionPart] = Field(default=[], max_length=20)
    enabled: bool = True


class NextActionRuleEdit(Resource):
    """What is to be different; what is not named stays."""

    version: Version
    position: Position | None = None
    action: Word | None = None
    labels: Labels | None = None
    conditions: Annotated[list[ConditionPart], Field(max_length=20)] | None = None
    enabled: bool | None = None


class NextActionRuleView(Resource):
    """A rule as it is stored."""

    id: str
    version: int
    position: int
    action: Line
    labels: Labels
    conditions: list[ConditionPart]
    enabled: bool
    updated_at: datetime
