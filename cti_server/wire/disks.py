"""Disks and how large they have to be: what a client may ask, and what it gets."""

from typing import Annotated, Literal

from pydantic import Field

from .resource import Resource


class DiskView(Resource):
    """
    One disk, by the first of its ``places``; in bytes.

    ``stage``: what is done about its space, each with all of those before it where they are wanted
    (docs/recording.md). ``bytes_per_second``: what it fills by, of the last
    hour; both are null until a minute is known.
    """

    disk: str
    places: list[str]
    total: int
    free: int
    stage: Literal["ok", "warn", "compress", "move", "spare", "refuse"]
    bytes_per_second: float | None
    seconds_left: float | None


class PlanWanted(Resource):
    """``calls_per_hour``: of one seat; ``talk``: seconds; ``free``: GB, else the disk's own."""

    seats: int
    calls_per_hour: float
    talk: float
    hours: float = 10
    recorded: float = 100
    codec: str | None = None
    keep_days: Annotated[int, Field(ge=1, le=36_525)] | None = None
    free: Annotated[float, Field(ge=0, le=1e9)] | None = None


class PlanView(Resource):
    """What one codec needs; ``arithmetic`` says how it comes to that."""

    codec: str
    bytes_a_minute: int
    bytes_a_call: int
    calls_a_day: float
    gb_a_day: float
    at_once: float
    spool_mbit: float
    copy_mbit: float
    gb_kept: float | None
    days_until_full: float | None
    arithmetic: list[str]
