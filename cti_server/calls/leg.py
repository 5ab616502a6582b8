"""One party's part of a call: one SIP session and its media."""

import asyncio
import math
from collections.abc import Callable
from typing import Protocol

import structlog

from cti_server.media.plane import MediaLeg, MediaPlane
from cti_server.media.protocol import Codec, Direction, LegQuality
from cti_server.sip.errors import SipError
from cti_server.sip.offer_answer import (
    AudioAgreement,
    LocalMedia,
    NoCommonCodec,
    answer_offer,
    make_offer,
    read_answer,
)
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended
from cti_server.wire.events import Event, LegAnswered, LegEnded

from . import termination
from .termination import Termination

log = structlog.get_logger()

_CODECS: dict[str, Codec] = {"PCMU": "PCMU", "PCMA": "PCMA"}
_DIRECTIONS: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}

DIGITS_KEPT = 64
"""Keys typed ahead that a leg remembers; more than any menu or collect can want."""


class Session(Protocol):
    """What a leg needs of its SIP session, incoming or outgoing."""

    def hang_up(self, reason: str | None = None) -> None: ...


class Leg:
    """
    Hears its SIP session and its RTP, and knows when it is connected and when it is over.
    ``hung_up`` is what it means when this party puts the phone down.

    Everything that happens to it sets :attr:`connected` or :attr:`over`; who waits for it waits
    for these. A leg is over once, for one reason.
    """

    def __init__(
        self,
        *,
        leg_id: str,
        call_id: str,
        session_id: int,
        hung_up: Termination,
        append: Callable[[Event], object],
    ) -> None:
        self.id = leg_id
        self.call_id = call_id
        self.digits: asyncio.Queue[str] = asyncio.Queue(DIGITS_KEPT)
        self.connected = asyncio.Event()
        self.over = asyncio.Event()
        self._settled = asyncio.Event()
        self.termination: Termination | None = None
        self.status: int | None = None
        self.quality = LegQuality()
        self.begun = False
        """Whether its start is in the log; its end is only then."""
        self._append = append
        self._hung_up = hung_up
        self._session: Session | None = None
        self._media: MediaLeg | None = None
        self._session_id = session_id
        self._version = 0
        self._proposed: Sdp | None = None
        self._agreement: AudioAgreement | None = None
        self._closed = False

    # --- what the call does with it -----------------------------------------------------------

    @property
    def media(self) -> MediaLeg:
        if self._media is None:
            raise RuntimeError(f"leg {self.id} has no media yet")
        return self._media

    @property
    def codec(self) -> str:
        return self._agreement.codec if self._agreement else "PCMU"

    def attach(self, session: Session) -> None:
        """This is the leg's SIP session; it is ended with the leg."""
        self._session = session
        if self.over.is_set():
            session.hang_up()

    async def open_media(self, plane: MediaPlane, *, beside: "Leg | None" = None) -> None:
        """
        Take a port, on the same worker as ``beside``.

        Raises MediaUnavailable.
        """
        self._media = await plane.open_leg(
            self.id, self, beside=beside.media if beside is not None else None
        )

    def propose(self, *, codecs: tuple[str, ...]) -> Sdp:
        """Our offer to the party."""
        self._proposed = make_offer(self._local(codecs))
        return self._proposed

    def accept(self, offer: Sdp) -> Sdp:
        """
        Our answer to the party's offer; media flows as agreed from here on.

        Raises NoCommonCodec.
        """
        answer, agreement = answer_offer(offer, self._local(("PCMU", "PCMA")))
        self._agree(agreement)
        return answer

    def mark_connected(self) -> None:
        self.connected.set()
        self._settled.set()
        self._append(LegAnswered(call_id=self.call_id, leg_id=self.id, codec=self.codec))

    async def settled(self) -> bool:
        """Wait until it is answered or over; whether it was answered. It may be over by now."""
        await self._settled.wait()
        return self.connected.is_set()

    def let_go(self, why: Termination) -> None:
        """End it from this side: CANCEL, BYE or a refusal, as its session needs."""
        if self.over.is_set():
            return
        self._end(why)
        if self._session is not None:
            self._session.hang_up(f'SIP;text="{why.reason}"')

    async def close(self, why: Termination) -> None:
        """End it if it is not over, give its port back and log its end. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.let_go(why)
        if self._media is not None:
            self.quality = await self._media.close()
        if not self.begun:
            return
        ended = self.termination or why
        self._append(
            LegEnded(
                call_id=self.call_id,
                leg_id=self.id,
                result=ended.result,
                reason=ended.reason,
                quality=quality_figures(self.quality),
            )
        )

    def take_digits(self) -> list[str]:
        """The keys typed and not yet used."""
        taken = []
        while not self.digits.empty():
            taken.append(self.digits.get_nowait())
        return taken

    # --- what its session tells it ------------------------------------------------------------

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        """Early media is not played: the caller hears our music until the agent is there."""

    def answered(self, remote: Sdp) -> None:
        if self._proposed is None:
            self.let_go(termination.NO_COMMON_CODEC)
            return
        try:
            self._agree(read_answer(self._proposed, remote))
        except (NoCommonCodec, SipError):
            self.let_go(termination.NO_COMMON_CODEC)
            return
        self.mark_connected()

    def failed(self, status: int, reason: str) -> None:
        self.status = status
        match status:
            case 486 | 603 | 600:
                self._end(termination.DECLINED)
            case 487 | 408:
                self._end(termination.NOT_ANSWERED)
            case 488 | 606:
                self._end(termination.NO_COMMON_CODEC)
            case _:
                self._end(termination.UNREACHABLE)

    def cancelled(self) -> None:
        self._end(self._hung_up)

    def confirmed(self) -> None:
        pass

    def offered(self, offer: Sdp) -> Sdp | None:
        """A re-INVITE: hold, resume, a new address; None where no codec fits."""
        if self._media is None:
            return None
        try:
            return self.accept(offer)
        except (NoCommonCodec, SipError):
            return None

    def digit_received(self, digit: str, duration_ms: int) -> None:
        """A key by SIP INFO counts like one by RTP."""
        self.digit(digit, duration_ms)

    def ended(self, ended: Ended) -> None:
        match ended.cause:
            case "bye":
                self._end(self._hung_up)
            case "ack-timeout":
                self._end(termination.ACK_TIMEOUT)
            case _:
                self._end(termination.SESSION_GONE)

    # --- what its media tells it --------------------------------------------------------------

    def digit(self, digit: str, duration_ms: int) -> None:
        if not self.digits.full():
            self.digits.put_nowait(digit)

    def rtp_silent(self, seconds: float) -> None:
        """One direction is dead: somebody speaks to nobody. The call goes on."""
        log.warning("call.audio_silent", leg_id=self.id, seconds=seconds)

    def rtp_resumed(self) -> None:
        log.info("call.audio_resumed", leg_id=self.id)

    def media_lost(self) -> None:
        self.let_go(termination.MEDIA_LOST)

    # --- inside -------------------------------------------------------------------------------

    def _local(self, codecs: tuple[str, ...]) -> LocalMedia:
        self._version += 1
        return LocalMedia(
            host=self.media.host,
            port=self.media.port,
            session_id=self._session_id,
            version=self._version,
            codecs=codecs,
        )

    def _agree(self, agreement: AudioAgreement) -> None:
        self._agreement = agreement
        self.media.set_remote(
            host=agreement.host,
            port=agreement.port,
            codec=_CODECS[agreement.codec],
            payload_type=agreement.payload_type,
            dtmf_payload_type=agreement.dtmf_payload_type,
            direction=_DIRECTIONS[agreement.direction],
        )

    def _end(self, why: Termination) -> None:
        if self.termination is None:
            self.termination = why
            self.over.set()
            self._settled.set()


def quality_figures(quality: LegQuality) -> dict[str, float]:
    """The figures of an account that are known, by name; what is no number is not known."""
    figures = {name: getattr(quality, name) for name in quality.__struct_fields__}
    return {
        name: float(figure)
        for name, figure in figures.items()
        if figure is not None and math.isfinite(figure)
    }
