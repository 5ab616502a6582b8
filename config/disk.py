"""The disks that recordings are written to: at how much free space what is done about it."""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from .section import Section

PerCent = Annotated[float, Field(ge=0, lt=100)]

_STEPS = ("warn", "compress", "move", "spare", "refuse")


class DiskSettings(Section):
    """
    Each step begins when less of the disk is free than it says, in per cent; 0 for never.

    It ends when ``margin`` more than that is free.
    """

    warn: PerCent = Field(default=15, description="People are told.")
    compress: PerCent = Field(
        default=0,
        description="The oldest recordings of the first store become Opus, a quarter of their "
        "size, for good. Never by default, for something of their sound is lost.",
    )
    move: PerCent = Field(
        default=10,
        description="The oldest recordings go from the first store to another one that has them.",
    )
    spare: PerCent = Field(
        default=5, description="What is recorded on demand or for a share is recorded no more."
    )
    refuse: PerCent = Field(
        default=1, description="No conversation is recorded: what is left is for calls' records."
    )
    margin: Annotated[float, Field(ge=0, le=20)] = 1
    warn_within: timedelta = Field(
        default=timedelta(hours=24),
        ge=timedelta(0),
        description="People are told, too, if the disk is full after so long by its present rate.",
    )
    look_every: timedelta = Field(
        default=timedelta(seconds=5), gt=timedelta(0), le=timedelta(minutes=5)
    )

    @model_validator(mode="after")
    def _steps_come_in_their_order(self) -> Self:
        shares = [(name, getattr(self, name)) for name in _STEPS if getattr(self, name)]
        for (before, more), (name, less) in pairwise(shares):
            if less > more:
                raise ValueError(f"{name}: must not be more than {before}, which comes before it")
        return self
