"""
The UAS core (RFC 3261 §8.2): what becomes of a request that a peer sends.

Whatever can be refused without remembering anything is answered statelessly (§8.2.7); only a
request that we act on gets a transaction. No IO.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .authentication import Denied, Identity
from .core import ACCEPT, ALLOW, Core
from .dialog import NoRemoteTarget
from .doors import CallDoor, Door, RecordingDoor
from .errors import SipParseError
from .incoming_call import IncomingCall
from .inspection import (
    Refusal,
    inspect_extensions,
    note_source,
    unsupported_method,
)
from .message import Request, Response, response_to
from .overload import TokenBucket
from .recording_call import asks_to_be_recorded
from .registration import Registrar
from .transaction_key import server_key
from .transactions import ServerTransaction
from .transport import Flow

ALLOWED = frozenset(ALLOW.split(", "))
IN_DIALOG = frozenset({"INVITE", "BYE", "UPDATE", "INFO", "OPTIONS"})
DRAIN_RETRY_AFTER = 30  # seconds; a trunk should use another server meanwhile

OnRefused = Callable[[str, str], None]
"""Is told whose call was not let in (the trunk or phone), and why: "overload", "draining"."""


@dataclass(slots=True)
class Load:
    """What admission is decided by, besides time."""

    loop_lag: float = 0.0
    """Seconds, smoothed over about half a second."""
    draining: bool = False


class UasCore:
    """Sorts requests: to their transaction, their dialog, the registrar, or the layer above."""

    def __init__(
        self,
        core: Core,
        *,
        calls: CallDoor,
        registrar: Registrar,
        utc_now: Callable[[], datetime],
        on_refused: OnRefused = lambda trunk, cause: None,
        recordings: RecordingDoor | None = None,
    ) -> None:
        self.core = core
        self.load = Load()
        self.answered_statelessly: Counter[str] = Counter()
        self.strangers_ignored = 0
        self._calls, self._recordings = calls, recordings
        self._identification = calls.identification
        self._registrar = registrar
        self._on_refused = on_refused
        self._utc_now = utc_now
        self._secret = secrets.token_bytes(16)
        self._strangers = TokenBucket(rate=500.0, burst=1000.0)
        self._serving: ServerTransaction | None = None

    def receive(self, request: Request, flow: Flow) -> None:
        """Deal with one request. May raise what the layer above raises; see :meth:`rescue`."""
        self._serving = None
        self._sort(request, flow)
        self._serving = None

    def _sort(self, request: Request, flow: Flow) -> None:
        reply_to = note_source(request, flow)
        key = server_key(request)
        transaction = self.core.transactions.server(key)
        if transaction is not None:
            transaction.receive(request)
            return
        match request.method:
            case "ACK":
                found = self.core.find_dialog(request)
                if found is not None:
                    found[0].acknowledged(request)
            case "CANCEL":
                self._cancel(request, reply_to)
            case _ if request.to.tag is not None:
                self._in_dialog(request, flow, reply_to)
            case _:
                self._out_of_dialog(request, flow, reply_to)

    def reject(self, error: SipParseError, flow: Flow) -> None:
        """Answer what could be read only in part, if it is a request that can be answered."""
        request = error.message
        if not isinstance(request, Request) or request.method == "ACK":
            return
        if any(name not in request.headers for name in ("From", "To", "Call-ID", "CSeq")):
            return  # nobody could tell what the response is to
        try:
            reply_to = note_source(request, flow)
        except SipParseError:
            return  # without a Via there is no way back
        if self._strangers.take(self.core.network.time()):
            self._refuse(request, reply_to, Refusal(error.status, error.reason))

    def rescue(self) -> None:
        """The request that was being dealt with broke something of ours: 500."""
        transaction, self._serving = self._serving, None
        if transaction is None:
            return
        if isinstance(transaction.user, IncomingCall):
            transaction.user.refuse(500)
            transaction.user.hang_up()  # if it was answered before it broke
        elif transaction.request is not None:
            transaction.respond(response_to(transaction.request, 500))

    def bad_request(self, request: Request, error: SipParseError, flow: Flow) -> None:
        """A header that was looked at late turned out to be malformed."""
        transaction, self._serving = self._serving, None
        if transaction is None:
            error.message = request
            self.reject(error, flow)
        elif transaction.request is not None:
            transaction.respond(response_to(request, error.status, error.reason))

    def _cancel(self, request: Request, reply_to: Flow) -> None:
        """§9.2: a CANCEL is answered for itself; the INVITE gets its 487 from its call."""
        invite = self.core.transactions.server(server_key(request, "INVITE"))
        if invite is None:
            self._refuse(request, reply_to, Refusal(481))
            return
        call = invite.user if isinstance(invite.user, IncomingCall) else None
        self._refuse(request, reply_to, Refusal(200), call.local_tag if call else None)
        if call is not None:
            call.cancel_received()

    def _in_dialog(self, request: Request, flow: Flow, reply_to: Flow) -> None:
        found = self.core.find_dialog(request)
        if found is None:
            self._refuse(request, reply_to, Refusal(481))
            return
        user, dialog = found
        refusal = inspect_extensions(request, user.extensions)
        if request.method not in IN_DIALOG:
            refusal = unsupported_method(request)
        if refusal is not None:
            self._refuse(request, reply_to, refusal)
        elif not dialog.in_order(request):
            self._refuse(request, reply_to, Refusal(500, "CSeq Out Of Order"))
        else:
            user.receive(request, self._serve(request, flow, reply_to), dialog)

    def _out_of_dialog(self, request: Request, flow: Flow, reply_to: Flow) -> None:
        if self.core.transactions.merged(request):
            self._refuse(request, reply_to, Refusal(482))
            return
        match request.method:
            case "INVITE":
                self._invite(request, flow, reply_to)
            case "REGISTER":
                self._register(request, flow, reply_to)
            case _ if self._is_crowded(flow):
                self.strangers_ignored += 1
            case "OPTIONS":
                self._refuse(request, reply_to, self._capabilities(request))
            case "BYE" | "INFO" | "UPDATE":
                self._refuse(request, reply_to, Refusal(481))
            case _:
                self._refuse(request, reply_to, unsupported_method(request))

    def _is_crowded(self, flow: Flow) -> bool:
        """Whether strangers ask too much; then they get no answer at all."""
        if self._identification.known_source(flow):
            return False
        return not self._strangers.take(self.core.network.time())

    def _capabilities(self, request: Request) -> Refusal:
        """§11.2, and a hint for trunks that watch us by OPTIONS."""
        if self.load.draining:
            return Refusal(503, headers=(("Retry-After", str(DRAIN_RETRY_AFTER)),))
        headers = (
            ("Allow", ALLOW),
            ("Accept", ACCEPT),
            ("Accept-Encoding", "identity"),
            ("Server", self.core.settings.server_name),
        )
        return inspect_extensions(request) or Refusal(200, headers=headers)

    def _invite(self, request: Request, flow: Flow, reply_to: Flow) -> None:
        network, door = self.core.network, self._door(request)
        here = network.advertised(flow).rpartition(":")[0].strip("[]")
        identity = door.identification.caller(request, flow, network.time(), here=here)
        if isinstance(identity, Denied):
            self._deny(request, flow, reply_to, identity)
            return
        begin = self._admit(identity, door) or door.inspect(request)
        if isinstance(begin, Refusal):
            self._refuse(request, reply_to, begin)
            return
        transaction = self._serve(request, flow, reply_to)
        transaction.respond(response_to(request, 100))
        try:
            begin(self.core, transaction, identity)
        except NoRemoteTarget as error:
            tag = self._tag(request)
            transaction.respond(response_to(request, error.status, error.reason, to_tag=tag))

    def _door(self, request: Request) -> Door:
        """Where nobody is recorded, who insists on it gets 420 from who takes calls."""
        if self._recordings is not None and asks_to_be_recorded(request):
            return self._recordings
        return self._calls

    def _admit(self, identity: Identity, door: Door) -> Refusal | None:
        """Whose recording is not taken now has a call all the same: it is no call that is lost."""
        if self.load.draining:
            retry_after: int | None = DRAIN_RETRY_AFTER
        else:
            retry_after = door.overload.admit(
                self.core.network.time(),
                open_calls=len(self.core.calls_in),
                loop_lag=self.load.loop_lag,
            )
        if retry_after is None:
            return None
        if door is self._calls:
            self._on_refused(identity.name, "draining" if self.load.draining else "overload")
        return Refusal(503, headers=(("Retry-After", str(retry_after)),))

    def _register(self, request: Request, flow: Flow, reply_to: Flow) -> None:
        identity = self._identification.phone(request, flow, self.core.network.time())
        if isinstance(identity, Denied):
            self._deny(request, flow, reply_to, identity)
            return
        refusal = inspect_extensions(request) or self._foreign_account(request, identity)
        if refusal is not None:
            self._refuse(request, reply_to, refusal)
            return
        transaction = self._serve(request, flow, reply_to)
        done = self._registrar.register(identity.name, request, flow, self._utc_now())
        transaction.respond(
            response_to(
                request, done.status, done.reason, to_tag=self._tag(request), headers=done.headers
            )
        )

    def _foreign_account(self, request: Request, identity: Identity) -> Refusal | None:
        """Who logs in as one may not register another (§10.3 step 4)."""
        try:
            return None if request.to.uri.user == identity.name else Refusal(403)
        except SipParseError as error:
            return Refusal(error.status, error.reason)

    def _deny(self, request: Request, flow: Flow, reply_to: Flow, denied: Denied) -> None:
        if self._is_crowded(flow):
            self.strangers_ignored += 1
        else:
            self._refuse(request, reply_to, Refusal(denied.status, headers=denied.headers))

    def _serve(self, request: Request, flow: Flow, reply_to: Flow) -> ServerTransaction:
        key = server_key(request)
        self._serving = self.core.transactions.serve(key, request, flow, reply_to)
        return self._serving

    def _refuse(
        self, request: Request, reply_to: Flow, refusal: Refusal, tag: str | None = None
    ) -> None:
        response = response_to(
            request,
            refusal.status,
            refusal.reason,
            to_tag=tag or self._tag(request),
            headers=refusal.headers,
        )
        self._send(response, reply_to)

    def _send(self, response: Response, reply_to: Flow) -> None:
        self.answered_statelessly[str(response.status)] += 1
        self.core.transactions.count_sent(response)
        self.core.network.send(bytes(response), reply_to)

    def _tag(self, request: Request) -> str:
        """The same To tag for every copy of a request, without remembering it."""
        parts = [request.headers.get(name) or "" for name in ("Call-ID", "From", "CSeq", "Via")]
        text = "\n".join(parts).encode(errors="surrogateescape")
        return hashlib.blake2b(text, key=self._secret, digest_size=8).hexdigest()
