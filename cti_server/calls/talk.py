"""
Who is in a call, who hears whom, who hears music. Pure: a state, a verb, the next state.

A call is one customer and any number of agents and experts. Everybody is in one of two rooms: the
``MAIN`` one, where the customer always is, and the ``SIDE`` one, where an agent asks somebody for
advice unheard. Who is on hold hears nobody and is heard by nobody. Who is left alone by that hears
music. Everything that is sent to a party follows from this by :func:`.sound.sound_of`.

What ends what:

* The customer leaving ends the call, for all; while others remain, anybody else may leave.
* An agent who leaves while somebody rings for them makes it a blind transfer; an agent who leaves
  with an adviser at hand leaves the customer to the adviser.
* When the last agent or expert has left (:func:`outlook`), the customer goes to whoever rings, else
  back to a queue, or the call ends: that is the caller's of this module to say.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from .errors import Engaged, NotNow


class Role(enum.StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    EXPERT = "expert"  # reached outside by number or URI; nobody's seat
    SUPERVISOR = "supervisor"  # beside an agent: what is said depends on ``voice``


class Room(enum.StrEnum):
    MAIN = "main"
    SIDE = "side"


class Voice(enum.StrEnum):
    """Who hears a party."""

    ALL = "all"  # everybody in the room; a supervisor barged in
    COACH = "coach"  # the agent beside whom they are: whisper
    NONE = "none"  # nobody: monitor


class Wanted(enum.StrEnum):
    """What somebody is being rung for."""

    ADVICE = "advice"  # they talk with the agent first
    TAKE_OVER = "take_over"  # they get the customer, and the agent is free


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


@dataclass(frozen=True, slots=True)
class Party:
    """One leg's part. ``id`` is the leg's."""

    id: str
    role: Role
    room: Room = Room.MAIN
    holds: bool = False  # by the verb
    phone_holds: bool = False  # by a key of the phone (re-INVITE)
    muted: bool = False
    voice: Voice = Voice.ALL
    beside: str | None = None  # a supervisor's agent

    @property
    def away(self) -> bool:
        """Hears nobody, is heard by nobody."""
        return self.holds or self.phone_holds

    @property
    def speaks(self) -> bool:
        """Whether a conversation can be had with them: it is not a mere listener."""
        return self.voice is Voice.ALL


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody rings; ``by`` is who wants them, None once that agent has left."""

    wanted: Wanted
    by: str | None


@dataclass(frozen=True, slots=True)
class Consult:
    """``by`` asks ``adviser``, who is in the side room until the two join the others."""

    by: str
    adviser: str


@dataclass(frozen=True, slots=True)
class Talk:
    parties: tuple[Party, ...] = ()
    errand: Errand | None = None
    consult: Consult | None = None

    def __getitem__(self, party_id: str) -> Party:
        """Raises KeyError."""
        for party in self.parties:
            if party.id == party_id:
                return party
        raise KeyError(party_id)

    def __contains__(self, party_id: object) -> bool:
        return any(party.id == party_id for party in self.parties)

    @property
    def customer(self) -> Party | None:
        return next((one for one in self.parties if one.role is Role.CUSTOMER), None)

    def others(self, party_id: str) -> list[Party]:
        """Everybody else who talks, supervisors not counted."""
        return [
            one for one in self.parties if one.id != party_id and one.role is not Role.SUPERVISOR
        ]


class Outlook(enum.Enum):
    """What the customer can expect."""

    SERVED = "served"  # somebody is there, or comes back
    EXPECTED = "expected"  # nobody is there, somebody rings
    ALONE = "alone"
    GONE = "gone"


# --- who comes and goes -----------------------------------------------------------------------


def joined(talk: Talk, party: Party) -> Talk:
    """The customer at the beginning, an agent from a queue, a supervisor."""
    return replace(talk, parties=(*talk.parties, party))


def answered(talk: Talk, party_id: str, role: Role) -> Talk:
    """
    Who was rung picked up. An adviser is alone with the agent; who takes over gets the customer,
    and the agent who transferred is not in the call any more.
    """
    errand = talk.errand
    if errand is None:
        raise LookupError(f"nobody waits for {party_id}")
    asked = errand.wanted is Wanted.ADVICE and errand.by is not None
    room = Room.SIDE if asked else Room.MAIN
    talk = replace(joined(talk, Party(party_id, role, room)), errand=None)
    if asked and errand.by is not None:
        return replace(talk, consult=Consult(errand.by, party_id))
    return talk if errand.by is None else left(talk, errand.by)


def unanswered(talk: Talk) -> Talk:
    """Who was rung does not come: back to the customer, if the agent is still there."""
    errand = talk.errand
    if errand is None or errand.by is None:
        return replace(talk, errand=None)
    return _move(replace(talk, errand=None), errand.by, Room.MAIN)


def left(talk: Talk, party_id: str) -> Talk:
    """A party is gone; harmless if it was not there."""
    if party_id not in talk:
        return talk
    talk = replace(talk, parties=tuple(one for one in talk.parties if one.id != party_id))
    if talk.errand is not None and talk.errand.by == party_id:
        talk = replace(talk, errand=Errand(Wanted.TAKE_OVER, None))
    consult = talk.consult
    if consult is not None and party_id in (consult.by, consult.adviser):
        stays = consult.adviser if party_id == consult.by else consult.by
        talk = _move(replace(talk, consult=None), stays, Room.MAIN)
    return talk


def supervised(talk: Talk, party_id: str, *, voice: Voice, beside: str | None) -> Talk:
    """A supervisor listens to another agent, or is heard by others than before."""
    return _change(talk, party_id, voice=voice, beside=beside)


def taken_over(talk: Talk, party_id: str) -> Talk:
    """
    A supervisor has the customer now, and the agent beside whom they were is out of the call.

    Raises Engaged while that agent is asking or transferring.
    """
    if talk.errand is not None or talk.consult is not None:
        raise Engaged
    beside = talk[party_id].beside
    talk = _change(talk, party_id, role=Role.AGENT, room=Room.MAIN, voice=Voice.ALL, beside=None)
    return talk if beside is None else left(talk, beside)


def phone_held(talk: Talk, party_id: str, held: bool) -> Talk:
    """A key of the phone: always possible, and seen only by its effect."""
    return _change(talk, party_id, phone_holds=held) if party_id in talk else talk


def outlook(talk: Talk) -> Outlook:
    if talk.customer is None:
        return Outlook.GONE
    if any(_serves(one) for one in talk.parties):
        return Outlook.SERVED
    return Outlook.ALONE if talk.errand is None else Outlook.EXPECTED


def without_agent(talk: Talk) -> bool:
    """Whether nobody whose work it is serves the customer, or is about to."""
    staff = (Role.AGENT, Role.EXPERT)
    return talk.errand is None and not any(one.role in staff for one in talk.parties)


def _serves(one: Party) -> bool:
    """A supervisor who has barged in does, when the agent has left."""
    return one.role in (Role.AGENT, Role.EXPERT) or (one.role is Role.SUPERVISOR and one.speaks)


# --- what agents do ---------------------------------------------------------------------------


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
    return _change(talk, by, holds=True)


def _resume(talk: Talk, by: str) -> Talk:
    return _change(talk, by, holds=False)


def _mute(talk: Talk, by: str) -> Talk:
    return _change(talk, by, muted=True)


def _unmute(talk: Talk, by: str) -> Talk:
    return _change(talk, by, muted=False)


def _stay(talk: Talk, by: str) -> Talk:
    return talk


def _consult(talk: Talk, by: str) -> Talk:
    return _ring(talk, by, Wanted.ADVICE)


def _transfer(talk: Talk, by: str) -> Talk:
    return _ring(talk, by, Wanted.TAKE_OVER)


def _ring(talk: Talk, by: str, wanted: Wanted) -> Talk:
    if talk.errand is not None or talk.consult is not None:
        raise Engaged
    moved = _change(talk, by, room=Room.SIDE, holds=False)
    return replace(moved, errand=Errand(wanted, by))


def _leave_to_queue(talk: Talk, by: str) -> Talk:
    """Who rings for somebody who has left already gets the customer: one way at a time."""
    if talk.errand is not None:
        raise Engaged
    return left(talk, by)


def _transfer_what_rings(talk: Talk, by: str) -> Talk:
    return replace(talk, errand=Errand(Wanted.TAKE_OVER, by))


def _swap(talk: Talk, by: str) -> Talk:
    return _move(talk, by, Room.SIDE if talk[by].room is Room.MAIN else Room.MAIN)


def _join_rooms(talk: Talk, by: str) -> Talk:
    adviser = _adviser(talk)
    return _move(_move(replace(talk, consult=None), by, Room.MAIN), adviser, Room.MAIN)


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


def _move(talk: Talk, party_id: str, room: Room) -> Talk:
    return _change(talk, party_id, room=room)


def _change(talk: Talk, party_id: str, **what: object) -> Talk:
    return replace(
        talk,
        parties=tuple(
            replace(one, **what) if one.id == party_id else one  # type: ignore[arg-type]
            for one in talk.parties
        ),
    )
