"""
All running transactions of a user agent: finds them, carries out their effects, keeps their timers.

It does no IO: what is to be sent goes to the :class:`Network`, time comes from it.
"""

from collections import Counter
from dataclasses import replace
from typing import Protocol

from .deadlines import Deadlines
from .invite_client import InviteClientTransaction
from .invite_server import InviteServerTransaction
from .message import Request, Response
from .non_invite_client import NonInviteClientTransaction
from .non_invite_server import NonInviteServerTransaction
from .transaction import (
    AckTimedOut,
    Deliver,
    Effect,
    Send,
    TimedOut,
    Timers,
    TransportFailed,
)
from .transaction_key import Key, client_key, merge_key
from .transport import Flow, Network


class ClientUser(Protocol):
    """Who sent a request."""

    def received(self, response: Response) -> None: ...

    def gave_up(self, status: int) -> None:
        """408: nobody answered; 503: it can't be carried there (RFC 3261 §8.1.3.1)."""


class InviteServerUser(Protocol):
    """Who answers an INVITE."""

    def acknowledged(self, ack: Request) -> None:
        """An ACK that names the INVITE's transaction came for our 2xx."""

    def ack_timed_out(self) -> None: ...

    def disconnected(self) -> None:
        """The connection that the INVITE came by broke before its final response."""


class _Ignored:
    def received(self, response: Response) -> None: ...
    def gave_up(self, status: int) -> None: ...


IGNORED: ClientUser = _Ignored()
"""For a request whose outcome changes nothing, as a CANCEL's."""


class _Silent:
    def acknowledged(self, ack: Request) -> None: ...
    def ack_timed_out(self) -> None: ...
    def disconnected(self) -> None: ...


SILENT: InviteServerUser = _Silent()


class ServerTransaction:
    """A request from a peer, until no copy of it can come any more."""

    __slots__ = (
        "_fallback",
        "_machine",
        "_running",
        "due",
        "flow",
        "key",
        "merge",
        "reply_to",
        "request",
        "user",
    )

    def __init__(
        self,
        running: "Transactions",
        machine: InviteServerTransaction | NonInviteServerTransaction,
        key: Key,
        request: Request,
        flow: Flow,
        reply_to: Flow,
    ) -> None:
        self._running = running
        self._machine = machine
        self.key = key
        self.merge: Key | None = None
        self.request: Request | None = request
        self.flow = flow
        self.reply_to = reply_to
        self._fallback = replace(flow, port=request.via.port or 5060) if flow.reliable else None
        self.user: InviteServerUser = SILENT
        self.due: float | None = None

    @property
    def answered(self) -> bool:
        """Whether a final response was given."""
        return self.request is None

    def respond(self, response: Response) -> bytes:
        """Answer; the bytes that went out are returned. Raises IllegalStep."""
        network = self._running.network
        if self._fallback is not None and not network.has(self.flow):
            self.reply_to = self._fallback  # §18.2.2: the connection that it came by is gone
        effects = self._machine.respond(response, network.time())
        if response.status >= 200:
            self.request = None
            if response.status in (401, 407):
                self._running.forget_merge(self)  # some peers try again with the same CSeq
        self._running.count_sent(response)
        self._running.carry_out(self, effects)
        first = effects[0]
        return first.data if isinstance(first, Send) else b""

    def receive(self, request: Request) -> None:
        self._running.carry_out(self, self._machine.receive(request, self._running.network.time()))

    def handle_timer(self, now: float) -> None:
        self._running.carry_out(self, self._machine.handle_timer(now), again=True)

    def settle(self) -> bool:
        """Keep the timer in step with the machine; whether it goes on."""
        machine = self._machine
        self._running.deadlines.set(self, machine.deadline, coarse=machine.lingering)
        return not machine.terminated


class ClientTransaction:
    """A request of ours, until none of its responses can come any more."""

    __slots__ = ("_machine", "_running", "due", "flow", "key", "user")

    def __init__(
        self,
        running: "Transactions",
        machine: InviteClientTransaction | NonInviteClientTransaction,
        key: Key,
        flow: Flow,
        user: ClientUser,
    ) -> None:
        self._running = running
        self._machine = machine
        self.key = key
        self.flow = flow
        self.user = user
        self.due: float | None = None

    @property
    def reply_to(self) -> Flow:
        return self.flow

    def start(self) -> None:
        self._running.carry_out(self, self._machine.start(self._running.network.time()))

    def receive(self, response: Response) -> None:
        effects = self._machine.receive(response, self._running.network.time())
        self._running.carry_out(self, effects)

    def give_up_after_cancel(self) -> None:
        """A CANCEL went out: do not wait for the INVITE's final response for ever."""
        if isinstance(self._machine, InviteClientTransaction):
            self._machine.give_up_after(self._running.network.time())
            self.settle()

    def fail(self) -> None:
        self._running.carry_out(self, self._machine.fail())

    def handle_timer(self, now: float) -> None:
        self._running.carry_out(self, self._machine.handle_timer(now), again=True)

    def settle(self) -> bool:
        """Keep the timer in step with the machine; whether it goes on."""
        machine = self._machine
        self._running.deadlines.set(self, machine.deadline, coarse=machine.lingering)
        return not machine.terminated


class Transactions:
    """The table of both sides' transactions."""

    def __init__(self, network: Network, deadlines: Deadlines, timers: Timers) -> None:
        self.network = network
        self.deadlines = deadlines
        self.timers = timers
        self.sent: Counter[str] = Counter()
        """Messages sent through transactions, by method or status class ("2xx")."""
        self.retransmissions = 0
        self._servers: dict[Key, ServerTransaction] = {}
        self._merges: dict[Key, ServerTransaction] = {}
        self._clients: dict[Key, ClientTransaction] = {}
        self._on_connections: dict[Flow, set[ServerTransaction | ClientTransaction]] = {}

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    def server(self, key: Key) -> ServerTransaction | None:
        return self._servers.get(key)

    def merged(self, request: Request) -> bool:
        """Whether another copy of this request is being served (RFC 3261 §8.2.2.2)."""
        return merge_key(request) in self._merges

    def serve(self, key: Key, request: Request, flow: Flow, reply_to: Flow) -> ServerTransaction:
        """Open the transaction of a request that matched none."""
        machine: InviteServerTransaction | NonInviteServerTransaction
        if request.method == "INVITE":
            machine = InviteServerTransaction(reliable=flow.reliable, timers=self.timers)
        else:
            machine = NonInviteServerTransaction(reliable=flow.reliable, timers=self.timers)
        transaction = ServerTransaction(self, machine, key, request, flow, reply_to)
        self._servers[key] = transaction
        self._note_connection(transaction)
        if request.to.tag is None:
            transaction.merge = merge_key(request)
            self._merges[transaction.merge] = transaction
        return transaction

    def request(
        self, request: Request, flow: Flow, user: ClientUser, *, data: bytes | None = None
    ) -> ClientTransaction:
        """
        Send a request (not an ACK) and wait for its responses.

        ``data`` is the request as it goes on the wire, if it was written already.
        """
        data = data or bytes(request)
        machine: InviteClientTransaction | NonInviteClientTransaction
        if request.method == "INVITE":
            machine = InviteClientTransaction(
                request, reliable=flow.reliable, timers=self.timers, data=data
            )
        else:
            machine = NonInviteClientTransaction(data, reliable=flow.reliable, timers=self.timers)
        key = (request.via.branch or "", request.method)
        transaction = ClientTransaction(self, machine, key, flow, user)
        self._clients[key] = transaction
        self._note_connection(transaction)
        self.sent[request.method] += 1
        transaction.start()
        return transaction

    def receive_response(self, response: Response) -> bool:
        """Take in a response; False if it answers nothing of ours."""
        transaction = self._clients.get(client_key(response))
        if transaction is None:
            return False
        transaction.receive(response)
        return True

    def flow_failed(self, flow: Flow) -> None:
        """Nothing can be sent on that flow: its requests fail, its unanswered INVITEs end."""
        for transaction in self._on(flow):
            if isinstance(transaction, ClientTransaction):
                transaction.fail()
            elif not transaction.answered:
                transaction.user.disconnected()

    def _on(self, flow: Flow) -> list[ServerTransaction | ClientTransaction]:
        """All on one flow. Connections break often, so theirs must not be searched for."""
        if flow.reliable:
            return list(self._on_connections.get(flow, ()))
        clients = [each for each in self._clients.values() if each.flow == flow]
        servers = [each for each in self._servers.values() if each.flow == flow]
        return [*clients, *servers]

    def _note_connection(self, transaction: ServerTransaction | ClientTransaction) -> None:
        if transaction.flow.reliable:
            self._on_connections.setdefault(transaction.flow, set()).add(transaction)

    def forget_merge(self, transaction: ServerTransaction) -> None:
        if transaction.merge is not None and self._merges.get(transaction.merge) is transaction:
            del self._merges[transaction.merge]

    def count_sent(self, response: Response) -> None:
        self.sent[f"{response.status // 100}xx"] += 1

    def carry_out(
        self,
        transaction: ServerTransaction | ClientTransaction,
        effects: list[Effect],
        *,
        again: bool = False,
    ) -> None:
        # The timer is set and the table is right before anybody is told, who may come back here.
        if not transaction.settle():
            self._forget(transaction)
        for effect in effects:
            match effect:
                case Send(data):
                    self.retransmissions += again
                    self.network.send(data, transaction.reply_to)
                case _:
                    _tell(transaction, effect)

    def _forget(self, transaction: ServerTransaction | ClientTransaction) -> None:
        if transaction.flow.reliable:
            others = self._on_connections.get(transaction.flow, set())
            others.discard(transaction)
            if not others:
                self._on_connections.pop(transaction.flow, None)
        if isinstance(transaction, ClientTransaction):
            self._clients.pop(transaction.key, None)
        else:
            self._servers.pop(transaction.key, None)
            self.forget_merge(transaction)


def _tell(transaction: ServerTransaction | ClientTransaction, effect: Effect) -> None:
    user = transaction.user
    match transaction, effect:
        case ClientTransaction(user=user), Deliver(Response() as response):
            user.received(response)
        case ClientTransaction(user=user), TimedOut():
            user.gave_up(408)
        case ClientTransaction(user=user), TransportFailed():
            user.gave_up(503)
        case ServerTransaction(user=user), Deliver(Request() as ack):
            user.acknowledged(ack)
        case ServerTransaction(user=user), AckTimedOut():
            user.ack_timed_out()
