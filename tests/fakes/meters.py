"""The media plane as the channel map knows it, which remembers what it was asked for."""

from collections.abc import Callable

from cti_server.media.worker_reports import LevelsHeard


class FakeMeters:
    def __init__(self) -> None:
        self.asked: list[float] = []
        self.on_levels: Callable[[LevelsHeard], None] | None = None

    def watch_levels(self, seconds: float) -> None:
        self.asked.append(seconds)

    def tell(self, report: LevelsHeard) -> None:
        assert self.on_levels is not None
        self.on_levels(report)
