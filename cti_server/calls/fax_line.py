"""A leg that a fax machine of ours talks with: by audio, and by T.38 once both sides are for it."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from cti_server.fax.machines import FaxMachine
from cti_server.fax.protocol import Law, MachineEnded
from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaLeg, MediaPlane
from cti_server.media.worker_reports import PeerState
from cti_server.sip.t38 import FaxAgreement

from .errors import FaxNotTaken
from .first_of import first_of
from .leg import Leg

log = structlog.get_logger()

LONGEST: Final = 3600.0  # seconds of a fax; what hangs longer will never end
_EVENTS: Final = 101
"""A machine sends none; whose leg knows none, its audio would be searched for keys."""
_PAYLOAD_TYPES: Final[dict[Law, int]] = {"PCMU": 0, "PCMA": 8}


class FaxLine:
    """
    Between a leg that is connected and a machine that is open; it has both for the time being.

    The leg's worker passes the audio on, on a leg of the machine's own beside it; T.38 goes between
    the machine and the other side, without the worker. ``takes``: T.38 is taken where the other
    side proposes it; ``offers``: we propose it, as the called machine's side does (T.38 §D.2.2.4).
    """

    def __init__(
        self,
        plane: MediaPlane,
        new_id: Callable[[], str],
        leg: Leg,
        machine: FaxMachine,
        *,
        takes: bool = True,
        offers: bool = False,
    ) -> None:
        self._plane = plane
        self._new_id = new_id
        self._leg = leg
        self._machine = machine
        self._takes, self._offers = takes, offers

    async def run(self) -> MachineEnded:
        """Until the fax is over, or the call: what came of it. Raises MediaUnavailable."""
        leg, machine = self._leg, self._machine
        if self._takes:
            leg.fax_taker = self  # at once: some propose T.38 as soon as they were answered
        try:
            ear = await self._plane.open_leg(self._new_id(), _Unheard(), beside=leg.media)
        except BaseException:
            leg.fax_taker = None
            raise
        proposal = asyncio.create_task(self._propose()) if self._offers else None
        try:
            self._by_audio(ear)
            async with asyncio.timeout(LONGEST):
                await first_of(_done(machine.ended), leg.over.wait())
        except TimeoutError:
            log.warning("fax.too_long", leg_id=leg.id)
        finally:
            leg.fax_taker = None
            if proposal is not None:
                proposal.cancel()
                await asyncio.gather(proposal, return_exceptions=True)
            await ear.close()
        if machine.ended.done():
            return machine.ended.result()
        return await machine.hang_up()

    # --- for the leg (:class:`.leg.FaxTaker`) --------------------------------------------------

    @property
    def place(self) -> tuple[str, int]:
        return self._machine.host, self._machine.packet_port

    def taken(self, agreement: FaxAgreement) -> None:
        log.info("fax.t38_agreed", leg_id=self._leg.id, redundant=agreement.redundant)
        self._machine.speak_packets(
            agreement.host,
            agreement.port,
            redundant=agreement.redundant,
            largest=agreement.largest,
        )

    # --- inside ---------------------------------------------------------------------------------

    def _by_audio(self, ear: MediaLeg) -> None:
        law: Law = "PCMU" if self._leg.codec == "PCMU" else "PCMA"
        machine, payload_type = self._machine, _PAYLOAD_TYPES[law]
        ear.set_remote(
            host=machine.audio_host,
            port=machine.audio_port,
            codec=law,
            payload_type=payload_type,
            dtmf_payload_type=_EVENTS,
            direction="sendrecv",
        )
        machine.speak_audio(machine.audio_host, ear.port, law, payload_type)
        self._plane.connect({self._leg.media: [ear], ear: [self._leg.media]})

    async def _propose(self) -> None:
        try:
            self.taken(await self._leg.propose_fax(*self.place))
        except FaxNotTaken as refused:
            log.info("fax.t38_refused", leg_id=self._leg.id, reason=str(refused))


class _Unheard:
    """The machine's leg: what happens on it says nothing of the party."""

    def digit(self, digit: str, duration_ms: int, way: Way) -> None: ...
    def rtp_silent(self, seconds: float) -> None: ...
    def rtcp_heard(self) -> None: ...
    def rtp_resumed(self) -> None: ...
    def peer_changed(self, state: PeerState, reason: str) -> None: ...
    def media_lost(self) -> None: ...


async def _done(ended: "asyncio.Future[MachineEnded]") -> None:
    await asyncio.shield(ended)
