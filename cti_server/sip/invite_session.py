"""
One INVITE session: what calls in and out have in common once a dialog stands (RFC 3261 §14, §15).

The session moves in plain methods; only :meth:`InviteSession.reinvite` lets its caller wait.
"""

import asyncio
import enum
import random
from collections.abc import Callable, Collection

from . import dtmf_info
from .awaited_ack import AwaitedAck
from .core import ACCEPT, ALLOW, SDP, Core
from .deadlines import Alarm
from .dialog import Dialog, new_target
from .dialog_request import Credentials, DialogRequest
from .errors import SdpError
from .inspection import Refusal
from .message import Request, Response, response_to
from .negotiation import Negotiation
from .reinvite import Reinvite
from .sdp import Sdp
from .session import DEAF, Ended, SessionListener, SessionRefused
from .transaction import AckTimedOut, Send
from .transactions import ServerTransaction
from .transport import Flow

_rng = random.Random()  # noqa: S311 - spreads retries, protects nothing


class SessionState(enum.Enum):
    EARLY = "early"  # no 2xx yet
    CONFIRMED = "confirmed"
    ENDING = "ending"  # our BYE is under way, or waits for the ACK that must come first
    OVER = "over"


class SentAnswer:
    """A 2xx of ours, sent again until its ACK comes."""

    __slots__ = ("_core", "_flow", "_given_up", "_machine", "due", "offer", "sequence")

    def __init__(
        self,
        core: Core,
        data: bytes,
        flow: Flow,
        sequence: int,
        offer: Sdp | None,
        given_up: Callable[[], None],
    ) -> None:
        self._core = core
        self._flow = flow
        self._given_up = given_up
        self._machine = AwaitedAck(data, core.network.time(), core.settings.timers)
        self.due: float | None = None
        self.sequence = sequence
        self.offer = offer
        """Ours, if the ACK must bring the answer."""
        core.deadlines.set(self, self._machine.deadline)

    def stop(self) -> None:
        self._machine.acknowledge()
        self._core.deadlines.set(self, None)

    def handle_timer(self, now: float) -> None:
        effects = self._machine.handle_timer(now)
        self._core.deadlines.set(self, self._machine.deadline)
        for effect in effects:
            match effect:
                case Send(data):
                    self._core.transactions.retransmissions += 1
                    self._core.network.send(data, self._flow)
                case AckTimedOut():
                    self._given_up()


class InviteSession:
    """The common part of :class:`IncomingCall` and :class:`OutgoingCall`."""

    owns_call_id = False
    extensions: Collection[str] = ()

    def __init__(self, core: Core, listener: SessionListener) -> None:
        self.core = core
        self.listener = listener
        self.state = SessionState.EARLY
        self.negotiation = Negotiation()
        self.credentials: Credentials | None = None
        self._dialog: Dialog | None = None
        self._unacknowledged: SentAnswer | None = None
        self._ping = Alarm(core.deadlines, self._ping_due)
        self._reinvite: Reinvite | None = None
        self._bye_reason: str | None = None
        core.sessions.add(self)

    @property
    def over(self) -> bool:
        return self.state is SessionState.OVER

    @property
    def confirmed(self) -> bool:
        """Whether it is established, and nobody has said BYE."""
        return self.state is SessionState.CONFIRMED

    @property
    def dialog(self) -> Dialog | None:
        """The confirmed dialog (or, of a call in, its early one)."""
        return self._dialog

    async def reinvite(self, offer: Sdp) -> Sdp:
        """
        Propose other media; return the other side's answer.

        After a glare (491) it is tried again as RFC 3261 §14.1 says. Raises SessionRefused, with
        481 if the session is over and 491 if another re-INVITE of ours is under way.
        """
        if self.state is not SessionState.CONFIRMED or self._dialog is None:
            raise SessionRefused(481, "Session Is Over")
        if self._reinvite is not None:
            raise SessionRefused(491, "Request Pending")
        outcome: asyncio.Future[Sdp] = asyncio.get_running_loop().create_future()
        self._reinvite = Reinvite(
            self.core,
            self._dialog,
            offer,
            self.negotiation,
            owns_call_id=self.owns_call_id,
            credentials=self.credentials,
            rng=_rng,
            busy=lambda: self._unacknowledged is not None,
            gone=self.gone,
            done=lambda answer: _resolve(outcome, answer),
        )
        self._reinvite.start()
        try:
            return await outcome
        finally:
            self._reinvite = None

    def hang_up(self, reason: str | None = None) -> None:
        """
        End the session, whatever its state. The listener hears nothing more.

        ``reason`` is the value of a Reason header (RFC 3326): ``SIP;cause=200;text="..."``.
        """
        raise NotImplementedError

    def send_info_digit(self, digit: str, duration_ms: int = dtmf_info.USUAL_MS) -> None:
        """Send one key by INFO, for peers without telephone-events."""
        if self.state is SessionState.CONFIRMED and self._dialog is not None:
            body = dtmf_info.written(digit, duration_ms)
            self._send(self._dialog, "INFO", body=body, content_type=dtmf_info.DTMF_RELAY)

    def receive(self, request: Request, transaction: ServerTransaction, dialog: Dialog) -> None:
        """Answer a request in one of the session's dialogs."""
        if self.state is SessionState.ENDING and request.method != "BYE":
            transaction.respond(response_to(request, 481))
            return
        match request.method:
            case "BYE":
                transaction.respond(response_to(request, 200))
                self.bye_received(request)
            case "INVITE":
                self._take_reinvite(request, transaction, dialog)
            case "UPDATE":
                self._take_update(request, transaction, dialog)
            case "INFO":
                self._take_info(request, transaction)
            case _:
                headers = (("Allow", ALLOW), ("Accept", ACCEPT))
                transaction.respond(response_to(request, 200, headers=headers))

    def bye_received(self, bye: Request) -> None:
        if self.state is SessionState.CONFIRMED:
            self.end(Ended("bye", reason_header=bye.headers.get("Reason")))
        else:
            self.close()

    def acknowledged(self, ack: Request) -> None:
        """The ACK of a 2xx of ours came: by its dialog, or by its INVITE's branch."""
        answer = self._unacknowledged
        if answer is None or ack.cseq.number != answer.sequence:
            return
        self._unacknowledged = None
        answer.stop()
        if self.state is SessionState.ENDING:
            self._send_bye()
            return
        if answer.offer is not None and not self._take_answer_in(ack, answer.offer):
            self.end(Ended("no-answer"), say_bye=True)
            return
        self.ack_received()

    def ack_received(self) -> None:
        """For a call in: its INVITE, not a re-INVITE, was acknowledged."""

    def _take_answer_in(self, ack: Request, offer: Sdp) -> bool:
        try:
            remote = Sdp.parse(self.answer_in(ack))
        except SdpError:
            return False
        self.negotiation.settle(offer)
        self.listener.answered(remote)
        return True

    def _take_reinvite(
        self, request: Request, transaction: ServerTransaction, dialog: Dialog
    ) -> None:
        if not self._may_negotiate(request, transaction):
            return
        target = new_target(request)
        described = self._described(request, transaction)
        if described is None:
            return
        if described:
            sdp = self._answer_to(described, request, transaction)
            expected = None
        else:
            sdp = expected = self._offer_again(request, transaction)
        if sdp is None:
            return
        dialog.retarget(target)
        self.send_answer(request, transaction, sdp, expected)

    def _offer_again(self, request: Request, transaction: ServerTransaction) -> Sdp | None:
        """A re-INVITE without an offer asks for ours."""
        if self.negotiation.local is None:
            transaction.respond(response_to(request, 488))
            return None
        self.negotiation.offer()
        return self.offer_anew(self.negotiation.local)

    def send_answer(
        self,
        request: Request,
        transaction: ServerTransaction,
        sdp: Sdp,
        offer: Sdp | None,
    ) -> None:
        """Accept an INVITE; ``offer`` is ``sdp`` if the ACK must answer it."""
        flow = transaction.reply_to
        headers = self.headers(flow)
        response = response_to(
            request, 200, headers=headers, body=bytes(sdp), content_type=SDP, to_tag=self.local_tag
        )
        if self._unacknowledged is not None:
            self._unacknowledged.stop()
        data = transaction.respond(response)
        self._unacknowledged = SentAnswer(
            self.core, data, flow, request.cseq.number, offer, self.ack_timed_out
        )

    @property
    def local_tag(self) -> str | None:
        return self._dialog.local_tag if self._dialog else None

    def _take_update(
        self, request: Request, transaction: ServerTransaction, dialog: Dialog
    ) -> None:
        headers = self.headers(transaction.reply_to)
        target = new_target(request)
        if request.body and not self._may_negotiate(request, transaction):
            return
        described = self._described(request, transaction)
        if described is None:
            return
        if not described:
            dialog.retarget(target)
            transaction.respond(response_to(request, 200, headers=headers))
            return
        answer = self._answer_to(described, request, transaction)
        if answer is not None:
            dialog.retarget(target)
            body = bytes(answer)
            transaction.respond(
                response_to(request, 200, headers=headers, body=body, content_type=SDP)
            )

    def _may_negotiate(self, request: Request, transaction: ServerTransaction) -> bool:
        """Refuse an offer at the wrong moment."""
        refused = self.negotiation.refusal(_rng)
        if refused is not None:
            wait = refused.retry_after
            headers = () if wait is None else (("Retry-After", str(wait)),)
            transaction.respond(response_to(request, refused.status, headers=headers))
            return False
        return True

    def _described(self, request: Request, transaction: ServerTransaction) -> bytes | None:
        """The session description in a request, empty if it has none; None: it was refused."""
        read = self.read_body(request)
        if isinstance(read, bytes):
            return read
        transaction.respond(response_to(request, read.status, read.reason, headers=read.headers))
        return None

    def read_body(self, request: Request) -> bytes | Refusal:
        """What of its body is a session description; whoever knows other bodies takes them here."""
        if request.body and request.content_type != SDP:
            return Refusal(415, headers=(("Accept", SDP),))
        return request.body

    def answer_in(self, ack: Request) -> bytes:
        """What of an ACK's body is the answer to our offer; empty if there is none."""
        return ack.body

    def offer_anew(self, local: Sdp) -> Sdp:
        """What we offer where we are asked for it: what is in force, unchanged."""
        return local

    def headers(self, flow: Flow) -> list[tuple[str, str]]:
        """Of every response of ours that stands for the session."""
        return [("Contact", self.core.contact(flow)), ("Allow", ALLOW)]

    def _answer_to(
        self, described: bytes, request: Request, transaction: ServerTransaction
    ) -> Sdp | None:
        """Ask the layer above for its answer; None if the offer was refused."""
        try:
            offer = Sdp.parse(described)
        except SdpError:
            transaction.respond(response_to(request, 400, "Bad SDP"))
            return None
        answer = self.listener.offered(offer)
        if answer is None:
            transaction.respond(response_to(request, 488))
            return None
        self.negotiation.settle(answer)
        return answer

    def _take_info(self, request: Request, transaction: ServerTransaction) -> None:
        kind = request.content_type
        if not request.body:
            transaction.respond(response_to(request, 200))
        elif kind not in (dtmf_info.DTMF_RELAY, dtmf_info.DTMF):
            accepted = f"{dtmf_info.DTMF_RELAY}, {dtmf_info.DTMF}"
            transaction.respond(response_to(request, 415, headers=(("Accept", accepted),)))
        elif (key := dtmf_info.read(kind, request.body)) is None:
            transaction.respond(response_to(request, 400, "Bad DTMF"))
        else:
            transaction.respond(response_to(request, 200))
            self.listener.digit_received(*key)

    def end(self, ended: Ended, *, say_bye: bool = False) -> None:
        """The session ends by the other side, the network or time: tell the layer above."""
        listener = self.listener
        if say_bye:
            self._send_bye()
        else:
            self.close()
        listener.ended(ended)

    def gone(self, status: int) -> None:
        """A request in the dialog got 481 or 408, or nothing could carry it (RFC 5057 §5.1)."""
        if self.state is SessionState.CONFIRMED:
            cause = "transport-failed" if status == 503 else "session-gone"
            self.end(Ended(cause, status), say_bye=status == 408)

    def ack_timed_out(self) -> None:
        """64*T1 after our 2xx nobody acknowledged it (RFC 3261 §13.3.1.4)."""
        self._unacknowledged = None
        if self.state is SessionState.ENDING:
            self._send_bye()
        elif self.state is SessionState.CONFIRMED:
            self.end(Ended("ack-timeout"), say_bye=True)

    def close(self) -> None:
        """Forget everything: dialogs, timers, listener."""
        self.state = SessionState.OVER
        self.listener = DEAF
        self._ping.set(None)
        if self._unacknowledged is not None:
            self._unacknowledged.stop()
            self._unacknowledged = None
        if self._reinvite is not None:
            self._reinvite.abandon()
        if self._dialog is not None:
            self.core.remove_dialog(self._dialog)
        self.core.sessions.discard(self)

    def hang_up_confirmed(self, reason: str | None) -> None:
        """Send BYE, but not before the ACK of our 2xx came or timed out (RFC 3261 §15)."""
        if self.state is not SessionState.CONFIRMED:
            return
        self._bye_reason = reason
        if self._unacknowledged is None:
            self._send_bye()
            return
        self.state = SessionState.ENDING
        self.listener = DEAF
        self._ping.set(None)

    def _send_bye(self) -> None:
        """Part; the dialog stays known until BYE is answered, for a BYE that crosses ours."""
        dialog = self._dialog
        if dialog is None:
            self.close()
            return
        self.close()
        self.state = SessionState.ENDING
        self.core.add_dialog(dialog, self)
        headers = () if self._bye_reason is None else (("Reason", self._bye_reason),)
        DialogRequest(
            self.core,
            dialog,
            "BYE",
            headers=headers,
            credentials=self.credentials,
            done=lambda status, response: self._bye_done(dialog),
        ).send()

    def _bye_done(self, dialog: Dialog) -> None:
        self.state = SessionState.OVER
        self.core.remove_dialog(dialog)

    def watch(self) -> None:
        """From now on ask from time to time whether the other side still knows the session."""
        interval = self.core.settings.ping_interval
        if interval is not None and self.state is SessionState.CONFIRMED:
            spread = interval * (0.75 + _rng.random() / 4)
            self._ping.set(self.core.network.time() + spread)

    def _ping_due(self, now: float) -> None:
        if self.state is SessionState.CONFIRMED and self._dialog is not None:
            self._send(self._dialog, "OPTIONS", done=lambda status, response: self.watch())

    def _send(
        self,
        dialog: Dialog,
        method: str,
        *,
        body: bytes = b"",
        content_type: str | None = None,
        done: Callable[[int, Response | None], None] | None = None,
    ) -> None:
        def finished(status: int, response: Response | None) -> None:
            if status in (408, 481, 503) and (status != 503 or response is None):
                self.gone(status)
            elif done is not None:
                done(status, response)

        DialogRequest(
            self.core,
            dialog,
            method,
            body=body,
            content_type=content_type,
            credentials=self.credentials,
            done=finished,
        ).send()


def _resolve(outcome: asyncio.Future[Sdp], answer: Sdp | SessionRefused) -> None:
    if outcome.done():
        return  # whoever waited was cancelled
    if isinstance(answer, SessionRefused):
        outcome.set_exception(answer)
    else:
        outcome.set_result(answer)
