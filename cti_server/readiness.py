"""Whether new calls are welcome, and why not, for ``/readyz``."""

from .media.plane import MediaPlane
from .store.database import Database


class Readiness:
    def __init__(self, plane: MediaPlane, database: Database) -> None:
        self.taking_calls = False
        self.draining = False
        self._plane = plane
        self._database = database

    async def problems(self) -> list[str]:
        problems = []
        if not self.taking_calls:
            problems.append("starting")
        if self.draining:
            problems.append("draining")
        if not self._plane.process_ids:
            problems.append("no media worker is running")
        if not await self._database.ready():
            problems.append("the database does not answer")
        return problems
