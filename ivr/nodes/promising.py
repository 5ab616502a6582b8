"""Nodes by which something will be done for the caller after the call."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from ivr.inquiries import (
    CallBackPromised,
    FaxRefused,
    FaxRequested,
    OpenTicket,
    PromiseCallBack,
    RequestFax,
    TicketOpened,
)
from ivr.prompts import Text
from ivr.texts import filled, placeholders, written

from .leaving import InQueue
from .node import GoTo, Learnt, Name, Node, Place, Read, Route, Step, Turn


class CallBack(InQueue):
    """
    Promises that an agent of the queue calls back; ``number`` may hold ``{name}``.

    Without it, the number is that which they call from. Who has waited keeps the place, with its
    priority and skills, whatever the node says.
    """

    type: Literal["call_back"] = "call_back"
    number: Text | None = None
    then: str
    failed: str  # no number, or none that we may dial

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case CallBackPromised(is_promised):
                return GoTo(self.then if is_promised else self.failed)
        number = None if self.number is None else filled(self.number, turn.values)
        asked = self.requirements(turn)
        return PromiseCallBack(self.queue, number, self.priority, asked, node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)
        yield Route(("failed",), self.failed, pressed=False)

    def reads(self) -> Iterator[Read]:
        yield from (Read(("number",), found.name) for found in placeholders(self.number or ""))


class TicketNode(Node):
    """
    Opens a ticket about what the caller wants, bound to this contact.

    Texts may hold ``{name}``; a field whose text comes to nothing is left out. ``customer`` is the
    id of whose ticket it is, without it who calls, if that is known. ``attach`` names the value
    with the caller's recorded message; ``keep`` gives the ticket's number a name. Where it
    ``serves``, who has it may hang up and was not lost, in figures.
    """

    type: Literal["ticket"] = "ticket"
    ticket: Annotated[str, Field(min_length=1, max_length=64)]  # its type
    subject: Text
    description: Text | None = None
    fields: Mapping[Name, str] = {}
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    queue: Annotated[str, Field(min_length=1)] | None = None
    customer: Text | None = None
    attach: Name | None = None
    keep: Name | None = None
    then: str
    failed: str  # refused, or not opened in time
    serves: bool = False

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case TicketOpened(number=None):
                return GoTo(self.failed)
            case TicketOpened(number=str(number)):
                learnt = {self.keep: number} if self.keep else None
                return GoTo(self.then, learnt=learnt, serves=self.serves)
        fields = {name: filled(text, turn.values) for name, text in self.fields.items()}
        recording = written(turn.values.get(self.attach, "")) if self.attach else ""
        return OpenTicket(
            self.ticket,
            filled(self.subject, turn.values),
            filled(self.description or "", turn.values),
            {name: text for name, text in fields.items() if text},
            self.priority,
            self.queue,
            filled(self.customer or "", turn.values) or None,
            recording or None,
            node=turn.node,
        )

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)
        yield Route(("failed",), self.failed, pressed=False)

    def queues(self) -> Iterator[tuple[Place, str]]:
        if self.queue is not None:
            yield ("queue",), self.queue

    def learns(self) -> Iterator[Learnt]:
        if self.keep is not None:
            yield Learnt(("keep",), self.keep)

    def reads(self) -> Iterator[Read]:
        texts: dict[Place, str | None] = {(key,): getattr(self, key) for key in _TEXTS}
        texts |= {("fields", name): text for name, text in self.fields.items()}
        for place, text in texts.items():
            yield from (Read(place, found.name) for found in placeholders(text or ""))
        if self.attach is not None:
            yield Read(("attach",), self.attach)


class FaxNode(Node):
    """
    Has one of the centre's documents faxed after the call; texts may hold ``{name}``.

    ``document`` is its code. Without ``number`` it goes to that which they call from. ``values``
    are for its template and its look-ups. ``keep`` gives the document's title, in the caller's
    language, a name. Where it ``serves``, who was promised it may hang up and was not lost, in
    figures.
    """

    type: Literal["fax"] = "fax"
    document: Text
    number: Text | None = None
    values: Mapping[Name, Text] = {}
    keep: Name | None = None
    then: str
    unknown: str  # no document has that code
    bad_number: str  # no number, or none that we may dial
    failed: str  # not kept in time
    serves: bool = False

    def step(self, turn: Turn) -> Step:
        match turn.answer:
            case FaxRequested(title):
                learnt = {self.keep: title} if self.keep else None
                return GoTo(self.then, learnt=learnt, serves=self.serves)
            case FaxRefused("unknown"):
                return GoTo(self.unknown)
            case FaxRefused("bad_number"):
                return GoTo(self.bad_number)
            case FaxRefused():
                return GoTo(self.failed)
        number = None if self.number is None else filled(self.number, turn.values)
        values = {name: filled(text, turn.values) for name, text in self.values.items()}
        return RequestFax(
            filled(self.document, turn.values),
            number,
            {name: text for name, text in values.items() if text},
            node=turn.node,
        )

    @property
    def literal(self) -> str | None:
        """The code, where the flow says it and not the caller."""
        return None if any(placeholders(self.document)) else self.document

    def routes(self) -> Iterator[Route]:
        for key in ("then", "unknown", "bad_number", "failed"):
            yield Route((key,), getattr(self, key), pressed=False)

    def learns(self) -> Iterator[Learnt]:
        if self.keep is not None:
            yield Learnt(("keep",), self.keep)

    def reads(self) -> Iterator[Read]:
        texts: dict[Place, str | None] = {(key,): getattr(self, key) for key in _OF_FAX}
        texts |= {("values", name): text for name, text in self.values.items()}
        for place, text in texts.items():
            yield from (Read(place, one.name) for one in placeholders(text or ""))


_OF_FAX = ("document", "number")
_TEXTS = ("subject", "description", "customer")
