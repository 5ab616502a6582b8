"""Sessions: signed, short-lived tokens (JWT, HS256), and when they are over."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import jwt

from .errors import NotLoggedIn
from .permissions import WALL, Identity
from .revocations import Revocations

_CHECKED: Any = {
    "require": ["sub", "jti", "iat", "exp"],
    "verify_exp": False,  # against our clock instead
    "verify_iat": False,
}


def secret_of(file: Path) -> bytes:
    """The server's signing key: made once, readable by its owner only."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        secret = secrets.token_bytes(32)
        file.touch(mode=0o600)
        file.write_bytes(secret)
        return secret


class Opened(NamedTuple):
    """A new session: what the client shows from now on, until when, and its name in lists."""

    token: str
    expires_at: datetime
    id: str


class Sessions:
    """
    Who is logged in.

    A token says who, not what they may: the roles come from the definitions whenever it is shown,
    and nobody's token holds who is not defined any more. A session that is renewed stays the same
    one, by its id and its opening; it has another token, and a later end.
    """

    def __init__(
        self,
        secret: bytes,
        lifetime: timedelta,
        longest: timedelta,
        *,
        wall: timedelta,
        roles_of: Callable[[str], tuple[str, ...] | None],
        team_of: Callable[[str], str | None] = lambda _: None,
        revocations: Revocations,
    ) -> None:
        """
        ``longest``: how long a session can be made by renewals; ``wall``: how long a wall screen's
        holds, renewed or not; ``roles_of``: an agent's roles now, None if there is no such agent;
        ``team_of``: their team.
        """
        self.roles_of = roles_of
        self.team_of = team_of
        self._secret = secret
        self._lifetime = lifetime
        self._longest = max(lifetime, longest)
        self._wall = wall
        self._ends: dict[str, datetime] = {}  # of those that were renewed, by token id
        self._revocations = revocations
        self._watches: dict[str, set[asyncio.Event]] = {}  # by agent

    def open(self, agent_id: str, now: datetime, *, only: Iterable[str] | None = None) -> Opened:
        """A new session; ``only``: the permissions that it has of the agent's, None for all."""
        granted = None if only is None else frozenset(only)
        alone = granted is None and self.roles_of(agent_id) == WALL
        expires_at = (now + (self._wall if alone else self._lifetime)).replace(microsecond=0)
        return self._opened(
            Identity(agent_id, (), secrets.token_hex(12), now, expires_at, granted=granted)
        )

    def renew(self, identity: Identity, now: datetime) -> Opened:
        """The same session until later, if it can be; what is connected by it stays."""
        latest = min(now + self._lifetime, identity.issued_at + self._longest_of(identity.roles))
        expires_at = max(latest.replace(microsecond=0), identity.expires_at)
        self._ends = {of: end for of, end in self._ends.items() if end > now}
        self._ends[identity.token_id] = expires_at
        self._wake(identity.agent_id)
        return self._opened(replace(identity, expires_at=expires_at))

    def _opened(self, identity: Identity) -> Opened:
        claims: dict[str, Any] = {
            "sub": identity.agent_id,
            "jti": identity.token_id,
            "iat": identity.issued_at.timestamp(),
            "exp": int(identity.expires_at.timestamp()),
        }
        if identity.granted is not None:
            claims["only"] = sorted(identity.granted)
        token = jwt.encode(claims, self._secret, algorithm="HS256")
        return Opened(token, identity.expires_at, identity.token_id)

    def identify(self, token: str, now: datetime) -> Identity:
        """Raises NotLoggedIn."""
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], options=_CHECKED)
            issued_at, expires_at = (
                datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp")
            )
            only = frozenset(claims["only"]) if "only" in claims else None
            identity = Identity(
                claims["sub"], (), claims["jti"], issued_at, expires_at, granted=only
            )
        except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError) as error:
            raise NotLoggedIn("the token is not one of ours") from error
        if now >= expires_at:
            raise NotLoggedIn("the token has expired")
        return self.confirm(identity, now)

    def confirm(self, identity: Identity, now: datetime) -> Identity:
        """The identity with roles and end of this moment; raises NotLoggedIn if that is over."""
        roles = self.roles_of(identity.agent_id)
        if roles is None:
            raise NotLoggedIn("the agent is not defined any more")
        expires_at = min(
            max(identity.expires_at, self._ends.get(identity.token_id, identity.expires_at)),
            identity.issued_at + self._longest_of(roles),  # a wall screen became somebody
        )
        if now >= expires_at:
            raise NotLoggedIn("the session has expired")
        if self._revocations.covers(identity):
            raise NotLoggedIn("the session was closed")
        team = self.team_of(identity.agent_id)
        return replace(identity, roles=roles, team=team, expires_at=expires_at)

    async def revoke(self, identity: Identity, now: datetime) -> None:
        """Close this session and what hangs on it; returns when a restart would know."""
        kept = self._revocations.add(identity, now, until=self._end_of(identity))
        self._wake(identity.agent_id)
        await kept

    def _end_of(self, identity: Identity) -> datetime:
        """When the last token of the session expires, as far as this server can know."""
        end = self._ends.get(identity.token_id, identity.expires_at)
        renewed_before = identity.issued_at < self._revocations.since  # who knows until when
        cut = end >= identity.issued_at + self._longest  # a wall screen's, perhaps, for its roles
        if renewed_before or cut:
            return max(end, identity.issued_at + max(self._longest, self._wall))
        return end

    async def revoke_all(self, agent_id: str, now: datetime) -> None:
        """Close every session that the agent opened before ``now``; else as :meth:`revoke`."""
        kept = self._revocations.add_all(agent_id, now)
        self._wake(agent_id)
        await kept

    def is_open(self, agent_id: str, session_id: str, opened_at: datetime) -> bool:
        """Whether a session that has not expired was not closed."""
        never = datetime.max.replace(tzinfo=UTC)
        return not self._revocations.covers(Identity(agent_id, (), session_id, opened_at, never))

    def recheck(self) -> None:
        """The definitions have changed: have everybody who stays connected confirmed again."""
        for agent_id in self._watches:
            self._wake(agent_id)

    @contextmanager
    def watched(self, agent_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when the agent's sessions or roles may have changed."""
        changed = asyncio.Event()
        watches = self._watches.setdefault(agent_id, set())
        watches.add(changed)
        try:
            yield changed
        finally:
            watches.discard(changed)
            if not watches:
                self._watches.pop(agent_id, None)

    def _longest_of(self, roles: tuple[str, ...]) -> timedelta:
        return self._wall if roles == WALL else self._longest

    def _wake(self, agent_id: str) -> None:
        for changed in self._watches.get(agent_id, ()):
            changed.set()
