"""
What the events say of a person: numbers, and what people wrote down. Pure.

Everything else in an event is an id, a word of ours, a moment or a figure. A new event that tells
more than that of a person gets its line here.
"""

from collections.abc import Callable

import msgspec

from crm.numbers import mask

from . import events
from .events import Event

WITHHELD = "***"

_NUMBERS: dict[type, tuple[str, ...]] = {
    events.CallArrived: ("caller_number", "original_number"),
    events.CallPlaced: ("customer_number",),
    events.SelfServiceBegan: ("address",),
    events.CallBackWanted: ("number",),
    events.RecordingStarted: ("caller_number",),
    events.RecordingStored: ("caller_number",),
}
_WORDS: dict[type, str] = {
    events.ContactNoted: "text",
    events.AgentNudged: "text",
    events.CoachingNoted: "text",
}


def masked(event: Event) -> Event:
    """For who may not see whole numbers: these are masked, what people wrote is withheld."""
    return _with(event, number=mask, words=lambda text: WITHHELD if text else text)


def redacted(event: Event) -> Event:
    """Without anything of the person: what is left when they were erased."""
    if isinstance(event, events.CallArrived):  # other systems put into it what they like
        event = msgspec.structs.replace(event, sip_call_id="")
    if isinstance(event, events.RecordingStarted | events.RecordingStored):  # and this, too
        event = msgspec.structs.replace(event, foreign=None)
    return _with(event, number=lambda _: "", words=lambda _: "")


def _with(event: Event, *, number: Callable[[str], str], words: Callable[[str], str]) -> Event:
    replaced: dict[str, object] = {
        field: number(getattr(event, field)) for field in _NUMBERS.get(type(event), ())
    }
    if (field := _WORDS.get(type(event))) is not None:
        replaced[field] = words(getattr(event, field))
    match event:
        case events.LegStarted(agent_id=None):
            replaced |= {"party": number(event.party), "address": number(event.address)}
        case events.ContactReceived(address=address, subject=subject, attributes=attributes):
            replaced |= {
                "address": words(address),
                "subject": words(subject),
                "attributes": {name: words(value) for name, value in attributes.items()},
            }
        case events.ContactAnnotated(attributes=attributes):
            replaced["attributes"] = {name: words(value) for name, value in attributes.items()}
        case (
            events.ConsultStarted(to="number")
            | events.TransferStarted(to="number")
            | events.ContactTransferred(to="number")
        ):
            replaced["target"] = number(event.target)
    return msgspec.structs.replace(event, **replaced) if replaced else event
