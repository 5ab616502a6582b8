"""Supervisors beside a call."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import Identifier, Page, Resource


class ListenTo(Resource):
    """
    How a supervisor hears a call: "monitor" is heard by nobody, "whisper" by the agent, "barge" by
    all. ``agent_id``: beside which agent, where the call has several.
    """

    mode: Literal["monitor", "whisper", "barge"]
    agent_id: Identifier | None = None


class Nudge(Resource):
    """A line for an agent's screen; ``agent_id`` as in :class:`ListenTo`."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    agent_id: Identifier | None = None


class NudgeToSend(Resource):
    """A line for an agent's screen, whatever they do; ``contact_id``: the contact it is about."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    contact_id: Identifier | None = None


class AgentMessageView(Resource):
    """
    What a supervisor wrote to an agent: "nudge" (now) or "coaching" (for the next time).

    ``read_at`` is the receipt: the agent's desktop has said that it was read.
    """

    id: str
    kind: Literal["nudge", "coaching"]
    agent_id: str
    supervisor_id: str
    contact_id: str | None
    text: str
    sent_at: datetime
    read_at: datetime | None


class AgentMessagePage(Page[AgentMessageView]):
    """The newest first."""


class CoachingNote(Resource):
    """What a supervisor advises the agent for the next time."""

    agent_id: Identifier
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class CoachingView(Resource):
    """Seen by supervisors, and by the agent whom it is for."""

    at: datetime
    agent_id: str
    supervisor_id: str
    text: str
