"""Queues, skills, teams and their versions, as an administrator defines them: the resources."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from config.floor import QueueSettings
from crm.labels import Labels

from .resource import Identifier, Page, Resource, Version
from .users import Capacity, Queues, Skills, Team

Settings = Annotated[dict[str, JsonValue], Field(max_length=100)]


class QueueDefinitionCreate(Resource):
    """``settings``: those of a queue in the configuration file, without the name."""

    id: Identifier
    settings: Settings


class QueueDefinitionEdit(Resource):
    """What is given of the ``settings`` is changed, each setting as a whole; the rest stays."""

    version: Version
    settings: Settings


class QueueDefinitionView(Resource):
    """
    ``origin``: "file" while the configuration file says what the queue is, "edited" from the first
    edit on: what the file says afterwards is not looked at. Durations are in ISO 8601, and may be
    sent as seconds.
    """

    id: str
    version: int
    origin: Literal["file", "edited"]
    settings: QueueSettings
    updated_at: datetime


class QueueChoices(Resource):
    """
    What a queue's settings can name, besides queues, skills, calendars and forms, which have lists
    of their own: ``policies`` of routing, ``surveys``, and the ``languages`` that prompts are
    spoken in, the usual one first.
    """

    policies: list[str]
    surveys: list[str]
    languages: list[str]


class SkillCreate(Resource):
    id: Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
    labels: Labels


class SkillEdit(Resource):
    version: Version
    labels: Labels


class SkillView(Resource):
    id: str
    version: int
    labels: Labels
    updated_at: datetime


class TeamProfile(Resource):
    """
    What its agents are to routing, unless their own settings say otherwise.

    ``queues``: those that they serve, each with the level at which they are asked; null for all
    whose skills they have. An agent with queues of their own has those and no others. ``skills``:
    an agent's own level in one counts before the team's. When a level is asked, the queue says
    (``reach`` and ``relax``). ``capacity``: how many contacts of a channel each has at once.
    """

    labels: Labels
    queues: Queues | None = None
    skills: Skills = Field(default_factory=dict)
    capacity: Capacity = Field(default_factory=dict)


class TeamCreate(Resource):
    id: Team
    profile: TeamProfile


class TeamEdit(Resource):
    """The profile as a whole."""

    version: Version
    profile: TeamProfile


class TeamView(Resource):
    """
    ``asked_after``: how long a contact waits, in seconds, until the team's agents are asked, by
    queue; null for a level that its queue never asks.
    """

    id: str
    version: int
    profile: TeamProfile
    asked_after: Mapping[str, float | None]
    updated_at: datetime


class DefinitionVersionView(Resource):
    """
    What it was from this version on: ``content``, null where it was deleted.

    ``action``: "created", "updated", "rolled_back", "deleted", or "found" for what it had become
    where no versions are kept.
    ``changed_by``: an agent's id, or "system" for what the server took in from elsewhere.
    """

    number: int
    action: str
    content: dict[str, Any] | None
    changed_by: str
    changed_at: datetime


class DefinitionVersionPage(Page[DefinitionVersionView]):
    pass


class RollBack(Resource):
    """``version``: the one that was read; ``to``: the one whose content is to hold again."""

    version: Version
    to: Version
