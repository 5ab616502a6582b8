"""Nodes by which something will be done for the caller after the call."""

from collections.abc import Iterator
from typing import Literal

from ivr.inquiries import CallBackPromised, PromiseCallBack
from ivr.prompts import Text
from ivr.texts import filled, placeholders

from .leaving import InQueue
from .node import GoTo, Read, Route, Step, Turn


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
