"""The customers' records."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

import jmespath
from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from .section import Section
from .time_zone import ZoneName

OutsideField = Literal["external_id", "name", "kind", "tier", "language", "company", "tags"]


class OutsideCrmSettings(Section):
    """
    Another system that knows our customers, asked by REST when a number calls.

    Its answer (JSON) is read by JMESPath; what it does not say stays as our record has it.
    """

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s{}]+\{number\}[^\s{}]*$")] = (
        Field(description="With {number} where the caller's number goes, as E.164.")
    )
    headers: Mapping[str, SecretStr] = {}
    fields: Mapping[OutsideField, str] = Field(
        description="A JMESPath expression for each field that the answer has; "
        "external_id and name are needed."
    )
    timeout: timedelta = Field(
        default=timedelta(milliseconds=200),
        gt=timedelta(0),
        description="After this our own record alone counts; not above the pop's budget.",
    )
    keep_for: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(0),
        description="How long the same number is not asked about again.",
    )

    @field_validator("fields")
    @classmethod
    def _are_expressions(cls, fields: Mapping[OutsideField, str]) -> Mapping[OutsideField, str]:
        for name, expression in fields.items():
            try:
                jmespath.compile(expression)
            except jmespath.exceptions.JMESPathError as error:
                raise ValueError(f"{name}: {expression!r} is no JMESPath: {error}") from error
        if missing := {"external_id", "name"} - fields.keys():
            raise ValueError(f"{', '.join(sorted(missing))}: is required")
        return fields


class CrmSettings(Section):
    default_region: str = Field(default="CN", min_length=2, max_length=2)
    time_zone: ZoneName = Field(
        default="Asia/Shanghai",
        description="Of customers' quiet hours, where a customer's record names no zone.",
    )
    pop_budget: timedelta = Field(
        default=timedelta(milliseconds=250),
        description="How long an offer waits for the customer's record at most, and routing too.",
    )
    regions: Path | None = Field(
        default=None,
        description="A table of area codes instead of the shipped one of China (AC-05).",
    )
    tier_priorities: Mapping[str, Annotated[int, Field(ge=-100, le=100)]] = Field(
        default={},
        description="What a customer's tier adds to the priority of their contacts (CR-17).",
    )
    exports_kept: timedelta = Field(
        default=timedelta(hours=24),
        gt=timedelta(0),
        description="How long the file of an export of customers can be downloaded.",
    )
    tier_greetings: Mapping[str, Mapping[str, str]] = Field(
        default={},
        description="What a caller of a tier hears before waiting, by the call's language (CR-17).",
    )
    outside: OutsideCrmSettings | None = None

    @model_validator(mode="after")
    def _outside_is_in_time(self) -> Self:
        if self.outside is not None and self.outside.timeout > self.pop_budget:
            raise ValueError("outside.timeout must not be above pop_budget")
        return self
