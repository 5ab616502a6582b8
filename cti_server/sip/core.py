"""
What every session of a user agent shares: transactions, dialogs, timers, ways out, random names.

No IO: messages leave through the :class:`Network`, which also tells the time.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from .deadlines import Deadlines
from .dialog import Dialog, DialogId, Hop
from .errors import SipParseError
from .headers import MAGIC_COOKIE
from .message import Request
from .transaction import DEFAULT_TIMERS, Timers
from .transactions import ServerTransaction, Transactions
from .transport import Flow, Network

SDP = "application/sdp"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER"
ACCEPT = f"{SDP}, application/dtmf-relay, application/dtmf"

WIDEST_DATAGRAM = 1300  # bytes; a larger request should not go by UDP (RFC 3261 §18.1.1)


class DialogUser(Protocol):
    """A session, as the dialog table sees it."""

    @property
    def extensions(self) -> Collection[str]:
        """What its peer may insist on (Require)."""

    def receive(self, request: Request, transaction: ServerTransaction, dialog: Dialog) -> None:
        """Answer a request in the dialog."""

    def acknowledged(self, ack: Request) -> None: ...


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """Times in seconds."""

    server_name: str = "Hotline"
    timers: Timers = DEFAULT_TIMERS
    ping_interval: float | None = 60.0
    """How often an established session is checked by an OPTIONS; None never."""
    longest_ringing: float = 600.0
    """How long an outgoing call may ring before it is cancelled as unanswered (408)."""
    token: Callable[[], str] = lambda: secrets.token_hex(8)
    """Makes tags, branches and Call-IDs."""


class Core:
    """The common ground of the UAC and UAS cores."""

    def __init__(self, network: Network, settings: CoreSettings) -> None:
        self.network = network
        self.settings = settings
        self.deadlines = Deadlines(network.wake_by)
        self.transactions = Transactions(network, self.deadlines, settings.timers)
        self.sessions: set[DialogUser] = set()
        """The calls that are not over yet, in both directions."""
        self.calls_in: set[DialogUser] = set()
        """Those of them that came in: what admission counts."""
        self._dialogs: dict[DialogId, tuple[DialogUser, Dialog]] = {}

    @property
    def dialogs_open(self) -> int:
        return len(self._dialogs)

    def token(self) -> str:
        return self.settings.token()

    def add_dialog(self, dialog: Dialog, user: DialogUser) -> None:
        self._dialogs[dialog.id] = (user, dialog)

    def remove_dialog(self, dialog: Dialog) -> None:
        self._dialogs.pop(dialog.id, None)

    def find_dialog(self, request: Request) -> tuple[DialogUser, Dialog] | None:
        """The dialog that a peer's request belongs to (RFC 3261 §12.2.2)."""
        key = (request.sip_call_id, request.to.tag or "", request.from_.tag or "")
        return self._dialogs.get(key)

    def via(self, flow: Flow) -> str:
        """A new Via of ours; its branch makes a new transaction."""
        address = self.network.advertised(flow)
        branch = MAGIC_COOKIE + self.token()
        return f"SIP/2.0/{flow.transport.upper()} {address};rport;branch={branch}"

    def contact(self, flow: Flow, user: str | None = None) -> str:
        """Our Contact, as reachable for the peer on this flow."""
        address = self.network.advertised(flow)
        if user:
            address = f"{user}@{address}"
        return (
            f"<sip:{address};transport={flow.transport}>" if flow.reliable else f"<sip:{address}>"
        )

    def flow_of(self, dialog: Dialog, then: Callable[[Flow | None], None]) -> None:
        """Find the way of the dialog's next request."""
        flow = dialog.flow
        if flow is not None and not dialog.route_set and self.network.has(flow):
            then(flow)
            return
        try:
            hop = dialog.next_hop()
        except SipParseError:
            then(None)
            return
        self.flow_to(hop, then)

    def flow_to(self, hop: Hop, then: Callable[[Flow | None], None]) -> None:
        """Find the way to a hop; None if its name is unknown or no transport reaches it."""

        def resolved(address: str | None) -> None:
            network = self.network
            then(network.flow_to(hop.transport, address, hop.port) if address else None)

        self.network.resolve(hop.host, resolved)

    def wider(self, flow: Flow, size: int) -> Flow:
        """For a request too large for a datagram: a TCP connection to the same peer, if open."""
        if flow.reliable or size <= WIDEST_DATAGRAM:
            return flow
        by_tcp = self.network.flow_to("tcp", flow.host, flow.port)
        return by_tcp if by_tcp is not None and self.network.has(by_tcp) else flow


def add_headers(request: Request, headers: Sequence[tuple[str, str]]) -> None:
    request.headers.extend(headers)
