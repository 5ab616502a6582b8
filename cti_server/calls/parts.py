"""A running call as those see it who look at it: everybody, and what they hear."""

from collections.abc import Mapping
from dataclasses import dataclass

from .agent_search import AgentSearch
from .conversation import Conversation
from .sound import Sound, sound_of
from .talk import Party, Role, Talk, Voice
from .verbs import standing

RINGING = "ringing"
"""What an agent does whose phone rings for the call; talks know only who is in it."""
ARRIVING = "arriving"
"""What an agent does who has picked up and is not connected yet."""


@dataclass(frozen=True, slots=True)
class Part:
    """One party of a running call."""

    role: str
    name: str
    state: str | None  # of agents: a talk's standing, or "ringing"
    muted: bool
    on_hold: bool
    hears: list[str]  # names, or a tune


def parts_of(
    conversation: Conversation, searching: AgentSearch | None, *, listeners: bool
) -> list[Part]:
    """
    Everybody in the call, the customer first, and who rings or has just picked up for it.

    Without ``listeners`` supervisors whom nobody hears are left out.
    """
    talk, heard = conversation.talk, sound_of(conversation.talk)
    names = {conversation.customer.id: "customer"}
    names |= {member.id: member.name for member in conversation.members}
    parts = [
        _part(talk, party, heard, names)
        for party in talk.parties
        if party.id in names and (listeners or party.voice is not Voice.NONE)
    ]
    if searching is not None and searching.ringing is not None:
        agent_id = searching.ringing[0].agent_id
        parts.append(Part("agent", agent_id, RINGING, muted=False, on_hold=False, hears=[]))
    if (arriving := conversation.arriving) is not None:
        parts.append(Part("agent", arriving.name, ARRIVING, muted=False, on_hold=False, hears=[]))
    return parts


def _part(talk: Talk, party: Party, heard: Sound, names: Mapping[str, str]) -> Part:
    hears = [names[one] for one in heard.hears[party.id] if one in names]
    if (tune := heard.tunes.get(party.id)) is not None:
        hears = [tune.value]
    return Part(
        role=party.role.value,
        name=names[party.id],
        state=standing(talk, party.id).value if party.role is Role.AGENT else None,
        muted=party.muted,
        on_hold=party.away,
        hears=hears,
    )
