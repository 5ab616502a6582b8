"""
What an agent does in a call, and what each verb makes of it. Pure: a talk, a verb, the next talk.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import replace

from .errors import Engaged, NotNow
from .talk import Errand, Room, Talk, Wanted, changed, left, moved, unanswered


class Verb(enum.StrEnum):
    """What an agent can do."""

    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    SEND_DIGITS = "send_digits"
    TRANSFER = "transfer"  # blind, to an agent or number: they are rung, the agent may go
    TRANSFER_TO_QUEUE = "transfer_to_queue"  # blind, to a queue: the agent is free at once
    CONSULT = "consult"
    COMPLETE = "complete"  # who was asked takes over
    SWAP = "swap"
    RETURN = "return"  # without who was asked, or before they answer
    CONFERENCE = "conference"
    RELEASE = "release"


class Standing(enum.StrEnum):
    """What an agent is doing in the call; refusals name it."""

    TALKING = "talking"
    ON_HOLD = "on_hold"  # has put the others on hold
    CONFERENCE = "conference"  # with at least two others
    CALLING = "consult_ringing"
    TRANSFERRING = "transfer_ringing"
    CONSULTING = "consulting"  # with the adviser; the others wait
    SWAPPED = "consult_on_hold"  # with the others; the adviser waits
    ADVISING = "advising"  # asked by another agent


def standing(talk: Talk, party_id: str) -> Standing:
    """What this agent is doing. Raises KeyError for who is not in the call."""
    party, errand, consult = talk[party_id], talk.errand, talk.consult
    if errand is not None and errand.by == party_id:
        advice = errand.wanted is Wanted.ADVICE
        return Standing.CALLING if advice else Standing.TRANSFERRING
    if consult is not None and consult.by == party_id:
        return Standing.CONSULTING if party.room is Room.SIDE else Standing.SWAPPED
    if consult is not None and consult.adviser == party_id:
        return Standing.ADVISING
    if party.holds:
        return Standing.ON_HOLD
    return Standing.CONFERENCE if len(talk.others(party_id)) > 1 else Standing.TALKING


def act(talk: Talk, party_id: str, verb: Verb) -> Talk:
    """The talk after the verb. Raises NotNow, Engaged, or KeyError for who is not in the call."""
    now = standing(talk, party_id)
    step = TABLE[now].get(verb)
    if step is None:
        raise NotNow(now.value, verb.value)
    return step(talk, party_id)


def _hold(talk: Talk, by: str) -> Talk:
    return changed(talk, by, holds=True)


def _resume(talk: Talk, by: str) -> Talk:
    return changed(talk, by, holds=False)


def _mute(talk: Talk, by: str) -> Talk:
    return changed(talk, by, muted=True)


def _unmute(talk: Talk, by: str) -> Talk:
    return changed(talk, by, muted=False)


def _stay(talk: Talk, by: str) -> Talk:
    return talk


def _consult(talk: Talk, by: str) -> Talk:
    return _ring(talk, by, Wanted.ADVICE)


def _transfer(talk: Talk, by: str) -> Talk:
    return _ring(talk, by, Wanted.TAKE_OVER)


def _ring(talk: Talk, by: str, wanted: Wanted) -> Talk:
    if talk.errand is not None or talk.consult is not None:
        raise Engaged
    moved = changed(talk, by, room=Room.SIDE, holds=False)
    return replace(moved, errand=Errand(wanted, by))


def _leave_to_queue(talk: Talk, by: str) -> Talk:
    """Who rings for somebody who has left already gets the customer: one way at a time."""
    if talk.errand is not None:
        raise Engaged
    return left(talk, by)


def _transfer_what_rings(talk: Talk, by: str) -> Talk:
    return replace(talk, errand=Errand(Wanted.TAKE_OVER, by))


def _swap(talk: Talk, by: str) -> Talk:
    return moved(talk, by, Room.SIDE if talk[by].room is Room.MAIN else Room.MAIN)


def _join_rooms(talk: Talk, by: str) -> Talk:
    adviser = _adviser(talk)
    return moved(moved(replace(talk, consult=None), by, Room.MAIN), adviser, Room.MAIN)


def _dismiss(talk: Talk, by: str) -> Talk:
    return left(talk, _adviser(talk))


def _call_off(talk: Talk, by: str) -> Talk:
    return unanswered(talk)


_ALWAYS: Mapping[Verb, Callable[[Talk, str], Talk]] = {
    Verb.MUTE: _mute,
    Verb.UNMUTE: _unmute,
    Verb.RELEASE: left,
}
_RINGING = {**_ALWAYS, Verb.RETURN: _call_off}
_ASKING = {
    **_ALWAYS,
    Verb.SEND_DIGITS: _stay,
    Verb.COMPLETE: left,
    Verb.SWAP: _swap,
    Verb.RETURN: _dismiss,
    Verb.CONFERENCE: _join_rooms,
}
_WITH_CUSTOMER = {
    **_ALWAYS,
    Verb.HOLD: _hold,
    Verb.RESUME: _resume,
    Verb.CONSULT: _consult,
}

TABLE: Mapping[Standing, Mapping[Verb, Callable[[Talk, str], Talk]]] = {
    Standing.TALKING: {
        **_WITH_CUSTOMER,
        Verb.SEND_DIGITS: _stay,
        Verb.TRANSFER: _transfer,
        Verb.TRANSFER_TO_QUEUE: _leave_to_queue,
    },
    Standing.ON_HOLD: {
        **_WITH_CUSTOMER,
        Verb.TRANSFER: _transfer,
        Verb.TRANSFER_TO_QUEUE: _leave_to_queue,
    },
    Standing.CONFERENCE: {**_WITH_CUSTOMER, Verb.SEND_DIGITS: _stay},
    Standing.CALLING: {**_RINGING, Verb.COMPLETE: _transfer_what_rings},
    Standing.TRANSFERRING: _RINGING,
    Standing.CONSULTING: _ASKING,
    Standing.SWAPPED: _ASKING,
    Standing.ADVISING: {**_ALWAYS, Verb.SEND_DIGITS: _stay},
}
"""A pair that is missing is refused with :class:`NotNow`."""


def _adviser(talk: Talk) -> str:
    if talk.consult is None:
        raise LookupError("nobody is asked")
    return talk.consult.adviser
