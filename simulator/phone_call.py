"""One call of a softphone: what happened in it and when, what was heard, what can be done."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import (
    AudioAgreement,
    LocalMedia,
    answer_offer,
    make_offer,
    read_answer,
)
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended

from .audio import Sound
from .changes import Changes
from .heard import Heard, RtpFigures
from .rtp import RtpEnd

WITHIN = 20.0  # seconds that a test waits for something before it says that it did not come

_session_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class CallEnd:
    """Why a call is over. ``status`` is the SIP status of a call that was never answered."""

    by: Literal["us", "them", "network"]
    cause: str
    status: int | None = None

    def __str__(self) -> str:
        return f"{self.status} {self.cause}" if self.status else f"{self.cause} (by {self.by})"


class CallOver(Exception):
    """What was waited for cannot come any more."""

    def __init__(self, end: CallEnd, wanted: str) -> None:
        super().__init__(f"the call is over: {end}; waited for {wanted}")
        self.end = end
        self.status = end.status


class Session(Protocol):
    """What a call needs of its SIP session, in or out."""

    def hang_up(self, reason: str | None = None) -> None: ...
    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None: ...
    def reinvite(self, offer: Sdp) -> Awaitable[Sdp]: ...


class PhoneCall:
    """
    A call in or out. Times are seconds of the event loop's clock, None as long as it did not come.

    What waits takes ``within`` seconds and raises TimeoutError, or CallOver if the call ended.
    """

    def __init__(self, host: str, number: str, codecs: tuple[str, ...]) -> None:
        """``number`` is the other party's, or the URI that is called. Raises OSError."""
        self._loop = asyncio.get_running_loop()
        self._changes = Changes()
        self.number = number
        self.began_at = self._loop.time()
        """When our INVITE left, or theirs came."""
        self.rang_at: float | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.ring_status: int | None = None
        self.end: CallEnd | None = None
        self.info_digits = ""
        """The keys that came by SIP INFO."""
        self.incoming: IncomingCall | None = None
        self.agreement: AudioAgreement | None = None
        self._confirmed = False
        self._session: Session | None = None
        self._rtp = RtpEnd(host, self._changes)
        self._local = LocalMedia(host, self._rtp.port, next(_session_ids), codecs=codecs)
        self._description: Sdp | None = None
        self._timers: list[asyncio.TimerHandle] = []

    def __str__(self) -> str:
        if self.end is not None:
            return f"over: {self.end}"
        state = "answered" if self.answered_at else "ringing" if self.rang_at else "not rung yet"
        return f"{state}, {self.figures.received} RTP packets heard"

    # --- what can be seen ---------------------------------------------------------------------

    @property
    def heard(self) -> Heard:
        return self._rtp.heard

    @property
    def port(self) -> int:
        """Our own RTP port."""
        return self._local.port

    @property
    def figures(self) -> RtpFigures:
        return self._rtp.figures

    @property
    def late_ticks(self) -> int:
        """How often this process sent 5 ms or more too late; then it is no witness of delays."""
        return self._rtp.late_ticks

    @property
    def direction(self) -> str:
        """Of the audio, as seen from here: "sendrecv", "sendonly", "recvonly", "inactive"."""
        return self.agreement.direction if self.agreement else "inactive"

    @property
    def digits(self) -> str:
        """All keys that came, by RTP and by INFO."""
        return self.heard.digits + self.info_digits

    # --- what can be waited for ---------------------------------------------------------------

    async def rings(self, within: float = WITHIN) -> None:
        """Our call out rings at the other end, or was answered at once."""
        await self._wait(
            lambda: self.rang_at is not None or self.answered_at is not None, within, "ringing"
        )

    async def answered(self, within: float = WITHIN) -> None:
        """The call stands: 2xx and ACK have passed."""
        await self._wait(lambda: self._confirmed, within, "an answer")

    async def ended(self, within: float = WITHIN) -> CallEnd:
        await self._wait(lambda: self.end is not None, within, "the end", also_after_it=True)
        if self.end is None:
            raise AssertionError
        return self.end

    async def audio_began(self, within: float = WITHIN) -> float:
        """Wait for the first sound that is not silence; when it came."""
        await self._wait(lambda: self.heard.sounded_at is not None, within, "sound")
        return self.heard.sounded_at or 0.0

    async def hears(
        self, hz: float, within: float = WITHIN, *, span: float = 0.3, tolerance: float = 8.0
    ) -> None:
        """
        From now on ``span`` seconds up to some moment sound like this tone, give or take
        ``tolerance`` Hz.
        """
        looked_at = self._loop.time()

        def sounds_so() -> bool:
            nonlocal looked_at
            since, looked_at = looked_at, self._loop.time()
            return self.heard.sounded(hz, since, span=span, tolerance=tolerance)

        await self._wait(sounds_so, within, f"a tone of {hz:g} Hz")

    async def hears_silence(self, within: float = WITHIN, *, span: float = 0.3) -> None:
        """The last ``span`` seconds are silent, or nothing came at all."""
        await self._wait(
            lambda: self.heard.frequency(last=span) is None, within, "silence", also_after_it=True
        )

    async def hears_digits(self, digits: str, within: float = WITHIN) -> None:
        """These keys came, one after the other, by RTP or by INFO."""
        await self._wait(lambda: digits in self.digits, within, f"the keys {digits}")

    async def is_directed(self, direction: str, within: float = WITHIN) -> None:
        """The audio's direction became this, by a re-INVITE of either side."""
        await self._wait(lambda: self.direction == direction, within, direction)

    # --- what can be done ---------------------------------------------------------------------

    def say(self, sound: Sound | None) -> None:
        """From now on send this sound; None is silence."""
        self._rtp.say(sound)

    def lose_audio(self, lost: bool = True) -> None:
        """From now on nothing that is said here arrives, or it does again; signalling goes on."""
        self._rtp.unheard = lost

    async def press(self, digits: str, *, duration_ms: int = 100, gap_ms: int = 100) -> None:
        """Press keys as telephone-events (RFC 4733); returns when all were sent."""
        if self.agreement is None or self.agreement.dtmf_payload_type is None:
            raise ValueError("no telephone-events were agreed on: press_by_info() instead")
        self._rtp.press(digits, duration_ms, gap_ms)
        seconds = len(digits) * (duration_ms + gap_ms) / 1000
        await self._wait(lambda: not self._rtp.typing, WITHIN + seconds, "the keys being sent")

    def press_by_info(self, digits: str, *, duration_ms: int = 250) -> None:
        """Press keys by SIP INFO."""
        for digit in digits:
            self._talking().send_info_digit(digit, duration_ms)

    async def hold(self, direction: str = "sendonly") -> None:
        """Put the other side on hold by a re-INVITE. Raises SessionRefused."""
        await self._propose(direction)

    async def resume(self) -> None:
        """Take the other side back. Raises SessionRefused."""
        await self._propose("sendrecv")

    def answer(self) -> None:
        """Take a call in; once, and not when it is over."""
        if self.incoming is None or self.answered_at is not None or self.end is not None:
            return
        offer = self.incoming.offer
        if offer is None:
            self._description = make_offer(self._local)
        else:
            try:
                self._description, agreement = answer_offer(offer, self._local)
            except SipError:
                self.decline(488)
                return
            self._agree(agreement)
        self.answered_at = self._loop.time()
        self.incoming.answer(self._description)
        self._changes.happened()

    def ring(self, status: int = 180) -> None:
        """Say that a call in rings here."""
        if self.incoming is not None and self.end is None:
            self.incoming.ring(status)

    def sound_early(self) -> None:
        """Ring with a sound of our own (183 with a description): what is said is heard already."""
        if self.incoming is None or self.incoming.offer is None or self.end is not None:
            return
        self._description, agreement = answer_offer(self.incoming.offer, self._local)
        self._agree(agreement)
        self.incoming.ring(183, early=self._description)

    def decline(self, status: int = 486) -> None:
        """Refuse a call in."""
        if self.incoming is not None and self.end is None and self.answered_at is None:
            self.incoming.refuse(status)
            self.finish(CallEnd("us", "declined", status))

    def hang_up(self) -> None:
        """End it in any state."""
        if self.end is None:
            if self._session is not None:
                self._session.hang_up()
            self.finish(CallEnd("us", "hung up" if self.answered_at else "given up"))

    # --- for the phone ------------------------------------------------------------------------

    def offer(self) -> Sdp:
        """The description that our INVITE carries."""
        self._description = make_offer(self._local)
        return self._description

    def attach(self, session: Session) -> None:
        self._session = session
        if isinstance(session, IncomingCall):
            self.incoming = session
            self.rang_at = self.began_at

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something later, unless the call is over by then."""
        if seconds > 0:
            self._timers.append(self._loop.call_later(seconds, action))
        else:
            action()

    # --- what the session tells -----------------------------------------------------------------

    def rang(self, status: int, early_media: Sdp | None) -> None:
        if self.rang_at is None:
            self.rang_at = self._loop.time()
            self.ring_status = status
        if early_media is not None and self._description is not None:
            with contextlib.suppress(SipError):  # what can't be used early may still be answered
                self._agree(read_answer(self._description, early_media))
        self._changes.happened()

    def accepted(self, remote: Sdp) -> None:
        """Their answer to our offer: in their 2xx, or in their ACK of ours."""
        if self._description is None:
            raise AssertionError
        try:
            self._agree(read_answer(self._description, remote))
        except SipError as error:
            if self._session is not None:
                self._session.hang_up()
            self.finish(CallEnd("us", f"unusable answer: {error}"))
            return
        if self.answered_at is None:
            self.answered_at = self._loop.time()
            self._confirmed = True
        self._changes.happened()

    def confirmed(self) -> None:
        self._confirmed = True
        self._changes.happened()

    def take_offer(self, offer: Sdp) -> Sdp | None:
        try:
            answer, agreement = answer_offer(offer, self._next_version())
        except SipError:
            return None
        self._description = answer
        self._agree(agreement)
        self._changes.happened()
        return answer

    def take_digit(self, digit: str) -> None:
        self.info_digits += digit
        self._changes.happened()

    # --- inside -------------------------------------------------------------------------------

    def _agree(self, agreement: AudioAgreement) -> None:
        self.agreement = agreement
        self._rtp.agree(agreement)

    def _next_version(self) -> LocalMedia:
        self._local = replace(self._local, version=self._local.version + 1)
        return self._local

    async def _propose(self, direction: str) -> None:
        session = self._talking()
        offer = make_offer(self._next_version(), direction, after=self._description)
        answer = await session.reinvite(offer)
        self._description = offer
        self._agree(read_answer(offer, answer))
        self._changes.happened()

    def _talking(self) -> Session:
        if self._session is None or self.end is not None or self.answered_at is None:
            raise ValueError(f"only in an answered call; this one is {self}")
        return self._session

    async def _wait(
        self, true: Callable[[], bool], within: float, wanted: str, *, also_after_it: bool = False
    ) -> None:
        try:
            async with asyncio.timeout(within):
                await self._changes.until(
                    lambda: true() or (self.end is not None and not also_after_it)
                )
        except TimeoutError:
            raise TimeoutError(f"no {wanted} within {within:g} s; the call is {self}") from None
        if self.end is not None and not also_after_it and not true():
            raise CallOver(self.end, wanted)

    def finish(self, end: CallEnd) -> None:
        """It is over; the port is given back, what was heard stays."""
        if self.end is not None:
            return
        self.end = end
        self.ended_at = self._loop.time()
        for timer in self._timers:
            timer.cancel()
        self._rtp.close()
        self._changes.happened()


class Listening:
    """Hears the SIP session on the call's behalf."""

    def __init__(self, call: PhoneCall) -> None:
        self._call = call

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        self._call.rang(status, early_media)

    def answered(self, remote: Sdp) -> None:
        self._call.accepted(remote)

    def failed(self, status: int, reason: str) -> None:
        self._call.finish(CallEnd("network" if status in (408, 503) else "them", reason, status))

    def cancelled(self) -> None:
        self._call.finish(CallEnd("them", "cancelled"))

    def confirmed(self) -> None:
        self._call.confirmed()

    def offered(self, offer: Sdp) -> Sdp | None:
        return self._call.take_offer(offer)

    def digit_received(self, digit: str, duration_ms: int) -> None:
        self._call.take_digit(digit)

    def ended(self, ended: Ended) -> None:
        by: Literal["them", "network"] = "them" if ended.cause == "bye" else "network"
        self._call.finish(CallEnd(by, "hung up" if ended.cause == "bye" else ended.cause))
