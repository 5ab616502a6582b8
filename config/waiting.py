"""What may become of contacts that wait in a queue, and how that is judged."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .section import Section

_A_DAY = timedelta(days=1)


class ServiceLevelSettings(Section):
    """
    The share of contacts to be answered within a time, and what the share is of.

    Always: answered within the time / (answered + …). "long_abandons": those who hung up after
    ``short_abandon``; "offered": all who hung up; "answered": nobody else; "late_abandons": those
    who hung up after the time; "abandons_in_time": all who hung up, and those who did so within
    the time count as answered in time.
    """

    within: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0), le=_A_DAY)
    share: float = Field(default=0.8, gt=0, le=1)
    formula: Literal[
        "long_abandons", "offered", "answered", "late_abandons", "abandons_in_time"
    ] = "long_abandons"
    short_abandon: timedelta = Field(default=timedelta(seconds=5), ge=timedelta(0), le=_A_DAY)


Way = Annotated[str, Field(pattern=r"^(call_back|hang_up|queue:.+|number:.+)$", max_length=200)]
"""
Out of a queue: "call_back" (the customer is called back in turn), "hang_up", "queue:<name>" or
"number:<a telephone number or SIP URI>". In another queue the contact keeps its first moment.
"""

Said = Annotated[Mapping[str, Annotated[str, Field(min_length=1, max_length=500)]], Field()]
"""A text by language; who speaks another one hears the first."""

Minutes = Literal[5, 10, 15, 20, 30, 45, 60]


class OverflowSettings(Section):
    """
    When a contact leaves the queue by a rule: the first one that holds.

    "closed": outside the queue's hours; "nobody_there": nobody is logged in who could serve it;
    "size": its place would be, or is, beyond ``size``; "waited": it has been in this queue for
    ``time``; "expected_wait": it will probably (4 of 5) wait for longer than ``time``. A rule is
    looked at when a contact comes, while it waits, or both.
    """

    when: Literal["closed", "nobody_there", "size", "waited", "expected_wait"]
    size: int | None = Field(default=None, ge=0)
    time: timedelta | None = Field(default=None, gt=timedelta(0), le=_A_DAY)
    looked_at: Literal["on_arrival", "while_waiting", "always"] = Field(
        default="always",
        description="closed and size: on_arrival if left out; waited is always while_waiting.",
    )
    then: Way
    say: Said = Field(default={}, description="What the caller hears before.")

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if (self.when == "size") != (self.size is not None):
            raise ValueError("size belongs to the rule size, and to no other")
        if (self.when in {"waited", "expected_wait"}) != (self.time is not None):
            raise ValueError("time belongs to the rules waited and expected_wait, and to no other")
        if self.when == "waited" and self.looked_at == "on_arrival":
            raise ValueError("who arrives has not waited yet")
        return self

    @property
    def on_arrival(self) -> bool:
        return self.when != "waited" and self.looked_at != "while_waiting"

    @property
    def while_waiting(self) -> bool:
        left_out = "looked_at" not in self.model_fields_set
        if left_out and self.when in {"closed", "size"}:
            return False
        return self.looked_at != "on_arrival"


class ExitSettings(Section):
    """What a key does while the caller waits."""

    then: Way
    offer: Said = Field(default={}, description="Told with each announcement: which key for what.")
    say: Said = Field(default={}, description="What the caller hears who has pressed it.")


Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]
