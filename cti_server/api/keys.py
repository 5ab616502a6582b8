"""
API keys in use: ``Authorization: Bearer hk_<id>_<secret>``.

The live ones are in memory, so that a key is checked without the database, as a session is.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from cti_server.store.api_keys import ApiKey, ApiKeys
from cti_server.store.database import Database
from cti_server.wire.events import ApiKeyUsed, Event

from .errors import NotLoggedIn
from .permissions import Identity
from .seldom import Seldom

PREFIX = "hk_"
ACTS_AS = "key:"
"""Before the key's id, in place of an agent's."""
TOLD_EVERY = timedelta(minutes=10)
_SECRET = 32  # bytes


def new_key(key_id: str) -> tuple[str, str]:
    """A key, which is shown once, and the hash of its secret, which is kept."""
    secret = secrets.token_urlsafe(_SECRET)
    return f"{PREFIX}{key_id}_{secret}", _hash(secret)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class Keys:
    """The keys that open something now."""

    def __init__(self, database: Database, append: Callable[[Event], object]) -> None:
        self._database = database
        self._append = append
        self._keys: dict[str, ApiKey] = {}
        self._seldom = Seldom(TOLD_EVERY)

    async def load(self, now: datetime) -> None:
        """To be called at the start, and when a key was made or revoked."""
        async with self._database.readers() as session:
            self._keys = {key.id: key for key in await ApiKeys(session).live(now)}

    def forget(self, key_id: str) -> None:
        """Revoked, whatever the database says."""
        self._keys.pop(key_id, None)

    def identify(self, token: str, now: datetime, address: str) -> Identity:
        """Raises NotLoggedIn. Where the key is used from is told once in a while."""
        key_id, _, secret = token.removeprefix(PREFIX).partition("_")
        key = self._keys.get(key_id)
        given = _hash(secret)
        if key is None or not hmac.compare_digest(key.secret_hash, given):
            raise NotLoggedIn("the API key is not one of ours, or was revoked")
        if now >= key.expires_at:
            raise NotLoggedIn("the API key has expired")
        if self._seldom.due((key.id, address), now):
            self._append(ApiKeyUsed(key_id=key.id, address=address))
        return Identity(
            agent_id=f"{ACTS_AS}{key.id}",
            roles=(),
            token_id=f"{ACTS_AS}{key.id}",
            issued_at=key.created_at,
            expires_at=key.expires_at,
            team=key.team,
            granted=frozenset(key.scopes),
        )
