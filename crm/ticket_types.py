"""
Kinds of tickets as data: form, states, targets, escalation, workflow. Pure.

What an administrator writes is one :class:`Definition`; it is checked as a whole before it is kept.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    field_validator,
    model_validator,
)

from .errors import InvalidField
from .json_form import check_schema
from .labels import Labels, Name
from .sla import Pace
from .work_orders import TABLE

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][\w.-]*$")]
Whole = Annotated[int, Field(ge=-(2**53) + 1, lt=2**53)]  # RFC 8259 §6
Scalar = Annotated[str, Field(max_length=200)] | bool | Whole | FiniteFloat | None
Priority = Literal["low", "normal", "high", "urgent"]
ClockKind = Literal["response", "resolution"]

CLOCKS: tuple[ClockKind, ...] = ("response", "resolution")
A_YEAR = 366 * 24 * 60  # minutes


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class State(_Part):
    """``responded``: who brings a ticket here has answered the customer. ``ends``: it is over."""

    labels: Labels
    pace: Pace = Pace.RUNS
    responded: bool = False
    ends: bool = False


class Flow(_Part):
    """The states of a type, and from which to which a ticket may be moved."""

    initial: Word
    states: Mapping[Word, State] = Field(min_length=2, max_length=30)
    moves: Mapping[Word, tuple[Word, ...]]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        named = {self.initial, *self.moves, *(to for some in self.moves.values() for to in some)}
        if unknown := sorted(named - set(self.states)):
            raise ValueError(f"there is no state {unknown[0]!r}")
        for name, state in self.states.items():
            if state.ends and state.pace is not Pace.STOPPED:
                raise ValueError(f"{name}: the clocks stop where a ticket ends")
        if self.states[self.initial].pace is Pace.STOPPED:
            raise ValueError(f"{self.initial}: the clocks cannot be stopped at the beginning")
        if lost := sorted(set(self.states) - self._reachable(self.initial)):
            raise ValueError(f"{lost[0]}: nothing leads to it")
        ends = {name for name, state in self.states.items() if state.ends}
        for name in self.states:
            if not self._reachable(name) & ends:
                raise ValueError(f"{name}: no end can be reached from it")
        return self

    def _reachable(self, start: str) -> set[str]:
        found, new = {start}, [start]
        while new:
            following = set(self.moves.get(new.pop(), ())) - found
            found |= following
            new += following
        return found


class Target(_Part):
    """Minutes of opening hours, for this priority and tier; None stands for any."""

    priority: Priority | None = None
    tier: Name | None = None
    response: Annotated[int, Field(ge=1, le=A_YEAR)] | None = None
    resolution: Annotated[int, Field(ge=1, le=A_YEAR)] | None = None

    def minutes(self, clock: ClockKind) -> int | None:
        return self.response if clock == "response" else self.resolution


class Owner(_Part):
    """Whose the ticket is."""

    rule: Literal["owner"]


class InTurn(_Part):
    """The next of a team, in turn; without a name the ticket's own team."""

    rule: Literal["team"]
    team: Identifier | None = None


class Role(_Part):
    """Whoever has the role, in the ticket's team if it has one: the first to take it."""

    rule: Literal["role"]
    role: Word


class Named(_Part):
    """One agent."""

    rule: Literal["agent"]
    agent: Identifier


Who = Annotated[Owner | InTurn | Role | Named, Field(discriminator="rule")]


class Escalation(_Part):
    """What happens when this much of a clock's target is used up."""

    clock: ClockKind
    percent: Annotated[int, Field(ge=1, le=1000)]
    tell: tuple[Who, ...] = Field(default=(), max_length=10)
    hand_to: Who | None = None
    raise_to: Priority | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.tell and self.hand_to is None and self.raise_to is None:
            raise ValueError("does nothing: give tell, hand_to or raise_to")
        return self


class CallBackRule(_Part):
    """The complainant is called before closing; after so many calls in vain it may be closed."""

    attempts: int = Field(default=3, ge=1, le=20)


class Dispatch(_Part):
    """Where a ticket is moved by what is reported of its field repair, where that is allowed."""

    moves: Mapping[str, Word] = Field(default={}, max_length=20)

    @model_validator(mode="after")
    def _are_reported(self) -> Self:
        if unknown := sorted(set(self.moves) - set(TABLE)):
            raise ValueError(f"no work order is ever {unknown[0]!r}")
        return self


class Condition(_Part):
    """
    What a ticket must be for a step of the workflow to be done.

    ``field`` is priority, risk, queue, team, tier, or "form." and a field of the form.
    """

    field: str = Field(
        pattern=r"^(priority|risk|queue|team|tier|form\.[A-Za-z0-9_]{1,64})$", max_length=70
    )
    equals: Scalar = None
    one_of: tuple[Scalar, ...] | None = Field(default=None, max_length=50)
    at_least: FiniteFloat | None = None

    def holds(self, facts: Mapping[str, Any]) -> bool:
        value = facts.get(self.field)
        if self.at_least is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return value >= self.at_least
        if self.one_of is not None:
            return value in self.one_of
        return bool(value == self.equals)


class Step(_Part):
    """
    A task of the workflow; it begins when the one before it is done.

    ``due`` and ``remind``: minutes of opening hours from its beginning. When it is overdue it goes
    to ``then_to``, if that is given.
    """

    name: Word
    labels: Labels
    who: Who
    when: tuple[Condition, ...] = Field(default=(), max_length=10)
    due: Annotated[int, Field(ge=1, le=A_YEAR)] | None = None
    remind: Annotated[int, Field(ge=1, le=A_YEAR)] | None = None
    then_to: Who | None = None

    @model_validator(mode="after")
    def _times_agree(self) -> Self:
        if self.then_to is not None and self.due is None:
            raise ValueError("then_to needs due")
        if self.remind is not None and (self.due is None or self.remind >= self.due):
            raise ValueError("remind must be before due")
        return self


class Definition(_Part):
    """A kind of ticket."""

    labels: Labels
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")]
    form: Mapping[str, Any] = Field(
        default={"type": "object"}, description="JSON Schema 2020-12, without references"
    )
    flow: Flow
    targets: tuple[Target, ...] = Field(default=(), max_length=100)
    escalation: tuple[Escalation, ...] = Field(default=(), max_length=20)
    queue: Identifier | None = None
    team: Identifier | None = None
    risk: bool = Field(default=False, description="Such a ticket is a risk to customer or centre.")
    needs_reason: bool = Field(default=False, description="Before it is closed.")
    needs_cause: bool = Field(default=False, description="The root cause, before it is closed.")
    call_back: CallBackRule | None = None
    dispatch: Dispatch | None = None
    workflow: tuple[Step, ...] = Field(default=(), max_length=30)

    @field_validator("form")
    @classmethod
    def _is_a_form(cls, form: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            check_schema(form)
        except InvalidField as error:
            raise ValueError(str(error)) from None
        return form

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        _once((target.priority, target.tier) for target in self.targets)
        _once(step.name for step in self.workflow)
        if self.dispatch is not None:
            for state in self.dispatch.moves.values():
                if state not in self.flow.states:
                    raise ValueError(f"dispatch: there is no state {state!r}")
        return self

    def target(self, clock: ClockKind, priority: str, tier: str | None) -> int | None:
        """Minutes by the target that fits best: tier before priority; None if there is none."""
        fitting = [
            target
            for target in self.targets
            if target.minutes(clock) is not None
            and target.priority in {None, priority}
            and target.tier in {None, tier}
        ]
        best = max(
            fitting, key=lambda one: (one.tier is not None, one.priority is not None), default=None
        )
        return best.minutes(clock) if best is not None else None


def _once(names: Iterable[object]) -> None:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name}: is there twice")
        seen.add(name)
