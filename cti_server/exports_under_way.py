"""Exports of recordings that are being sent: a few of one person at once. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm.errors import NotNow

MOST = 2  # of one person: each reads from the archive as fast as its client takes it


class ExportsUnderWay:
    """Whose they are, by id; what is not here was broken off, whatever its row says."""

    def __init__(self) -> None:
        self._whose: dict[str, str] = {}

    @contextmanager
    def sending(self, export_id: str, agent_id: str) -> Iterator[None]:
        """Raises NotNow."""
        if list(self._whose.values()).count(agent_id) >= MOST:
            raise NotNow(f"{MOST} exports of yours are being sent; wait for one of them")
        self._whose[export_id] = agent_id
        try:
            yield
        finally:
            del self._whose[export_id]

    def __contains__(self, export_id: str) -> bool:
        return export_id in self._whose
