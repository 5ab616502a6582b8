"""A supervisor who hears a call."""

import enum
from dataclasses import dataclass
from datetime import datetime

from .leg import Leg


class Mode(enum.StrEnum):
    """Who hears the supervisor."""

    MONITOR = "monitor"
    WHISPER = "whisper"
    BARGE = "barge"


@dataclass(slots=True)
class Listening:
    """One supervisor's, from the moment that their phone is rung."""

    id: str
    supervisor_id: str
    leg: Leg
    mode: Mode
    listened_to: str  # the agent
    began_at: datetime | None = None
    taken_over: bool = False
