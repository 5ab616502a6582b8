"""The steps of a service by text, as they are kept: what was typed and found out. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ivr.actions import Answer, LeftQueue
from ivr.inquiries import (
    Alerted,
    Answered,
    CalendarSays,
    CallBackPromised,
    FaxRefused,
    FaxRequested,
    FirstRow,
    Rated,
    Recognised,
    Refused,
    TicketOpened,
    Unanswered,
)
from ivr.messages import MessageDropped, MessagePlayed, NotRecorded

Step = dict[str, Any]
"""{"text": …, "line": …}; {"told": …, "answer": …}; {"asking": true} before what is done once."""

_KINDS: Final[Mapping[str, type[Answer]]] = {
    kind.__name__: kind
    for kind in (
        *(Alerted, Answered, CalendarSays, CallBackPromised, FaxRefused, FaxRequested, FirstRow),
        *(LeftQueue, MessageDropped, MessagePlayed, NotRecorded, Rated, Recognised, Refused),
        *(TicketOpened, Unanswered),
    )
}
_NAMESPACE: Final = uuid.UUID("6b0d0b7e-3a0e-4c57-9b34-51f0c1a3a9d2")
ASKING: Final[Step] = {"asking": True}


def typed(text_id: str, line: str) -> Step:
    """``text_id``: of the text that it came with."""
    return {"text": text_id, "line": line}


def told(answer: Answer) -> Step:
    return {"told": type(answer).__name__, "answer": msgspec.to_builtins(answer)}


def answer_in(step: Step) -> Answer:
    return msgspec.convert(step["answer"], _KINDS[step["told"]])


def last_text(steps: Sequence[Step]) -> str | None:
    """The id of the text that was typed last."""
    return next((step["text"] for step in reversed(steps) if "line" in step), None)


def ticket_id(contact_id: str, step: int) -> str:
    """The same for whoever takes the same step of the same session again."""
    return uuid.uuid5(_NAMESPACE, f"{contact_id} {step}").hex
