"""
Who is in a call, who hears whom, who hears music. Pure: a talk, what happens, the next talk.

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
from dataclasses import dataclass, replace

from .errors import Engaged


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
    return moved(replace(talk, errand=None), errand.by, Room.MAIN)


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
        talk = moved(replace(talk, consult=None), stays, Room.MAIN)
    return talk


def supervised(talk: Talk, party_id: str, *, voice: Voice, beside: str | None) -> Talk:
    """A supervisor listens to another agent, or is heard by others than before."""
    return changed(talk, party_id, voice=voice, beside=beside)


def taken_over(talk: Talk, party_id: str) -> Talk:
    """
    A supervisor has the customer now, and the agent beside whom they were is out of the call.

    Raises Engaged while that agent is asking or transferring.
    """
    if talk.errand is not None or talk.consult is not None:
        raise Engaged
    beside = talk[party_id].beside
    talk = changed(talk, party_id, role=Role.AGENT, room=Room.MAIN, voice=Voice.ALL, beside=None)
    return talk if beside is None else left(talk, beside)


def phone_held(talk: Talk, party_id: str, held: bool) -> Talk:
    """A key of the phone: always possible, and seen only by its effect."""
    return changed(talk, party_id, phone_holds=held) if party_id in talk else talk


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


# --- one party ------------------------------------------------------------------------------


def moved(talk: Talk, party_id: str, room: Room) -> Talk:
    return changed(talk, party_id, room=room)


def changed(talk: Talk, party_id: str, **what: object) -> Talk:
    return replace(
        talk,
        parties=tuple(
            replace(one, **what) if one.id == party_id else one  # type: ignore[arg-type]
            for one in talk.parties
        ),
    )
