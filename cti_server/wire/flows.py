"""Flows: what is published, drafts of what is to be, and what was before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Base64Bytes, Field

from .resource import Page, Resource, Version

Name = Annotated[str, Field(min_length=1, max_length=100)]
Path = Annotated[str, Field(min_length=1, max_length=300)]
Yaml = Annotated[str, Field(max_length=512 * 1024)]
NewName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Note = Annotated[str, Field(min_length=1, max_length=500)]


class FlowDraft(Resource):
    """
    A flow as it is written: its YAML under the name ``main``, and those of the flows that it walks
    through, each under its own.

    ``sounds``: WAV files by their path beside it, in Base64; those that are not sent are the
    published version's.
    """

    main: Name
    texts: Annotated[Mapping[Name, Yaml], Field(min_length=1, max_length=100)]
    sounds: Annotated[Mapping[Path, Base64Bytes], Field(max_length=1000)] = Field(
        default_factory=dict
    )


class FlowPublication(FlowDraft):
    """``note``: why, for who looks at the versions."""

    version: Version
    note: Note | None = None


class NewFlow(Resource):
    """
    A flow that no file of the configuration has, in one text; it is published at once.

    ``note``: as a publication's.
    """

    name: NewName
    text: Yaml
    note: Note | None = None


class FlowProblem(Resource):
    """``node``: null where the fault is in no node."""

    file: str
    line: int
    node: str | None
    message: str


class FlowCheck(Resource):
    """What is wrong with a draft; nothing, if it can be published."""

    problems: list[FlowProblem]


class FlowView(Resource):
    """
    A flow, and its published version: new calls begin in it, running ones stay in theirs.

    ``origin``: "file" while the configuration's file says what the flow is, "edited" from the first
    publication on: what the file says afterwards is not looked at. ``sources``: what the
    configuration calls its file; none for one that was made here. ``in_force``: whether numbers can
    lead to it; not if its file is gone from the configuration.
    """

    name: str
    version: int
    origin: Literal["file", "edited"]
    sources: list[str]
    in_force: bool
    updated_at: datetime


class FlowVersionView(Resource):
    """``action``: "created", "updated", "rolled_back"; ``changed_by``: "system" for the file's."""

    number: int
    action: str
    changed_by: str
    changed_at: datetime
    note: str | None


class FlowVersionPage(Page[FlowVersionView]):
    pass


class FlowText(Resource):
    """``sounds``: the SHA-256 of each WAV file, by its path."""

    number: int
    main: str
    texts: Mapping[str, str]
    sounds: Mapping[str, str]


class FlowDifference(Resource):
    """
    In the unified format, all texts and the hashes of recordings; empty for the same content.

    ``to``: null for a draft.
    """

    of: int
    to: int | None
    difference: str


class FlowRollBack(Resource):
    """
    ``version``: the one that was read; ``to``: the one that is to hold again. Without it, the
    newest one before that is another flow than now. ``note``: as a publication's.
    """

    version: Version
    to: Version | None = None
    note: Note | None = None
