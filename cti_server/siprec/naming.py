"""What of the metadata says which call of the other PBX it was, and whose. Pure."""

from typing import Final

from config.siprec import RecordingClientSettings
from recording.foreign_call import ForeignCall
from recording.siprec_metadata import Metadata

from .sides import Sides

CALLS: Final = 16
"""Ids of calls that are kept of one recording."""


def foreign_call(client: RecordingClientSettings, metadata: Metadata, sides: Sides) -> ForeignCall:
    """Where its two streams are of two sessions, the customer's is the one that counts."""
    streams = [side.label for side in sides if side is not None]
    sessions = [each for label in streams if (each := metadata.session_of(label)) is not None]
    calls = dict.fromkeys(call for each in sessions for call in each.sip_session_ids)
    agent = None
    if sides.agent is not None and sides.agent.begins_with(client.agents):
        agent = metadata.participants.get(sides.agent.speaker)
    return ForeignCall(
        client=client.name,
        session_id=sessions[0].id if sessions else "",
        calls=tuple(calls)[:CALLS],
        agent_aor="" if agent is None else agent.aor,
        agent_name="" if agent is None else agent.name,
    )
