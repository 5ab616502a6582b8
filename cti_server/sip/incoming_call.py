"""A call in: the server side of an INVITE session (RFC 3261 §13.3)."""

from collections.abc import Sequence
from functools import cached_property

from .authentication import Identity
from .core import SDP, Core
from .deadlines import Alarm
from .dialog import Dialog, way_back
from .errors import IllegalStep
from .invite_session import InviteSession, SessionState
from .message import Request, response_to
from .parties import caller_number, dialled_number, original_number
from .sdp import Sdp
from .session import DEAF, SessionListener
from .transactions import ServerTransaction
from .uri import Uri

STILL_RINGING = 60.0  # seconds; a provisional response is repeated so often (§13.3.1.1)


class IncomingCall(InviteSession):
    """
    An INVITE from somebody we know; 100 Trying was already sent.

    Once the caller has given up, ``ring``, ``answer`` and ``refuse`` do nothing: that may happen
    while the layer above is still preparing its answer.
    """

    def __init__(
        self,
        core: Core,
        request: Request,
        transaction: ServerTransaction,
        identity: Identity,
        offer: Sdp | None,
    ) -> None:
        """Raises NoRemoteTarget if the INVITE has no usable Contact."""
        dialog = Dialog.as_server(request, core.token())
        super().__init__(core, DEAF)
        self.request = request
        self.offer = offer
        """None: the INVITE has none; :meth:`answer` then gives ours, the ACK brings theirs."""
        self.identity = identity
        self._transaction = transaction
        self._last_provisional: tuple[int, Sdp | None] | None = None
        self._still_ringing = Alarm(core.deadlines, self._ring_again)
        self._initial_sequence = request.cseq.number
        self._acknowledged = False
        self._dialog = dialog
        if transaction.flow.reliable or identity.kind == "phone":
            dialog.flow = way_back(Uri.parse(dialog.remote_target), transaction.flow)
        self.negotiation.pending = "theirs"
        core.add_dialog(dialog, self)
        transaction.user = self

    @property
    def sip_call_id(self) -> str:
        return self.request.sip_call_id

    @cached_property
    def caller_number(self) -> str:
        """Whom the call is from: asserted if a trunk says so, else From. May be empty."""
        return caller_number(self.request, trusted=self.identity.kind == "trunk")

    @cached_property
    def dialled_number(self) -> str:
        return dialled_number(self.request)

    @cached_property
    def original_number(self) -> str:
        """What was dialled at first, if a trunk says that the call was diverted; else empty."""
        return original_number(self.request, trusted=self.identity.kind == "trunk")

    def attach(self, listener: SessionListener) -> None:
        """From now on tell this one, unless all is over already."""
        if self.state in (SessionState.EARLY, SessionState.CONFIRMED):
            self.listener = listener

    def ring(self, status: int = 180, early: Sdp | None = None) -> None:
        """Send a provisional response, with early media if given."""
        if self.state is not SessionState.EARLY:
            return
        response = response_to(
            self.request,
            status,
            to_tag=self.local_tag,
            headers=self.headers(self._transaction.reply_to),
            body=bytes(early) if early else b"",
            content_type=SDP if early else None,
        )
        self._transaction.respond(response)
        self._last_provisional = (status, early)
        self._still_ringing.set(self.core.network.time() + STILL_RINGING)

    def answer(self, answer: Sdp) -> None:
        """
        Accept the call. The 2xx is repeated until its ACK comes (``confirmed``).

        If the INVITE had no offer, ``answer`` is our offer, and ``answered`` hears the ACK's SDP.
        """
        if self.state is SessionState.CONFIRMED:
            raise IllegalStep("the call is answered already")
        if self.state is not SessionState.EARLY:
            return
        self.state = SessionState.CONFIRMED
        self._still_ringing.set(None)
        expected = answer if self.offer is None else None
        self.negotiation.settle(answer)
        if expected is not None:
            self.negotiation.offer()
        self.send_answer(self.request, self._transaction, answer, expected)

    def refuse(
        self, status: int, reason: str | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer 300-699. The listener hears nothing more."""
        if self.state is SessionState.EARLY:
            self._respond_finally(status, reason, headers)
            self.close()

    def hang_up(self, reason: str | None = None) -> None:
        """See :meth:`InviteSession.hang_up`. Before the answer it is a 480."""
        if self.state is SessionState.EARLY:
            self.refuse(480, headers=() if reason is None else (("Reason", reason),))
        else:
            self.hang_up_confirmed(reason)

    def cancel_received(self) -> None:
        """A CANCEL matched our INVITE; after the final response it is too late (§9.2)."""
        self._withdrawn()

    def disconnected(self) -> None:
        """The connection broke before we answered."""
        if self.state is SessionState.EARLY:
            listener = self.listener
            self.close()
            self._transaction.respond(response_to(self.request, 487, to_tag=self.local_tag))
            listener.cancelled()

    def bye_received(self, bye: Request) -> None:
        """A caller may end the early dialog by BYE as well (§15)."""
        if self.state is SessionState.EARLY:
            self._withdrawn()
        else:
            super().bye_received(bye)

    def ack_received(self) -> None:
        if not self._acknowledged:
            self._acknowledged = True
            self.watch()
            self.listener.confirmed()

    def close(self) -> None:
        self._still_ringing.set(None)
        self.core.calls_in.discard(self)
        super().close()

    def _withdrawn(self) -> None:
        if self.state is SessionState.EARLY:
            listener = self.listener
            self._respond_finally(487)
            self.close()
            listener.cancelled()

    def _respond_finally(
        self, status: int, reason: str | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        response = response_to(self.request, status, reason, to_tag=self.local_tag, headers=headers)
        self._transaction.respond(response)

    def _ring_again(self, now: float) -> None:
        if self._last_provisional is not None:
            self.ring(*self._last_provisional)
