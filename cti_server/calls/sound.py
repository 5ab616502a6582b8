"""What each party of a talk hears: other parties, or a tune. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from .talk import Party, Room, Talk, Voice


class Tune(enum.StrEnum):
    """What is played to somebody who hears nobody."""

    MUSIC = "music"
    RINGING = "ringing"


@dataclass(frozen=True, slots=True)
class Sound:
    """What each party hears: other parties, or a tune; neither for who is on hold."""

    hears: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tunes: Mapping[str, Tune] = field(default_factory=dict)


def sound_of(talk: Talk) -> Sound:
    hears = {
        one.id: tuple(other.id for other in talk.parties if _is_heard(talk, other, one))
        for one in talk.parties
    }
    tunes = {one.id: _tune(talk, one) for one in talk.parties if _is_left_alone(talk, one)}
    return Sound(hears, tunes)


def hearers(talk: Talk, party_id: str) -> list[str]:
    """Who hears this party."""
    return [one for one, heard in sound_of(talk).hears.items() if party_id in heard]


def together(talk: Talk, party_id: str) -> bool:
    """Whether the customer and this party hear one another."""
    customer, hears = talk.customer, sound_of(talk).hears
    return (
        customer is not None
        and party_id in hears.get(customer.id, ())
        and customer.id in hears.get(party_id, ())
    )


def _is_heard(talk: Talk, speaker: Party, listener: Party) -> bool:
    if speaker.id == listener.id or speaker.away or listener.away:
        return False
    if _room(talk, speaker) is not _room(talk, listener):
        return False
    return speaker.speaks or (speaker.voice is Voice.COACH and speaker.beside == listener.id)


def _is_left_alone(talk: Talk, one: Party) -> bool:
    return not one.away and not any(
        other.id != one.id
        and other.speaks
        and not other.away
        and _room(talk, other) is _room(talk, one)
        for other in talk.parties
    )


def _tune(talk: Talk, one: Party) -> Tune:
    rings = talk.errand is not None and talk.errand.by == one.id
    return Tune.RINGING if rings else Tune.MUSIC


def _room(talk: Talk, party: Party) -> Room:
    """A supervisor goes where the agent goes beside whom they are."""
    if party.beside is not None and party.beside in talk:
        return talk[party.beside].room
    return party.room
