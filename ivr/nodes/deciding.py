"""Nodes that decide by what is known, without the caller."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from ivr.expressions import ExpressionFailed, Written
from ivr.inquiries import CalendarSays, LookAtCalendar, Recognise, Recognised
from ivr.prompts import Language, Section
from ivr.texts import Value

from .node import GoTo, Into, Learnt, Name, Node, Read, Route, Step, Turn, Word

CUSTOMER: Final = (
    "customer_id",
    "customer_kind",
    "customer_name",
    "customer_tier",
    "customer_language",
    "customer_tickets",
)
"""What is known of a customer who was recognised; ``customer_tickets``: how many are open."""


class Case(Section):
    """A condition, and where whoever it is true of goes."""

    when: Written
    go_to: str
    language: Language | None = None  # the caller's language from now on


class Branch(Node):
    """
    The first case that holds.

    One that cannot be told, as of a number that is none, does not hold.
    """

    type: Literal["branch"] = "branch"
    cases: Annotated[list[Case], Field(min_length=1)]
    otherwise: str

    def step(self, turn: Turn) -> Step:
        fault: str | None = None
        for case in self.cases:
            try:
                if case.when.holds(turn.values):
                    return GoTo(case.go_to, case.language, fault=fault)
            except ExpressionFailed as error:
                fault = fault or str(error)
        return GoTo(self.otherwise, fault=fault)

    def routes(self) -> Iterator[Route]:
        for index, case in enumerate(self.cases):
            yield Route(("cases", index, "go_to"), case.go_to, False, language=case.language)
        yield Route(("otherwise",), self.otherwise, pressed=False)

    def reads(self) -> Iterator[Read]:
        for index, case in enumerate(self.cases):
            yield from (Read(("cases", index, "when"), name) for name in case.when.names)


class Assignment(Node):
    """
    Calculates values, each from what was known before.

    What cannot be calculated leads to ``failed``, with nothing changed.
    """

    type: Literal["set"] = "set"
    values: Annotated[Mapping[Name, Written], Field(min_length=1)]
    then: str
    failed: str

    def step(self, turn: Turn) -> Step:
        learnt: dict[str, Value] = {}
        try:
            for name, expression in self.values.items():
                learnt[name] = expression.value(turn.values)
        except ExpressionFailed as error:
            return GoTo(self.failed, fault=str(error))
        return GoTo(self.then, learnt=learnt)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)
        yield Route(("failed",), self.failed, pressed=False)

    def learns(self) -> Iterator[Learnt]:
        yield from (Learnt(("values", name), name) for name in self.values)

    def reads(self) -> Iterator[Read]:
        for name, expression in self.values.items():
            yield from (Read(("values", name), read) for read in expression.names)


class Opening(Node):
    """Whether a working calendar, with its holidays and exceptions, is open at this moment."""

    type: Literal["calendar"] = "calendar"
    calendar: Annotated[str, Field(min_length=1, max_length=64)]  # its id
    open: str
    closed: str

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case CalendarSays(is_open):
                return GoTo(self.open if is_open else self.closed)
            case _:
                return LookAtCalendar(self.calendar, node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("open",), self.open, pressed=False)
        yield Route(("closed",), self.closed, pressed=False)


class WhoCalls(Node):
    """
    Waits until it is known who calls, no longer than the look-up's budget.

    From ``known`` on :data:`CUSTOMER` are values; whoever is nobody, or several people, is unknown.
    """

    type: Literal["customer"] = "customer"
    known: str
    unknown: str

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case Recognised(customer=None):
                return GoTo(self.unknown)
            case Recognised(customer=customer):
                return GoTo(self.known, learnt=customer)
            case _:
                return Recognise(node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("known",), self.known, pressed=False)
        yield Route(("unknown",), self.unknown, pressed=False)

    def learns(self) -> Iterator[Learnt]:
        yield from (Learnt(("type",), name, optional=True) for name in CUSTOMER)


class Through(Node):
    """Walks through another flow, as through a part of this one."""

    type: Literal["flow"] = "flow"
    flow: Word
    then: str

    def step(self, turn: Turn) -> Step:
        return Into(self.flow, self.then)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)
