"""
The registrar (RFC 3261 §10.3): which phones an account can be reached at. Pure but for its store.

Times are aware UTC, because bindings outlive a restart.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from .errors import SipParseError
from .message import Request
from .transport import Flow
from .uri import NameAddr, Uri

UNREADABLE_EXPIRES = 3600  # seconds; §10.2.1.1: a malformed value counts as this


@dataclass(frozen=True, slots=True)
class Binding:
    """One phone of one account, and the flow on which it registered (RFC 5626)."""

    aor: str
    """The account's user name; there is one realm, so it needs no host."""
    contact_uri: str
    flow: Flow
    """What it registered on. Whether a call has to use it, :func:`.dialog.way_back` says."""
    expires_at: datetime
    sip_call_id: str
    sequence: int
    user_agent: str | None = None


class BindingStore(Protocol):
    """Keeps bindings over a restart. Must not block."""

    def saved(self, binding: Binding) -> None: ...

    def removed(self, aor: str, contact_uri: str) -> None: ...


class _Forgetful:
    def saved(self, binding: Binding) -> None: ...
    def removed(self, aor: str, contact_uri: str) -> None: ...


@dataclass(frozen=True, slots=True)
class RegistrationLimits:
    """Seconds, and phones per account."""

    shortest: int = 60
    longest: int = 3600
    usual: int = 3600
    contacts: int = 8


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a REGISTER."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class _Refused(Exception):
    def __init__(self, answer: Registered) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Registrar:
    """The bindings of all accounts."""

    def __init__(
        self,
        store: BindingStore | None = None,
        limits: RegistrationLimits = RegistrationLimits(),
    ) -> None:
        self._store: BindingStore = _Forgetful() if store is None else store
        self._limits = limits
        self._bindings: dict[str, list[Binding]] = {}  # each list: the latest registration last
        self._hosts: Counter[str] = Counter()
        self._expiries: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return sum(map(len, self._bindings.values()))

    @property
    def deadline(self) -> datetime | None:
        """When to call :meth:`handle_timer`: never later than the first expiry."""
        return self._expiries[0][0] if self._expiries else None

    def restore(self, bindings: Iterable[Binding]) -> None:
        """
        Take back what the store kept; what has expired goes with the next timer.

        When each was registered is not kept. What expires last counts as the latest until its
        phone refreshes it.
        """
        for binding in sorted(bindings, key=lambda each: each.expires_at):
            self._put(binding)

    def bindings(self, aor: str, now: datetime) -> list[Binding]:
        """Where the account can be reached, the latest registration (or refresh) first."""
        return [each for each in reversed(self._bindings.get(aor, ())) if each.expires_at > now]

    def is_at(self, host: str) -> bool:
        """Whether any phone is registered from there (perhaps one that has just expired)."""
        return host in self._hosts

    def holds(self, aor: str, flow: Flow) -> bool:
        """Whether the account is registered on exactly this flow."""
        return any(each.flow == flow for each in self._bindings.get(aor, ()))

    def handle_timer(self, now: datetime) -> list[Binding]:
        """Drop what has expired, and return it."""
        expired: list[Binding] = []
        while self._expiries and self._expiries[0][0] <= now:
            _, aor = heapq.heappop(self._expiries)
            expired += [each for each in self._bindings.get(aor, ()) if each.expires_at <= now]
            for binding in expired:
                if binding.aor == aor:
                    self._drop(binding)
        return expired

    def register(self, aor: str, request: Request, flow: Flow, now: datetime) -> Registered:
        """Carry out a REGISTER of an authenticated account: all of its changes, or none."""
        try:
            if request.contact_is_star:
                changes = self._removal_of_all(aor, request)
            else:
                changes = [
                    self._change(aor, contact, request, flow, now) for contact in request.contacts
                ]
            if len(changes) > self._limits.contacts and not request.contact_is_star:
                return Registered(403, "Too Many Contacts")
        except _Refused as refused:
            return refused.answer
        except SipParseError as error:
            return Registered(error.status, error.reason)
        for old, new in changes:
            self._carry_out(old, new)
        while len(self._bindings.get(aor, ())) > self._limits.contacts:
            self._drop(self._bindings[aor][0])
        return Registered(200, headers=self._contacts(aor, now))

    def _removal_of_all(
        self, aor: str, request: Request
    ) -> list[tuple[Binding | None, Binding | None]]:
        if request.expires != 0:
            raise _Refused(Registered(400, "Contact * Needs Expires 0"))
        old = self._bindings.get(aor, [])
        for binding in old:
            _check_order(binding, request)
        return [(binding, None) for binding in old]

    def _change(
        self, aor: str, contact: NameAddr, request: Request, flow: Flow, now: datetime
    ) -> tuple[Binding | None, Binding | None]:
        """The binding that a Contact replaces or removes, and the one it makes."""
        uri = contact.uri
        if uri.scheme not in ("sip", "sips") or not uri.host:
            raise _Refused(Registered(400, "Bad Contact"))
        seconds = self._lifetime(contact, request)
        old = next(
            (
                each
                for each in self._bindings.get(aor, ())
                if Uri.parse(each.contact_uri).equivalent(uri)
            ),
            None,
        )
        if old is not None:
            _check_order(old, request)
        if seconds == 0:
            return old, None
        expires_at = now + timedelta(seconds=seconds)
        new = Binding(
            aor=aor,
            contact_uri=str(uri),
            flow=flow,
            expires_at=expires_at,
            sip_call_id=request.sip_call_id,
            sequence=request.cseq.number,
            user_agent=request.headers.get("User-Agent"),
        )
        return old, new

    def _lifetime(self, contact: NameAddr, request: Request) -> int:
        """How many seconds a binding is granted; 0 removes it."""
        limits = self._limits
        text = contact.param("expires")
        if text is None:
            wanted = limits.usual if request.expires is None else request.expires
        elif text.isascii() and text.isdigit():
            wanted = int(text[:10])
        else:
            wanted = UNREADABLE_EXPIRES
        if 0 < wanted < limits.shortest:
            raise _Refused(Registered(423, headers=(("Min-Expires", str(limits.shortest)),)))
        return min(wanted, limits.longest)

    def _contacts(self, aor: str, now: datetime) -> tuple[tuple[str, str], ...]:
        return tuple(
            ("Contact", f"<{each.contact_uri}>;expires={_seconds_left(each, now)}")
            for each in self.bindings(aor, now)
        )

    def _carry_out(self, old: Binding | None, new: Binding | None) -> None:
        if old is not None and (new is None or old.contact_uri != new.contact_uri):
            self._drop(old)
        if new is not None:
            self._put(new)
            self._store.saved(new)

    def _put(self, binding: Binding) -> None:
        self._take_out(binding)
        self._bindings.setdefault(binding.aor, []).append(binding)
        self._hosts[binding.flow.host] += 1
        heapq.heappush(self._expiries, (binding.expires_at, binding.aor))

    def _drop(self, binding: Binding) -> None:
        if self._take_out(binding):
            self._store.removed(binding.aor, binding.contact_uri)

    def _take_out(self, binding: Binding) -> bool:
        """Forget what the account has at this contact; whether there was anything."""
        of_account = self._bindings.get(binding.aor, [])
        at = next(
            (i for i, each in enumerate(of_account) if each.contact_uri == binding.contact_uri),
            None,
        )
        if at is None:
            return False
        host = of_account.pop(at).flow.host
        if not of_account:
            del self._bindings[binding.aor]
        self._hosts[host] -= 1
        if not self._hosts[host]:
            del self._hosts[host]
        return True


def _check_order(binding: Binding, request: Request) -> None:
    """§10.3 step 7: within one Call-ID an older request must not undo a newer one."""
    same_source = binding.sip_call_id == request.sip_call_id
    if same_source and request.cseq.number <= binding.sequence:
        raise _Refused(Registered(500, "CSeq Out Of Order"))


def _seconds_left(binding: Binding, now: datetime) -> int:
    return max(1, round((binding.expires_at - now).total_seconds()))
