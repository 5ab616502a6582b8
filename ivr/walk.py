"""One caller's way through a flow."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple

from pydantic import SecretStr

from .actions import (
    Action,
    Answer,
    Ask,
    Digits,
    Enqueue,
    HangUp,
    LeftQueue,
    NotConnected,
    NotUnderstood,
    Prompt,
    Say,
    Spoken,
    Transfer,
)
from .inquiries import AskSystem, LookUp
from .model import Flow
from .nodes import Back, GoTo, Into, Node, Step, Turn
from .texts import Value

STEPS_WITHOUT_A_KEY = 100
STEPS_A_CALL = 1000
LOST = ("flow-loop", "flow-too-long")
"""Why a walk ends that came to no end of the flow's."""


class Visit(NamedTuple):
    """A node that was entered."""

    flow: str
    node: str


class Left(NamedTuple):
    """
    How a node was left, or how the caller stands in the one that is not.

    ``way``: the key, where one leads on by itself, else the route's name ("then", "otherwise",
    "closed" …); what was typed besides shows up nowhere. ``asked``: how often the caller was, of
    which ``wrong`` were answered with keys or words that led nowhere and ``silent`` with none.
    """

    way: str
    asked: int = 0
    wrong: int = 0
    silent: int = 0


class Walk:
    """
    Where one caller is in a flow. Pure: the caller's answers are all that moves it.

    ``variables`` are what the call knows by itself (see :data:`ivr.model.VARIABLES`). Whatever is
    answered, the walk ends: a caller who presses nothing is let go after 100 steps, with the
    reason "flow-loop", and any caller after 1000, with "flow-too-long". An answer that does not
    fit counts as silence; after the last action, that action is all there is: one of those that
    lead out, unless what is answered leads back.
    """

    def __init__(
        self,
        flow: Flow,
        variables: Mapping[str, Value] | None = None,
        language: str | None = None,
    ) -> None:
        """``language``: to begin in, where the flow has it; else its first."""
        self.visits: list[Visit] = []
        """The nodes entered, in order."""
        self.left: list[Left] = []
        """How each of them was left, but for the last one."""
        self.served = False
        """Whether the caller has got what some node is there for, or is at an end that serves."""
        self.attributes: dict[str, str] = {}
        """What was learnt from the caller and may be shown."""
        self.secrets: dict[str, SecretStr] = {}
        """What was learnt and may not."""
        self.faults: list[str] = []
        """What went wrong on the way, for whoever runs the centre: the author's slips."""
        self.language = language if language and language in flow.languages else flow.languages[0]
        self.whole = flow
        """The flow that the caller walks through, in the version that was the newest one then."""
        self._be_in(flow)
        self._around: list[tuple[Flow, str]] = []  # to go on with after that, and at which node
        self._known: dict[str, Value] = dict(variables or {})
        self._asked = 0
        self._answers = self._wrong = self._silent = 0
        self._steps = 0
        self._steps_without_a_key = 0
        self._last: Action | None = None
        self._enter(flow.start)

    @property
    def path(self) -> list[str]:
        """The names of the nodes entered, in order."""
        return [visit.node for visit in self.visits]

    @property
    def here(self) -> Left:
        """How the caller has fared so far in the node that was entered last."""
        return Left("", self._answers, self._wrong, self._silent)

    def apart(self) -> "Walk":
        """One that stands where this one does, and goes its own way from there."""
        flows = [self.whole, self.flow, *(flow for flow, _ in self._around)]
        shared: list[object] = [*flows, self._places, self._nodes]
        return deepcopy(self, {id(one): one for one in shared})

    def advance(self, answer: Answer | None = None) -> Action:
        """Take in the answer to the last action; return what to do for the caller next."""
        match self._last, answer:
            case Enqueue(back=back), LeftQueue(way) if back is not None and way in back:
                if way in back.keys or way == "waited":  # time has passed, or a key was pressed
                    self._steps_without_a_key = 0
            case Transfer(returns=True), NotConnected():
                pass
            case (Enqueue() | Transfer() | HangUp()) as last, _:
                return last
            case Ask(), Digits() | Spoken():
                self._steps_without_a_key = 0
        self._last = self._to_next_action(answer)
        return self._last

    def _to_next_action(self, answer: Answer | None) -> Action:
        while (reason := self._lost()) is None:
            step = self._step(answer)
            self._count(answer, step)
            match step:
                case GoTo() as way:
                    self._follow(way, answer)
                case Into(flow, then):
                    self._around.append((self.flow, then))
                    self._be_in(self.flow.parts[flow])
                    self._enter(self.flow.start, "into")
                case Back() if not self._around:
                    self.served = True
                    return HangUp("completed", node=self._node)
                case Back():
                    around, then = self._around.pop()
                    self._be_in(around)
                    self._enter(then, "back")
                case Enqueue() as enqueue:
                    self.attributes.update(enqueue.attributes)
                    return replace(enqueue, attributes=dict(self.attributes))
                case Say() | Ask() | AskSystem() | LookUp() as spoken if self._places:
                    return replace(spoken, prompts=tuple(map(self._with_values, spoken.prompts)))
                case HangUp() as end:
                    self.served = self.served or end.serves
                    return end
                case action:
                    return action
            answer = None
        return HangUp(reason, node=self._node)

    def _lost(self) -> str | None:
        """Why the walk cannot go on, if the caller got nowhere for too long."""
        if self._steps_without_a_key >= STEPS_WITHOUT_A_KEY:
            return "flow-loop"
        return "flow-too-long" if self._steps >= STEPS_A_CALL else None

    def _step(self, answer: Answer | None) -> Step:
        before = self._last if self._asked else None
        turn = Turn(
            self._node, self.language, self._asked, answer, before, self._known, self.secrets
        )
        self._asked += 1
        self._steps += 1
        self._steps_without_a_key += 1
        return self._nodes[self._node].step(turn)

    def _count(self, answer: Answer | None, step: Step) -> None:
        """What became of the question that this answers."""
        if not isinstance(self._last, Ask) or answer is None:
            return
        self._answers += 1
        if isinstance(step, GoTo) and step.way != "otherwise":
            return
        if isinstance(step, Ask) and step.confirms is not None:
            return  # what was said may have been right
        if isinstance(answer, Digits | Spoken | NotUnderstood):
            self._wrong += 1
        else:
            self._silent += 1

    def _follow(self, way: GoTo, answer: Answer | None) -> None:
        if way.language is not None:
            self.language = way.language
        if way.fault is not None:
            self.faults.append(f"{self.flow.name}.{self._node}: {way.fault}")
        self._known.update(way.learnt or {})
        for name, value in (way.collected or {}).items():
            if isinstance(value, SecretStr):
                self.secrets[name] = value
            else:
                self.attributes[name] = self._known[name] = value
        node = self._nodes[self._node]
        self.served = self.served or way.serves
        self._enter(way.target, way.way or _way_of(node, way, answer))

    def _with_values(self, prompt: Prompt) -> Prompt:
        if not (names := self._places.get((prompt.name, prompt.language))):
            return prompt
        return replace(prompt, values=tuple(self._known.get(name, "") for name in names))

    def _be_in(self, flow: Flow) -> None:
        self.flow = flow
        """Where the caller is now: the flow itself, or one that it walks through."""
        self._places, self._nodes = flow.places, flow.nodes

    def _enter(self, node: str, way: str | None = None) -> None:
        if way is not None:
            self.left.append(Left(way, self._answers, self._wrong, self._silent))
        self._node, self._asked = node, 0
        self._answers = self._wrong = self._silent = 0
        self.visits.append(Visit(self.flow.name, node))


def _way_of(node: Node, way: GoTo, answer: Answer | None) -> str:
    """By which of its routes the node was left, so far as that can be told."""
    keys = answer.keys if isinstance(answer, Digits) else None
    found = ""
    for route in node.routes():
        if route.target == way.target and route.language in (None, way.language):
            if route.key is not None and route.key == keys:
                return route.key
            found = found or ("" if route.key is not None else route.name)
    return found
