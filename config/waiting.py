"""What may become of contacts that wait in a queue, and how that is judged."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from .section import Section


class ServiceLevelSettings(Section):
    """
    The share of contacts to be answered within a time, and what the share is of.

    Always: answered within the time / (answered + …). "long_abandons": those who hung up after
    ``short_abandon``; "offered": all who hung up; "answered": nobody else; "late_abandons": those
    who hung up after the time; "abandons_in_time": all who hung up, and those who did so within
    the time count as answered in time.
    """

    within: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0))
    share: float = Field(default=0.8, gt=0, le=1)
    formula: Literal[
        "long_abandons", "offered", "answered", "late_abandons", "abandons_in_time"
    ] = "long_abandons"
    short_abandon: timedelta = Field(default=timedelta(seconds=5), ge=timedelta(0))
