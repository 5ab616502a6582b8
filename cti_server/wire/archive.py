"""The archive's care: rounds through its copies, and restores that were tried out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from .resource import Page, Resource


class RunAsked(Resource):
    """``sample``: how many recordings; without it as many as is configured."""

    sample: Annotated[int, Field(ge=1, le=1000)] | None = None


class CopyFault(Resource):
    """What is wrong with one store's copy of a recording; ``mended``: it was brought again."""

    recording_id: str
    store: str
    fault: str
    mended: bool


class ArchiveRunView(Resource):
    """
    A round or a drill. ``owed``: recordings that a store is to get that came later.

    ``sampled``: recordings that were read again, or restored; of their copies ``failed`` had
    something wrong, of which ``mended`` were brought again. ``faults`` names a hundred at most;
    ``reason`` says why it could not be done. ``size`` is in bytes of sound.
    """

    id: str
    kind: Literal["round", "drill"]
    asked_by: str
    started_at: datetime
    ended_at: datetime | None
    state: Literal["running", "done", "failed"]
    stores: list[str]
    wanted: int
    owed: int
    sampled: int
    failed: int
    mended: int
    size: int
    faults: list[CopyFault]
    reason: str | None


class ArchiveRunPage(Page[ArchiveRunView]):
    """Runs, the newest first."""
