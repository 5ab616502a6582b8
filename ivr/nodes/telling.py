"""Nodes that tell the caller something."""

from collections.abc import Iterator
from typing import Literal

from ivr.actions import Say
from ivr.prompts import PromptName, SomePromptNames

from .node import GoTo, Node, Place, Route, Step, Turn, placed, spoken


class Play(Node):
    """
    Plays prompts and goes on.

    What it ``serves`` is what a caller may have come for: who has heard it and then hangs up got
    what they wanted, in figures.
    """

    type: Literal["play"] = "play"
    prompt: SomePromptNames
    then: str
    barge_in: bool = False
    serves: bool = False

    def step(self, turn: Turn) -> Step:
        if turn.asked:
            return GoTo(self.then, serves=self.serves)
        return Say(spoken(self.prompt, turn), self.barge_in, node=turn.node)

    def routes(self) -> Iterator[Route]:
        yield Route(("then",), self.then, pressed=False)

    def prompts(self) -> Iterator[tuple[Place, PromptName]]:
        yield from placed("prompt", self.prompt)
