"""A call out: the client side of an INVITE session, with its forks (RFC 3261 §13.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .core import ALLOW, SDP, Core
from .deadlines import Alarm
from .dialog import Dialog, Hop, way_back
from .dialog_request import Credentials, DialogRequest, authorization, copy_credentials
from .errors import SdpError, SipParseError
from .grammar import quote
from .invite_client import cancellation
from .invite_session import InviteSession, SessionState
from .message import Headers, Request, Response
from .reasons import REASONS
from .sdp import Sdp
from .session import SessionListener
from .transactions import IGNORED, ClientTransaction
from .transport import Flow
from .uri import Uri


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Whom to call, as whom, and with what."""

    target: str
    offer: Sdp
    from_uri: str
    from_display: str | None = None
    headers: Sequence[tuple[str, str]] = ()
    credentials: Credentials | None = None
    flow: Flow | None = None
    """The flow of a phone's registration, taken if ``target`` itself can't be reached."""
    max_forwards: int = 70


@dataclass(slots=True)
class _Fork:
    """One answering party of our INVITE."""

    dialog: Dialog
    early_answer: Sdp | None = None
    ack: tuple[bytes, Flow] | None = field(default=None)


class OutgoingCall(InviteSession):
    """An INVITE of ours. The first 2xx wins; every other one is acknowledged and hung up."""

    owns_call_id = True

    def __init__(self, core: Core, plan: CallPlan, listener: SessionListener) -> None:
        super().__init__(core, listener)
        self._plan = plan
        self.credentials = plan.credentials
        self.sip_call_id = core.token() + core.token()
        self._local_tag = core.token()
        self._sequence = 0
        self._request: Request | None = None
        self._transaction: ClientTransaction | None = None
        self._forks: dict[str, _Fork] = {}
        self._way_back: Flow | None = None
        self._provisional_came = False
        self._cancel_wanted = False
        self._challenge_answered = False
        self._too_long = Alarm(core.deadlines, self._rang_too_long)
        self.negotiation.offer()

    @property
    def local_tag(self) -> str | None:
        return self._local_tag

    def start(self) -> None:
        """Send the INVITE as soon as its way is known."""
        plan, core = self._plan, self.core
        self._too_long.set(core.network.time() + core.settings.longest_ringing)
        try:
            target = Uri.parse(plan.target)
            hop = Hop.of(target)
        except SipParseError:
            core.network.soon(lambda: self._fail(416, "Unsupported URI Scheme"))
            return
        if plan.flow is not None and core.network.has(plan.flow):
            self._way_back = way_back(target, plan.flow)
        if self._way_back is not None:
            self._invite_on(self._way_back)
            return
        core.flow_to(hop, self._way_found)

    def hang_up(self, reason: str | None = None) -> None:
        """See :meth:`InviteSession.hang_up`. Before the answer it is a CANCEL."""
        if self.state is SessionState.EARLY:
            self._bye_reason = reason
            self.close()
            self._cancel_wanted = True
            self._cancel_if_due()
        else:
            self.hang_up_confirmed(reason)

    def _way_found(self, flow: Flow | None) -> None:
        if self._cancel_wanted:
            return
        if flow is None:
            self.core.network.soon(lambda: self._fail(503, "No Way To The Destination"))
            return
        self._invite_on(flow)

    def _invite_on(self, flow: Flow, extra: Sequence[tuple[str, str]] = ()) -> None:
        self._sequence += 1
        request = self._invite(flow, extra)
        data = bytes(request)
        wider = self.core.wider(flow, len(data))
        if wider is not flow:
            request, flow = self._invite(wider, extra), wider
            data = bytes(request)
        self._request = request
        self._provisional_came = False
        self._transaction = self.core.transactions.request(request, flow, self, data=data)

    def _invite(self, flow: Flow, extra: Sequence[tuple[str, str]]) -> Request:
        plan = self._plan
        items = [
            ("Via", self.core.via(flow)),
            ("Max-Forwards", str(plan.max_forwards)),
            ("From", f"{_display(plan.from_display)}<{plan.from_uri}>;tag={self._local_tag}"),
            ("To", f"<{plan.target}>"),
            ("Call-ID", self.sip_call_id),
            ("CSeq", f"{self._sequence} INVITE"),
            ("Contact", self.core.contact(flow)),
            ("Allow", ALLOW),
            ("User-Agent", self.core.settings.server_name),
            *plan.headers,
            *extra,
            ("Content-Type", SDP),
        ]
        return Request("INVITE", plan.target, Headers(items), bytes(plan.offer))

    def received(self, response: Response) -> None:
        match response.status // 100:
            case 1:
                self._provisional(response)
            case 2:
                self._accepted(response)
            case _:
                self._rejected(response)

    def gave_up(self, status: int) -> None:
        self._fail(status, REASONS.get(status, ""))

    def _provisional(self, response: Response) -> None:
        self._provisional_came = True
        self._cancel_if_due()
        if response.status == 100 or self.state is not SessionState.EARLY:
            return
        early = _sdp(response)
        fork = self._fork(response)
        if fork is not None and early is not None:
            fork.early_answer = early
        self.listener.ringing(response.status, early)

    def _accepted(self, response: Response) -> None:
        """ACK every 2xx, also the copies (§13.2.2.4); the first of all makes the session."""
        fork = self._fork(response, confirmed=True)
        if fork is None:
            return  # its Contact leads nowhere, so not even an ACK could
        if fork.ack is not None:
            self.core.network.send(*fork.ack)
            return
        wins = self.state is SessionState.EARLY
        self._acknowledge(fork)
        if not wins:
            self._part_from(fork.dialog)
            return
        remote = _sdp(response) or fork.early_answer
        self._settle_on(fork)
        if remote is None:
            listener = self.listener
            self._send_bye()
            listener.failed(488, "No SDP In The Answer")
            return
        self.negotiation.settle(self._plan.offer)
        self.watch()
        self.listener.answered(remote)

    def _settle_on(self, winner: _Fork) -> None:
        self.state = SessionState.CONFIRMED
        self._too_long.set(None)
        self._dialog = winner.dialog
        for fork in self._forks.values():
            if fork is not winner:
                self.core.remove_dialog(fork.dialog)

    def _acknowledge(self, fork: _Fork) -> None:
        def send_on(flow: Flow | None) -> None:
            if flow is None and self._transaction is not None:
                flow = self._transaction.flow  # better than no ACK at all
            if flow is None or self._request is None:
                return
            via = self.core.via(flow)
            ack = fork.dialog.request("ACK", via=via, sequence=self._request.cseq.number)
            copy_credentials(self._request, ack)
            fork.ack = (bytes(ack), flow)
            self.core.transactions.sent["ACK"] += 1
            self.core.network.send(*fork.ack)

        self.core.flow_of(fork.dialog, send_on)

    def _part_from(self, dialog: Dialog) -> None:
        """BYE a fork that lost, or one that answered while our CANCEL was on its way."""
        DialogRequest(
            self.core,
            dialog,
            "BYE",
            headers=() if self._bye_reason is None else (("Reason", self._bye_reason),),
            credentials=self.credentials,
            done=lambda status, response: None,
        ).send()

    def _rejected(self, response: Response) -> None:
        if self._request is not None and self._transaction is not None:
            credentials = None if self._challenge_answered else self.credentials
            answer = authorization(self.core, self._request, response, credentials)
            if answer is not None and self.state is SessionState.EARLY:
                self._challenge_answered = True
                self._drop_forks()
                self._invite_on(self._transaction.flow, (answer,))
                return
        self._fail(response.status, response.reason)

    def _fail(self, status: int, reason: str) -> None:
        if self.state is SessionState.EARLY:
            listener = self.listener
            self.close()
            listener.failed(status, reason)

    def close(self) -> None:
        self._too_long.set(None)
        self._drop_forks()
        super().close()

    def _drop_forks(self) -> None:
        for fork in self._forks.values():
            self.core.remove_dialog(fork.dialog)
        self._forks = {tag: fork for tag, fork in self._forks.items() if fork.ack}

    def _fork(self, response: Response, *, confirmed: bool = False) -> _Fork | None:
        """The party that a response comes from: one dialog per To tag (§13.2.2.4)."""
        tag = response.to.tag
        if self._request is None or (tag is None and not confirmed):
            return None
        fork = self._forks.get(tag or "")
        try:
            if fork is None:
                dialog = Dialog.as_client(self._request, response)
                dialog.flow = self._pinned_flow()
                fork = self._forks[tag or ""] = _Fork(dialog)
                if self.state is SessionState.EARLY:
                    self.core.add_dialog(dialog, self)
            elif confirmed and fork.ack is None:
                # The 2xx has the last word on the route and the target (§13.2.2.4).
                final = Dialog.as_client(self._request, response)
                fork.dialog.route_set, fork.dialog.hop = final.route_set, None
                fork.dialog.remote_target = final.remote_target
        except SipParseError:
            return fork
        return fork

    def _pinned_flow(self) -> Flow | None:
        """A phone that was called on its registration's flow, or by TCP, is kept on it."""
        if self._transaction is None:
            return None
        flow = self._transaction.flow
        return flow if flow.reliable or flow == self._way_back else None

    def _cancel_if_due(self) -> None:
        """CANCEL may follow only a provisional response (§9.1)."""
        if not (self._cancel_wanted and self._provisional_came):
            return
        if self._transaction is None or self._request is None:
            return
        self._cancel_wanted = False
        cancel = cancellation(self._request)
        if self._bye_reason is not None:
            cancel.headers.add("Reason", self._bye_reason)
        self.core.transactions.request(cancel, self._transaction.flow, IGNORED)
        self._transaction.give_up_after_cancel()

    def _rang_too_long(self, now: float) -> None:
        listener = self.listener
        self.hang_up()
        listener.failed(408, "No Answer")


def _display(name: str | None) -> str:
    return f"{quote(name)} " if name else ""


def _sdp(response: Response) -> Sdp | None:
    """The description in a response, if it has one that can be read."""
    if response.content_type != SDP:
        return None
    try:
        return Sdp.parse(response.body)
    except SdpError:
        return None
