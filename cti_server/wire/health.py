"""How the whole server is doing."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from .resource import Resource

HealthState = Literal["ok", "warn", "bad"]


class PartHealth(Resource):
    """
    One part. ``reason``: a word for a page to say in its own language, empty if all is well;
    ``detail``: the same for people, in English. Figures in the unit that their name ends in, else
    counts.
    """

    part: str = Field(
        description="readiness, loop, event_log, database, media, recordings, disks, jobs, trunks, "
        "desks, outbox, webhooks, connectors, certificate, incidents"
    )
    state: HealthState
    reason: str = Field(
        description="no_answer, where it could not be asked in time; fault, where asking failed."
    )
    detail: str
    figures: dict[str, float]


class SystemHealthView(Resource):
    """
    The whole server as of ``at``; ``state``: the worst of its parts'.

    ``holder``: host and process that has the turn; ``turn`` counts the turns, also of others that
    stand by.
    """

    at: datetime
    state: HealthState
    version: str
    started_at: datetime
    uptime_seconds: float
    holder: str
    turn: int
    parts: list[PartHealth]
