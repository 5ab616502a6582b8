"""One party's part of a call: its media, and a session that is SIP's or a browser's."""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from cti_server.media.key_presses import KeyPresses, Way
from cti_server.media.plane import MediaLeg, MediaPlane
from cti_server.media.protocol import LegTransport
from cti_server.media.worker_reports import LegQuality
from cti_server.sip.t38 import FaxAgreement
from cti_server.wire.events import Event, LegAnswered, LegEnded

from .audio_watch import USUAL_LIMIT, AudioWatch
from .errors import FaxNotTaken
from .key_rate import KeyRate
from .termination import LOST, MEDIA_LOST, RTP_TIMEOUT, Termination

DIGITS_KEPT = 64
"""Keys typed ahead that a leg remembers; more than any menu or collect can want."""

MASKED_AFTER: Final = 0.5
"""Seconds after a secret: its last key may still sound when an INFO has told it already."""

_KEYS: Final = "keys"


class LegSession(Protocol):
    """
    The way to the party's phone: a SIP dialog, or the desktop in an agent's browser.

    It tells its leg what the party does: :meth:`Leg.rang`, :meth:`Leg.mark_connected`,
    :meth:`Leg.hold_changed`, :meth:`Leg.digit`, :meth:`Leg.end`.
    """

    @property
    def over(self) -> bool:
        """Whether the way to the phone is no more: the leg should have been told."""

    def answer(self) -> None:
        """The agent takes it, in the desktop. Raises AnsweredAtThePhone where that cannot be."""

    def send_digits(self, digits: str) -> None:
        """Keys (0-9 * # A-D) to the party."""

    def hang_up(self, reason: str | None = None) -> None:
        """End it, whatever its state. ``reason`` is the value of a Reason header (RFC 3326)."""

    def peer_changed(self, state: str, reason: str) -> None:
        """What became of the browser's peer connection; SIP has none."""

    async def propose_fax(self, host: str, port: int) -> FaxAgreement:
        """Go over to T.38, ours being there. Raises FaxNotTaken; then all goes on as it was."""


class FaxTaker(Protocol):
    """Who takes the leg over where the other side proposes to go on by T.38."""

    @property
    def place(self) -> tuple[str, int]:
        """Where its T.38 is."""

    def taken(self, agreement: FaxAgreement) -> None:
        """It has been agreed on, and begins."""


class Leg:
    """
    Knows when its party is connected and when it is over.

    ``hung_up`` is what it means when this party puts the phone down. Everything that happens to it
    sets :attr:`connected` or :attr:`over`; who waits for it waits for these. A leg is over once,
    for one reason. One that should be heard and is not for ``silence_limit`` seconds is over too.
    """

    def __init__(
        self,
        *,
        leg_id: str,
        call_id: str,
        hung_up: Termination,
        append: Callable[[Event], object],
        silence_limit: float | None = USUAL_LIMIT,
    ) -> None:
        self.id = leg_id
        self.call_id = call_id
        self.hung_up = hung_up
        self.digits: asyncio.Queue[str] = asyncio.Queue(DIGITS_KEPT)
        self.connected = asyncio.Event()
        self.over = asyncio.Event()
        self.ringing = asyncio.Event()
        """The phone rings, or sounds of its own come from it already (``early_media``)."""
        self.early_media = False
        self.auto_answer = False
        """The phone was asked to pick up by itself."""
        self.termination: Termination | None = None
        self.quality: LegQuality | None = None
        """The worker's account of it, known when it is closed."""
        self.begun = False
        """Whether its start is in the log; its end is only then."""
        self.codec = "PCMU"
        """What was agreed on."""
        self.comfort_noise = False
        """Whether silence may come, and be sent, as comfort noise (RFC 3389)."""
        self.agent_id: str | None = None
        """Whose phone it is, if an agent's or supervisor's."""
        self.held_by_phone = False
        """The party pressed hold on the phone itself (RFC 3264 §8.4)."""
        self.on_hold_changed: Callable[[], None] | None = None
        self.fax_taker: FaxTaker | None = None
        """With nobody there, fax is refused, and :attr:`on_fax_proposed` called."""
        self.on_fax_proposed: Callable[[], None] | None = None
        self.on_rang: Callable[[], None] | None = None
        """Called each time that the phone says it rings, or sends sounds of its own."""
        self.status: int | None = None
        """Of the SIP response that refused it."""
        self.audio = AudioWatch(
            call_id=call_id,
            leg_id=leg_id,
            append=append,
            give_up=lambda: self.let_go(RTP_TIMEOUT),
            limit=silence_limit,
        )
        self._append = append
        self._presses = KeyPresses()
        self._keys = KeyRate()
        self._key_taker: Callable[[str], object] | None = None
        self._settled = asyncio.Event()
        self._session: LegSession | None = None
        self._media: MediaLeg | None = None
        self._masks: set[str] = set()
        self._unmasking: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    # --- what the call does with it -----------------------------------------------------------

    @property
    def media(self) -> MediaLeg:
        if self._media is None:
            raise RuntimeError(f"leg {self.id} has no media yet")
        return self._media

    @property
    def has_media(self) -> bool:
        return self._media is not None

    @property
    def lost(self) -> bool:
        """It is over because the phone, or the way to it, is gone: nobody hung up."""
        return self.termination in LOST

    @property
    def forsaken(self) -> bool:
        """Whether its session is over, and it was not told."""
        return self._session is not None and self._session.over and not self.over.is_set()

    def attach(self, session: LegSession) -> None:
        """This is the leg's session; it is ended with the leg."""
        self._session = session
        if self.over.is_set():
            session.hang_up()

    async def open_media(
        self,
        plane: MediaPlane,
        *,
        beside: "Leg | None" = None,
        transport: LegTransport = "rtp",
    ) -> None:
        """
        Take a port, or a place at the browsers' one, on the same worker as ``beside``.

        Raises MediaUnavailable.
        """
        self._media = await plane.open_leg(
            self.id,
            self,
            beside=beside.media if beside is not None else None,
            transport=transport,
        )

    async def settled(self) -> bool:
        """Wait until it is answered or over; whether it was answered. It may be over by now."""
        await self._settled.wait()
        return self.connected.is_set()

    def answer(self) -> None:
        """The agent takes it, in the desktop. Raises AnsweredAtThePhone."""
        if self._session is not None:
            self._session.answer()

    def send_digits(self, digits: str) -> None:
        """Keys to this party."""
        if self._session is not None:
            self._session.send_digits(digits)

    async def propose_fax(self, host: str, port: int) -> FaxAgreement:
        """Go over to T.38 with this party. Raises FaxNotTaken; then all goes on as it was."""
        if self._session is None:
            raise FaxNotTaken("there is no session yet")
        return await self._session.propose_fax(host, port)

    def let_go(self, why: Termination) -> None:
        """End it from this side: CANCEL, BYE or a refusal, as its session needs."""
        if self.over.is_set():
            return
        self.end(why)
        if self._session is not None:
            self._session.hang_up(f'SIP;text="{why.reason}"')

    async def close(self, why: Termination) -> None:
        """
        End it if it is not over, give its port back and log its end.

        Idempotent; who calls it again waits too. It is done also if nobody waits any more.
        """
        if self._closing is None:
            self.let_go(why)
            self.audio.close()
            self._closing = asyncio.create_task(self._close(why))
        await asyncio.shield(self._closing)

    async def _close(self, why: Termination) -> None:
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
                quality=self._figures(),
            )
        )

    def take_digits(self) -> list[str]:
        """The keys typed and not yet used."""
        taken = []
        while not self.digits.empty():
            taken.append(self.digits.get_nowait())
        return taken

    def hand_keys_to(self, taker: Callable[[str], object] | None) -> None:
        """Who gets each key from now on, at once; with nobody there they are typed ahead."""
        self._key_taker = taker

    @contextmanager
    def keys_masked(self) -> Iterator[None]:
        """What the party's keys sound like is not recorded; one secret may follow another."""
        if self._unmasking is not None:
            self._unmasking.cancel()
        self.mask(_KEYS)
        try:
            yield
        finally:
            loop = asyncio.get_running_loop()
            self._unmasking = loop.call_later(MASKED_AFTER, self.unmask, _KEYS)

    def mask(self, why: str) -> None:
        """Silence stands in recordings for what the party sends, until every mask is gone."""
        if not self._masks:
            self.media.mask(True)
        self._masks.add(why)

    def unmask(self, why: str) -> None:
        """Harmless where it is not masked for that."""
        if why in self._masks:
            self._masks.discard(why)
            if not self._masks:
                self.media.mask(False)

    # --- what its session tells it ------------------------------------------------------------

    def rang(self, *, early_media: bool = False) -> None:
        """The phone rings. With early media what it sends can be heard from now on."""
        self.early_media = self.early_media or early_media
        self.ringing.set()
        if self.on_rang is not None:
            self.on_rang()

    def mark_connected(self) -> None:
        """The party is there, and media flow. Once; again is harmless."""
        if self.connected.is_set():
            return
        self.connected.set()
        self._settled.set()
        self.audio.begin()
        self._append(LegAnswered(call_id=self.call_id, leg_id=self.id, codec=self.codec))

    def hold_changed(self, held: bool) -> None:
        """The party pressed hold, or took the call back, on the phone itself."""
        if held != self.held_by_phone:
            self.held_by_phone = held
            if self.on_hold_changed is not None:
                self.on_hold_changed()

    def fax_place(self) -> tuple[str, int] | None:
        """Where the T.38 is that the party proposes; None: it is not wanted, or not yet."""
        if self.fax_taker is not None:
            return self.fax_taker.place
        if self.on_fax_proposed is not None:
            self.on_fax_proposed()
        return None

    def fax_taken(self, agreement: FaxAgreement) -> None:
        if self.fax_taker is not None:
            self.fax_taker.taken(agreement)

    def end(self, why: Termination) -> None:
        """It is over for the party; the first reason counts."""
        if self.termination is None:
            self.termination = why
            self.over.set()
            self._settled.set()

    # --- what its media tells it --------------------------------------------------------------

    def digit(self, digit: str, duration_ms: int, way: Way = Way.EVENT) -> None:
        """A key, by RTP or from the session; by both ways it is one."""
        now = asyncio.get_running_loop().time()
        if not self._presses.tell(way, digit, duration_ms, now) or not self._keys.admits(now):
            return
        if self._key_taker is not None:
            self._key_taker(digit)
        elif not self.digits.full():
            self.digits.put_nowait(digit)

    def media_agreed(self) -> None:
        """What the party sends, and from where, is agreed on anew."""
        self._presses.start_over()
        self.audio.start_over()

    def rtp_silent(self, seconds: float) -> None:
        """
        One direction is dead: somebody speaks to nobody. The call goes on, for a while.

        A phone that holds the call and says "sendonly" may send music; most send nothing.
        """
        if not self.held_by_phone:
            self.audio.fell_silent(seconds)

    def rtcp_heard(self) -> None:
        self.audio.prove_alive()

    def rtp_resumed(self) -> None:
        self.audio.heard_again()

    def peer_changed(self, state: str, reason: str) -> None:
        if self._session is not None:
            self._session.peer_changed(state, reason)

    def media_lost(self) -> None:
        self.let_go(MEDIA_LOST)

    def _figures(self) -> dict[str, float]:
        """For its record; nothing if there was no media."""
        if self._media is None:
            return {}
        ignored = {"keys_ignored": float(self._keys.ignored)} if self._keys.ignored else {}
        return quality_figures(self.quality) | self.audio.figures | ignored


def quality_figures(quality: LegQuality | None) -> dict[str, float]:
    """The figures of an account that are known, by name; what is no number is not known."""
    if quality is None:
        return {}
    figures = {name: getattr(quality, name) for name in quality.__struct_fields__}
    return {
        name: float(figure)
        for name, figure in figures.items()
        if figure is not None and math.isfinite(figure)
    }
