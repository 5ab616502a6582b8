"""Quality management's definitions: scorecards, codes of errors and sampling plans."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.labels import Labels
from crm.quality.sampling import Plan
from crm.quality.scorecards import Scorecard

from .resource import Resource, Version, Word

Position = Annotated[int, Field(ge=0, le=10_000)]


class ScorecardCreate(Resource):
    """The weights of all questions add up to 100, per cent of the score."""

    id: Word
    labels: Labels
    definition: Scorecard


class ScorecardEdit(Resource):
    """What is not named stays; a ``definition`` makes a new version, for reviews made later."""

    version: Version
    labels: Labels | None = None
    active: bool | None = None
    definition: Scorecard | None = None


class ScorecardView(Resource):
    """``latest``: the number of the version whose ``definition`` this is."""

    id: str
    version: int
    labels: Labels
    active: bool
    latest: int
    definition: Scorecard
    updated_at: datetime


class ScorecardVersionView(Resource):
    """It never changes."""

    scorecard_id: str
    number: int
    definition: Scorecard
    written_by: str
    written_at: datetime


class ErrorCodeCreate(Resource):
    """A code below ``parent_id``, which is a group then; four levels at most."""

    id: Word
    parent_id: Word | None = None
    labels: Labels
    position: Position = 0


class ErrorCodeEdit(Resource):
    """What is not named stays; codes are made inactive, never removed: figures name them."""

    version: Version
    labels: Labels | None = None
    position: Position | None = None
    active: bool | None = None


class ErrorCodeView(Resource):
    id: str
    version: int
    parent_id: str | None
    labels: Labels
    position: int
    active: bool


class SamplingPlanCreate(Resource):
    id: Word
    definition: Plan
    enabled: bool = True


class SamplingPlanEdit(Resource):
    """What is not named stays; reviews that were made stay as they are."""

    version: Version
    definition: Plan | None = None
    enabled: bool | None = None


class SamplingPlanView(Resource):
    """``next_at``: when the week is over that is sampled next."""

    id: str
    version: int
    definition: Plan
    enabled: bool
    next_at: datetime
    updated_at: datetime


class SampleWanted(Resource):
    """Of the week that goes on, as far as it has come, or of the one before."""

    week: Literal["this", "last"] = "last"


class SampleView(Resource):
    """``week`` as 2026-W47; ``reviews``: how many were made now."""

    plan_id: str
    week: str
    reviews: int
