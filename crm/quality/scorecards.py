"""Scorecards: what of a conversation is judged, and what each answer is worth. Pure."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crm.labels import Labels
from crm.ticket_types import Word

WHOLE = 100
"""What the weights of a card's questions add up to: per cent of its score."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class YesNo(Part):
    """Answered "yes" or "no", which is a fault."""

    kind: Literal["yes_no"]


class Marks(Part):
    """
    Answered with a mark from 1 to ``best``; one below ``passes`` is a fault.

    ``measure``: whether the distance of two marks says something (interval), or their order alone.
    """

    kind: Literal["marks"]
    best: Annotated[int, Field(ge=2, le=10)]
    passes: Annotated[int, Field(ge=1, le=10)]
    measure: Literal["ordinal", "interval"] = "ordinal"

    @model_validator(mode="after")
    def _passes_within_its_marks(self) -> Self:
        if self.passes > self.best:
            raise ValueError("passes: must not be more than best")
        return self


Scale = Annotated[YesNo | Marks, Field(discriminator="kind")]


class Question(Part):
    """
    ``critical``: what a fault makes 0 and fails: nothing but itself, its section, or all.

    ``errors``: the codes, or groups of codes, of which a fault is one; any if empty.
    ``may_not_apply``: "na" is an answer, too.
    """

    id: Word
    labels: Labels
    scale: Scale = YesNo(kind="yes_no")
    weight: Annotated[int, Field(ge=0, le=WHOLE)]
    critical: Literal["no", "section", "all"] = "no"
    may_not_apply: bool = False
    errors: Annotated[list[Word], Field(max_length=50)] = Field(default=[])

    @model_validator(mode="after")
    def _can_fail_if_critical(self) -> Self:
        if self.critical != "no" and isinstance(self.scale, Marks) and self.scale.passes == 1:
            raise ValueError("critical: no mark of its scale is a fault")
        return self


class Section(Part):
    id: Word
    labels: Labels
    questions: Annotated[list[Question], Field(min_length=1, max_length=50)]


class Scorecard(Part):
    """``pass_mark``: per cent from which on a conversation is passed."""

    sections: Annotated[list[Section], Field(min_length=1, max_length=20)]
    pass_mark: Annotated[int, Field(ge=0, le=WHOLE)] = 60

    @field_validator("sections")
    @classmethod
    def _add_up(cls, sections: list[Section]) -> list[Section]:
        for what, ids in (
            ("sections", [one.id for one in sections]),
            ("questions", [one.id for section in sections for one in section.questions]),
        ):
            if len(set(ids)) < len(ids):
                raise ValueError(f"two {what} have the same id")
        weights = sum(one.weight for section in sections for one in section.questions)
        if weights != WHOLE:
            raise ValueError(f"the weights of all questions add up to {weights}, not to {WHOLE}")
        return sections

    def questions(self) -> Iterator[tuple[Section, Question]]:
        """In their order."""
        for section in self.sections:
            for question in section.questions:
                yield section, question
