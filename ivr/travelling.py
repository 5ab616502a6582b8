"""Journeys walked through a flow, on virtual time, and what was otherwise than they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .actions import (
    Action,
    Answer,
    Ask,
    Enqueue,
    HangUp,
    LeftQueue,
    NotConnected,
    Prompt,
    Said,
    Say,
    Transfer,
)
from .errors import Problem
from .given import NotGiven
from .imagined import NotAsked, pressed, recorded, said
from .inquiries import Enquiry, Inquiry
from .journeys import Journey, JourneyBook, Step
from .messages import Record
from .model import Flow
from .reading import answer_of, asked_in_writing
from .walk import Visit, Walk


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a journey: where it went, and the first thing that was otherwise than told."""

    journey: Journey
    visits: Sequence[Visit]
    heard: Sequence[Prompt]
    fault: Problem | None

    @property
    def arrived(self) -> bool:
        return self.fault is None


def walk_all(flow: Flow, book: JourneyBook) -> Iterator[Outcome]:
    """Each journey through the flow."""
    for number, journey in enumerate(book.journeys):
        yield _Traveller(flow, journey, book, number).travel()


class _Astray(Exception):
    """It is otherwise than the journey says."""


class _Traveller:
    """One caller on one journey."""

    def __init__(self, flow: Flow, journey: Journey, book: JourneyBook, number: int) -> None:
        self._journey = journey
        self._book = book
        self._number = number
        self._walk = Walk(flow, journey.given.variables)
        self._language = journey.language
        self._answer: Answer | None = None
        self._heard: list[Prompt] = []
        self._inquiries: list[Inquiry] = []

    def travel(self) -> Outcome:
        for step, told in enumerate(self._journey.walk):
            try:
                self._take(told)
            except (_Astray, NotAsked) as error:
                line = self._book.line("journeys", self._number, "walk", step)
                message = f"'{self._journey.name}': {error}"
                fault = Problem(self._book.file, line, self._walk.path[-1], message)
                return self._outcome(fault)
        return self._outcome(None)

    def _outcome(self, fault: Problem | None) -> Outcome:
        return Outcome(self._journey, self._walk.visits, self._heard, fault)

    def _take(self, told: Step) -> None:
        action = self._next(told)
        match action:
            case Say() | Ask() if told.hears:
                self._hear(told, action)
            case Record() if told.speaks:
                self._answer = recorded(action, told.records or 0.0)
            case Enqueue(queue, form=form) if queue == told.queue:
                self._compare_attributes(told)
                if told.form not in (None, form):
                    raise _Astray(f"the agent fills in {form or 'no form'}")
                self._leave_queue(told, action)
            case Transfer(target) if target == told.transfer:
                self._compare_attributes(told)
                self._leave_transfer(told, action)
            case HangUp(reason) if reason == told.hang_up:
                self._compare_attributes(told)
            case _:
                raise _Astray(f"the flow {_in_words(action)}")

    def _next(self, told: Step) -> Action:
        """What the flow does for the caller next; what it asks of others is answered here."""
        while isinstance(action := self._walk.advance(self._answer), Inquiry):
            if isinstance(action, Record) and told.speaks and not self._journey.given.disk_full:
                break
            try:
                self._answer = self._journey.given.reply(action, self._inquiries)
            except NotGiven as error:
                raise _Astray(str(error)) from None
            self._inquiries.append(action)
            if isinstance(action, Enquiry):
                self._heard += action.prompts
        return action

    def _hear(self, told: Step, action: Say | Ask) -> None:
        self._language = told.language or self._language
        self._heard += action.prompts
        if len(action.prompts) != len(told.hears) or not all(
            one.is_told(prompt, self._language)
            for one, prompt in zip(told.hears, action.prompts, strict=True)
        ):
            raise _Astray(f"the flow {_in_words(action)}")
        if isinstance(action, Ask) and told.says is not None:
            self._answer = said(action, told.says.text, clear=told.says.clear)
        elif isinstance(action, Ask) and told.types is not None:
            self._answer = answer_of(asked_in_writing(self._walk, action), told.types)
        elif isinstance(action, Ask):
            self._answer = pressed(action, told.presses or "")
        elif told.presses is not None:
            raise _Astray("nothing is asked here: no key is pressed")
        elif told.types is not None:
            raise _Astray("nothing is asked here: no line is typed")
        elif told.says is not None:
            raise _Astray("nothing is asked here: nobody listens")
        else:
            self._answer = Said()

    def _leave_queue(self, told: Step, action: Enqueue) -> None:
        if told.leaves is None:
            return
        if action.back is None or told.leaves not in action.back:
            raise _Astray(f"nobody comes back from queue '{action.queue}' by '{told.leaves}'")
        self._answer = LeftQueue(told.leaves)

    def _leave_transfer(self, told: Step, action: Transfer) -> None:
        if told.leaves is None:
            return
        if not action.returns:
            raise _Astray(f"nobody comes back from '{action.target}'")
        self._answer = NotConnected()

    def _compare_attributes(self, told: Step) -> None:
        learnt = self._walk.attributes
        if told.attributes is not None and dict(told.attributes) != learnt:
            shown = ", ".join(f"{name}: {value}" for name, value in sorted(learnt.items()))
            raise _Astray(f"the agent is shown {{{shown}}}")


def _in_words(action: Action) -> str:
    match action:
        case Say(prompts=prompts) | Ask(prompts=prompts):
            doing = "asks" if isinstance(action, Ask) else "says"
            said = (f"{one.name} ({one.language})" for one in prompts)
            return f"{doing} {', '.join(said) or 'nothing'}"
        case Enqueue(queue):
            return f"leads to queue '{queue}'"
        case Transfer(target):
            return f"transfers to '{target}'"
        case HangUp(reason):
            return f"hangs up: {reason}"
        case Record():
            return "records"
        case _:
            return f"asks something: {type(action).__name__}"
