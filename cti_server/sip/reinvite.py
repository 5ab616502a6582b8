"""A re-INVITE of ours (RFC 3261 §14.1): its ACKs, its retries after a glare, its outcome."""

import contextlib
import random
from collections.abc import Callable

from .core import ALLOW, SDP, Core
from .deadlines import Alarm
from .dialog import Dialog, new_target
from .dialog_request import Credentials, authorization, copy_credentials
from .errors import SdpError, SipParseError
from .invite_client import cancellation
from .message import Request, Response
from .negotiation import Negotiation, glare_pause
from .sdp import Sdp
from .session import SessionRefused
from .transactions import IGNORED, ClientTransaction
from .transport import Flow

GLARES = 6  # after so many in a row the other side is not trying to agree


class Reinvite:
    """One proposal to change the media. ``done`` hears the answer or why there is none, once."""

    def __init__(
        self,
        core: Core,
        dialog: Dialog,
        offer: Sdp,
        negotiation: Negotiation,
        *,
        owns_call_id: bool,
        credentials: Credentials | None,
        rng: random.Random,
        busy: Callable[[], bool],
        gone: Callable[[int], None],
        done: Callable[[Sdp | SessionRefused], None],
    ) -> None:
        self._core = core
        self._dialog = dialog
        self._offer = offer
        self._negotiation = negotiation
        self._owns_call_id = owns_call_id
        self._credentials = credentials
        self._rng = rng
        self._busy = busy
        self._gone = gone
        self._done: Callable[[Sdp | SessionRefused], None] | None = done
        self._alarm = Alarm(core.deadlines, self._alarm_due)
        self._extra: list[tuple[str, str]] = []
        self._glares = 0
        self._request: Request | None = None
        self._transaction: ClientTransaction | None = None
        self._ack: tuple[bytes, Flow] | None = None

    def start(self) -> None:
        """Send it, or wait until no other offer is open (§14.1)."""
        if self._negotiation.pending is not None or self._busy():
            self._pause()
            return
        self._negotiation.offer()
        self._core.flow_of(self._dialog, self._send_on)

    def abandon(self) -> None:
        """The session is over. A late 2xx is still acknowledged."""
        self._finish(SessionRefused(481, "Session Is Over"))

    def received(self, response: Response) -> None:
        match response.status // 100:
            case 1:
                pass
            case 2:
                self._accepted(response)
            case _:
                self._refused(response)

    def gave_up(self, status: int) -> None:
        self._negotiation.settle(None)
        self._finish(SessionRefused(status, "No Answer" if status == 408 else "Not Reachable"))
        self._gone(status)

    def _send_on(self, flow: Flow | None) -> None:
        if flow is None:
            self._core.network.soon(lambda: self.gave_up(503))
            return
        request = self._dialog.request("INVITE", via=self._core.via(flow))
        request.headers.add("Contact", self._core.contact(flow))
        request.headers.add("Allow", ALLOW)
        for name, value in self._extra:
            request.headers.add(name, value)
        request.headers.add("Content-Type", SDP)
        request.body = bytes(self._offer)
        self._request = request
        self._alarm.set(self._core.network.time() + self._core.settings.timers.patience)
        self._transaction = self._core.transactions.request(request, flow, self)

    def _accepted(self, response: Response) -> None:
        if self._ack is None:
            self._acknowledge(response)
        if self._ack is not None:
            self._core.network.send(*self._ack)
        if self._done is None:
            return
        try:
            answer = Sdp.parse(response.body)
        except SdpError:
            self._negotiation.settle(None)
            self._finish(SessionRefused(488, "Bad SDP In The Answer"))
            return
        self._negotiation.settle(self._offer)
        self._finish(answer)

    def _acknowledge(self, response: Response) -> None:
        request = self._request
        if request is None:
            return
        with contextlib.suppress(SipParseError):  # a Contact that can't be used changes nothing
            self._dialog.retarget(new_target(response))

        def send_on(flow: Flow | None) -> None:
            if flow is not None:
                via = self._core.via(flow)
                ack = self._dialog.request("ACK", via=via, sequence=request.cseq.number)
                copy_credentials(request, ack)
                self._ack = (bytes(ack), flow)

        self._core.flow_of(self._dialog, send_on)

    def _refused(self, response: Response) -> None:
        self._negotiation.settle(None)
        if self._done is None:
            return
        if response.status == 491 and self._glares < GLARES:
            self._glares += 1
            self._pause()
            return
        if self._request is not None:
            answer = authorization(self._core, self._request, response, self._credentials)
            if answer is not None:
                self._credentials = None
                self._extra.append(answer)
                self.start()
                return
        self._finish(SessionRefused(response.status, response.reason))
        if response.status in (408, 481):
            self._gone(response.status)

    def _pause(self) -> None:
        self._transaction = None
        pause = glare_pause(self._rng, owns_call_id=self._owns_call_id)
        self._alarm.set(self._core.network.time() + pause)

    def _alarm_due(self, now: float) -> None:
        if self._transaction is None:
            self.start()
        elif self._request is not None:
            # A provisional response came, but no final one: the same as for a first INVITE (§9.1).
            cancel = cancellation(self._request)
            self._core.transactions.request(cancel, self._transaction.flow, IGNORED)
            self._transaction.give_up_after_cancel()

    def _finish(self, outcome: Sdp | SessionRefused) -> None:
        done, self._done = self._done, None
        self._alarm.set(None)
        if done is not None:
            done(outcome)
