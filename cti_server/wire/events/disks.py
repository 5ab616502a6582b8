"""Disks that fill, and that have room again."""

from .base import BaseEvent


class DiskStageChanged(BaseEvent, frozen=True, kw_only=True, tag="disk.stage_changed"):
    """
    What is done about a disk's free space changes, to more or to less.

    ``disk`` is known by the first of the ``places`` on it (data, spool, the stores' names). Of the
    stages "ok", "warn", "compress", "move", "spare" and "refuse" each does what those before it do,
    as far as the settings want these. ``free`` and ``total`` in bytes; ``seconds_left`` at the rate
    of the last hour, if it fills.
    """

    disk: str
    places: tuple[str, ...]
    stage: str
    before: str
    free: int
    total: int
    seconds_left: float | None = None


AnyDiskEvent = DiskStageChanged
