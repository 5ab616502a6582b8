"""What the centre's figures are of."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from .section import Section


class FiguresSettings(Section):
    """Live figures and reports; the day is that of ``crm.time_zone``."""

    interval_minutes: Literal[15, 30, 60] = Field(
        default=30, description="The stretch of the day that live figures show beside the day."
    )

    @property
    def interval(self) -> timedelta:
        return timedelta(minutes=self.interval_minutes)
