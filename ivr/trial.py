"""
A flow tried out by somebody at a desk: they say what the caller does, step by step, and see what
comes of it. As on a journey (:mod:`.travelling`) nothing is called, asked or kept; but here nothing
is expected, and a walk that needs to know more stops there. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .actions import (
    Action,
    Answer,
    Ask,
    Enqueue,
    HangUp,
    LeftQueue,
    NoInput,
    NotConnected,
    Said,
    Say,
    Transfer,
)
from .given import Given, NotGiven
from .imagined import NotAsked, pressed, recorded, said
from .inquiries import Enquiry, Inquiry
from .messages import Record
from .model import Flow
from .texts import Prompt
from .walk import Visit, Walk

Kind = Literal["says", "asks", "records", "asks_outside", "queue", "transfer", "hang_up"]


@dataclass(frozen=True, slots=True)
class Deed:
    """What the caller does next; nothing of all that is silence."""

    presses: str | None = None
    says: str | None = None
    clear: bool = True  # so that what is said is understood without asking
    records: float | None = None  # seconds
    leaves: str | None = None  # by that way of a queue, or "failed" from a transfer


@dataclass(frozen=True, slots=True)
class Happened:
    """
    One step: what the flow does at a node, by a word and its object.

    ``what``: the queue, the number, the reason, who is asked. ``texts``: of the prompts, in their
    order, with values; empty for one that is a recording.
    """

    visit: Visit
    kind: Kind
    what: str = ""
    prompts: Sequence[Prompt] = ()
    texts: Sequence[str] = ()
    deed: Deed | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """
    How far it went. ``ended``: the flow has come to its end, or waits in a queue or elsewhere for
    somebody. Else ``wanted`` says what it needs: "deed", or "given" (``missing`` says what), or
    the last deed fits nothing that is asked ("other_deed", with ``missing``).
    """

    happened: Sequence[Happened]
    visits: Sequence[Visit]
    language: str
    ended: bool
    wanted: Literal["deed", "given", "other_deed"] | None
    missing: str
    unused: int  # deeds that it did not come to
    action: Action | None = field(repr=False)
    walk: Walk = field(repr=False)


ReadPrompt = Callable[[Flow, Prompt], str]


def try_out(
    flow: Flow,
    deeds: Sequence[Deed],
    given: Given,
    read: ReadPrompt,
    language: str | None = None,
) -> Trial:
    """``read``: what a prompt of the flow says. ``language``: to begin in, where there is it."""
    return _Trying(flow, deeds, given, read, language).go()


class _Trying:
    def __init__(
        self,
        flow: Flow,
        deeds: Sequence[Deed],
        given: Given,
        read: ReadPrompt,
        language: str | None,
    ) -> None:
        self._walk = Walk(flow, given.variables, language)
        self._deeds = list(deeds)
        self._given = given
        self._read = read
        self._inquiries: list[Inquiry] = []
        self._happened: list[Happened] = []

    def go(self) -> Trial:
        answer: Answer | None = None
        while True:
            action = self._walk.advance(answer)
            try:
                answer = self._answer(action)
            except NotGiven as error:
                return self._trial(action, "given", str(error))
            except NotAsked as error:
                return self._trial(action, "other_deed", str(error))
            if answer is None:
                asks = isinstance(action, Ask | Record)
                return self._trial(action, "deed" if asks else None)

    def _answer(self, action: Action) -> Answer | None:
        """
        None where it is over, or somebody has to say what the caller does.

        Raises NotGiven and NotAsked.
        """
        match action:
            case Say():
                self._note("says", prompts=action.prompts)
                return Said()
            case Ask():
                return self._asked(action)
            case Record() if not self._given.disk_full:
                return self._recording(action)
            case Enqueue(queue, back=back):
                deed = self._next("queue", queue)
                if deed is None or deed.leaves is None:
                    return None
                if back is None or deed.leaves not in back:
                    raise NotAsked(f"nobody comes back from queue '{queue}' by '{deed.leaves}'")
                return LeftQueue(deed.leaves)
            case Transfer(target, returns=returns):
                deed = self._next("transfer", target)
                if deed is None or deed.leaves is None:
                    return None
                if not returns:
                    raise NotAsked(f"nobody comes back from '{target}'")
                return NotConnected()
            case HangUp(reason):
                self._note("hang_up", reason)
                return None
            case _:
                return self._outside(action)

    def _asked(self, ask: Ask) -> Answer | None:
        deed = self._next("asks", prompts=ask.prompts)
        if deed is None:
            return None
        if deed.records is not None or deed.leaves is not None:
            raise NotAsked("keys or words are asked for here")
        if deed.says is not None:
            return said(ask, deed.says, clear=deed.clear)
        return NoInput() if deed.presses is None else pressed(ask, deed.presses)

    def _recording(self, record: Record) -> Answer | None:
        deed = self._next("records")
        if deed is None:
            return None
        if deed.presses is not None or deed.says is not None or deed.leaves is not None:
            raise NotAsked("a message is recorded here")
        return recorded(record, deed.records or 0.0)

    def _outside(self, inquiry: Inquiry) -> Answer:
        reply = self._given.reply(inquiry, self._inquiries)
        self._inquiries.append(inquiry)
        asked = inquiry.asked if isinstance(inquiry, Enquiry) else ""
        prompts = inquiry.prompts if isinstance(inquiry, Enquiry) else ()
        self._note("asks_outside", f"{type(inquiry).__name__} {asked}".strip(), prompts)
        return reply

    def _next(self, kind: Kind, what: str = "", prompts: Sequence[Prompt] = ()) -> Deed | None:
        """The caller's next deed; it is noted with what it answers."""
        deed = self._deeds.pop(0) if self._deeds else None
        self._note(kind, what, prompts, deed)
        return deed

    def _note(
        self,
        kind: Kind,
        what: str = "",
        prompts: Sequence[Prompt] = (),
        deed: Deed | None = None,
    ) -> None:
        texts = [self._read(self._walk.flow, prompt) for prompt in prompts]
        visit = self._walk.visits[-1]
        self._happened.append(Happened(visit, kind, what, tuple(prompts), texts, deed))

    def _trial(
        self,
        action: Action,
        wanted: Literal["deed", "given", "other_deed"] | None,
        missing: str = "",
    ) -> Trial:
        walk = self._walk
        return Trial(
            self._happened,
            walk.visits,
            walk.language,
            wanted is None,
            wanted,
            missing,
            len(self._deeds),
            action,
            walk,
        )
