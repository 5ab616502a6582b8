"""
Opportunities: what a customer may buy, on its way through a pipeline's stages. Pure.

Money is whole numbers of the currency's smallest unit, as in :mod:`crm.orders`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .errors import InvalidField, NotNow
from .labels import Labels
from .ticket_types import Word

Percent = Annotated[int, Field(ge=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(_Part):
    """``probability`` (percent) that an opportunity here is won. ``ends``: it is over, so or so."""

    name: Word
    labels: Labels
    probability: Percent
    ends: Literal["won", "lost"] | None = None

    @model_validator(mode="after")
    def _is_certain_at_the_end(self) -> Self:
        if self.ends is not None and self.probability != (100 if self.ends == "won" else 0):
            raise ValueError("what is won has a probability of 100, what is lost of 0")
        return self


class Reason(_Part):
    """Why one was lost."""

    name: Word
    labels: Labels


class Pipeline(_Part):
    """
    The way of one kind of sale. Its first stage is where opportunities begin.

    From an open stage any other can be reached, one back as well as three ahead; from an end the
    open ones: a loss may turn out to be none.
    """

    labels: Labels
    stages: Annotated[tuple[Stage, ...], Field(min_length=3, max_length=30)]
    lost_reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for names in (
            [stage.name for stage in self.stages],
            [reason.name for reason in self.lost_reasons],
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{twice[0]}: is there twice")
        if self.stages[0].ends is not None:
            raise ValueError(f"{self.stages[0].name}: nothing begins at its end")
        for end in ("won", "lost"):
            if not any(stage.ends == end for stage in self.stages):
                raise ValueError(f"stages: none is where something is {end}")
        return self

    def stage(self, name: str) -> Stage:
        """Raises InvalidField."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise InvalidField("stage", f"there is no stage {name!r} in this pipeline")


class IllegalStage(NotNow):
    def __init__(self, stage: str, to: str) -> None:
        super().__init__(f"an opportunity in {stage!r} cannot be moved to {to!r}")


def moved(pipeline: Pipeline, stage: str, to: str, *, lost_reason: str | None) -> Stage:
    """
    The stage that it is in then. Raises InvalidField and IllegalStage.

    From a stage that is gone from the pipeline it may go anywhere.
    """
    target = pipeline.stage(to)
    over = any(one.name == stage and one.ends is not None for one in pipeline.stages)
    if to == stage or (over and target.ends is not None):
        raise IllegalStage(stage, to)
    if target.ends == "lost":
        if lost_reason is None:
            raise InvalidField("lost_reason", "is needed for what is lost")
        if lost_reason not in {reason.name for reason in pipeline.lost_reasons}:
            raise InvalidField("lost_reason", "is none of this pipeline's")
    elif lost_reason is not None:
        raise InvalidField("lost_reason", "only of what is lost")
    return target


@dataclass(frozen=True, slots=True)
class Sum:
    """
    Opportunities of one stage, currency and month (of the expected close, "2026-11"; None: not
    said): how many, their amounts, and Σ amount × probability in percent.
    """

    stage: str
    currency: str
    month: str | None
    count: int
    amount: int
    weighted: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What may come in: ``weighted`` is the amount by its probability, rounded once."""

    stage: str
    currency: str
    month: str | None
    count: int
    amount: int
    weighted: int


def forecast(pipeline: Pipeline, sums: Iterable[Sum]) -> list[Expected]:
    """By the pipeline's stages in their order, then by month; stages that are gone come last."""
    order = {stage.name: place for place, stage in enumerate(pipeline.stages)}
    expected = [
        Expected(one.stage, one.currency, one.month, one.count, one.amount, _percent(one.weighted))
        for one in sums
    ]
    return sorted(
        expected,
        key=lambda one: (
            order.get(one.stage, len(order)),
            one.stage,
            one.currency,
            one.month is None,
            one.month or "",
        ),
    )


def _percent(hundredfold: int) -> int:
    """Half up; never a binary fraction of money."""
    return (hundredfold + 50) // 100
