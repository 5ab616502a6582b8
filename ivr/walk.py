"""One caller's way through a flow."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import SecretStr

from .actions import Action, Answer, Ask, Digits, Enqueue, HangUp, Transfer
from .model import Flow
from .nodes import GoTo, Turn

STEPS_WITHOUT_A_KEY = 100
STEPS_A_CALL = 1000


class Walk:
    """
    Where one caller is in a flow. Pure: the caller's answers are all that moves it.

    ``variables`` are what the call knows by itself (see :data:`ivr.model.VARIABLES`). Whatever is
    answered, the walk ends: a caller who presses nothing is let go after 100 steps, with the
    reason "flow-loop", and any caller after 1000, with "flow-too-long". An answer that does not
    fit counts as silence; after the last action, that action is all there is.
    """

    def __init__(self, flow: Flow, variables: Mapping[str, str] | None = None) -> None:
        self.path: list[str] = []
        """The nodes entered, in order."""
        self.attributes: dict[str, str] = {}
        """What was learnt from the caller and may be shown."""
        self.secrets: dict[str, SecretStr] = {}
        """What was learnt and may not."""
        self.language = flow.languages[0]
        self._flow = flow
        self._variables = dict(variables or {})
        self._asked = 0
        self._steps = 0
        self._steps_without_a_key = 0
        self._last: Action | None = None
        self._enter(flow.start)

    def advance(self, answer: Answer | None = None) -> Action:
        """Take in the answer to the last action; return what to do for the caller next."""
        if isinstance(self._last, Enqueue | Transfer | HangUp):
            return self._last
        if isinstance(answer, Digits) and isinstance(self._last, Ask):
            self._steps_without_a_key = 0
        self._last = self._to_next_action(answer)
        return self._last

    def _to_next_action(self, answer: Answer | None) -> Action:
        while (reason := self._lost()) is None:
            match self._step(answer):
                case GoTo() as way:
                    self._follow(way)
                    answer = None
                case Enqueue() as enqueue:
                    self.attributes.update(enqueue.attributes)
                    return replace(enqueue, attributes=dict(self.attributes))
                case action:
                    return action
        return HangUp(reason, node=self._node)

    def _lost(self) -> str | None:
        """Why the walk cannot go on, if the caller got nowhere for too long."""
        if self._steps_without_a_key >= STEPS_WITHOUT_A_KEY:
            return "flow-loop"
        return "flow-too-long" if self._steps >= STEPS_A_CALL else None

    def _step(self, answer: Answer | None) -> Action | GoTo:
        values = {**self._variables, **self.attributes}
        turn = Turn(self._node, self.language, self._asked, answer, values)
        self._asked += 1
        self._steps += 1
        self._steps_without_a_key += 1
        return self._flow.nodes[self._node].step(turn)

    def _follow(self, way: GoTo) -> None:
        if way.language is not None:
            self.language = way.language
        for name, value in (way.collected or {}).items():
            if isinstance(value, SecretStr):
                self.secrets[name] = value
            else:
                self.attributes[name] = value
        self._enter(way.target)

    def _enter(self, node: str) -> None:
        self._node, self._asked = node, 0
        self.path.append(node)
