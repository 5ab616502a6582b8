"""Who has proved again who they are, by session and purpose. Pure: the time comes in."""

from datetime import datetime, timedelta

from .errors import ConfirmationNeeded
from .permissions import Identity

HOLDS = timedelta(minutes=5)


class Confirmations:
    """Until when what was confirmed holds; over a restart it does not."""

    def __init__(self, holds: timedelta = HOLDS) -> None:
        self._holds = holds
        self._until: dict[tuple[str, str], datetime] = {}  # by session and purpose, oldest first

    def put(self, who: Identity, purpose: str, now: datetime) -> datetime:
        """Until when it holds."""
        key = (who.token_id, purpose)
        self._until.pop(key, None)
        self._until[key] = now + self._holds
        for old, until in list(self._until.items()):
            if until > now:
                break
            del self._until[old]
        return self._until[key]

    def need(self, who: Identity, purpose: str, now: datetime) -> None:
        """Raises ConfirmationNeeded."""
        until = self._until.get((who.token_id, purpose))
        if until is None or until <= now:
            raise ConfirmationNeeded(purpose)
