"""Who a request comes from: a trunk, by address or digest; a phone, by digest; or nobody. Pure."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from .digest import Nonces, Verdict
from .errors import SipParseError
from .message import Request
from .registration import Registrar
from .transport import Flow
from .trunks import TrunkTable

USUAL_ALGORITHMS = ("MD5",)
"""
What phones are challenged with unless the operator says more, in this order.

SHA-256 beside it would be right by RFC 8760, but many phones read one challenge only, and some
(all on libre before 2.0, sipsak) give up when they see an algorithm that they do not know.
"""

LONGEST_NAME = 64  # characters of a user name by which failures are told apart

_Key = TypeVar("_Key")


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
    Counts failed authentications in bounded tables: by source and user name, and by source.

    Who fails too often within the window is shut out until the window is over. A success clears
    nothing, or an attacker with one account could guess for ever. One phone with an old password
    must not shut out the office behind the same address, so a source as a whole is given far more.
    """

    def __init__(
        self,
        *,
        failures: int = 20,
        failures_of_source: int = 500,
        window: float = 60.0,
        remembered: int = 10_000,
    ) -> None:
        """``window`` in seconds; ``remembered`` for each of the two tables."""
        self._users: _Failures[tuple[str, str]] = _Failures(failures, window, remembered)
        self._sources: _Failures[str] = _Failures(failures_of_source, window, remembered)

    def __len__(self) -> int:
        return len(self._users) + len(self._sources)

    def blocks(self, source: str, username: str, now: float) -> bool:
        """Whether this user has failed too often from there."""
        return self._users.too_many((source, username[:LONGEST_NAME]), now)

    def blocks_source(self, source: str, now: float) -> bool:
        """Whether too much has failed from there, whoever it was."""
        return self._sources.too_many(source, now)

    def failed(self, source: str, username: str, now: float) -> None:
        self._users.add((source, username[:LONGEST_NAME]), now)
        self._sources.add(source, now)


class _Failures(Generic[_Key]):
    """How often something failed in its window; what began failing longest ago is forgotten."""

    def __init__(self, bound: int, window: float, remembered: int) -> None:
        self._bound = bound
        self._window = window
        self._remembered = remembered
        self._counts: OrderedDict[_Key, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def too_many(self, key: _Key, now: float) -> bool:
        count, since = self._counts.get(key, (0, now))
        return count >= self._bound and now < since + self._window

    def add(self, key: _Key, now: float) -> None:
        count, since = self._counts.pop(key, (0, now))
        if now >= since + self._window:
            count, since = 0, now
        self._counts[key] = (count + 1, since)
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
        registrar: Registrar,
        domains: Collection[str] = (),
        algorithms: Sequence[str] = USUAL_ALGORITHMS,
    ) -> None:
        self._realm = realm
        self._trunks = trunks
        self._accounts = accounts
        self._nonces = nonces
        self._guard = guard
        self._registrar = registrar
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
        if not _credentials(request) and not self._could_authenticate(request, here):
            return Denied(403)
        return self._authenticate(request, flow, now)

    def phone(self, request: Request, flow: Flow, now: float) -> Identity | Denied:
        """Who sends a REGISTER: always by digest, also from a trunk's address."""
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
        if self._guard.blocks_source(flow.host, now) and not self._inhabited(flow):
            return Denied(403)
        checked = self._nonces.check(
            _credentials(request),
            realm=self._realm,
            method=request.method,
            ha1=self._ha1,
            now=now,
            host=flow.host,
            algorithms=self._algorithms,
        )
        username = checked.username or ""
        match checked.verdict:
            case Verdict.MISSING:
                return self._challenge(flow, now)
            case Verdict.STALE:
                return self._challenge(flow, now, stale=True)
            case Verdict.MALFORMED:
                return Denied(400)
            case Verdict.WRONG:
                self._guard.failed(flow.host, username, now)
        blocked = self._guard.blocks(flow.host, username, now)
        # A right guess must look like a wrong one; but not to the phone that is here already.
        if blocked and not self._registrar.holds(username, flow):
            return Denied(403)
        if checked.verdict is Verdict.WRONG:
            return self._challenge(flow, now)
        return self._identity(username, flow)

    def _inhabited(self, flow: Flow) -> bool:
        """Whether others whom we know are at this address, and must not be shut out with it."""
        return self.known_source(flow) or self._registrar.is_at(flow.host)

    def _identity(self, username: str, flow: Flow) -> Identity:
        trunk = self._trunks.of_user(username)
        if trunk is not None:
            return Identity("trunk", trunk.name, flow)
        return Identity("phone", username, flow)

    def _challenge(self, flow: Flow, now: float, *, stale: bool = False) -> Denied:
        values = self._nonces.challenge(
            self._realm, self._algorithms, now=now, host=flow.host, stale=stale
        )
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
