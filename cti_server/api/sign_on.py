"""
Single sign-on: log-ins that are under way at the provider, and what its claims mean here.

The browser that began a log-in is told from others by a cookie, so that nobody can be logged in as
somebody else by a link; it gets its session by a ticket, so that no token is in any address.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from config.access import OidcSettings

from .errors import SignOnFailed
from .oidc_provider import Attempt, OidcProvider

T = TypeVar("T")

ATTEMPT_HOLDS, TICKET_HOLDS = timedelta(minutes=10), timedelta(minutes=1)
KEPT = 1000


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Who the provider says it is; ``roles``: None where ours count."""

    agent_id: str
    roles: tuple[str, ...] | None


class Tickets(Generic[T]):
    """Things that are fetched once, in time, by the browser that they belong to; bounded."""

    def __init__(self, hold: timedelta) -> None:
        self._hold = hold
        self._kept: dict[str, tuple[T, str, datetime]] = {}

    def put(self, name: str, thing: T, browser: str, now: datetime) -> None:
        self._kept[name] = (thing, browser, now + self._hold)
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def take(self, name: str, browser: str, now: datetime) -> T:
        """Raises SignOnFailed."""
        thing, owner, until = self._kept.pop(name, (None, "", now))
        theirs = secrets.compare_digest(owner.encode(), browser.encode(errors="replace"))
        if thing is None or now >= until or not theirs:
            raise SignOnFailed("this log-in was not begun here, or took too long; begin anew")
        return thing


class SignOn:
    """The provider, and the log-ins under way."""

    def __init__(
        self,
        settings: OidcSettings,
        provider: OidcProvider,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self.settings = settings
        self._provider = provider
        self._random = random
        self._attempts: Tickets[Attempt] = Tickets(ATTEMPT_HOLDS)
        self._tickets: Tickets[SignedOn] = Tickets(TICKET_HOLDS)

    async def begin(self, now: datetime) -> tuple[str, str]:
        """Where the browser goes, and the cookie that it goes with."""
        attempt, browser = Attempt.new(), self._random(32)
        url = await self._provider.authorization_url(attempt)
        self._attempts.put(attempt.state, attempt, browser, now)
        return url, browser

    async def come_back(self, state: str, code: str | None, browser: str, now: datetime) -> str:
        """
        A ticket for who has come back from the provider, which gave no ``code`` if it refused them.

        Raises SignOnFailed and ProviderUnavailable.
        """
        attempt = self._attempts.take(state, browser, now)
        if not code:
            raise SignOnFailed("the provider let nobody in")
        claims = await self._provider.claims(attempt, code)
        ticket = self._random(32)
        self._tickets.put(ticket, signed_on(claims, self.settings), browser, now)
        return ticket

    def redeem(self, ticket: str, browser: str, now: datetime) -> SignedOn:
        """Who the ticket is for. Raises SignOnFailed."""
        return self._tickets.take(ticket, browser, now)


def signed_on(claims: dict[str, Any], settings: OidcSettings) -> SignedOn:
    """What the claims mean. Pure; raises SignOnFailed if they let nobody in."""
    agent_id = claims.get(settings.agent_claim)
    if not isinstance(agent_id, str) or not agent_id:
        raise SignOnFailed(f"the provider does not tell {settings.agent_claim!r}")
    if settings.roles_claim is None:
        return SignedOn(agent_id, None)
    told = claims.get(settings.roles_claim)
    groups = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    roles = {settings.roles[group] for group in groups if group in settings.roles}
    if not roles:
        raise SignOnFailed("none of the groups that the provider tells has a role here")
    return SignedOn(agent_id, tuple(sorted(roles)))
