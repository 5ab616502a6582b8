"""A leg's session by SIP: hears its dialog, and agrees with the phone on media (RFC 3264)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from cti_server.media.key_presses import Way
from cti_server.media.protocol import Direction, LegCodec
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
from cti_server.sip.session import Ended, SessionRefused
from cti_server.sip.t38 import (
    FaxAgreement,
    LocalFax,
    answer_fax_offer,
    make_fax_offer,
    offers_fax,
    read_fax_answer,
)

from . import termination
from .errors import AnsweredAtThePhone, FaxNotTaken
from .leg import Leg

_CODECS: dict[str, LegCodec] = {"PCMU": "PCMU", "PCMA": "PCMA", "G722": "G722", "OPUS": "OPUS"}
_DIRECTIONS: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}
_HELD = {"recvonly", "inactive"}
"""Our direction while the phone holds: it said sendonly or inactive (RFC 3264 §8.4)."""


class Dialog(Protocol):
    """What this needs of the INVITE session, incoming or outgoing."""

    @property
    def over(self) -> bool: ...

    def hang_up(self, reason: str | None = None) -> None: ...

    async def reinvite(self, offer: Sdp) -> Sdp: ...

    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None: ...


class SipSession:
    """Between a leg and its dialog: the leg's :class:`LegSession`, the dialog's listener."""

    def __init__(
        self,
        leg: Leg,
        session_id: int,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        fallback: tuple[str, ...] = ("G722", "OPUS"),
        *,
        tones: bool = False,
    ) -> None:
        """
        ``session_id`` is that of our session descriptions (RFC 8866 §5.2). ``fallback`` is taken
        from whoever has none of ``codecs``. ``tones``: keys are to be heard in the audio, too.
        """
        self._leg = leg
        self._codecs, self._fallback = codecs, fallback
        self._tones = tones
        self._session_id = session_id
        self._version = 0
        self._dialog: Dialog | None = None
        self._proposed: Sdp | None = None
        self._agreement: AudioAgreement | None = None

    # --- what the call does with it -----------------------------------------------------------

    def attach(self, dialog: Dialog) -> None:
        """This is the dialog; it is the leg's session from now on."""
        self._dialog = dialog
        self._leg.attach(self)

    def propose(self, *, like: str | None = None, comfort_noise: bool = False) -> Sdp:
        """
        Our offer to the party; the codec of whom it is to talk to comes first, so that it can be
        relayed, though it may be one that has to be decoded otherwise.

        ``comfort_noise``: whom it is to talk to knows what that is.
        """
        first = [codec for codec in (*self._codecs, *self._fallback) if codec == like]
        codecs = tuple(dict.fromkeys((*first, *self._codecs)))
        local = replace(self._local(), codecs=codecs, comfort_noise=comfort_noise)
        self._proposed = make_offer(local)
        return self._proposed

    def accept(self, offer: Sdp) -> Sdp:
        """
        Our answer to the party's offer; media flows as agreed from here on.

        Raises NoCommonCodec.
        """
        answer, agreement = answer_offer(offer, self._local())
        self._agree(agreement)
        return answer

    @property
    def leg(self) -> Leg:
        return self._leg

    # --- what the leg asks of it --------------------------------------------------------------

    @property
    def over(self) -> bool:
        return self._dialog is not None and self._dialog.over

    def answer(self) -> None:
        raise AnsweredAtThePhone

    def send_digits(self, digits: str) -> None:
        """As telephone-events where they were agreed on, else by INFO."""
        if self._agreement is None or self._dialog is None:
            return
        if self._agreement.dtmf_payload_type is not None:
            self._leg.media.send_digits(digits)
            return
        for digit in digits:
            self._dialog.send_info_digit(digit)

    def hang_up(self, reason: str | None = None) -> None:
        if self._dialog is not None:
            self._dialog.hang_up(reason)

    def peer_changed(self, state: str, reason: str) -> None:
        pass

    async def propose_fax(self, host: str, port: int) -> FaxAgreement:
        """Raises FaxNotTaken; then the voice goes on, unless the leg is over."""
        dialog, agreement = self._dialog, self._agreement
        if dialog is None or agreement is None:
            raise FaxNotTaken("there is no session yet")
        voice = make_offer(self._local())
        offer = make_fax_offer(self._local_fax(host, port), voice)
        try:
            answer = await dialog.reinvite(offer)
        except SessionRefused as refused:
            raise FaxNotTaken(str(refused)) from refused
        try:
            taken = read_fax_answer(offer, answer)
        except SipError as error:
            await self._back_to_voice(dialog)
            raise FaxNotTaken(str(error)) from error
        self._rest(agreement)
        return taken

    # --- what its dialog tells it (cti_server.sip.session.SessionListener) ----------------------

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        """Early media flows from the worker to whoever is connected to the leg already."""
        heard = early_media is not None and self._take_early_media(early_media)
        self._leg.rang(early_media=heard)

    def answered(self, remote: Sdp) -> None:
        if self._proposed is None:
            self._leg.let_go(termination.NO_COMMON_CODEC)
            return
        try:
            self._agree(read_answer(self._proposed, remote))
        except (NoCommonCodec, SipError):
            self._leg.let_go(termination.NO_COMMON_CODEC)
            return
        self._leg.mark_connected()

    def failed(self, status: int, reason: str) -> None:
        self._leg.status = status
        match status:
            case 486 | 603 | 600:
                self._leg.end(termination.DECLINED)
            case 487 | 408:
                self._leg.end(termination.NOT_ANSWERED)
            case 488 | 606:
                self._leg.end(termination.NO_COMMON_CODEC)
            case _:
                self._leg.end(termination.UNREACHABLE)

    def cancelled(self) -> None:
        self._leg.end(self._leg.hung_up)

    def confirmed(self) -> None:
        pass

    def offered(self, offer: Sdp) -> Sdp | None:
        """A re-INVITE: hold, resume, a new address, fax; None for what is not taken."""
        if not self._leg.has_media:
            return None
        try:
            if offers_fax(offer):
                return self._offered_fax(offer)
            return self.accept(offer)
        except (NoCommonCodec, SipError):
            return None

    def digit_received(self, digit: str, duration_ms: int) -> None:
        """A key by SIP INFO counts like one by RTP."""
        self._leg.digit(digit, duration_ms, Way.INFO)

    def ended(self, ended: Ended) -> None:
        match ended.cause:
            case "bye":
                self._leg.end(self._leg.hung_up)
            case "ack-timeout":
                self._leg.end(termination.ACK_TIMEOUT)
            case _:
                self._leg.end(termination.SESSION_GONE)

    # --- inside -------------------------------------------------------------------------------

    def _take_early_media(self, early_media: Sdp) -> bool:
        """Whether it can be heard."""
        if self._proposed is None:
            return False
        try:
            self._agree(read_answer(self._proposed, early_media))
        except (NoCommonCodec, SipError):
            return False
        return True

    def _offered_fax(self, offer: Sdp) -> Sdp | None:
        """Raises SipError."""
        where = self._leg.fax_place()
        if where is None or self._agreement is None:
            return None
        answer, taken = answer_fax_offer(offer, self._local_fax(*where))
        self._rest(self._agreement)
        self._leg.fax_taken(taken)
        return answer

    async def _back_to_voice(self, dialog: Dialog) -> None:
        """They said yes to something else: what was agreed on before is proposed once more."""
        offer = make_offer(self._local())
        try:
            self._agree(read_answer(offer, await dialog.reinvite(offer)))
        except (NoCommonCodec, SipError):
            self._leg.let_go(termination.NO_COMMON_CODEC)

    def _rest(self, agreement: AudioAgreement) -> None:
        """Nothing is said or heard by voice while the machines talk by T.38."""
        self._tell_media(agreement, "inactive")
        self._leg.media_agreed()

    def _local_fax(self, host: str, port: int) -> LocalFax:
        self._version += 1
        return LocalFax(host, port, self._session_id, self._version)

    def _local(self) -> LocalMedia:
        self._version += 1
        return LocalMedia(
            host=self._leg.media.host,
            port=self._leg.media.port,
            session_id=self._session_id,
            version=self._version,
            codecs=self._codecs,
            fallback=self._fallback,
            comfort_noise=True,
        )

    def _agree(self, agreement: AudioAgreement) -> None:
        self._agreement = agreement
        self._leg.codec, self._leg.comfort_noise = agreement.codec, agreement.comfort_noise
        self._tell_media(agreement, _DIRECTIONS[agreement.direction])
        self._leg.media_agreed()
        self._leg.hold_changed(agreement.direction in _HELD)

    def _tell_media(self, agreement: AudioAgreement, direction: Direction) -> None:
        self._leg.media.set_remote(
            host=agreement.host,
            port=agreement.port,
            codec=_CODECS[agreement.codec],
            payload_type=agreement.payload_type,
            dtmf_payload_type=agreement.dtmf_payload_type,
            dtmf_received_as=agreement.dtmf_received_as,
            ptime_ms=agreement.ptime_ms,
            direction=direction,
            tones=self._tones,
            dtmf_clock_rate=agreement.dtmf_clock_rate,
            comfort_noise=agreement.comfort_noise,
        )


@dataclass(frozen=True, slots=True)
class SipSessions:
    """Begins the sessions of legs: each has a number of its own, all know the same codecs."""

    new_id: Callable[[], int]
    codecs: tuple[str, ...]
    fallback: tuple[str, ...]
    sounding: frozenset[str] = frozenset()
    """The trunks whose keys are to be heard in the audio, too."""

    def begin(self, leg: Leg, trunk: str | None = None) -> SipSession:
        """``trunk`` is who brought the call, if somebody did."""
        tones = trunk in self.sounding
        return SipSession(leg, self.new_id(), self.codecs, self.fallback, tones=tones)
