"""The customers' records."""

from datetime import timedelta

from pydantic import Field

from .section import Section


class CrmSettings(Section):
    default_region: str = Field(default="CN", min_length=2, max_length=2)
    pop_budget: timedelta = Field(
        default=timedelta(milliseconds=250),
        description="How long an offer waits for the customer's record at most.",
    )
