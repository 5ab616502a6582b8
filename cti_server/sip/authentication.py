"""Who a request comes from: a trunk, by address or digest; a phone, by digest; or nobody. Pure."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .digest import Nonces, Verdict
from .errors import SipParseError
from .message import Request
from .transport import Flow
from .trunks import TrunkTable

USUAL_ALGORITHMS = ("MD5",)
"""
What phones are challenged with unless the operator says more, in this order.

SHA-256 beside it would be right by RFC 8760, but many phones read one challenge only, and some
(all on libre before 2.0, sipsak) give up when they see an algorithm that they do not know.
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody we know. ``name`` is the trunk's, or the account's user name."""

    kind: Literal["trunk", "phone"]
    name: str
    source: Flow


@dataclass(frozen=True, slots=True)
class Denied:
    """The answer to somebody whom we don't know, or not yet."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


class Accounts(Protocol):
    """The phones' accounts."""

    def ha1(self, username: str, algorithm: str) -> str | None:
        """H(A1) in hex for our realm; None if there is no such account (or no such hash)."""
        ...


class NoAccounts:
    """For a server without registered phones."""

    def ha1(self, username: str, algorithm: str) -> str | None:
        return None


class FailureGuard:
    """
    Counts failed authentications by source, in a bounded table.

    A source that fails too often within the window is shut out until the window is over. A success
    clears nothing, or an attacker with one account could guess for ever.
    """

    def __init__(
        self, *, failures: int = 20, window: float = 60.0, remembered: int = 10_000
    ) -> None:
        self._failures = failures
        self._window = window
        self._remembered = remembered
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def blocks(self, source: str, now: float) -> bool:
        count, since = self._counts.get(source, (0, now))
        return count >= self._failures and now < since + self._window

    def failed(self, source: str, now: float) -> None:
        count, since = self._counts.pop(source, (0, now))
        if now >= since + self._window:
            count, since = 0, now
        self._counts[source] = (count + 1, since)
        if len(self._counts) > self._remembered:
            self._counts.popitem(last=False)


class Identification:
    """Tells requests apart by their sender."""

    def __init__(
        self,
        *,
        realm: str,
        trunks: TrunkTable,
        accounts: Accounts,
        nonces: Nonces,
        guard: FailureGuard,
        domains: Collection[str] = (),
        algorithms: Sequence[str] = USUAL_ALGORITHMS,
    ) -> None:
        self._realm = realm
        self._trunks = trunks
        self._accounts = accounts
        self._nonces = nonces
        self._guard = guard
        self._algorithms = tuple(algorithms)
        self._domains = {realm.lower(), *(domain.lower() for domain in domains)}

    def known_source(self, flow: Flow) -> bool:
        """Whether a trunk sends from there."""
        return self._trunks.at(flow.host, flow.port) is not None

    def caller(
        self, request: Request, flow: Flow, now: float, *, here: str = ""
    ) -> Identity | Denied:
        """
        Who sends an INVITE. Strangers learn nothing, not even how to authenticate.

        ``here`` is our host as this peer knows it.
        """
        trunk = self._trunks.at(flow.host, flow.port)
        if trunk is not None:
            return Identity("trunk", trunk.name, flow)
        if self._guard.blocks(flow.host, now):
            return Denied(403)
        if not _credentials(request) and not self._could_authenticate(request, here):
            return Denied(403)
        return self._authenticate(request, flow, now)

    def phone(self, request: Request, flow: Flow, now: float) -> Identity | Denied:
        """Who sends a REGISTER: always by digest, also from a trunk's address."""
        if self._guard.blocks(flow.host, now):
            return Denied(403)
        identity = self._authenticate(request, flow, now)
        if isinstance(identity, Identity) and identity.kind != "phone":
            return Denied(403)
        return identity

    def _could_authenticate(self, request: Request, here: str) -> bool:
        """
        Whether From names us as its home, or a trunk that logs in.

        Whether there is an account of that name does not count: who asks could list them.
        """
        try:
            uri = request.from_.uri
        except SipParseError:
            return False
        if uri.user and self._trunks.of_user(uri.user) is not None:
            return True
        return uri.host.lower() in self._domains or uri.host == here

    def _authenticate(self, request: Request, flow: Flow, now: float) -> Identity | Denied:
        checked = self._nonces.check(
            _credentials(request),
            realm=self._realm,
            method=request.method,
            ha1=self._ha1,
            now=now,
            algorithms=self._algorithms,
        )
        match checked.verdict:
            case Verdict.ACCEPTED:
                return self._identity(checked.username or "", flow)
            case Verdict.MISSING:
                return self._challenge(now)
            case Verdict.STALE:
                return self._challenge(now, stale=True)
            case Verdict.MALFORMED:
                return Denied(400)
            case Verdict.WRONG:
                self._guard.failed(flow.host, now)
                if self._guard.blocks(flow.host, now):
                    return Denied(403)
                return self._challenge(now)

    def _identity(self, username: str, flow: Flow) -> Identity:
        trunk = self._trunks.of_user(username)
        if trunk is not None:
            return Identity("trunk", trunk.name, flow)
        return Identity("phone", username, flow)

    def _challenge(self, now: float, *, stale: bool = False) -> Denied:
        values = self._nonces.challenge(self._realm, self._algorithms, now=now, stale=stale)
        return Denied(401, tuple(("WWW-Authenticate", value) for value in values))

    def _ha1(self, username: str, algorithm: str) -> str | None:
        trunk = self._trunks.of_user(username)
        if trunk is not None:
            return dict(trunk.ha1).get(algorithm)
        return self._accounts.ha1(username, algorithm)


def _credentials(request: Request) -> list[str]:
    return request.headers.get_all("Authorization") or request.headers.get_all(
        "Proxy-Authorization"
    )
