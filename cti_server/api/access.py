"""Who may do what: roles and their permissions, passwords, and signed session tokens."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PERMISSIONS: dict[str, frozenset[str]] = {
    "agent": frozenset({"stream", "state.own", "queues.read", "contacts.own"}),
    "supervisor": frozenset(
        {
            "stream",
            "state.own",
            "state.any",
            "queues.read",
            "floor.read",
            "contacts.own",
            "contacts.read",
            "recordings.read",
            "recordings.play",
        }
    ),
    "auditor": frozenset({"contacts.read", "recordings.read", "recordings.play"}),
    "admin": frozenset(
        {"queues.read", "floor.read", "contacts.read", "recordings.read", "customers.import"}
    ),
}
"""Every permission is named by a route; a role has those listed and no others."""

FAILURES_ALLOWED = 5
FAILURES_WITHIN = timedelta(minutes=1)
LOCKS_KEPT = 10_000


class AccessError(Exception):
    """Base of the refusals here."""


class NotLoggedIn(AccessError):
    """No token, or one that is forged, expired or revoked."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


class NotPermitted(AccessError):
    def __init__(self, permission: str) -> None:
        super().__init__(f"this needs the permission {permission!r}")
        self.permission = permission


class WrongPassword(AccessError):
    """The same words whether the name or the password is wrong."""

    def __init__(self) -> None:
        super().__init__("no agent has this name and password")


class TooManyFailures(AccessError):
    def __init__(self) -> None:
        super().__init__("too many wrong passwords; wait a minute")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, from their token."""

    agent_id: str
    roles: tuple[str, ...]
    token_id: str
    expires_at: datetime

    def may(self, permission: str) -> bool:
        return any(permission in PERMISSIONS.get(role, ()) for role in self.roles)

    def need(self, permission: str) -> None:
        """Raises NotPermitted."""
        if not self.may(permission):
            raise NotPermitted(permission)


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


class Passwords:
    """Argon2id, off the event loop: one check costs tens of milliseconds by design."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    async def match(self, password_hash: str | None, password: str) -> bool:
        """Takes the same time for a name that does not exist (``password_hash`` None)."""
        known = password_hash is not None
        matches = await asyncio.to_thread(self._verify, password_hash or self._nobodys, password)
        return known and matches

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


class FailedLogIns:
    """Counts wrong passwords per name, so that nobody can try a dictionary."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = {}

    def check(self, name: str, now: datetime) -> None:
        """Raises TooManyFailures."""
        failures = self._failures.get(name)
        if failures is None:
            return
        while failures and now - failures[0] > FAILURES_WITHIN:
            failures.popleft()
        if len(failures) >= FAILURES_ALLOWED:
            raise TooManyFailures

    def failed(self, name: str, now: datetime) -> None:
        if len(self._failures) >= LOCKS_KEPT:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(name, deque(maxlen=FAILURES_ALLOWED)).append(now)

    def succeeded(self, name: str) -> None:
        self._failures.pop(name, None)


class Sessions:
    """Signed, short-lived tokens (JWT, HS256). Revoked ones are remembered until they expire."""

    def __init__(self, secret: bytes, lifetime: timedelta) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._revoked: dict[str, datetime] = {}

    def open(self, agent_id: str, roles: tuple[str, ...], now: datetime) -> tuple[str, datetime]:
        """A new token and when it expires."""
        expires_at = now + self._lifetime
        claims = {
            "sub": agent_id,
            "roles": list(roles),
            "jti": secrets.token_hex(12),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256"), expires_at

    def identify(self, token: str, now: datetime) -> Identity:
        """Raises NotLoggedIn."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                options={"require": ["sub", "jti", "exp"], "verify_exp": False},
            )
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            identity = Identity(
                claims["sub"], tuple(claims.get("roles", ())), claims["jti"], expires_at
            )
        except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError) as error:
            raise NotLoggedIn("the token is not one of ours") from error
        if now >= identity.expires_at:
            raise NotLoggedIn("the token has expired")
        if identity.token_id in self._revoked:
            raise NotLoggedIn("the session was closed")
        return identity

    def revoke(self, identity: Identity, now: datetime) -> None:
        self._revoked = {
            token_id: until for token_id, until in self._revoked.items() if until > now
        }
        self._revoked[identity.token_id] = identity.expires_at
