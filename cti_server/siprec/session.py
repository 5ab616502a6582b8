"""One recording session of another PBX: its streams, its metadata, and what is recorded of it."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

import structlog

from config.siprec import RecordingClientSettings
from crm.numbers import normalise
from cti_server.calls.exchange import Exchange
from cti_server.calls.recorder import Recorder
from cti_server.media.errors import MediaUnavailable
from cti_server.sip.errors import SdpError
from cti_server.sip.recorded_streams import (
    OfferedStream,
    answer_streams,
    listening_offer,
    offered_streams,
)
from cti_server.sip.recording_call import RecordingCall, bad_metadata
from cti_server.sip.sdp import Origin, Sdp
from cti_server.sip.session import Ended
from recording.capture import CaptureInfo
from recording.errors import MetadataRefused
from recording.rules import decide_foreign
from recording.siprec_document import read
from recording.siprec_metadata import Metadata

from .naming import foreign_call
from .sides import Sides, sides_of
from .stream import RecordedStream

log = structlog.get_logger()

PLACES: Final = 2
"""Streams that are recorded at once: a customer and an agent. Further ones are refused."""
OVERLAP: Final = 1.0
"""Seconds that a recording goes on at most while the one that follows it begins."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A recording under way, and the places that it is of."""

    recorder: Recorder
    customer: RecordedStream
    agent: RecordedStream | None
    begun: asyncio.Task[None]

    def hand_over(self) -> None:
        self.recorder.hand_over(self.customer, self.agent)


class RecordingSession:
    """
    From the INVITE to the end of it, whoever ends it.

    Each pair of speakers is a recording of its own; those of one call have one contact id, of which
    there is no contact: this centre served nobody, and no report shall count it.
    """

    def __init__(
        self,
        exchange: Exchange,
        call: RecordingCall,
        client: RecordingClientSettings,
        sdp_session_id: int,
    ) -> None:
        self.id = exchange.new_id()
        self._exchange = exchange
        self._call = call
        self._client = client
        self._sdp_session_id = sdp_session_id
        self._sdp_version = 0
        self._metadata = Metadata()
        self._places = [RecordedStream(self._watch, self._media_lost) for _ in range(PLACES)]
        self._sides: Sides | None = None
        self._contacts: dict[str, str] = {}
        self._pair: _Pair | None = None
        self._tasks = asyncio.TaskGroup()
        self._deadline: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Answer it, and wait until it is over. What was recorded is archived then."""
        try:
            async with self._tasks:
                await self._begin()
                await self._over.wait()
        finally:
            await self._finish()

    def stop(self, reason: str) -> None:
        """End it from this side."""
        if not self._over.is_set():
            log.info("siprec.session_ended", session_id=self.id, reason=reason)
            self._call.hang_up(f'SIP;text="{reason}"')
            self._over.set()

    # --- what its dialog tells it (cti_server.sip.recording_call.RecordingListener) -------------

    def told(self, document: bytes) -> str | None:
        """A speaker who has changed begins another recording, once the request is dealt with."""
        try:
            self._metadata = self._metadata.after(read(document))
        except MetadataRefused as refused:
            log.warning("siprec.metadata_refused", session_id=self.id, element=refused.element)
            return refused.element
        asyncio.get_running_loop().call_soon(self._follow)
        return None

    def offered(self, offer: Sdp) -> Sdp | None:
        """Muted, unmuted, another stream, another address; None where nothing can be recorded."""
        if self._over.is_set():
            return None
        answer = self._agree(offer)
        if answer is not None:
            self._follow()
        return answer

    def cancelled(self) -> None:
        self._over.set()

    def ended(self, ended: Ended) -> None:
        log.info("siprec.session_ended", session_id=self.id, reason=ended.cause)
        self._over.set()

    def answered(self, remote: Sdp) -> None:
        """
        To our offer of what was in force: a re-INVITE had none (RFC 3261 §14.2).

        It says anew where each stream comes from, and whether anything does; by its place, for an
        answer need not label it.
        """
        labels = {one.taken.place: one.taken.label for one in self._places if one.taken is not None}
        streams = [
            replace(stream, label=labels[stream.place])
            for stream in self._offered(remote)
            if stream.place in labels
        ]
        if streams and not self._over.is_set():
            self._seated(streams)
            self._watch()
            self._follow()

    def offer_anew(self, local: Sdp) -> Sdp:
        """Who is muted may say in the answer to it that they are so no more."""
        return listening_offer(local, self._origin())

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...
    def failed(self, status: int, reason: str) -> None: ...
    def confirmed(self) -> None: ...
    def digit_received(self, digit: str, duration_ms: int) -> None: ...

    # --- inside -------------------------------------------------------------------------------

    async def _begin(self) -> None:
        offer = self._call.recording_offer
        if offer.metadata and (wrong := self.told(offer.metadata)) is not None:
            refusal = bad_metadata(wrong)
            self._refuse(refusal.status, refusal.reason)
            return
        first, *others = self._places
        try:
            await first.open(self._exchange.plane, self._exchange.new_id())
            for place in others:
                await place.open(self._exchange.plane, self._exchange.new_id(), beside=first)
        except MediaUnavailable as unavailable:
            log.error(  # noqa: TRY400 - nothing to trace
                "siprec.no_media", session_id=self.id, reason=str(unavailable)
            )
            self._refuse(503)
            return
        answer = None if self._over.is_set() else self._agree(offer.sdp)
        if answer is None:
            self._refuse(488)
            return
        self._follow()
        if self._pair is not None:
            await self._pair.begun
        await self._exchange.plane.caught_up(first.media)
        self._call.answer(answer)  # what they send from here on is recorded

    def _refuse(self, status: int, reason: str | None = None) -> None:
        self._call.refuse(status, reason)
        self._over.set()

    def _agree(self, offer: Sdp) -> Sdp | None:
        """Give each stream its place; whoever had one keeps it."""
        streams = self._offered(offer)
        if not streams:
            return None
        places = self._seated(streams)
        ports = {stream.place: places[stream.label].media.port for stream in streams}
        self._watch()
        return answer_streams(offer, self._origin(), streams, ports)

    def _origin(self) -> Origin:
        """Of our next description."""
        self._sdp_version += 1
        host = self._places[0].media.host
        return Origin("-", str(self._sdp_session_id), str(self._sdp_version), host)

    def _offered(self, described: Sdp) -> list[OfferedStream]:
        try:
            return offered_streams(described, self._places[0].media.host)[:PLACES]
        except SdpError:
            return []

    def _seated(self, streams: list[OfferedStream]) -> dict[str, RecordedStream]:
        labels = {stream.label for stream in streams}
        seated = {
            place.taken.label: place
            for place in self._places
            if place.taken is not None and place.taken.label in labels
        }
        free = [place for place in self._places if place not in seated.values()]
        for place in free:
            place.free()
        for stream in streams:
            if stream.label not in seated:
                seated[stream.label] = free.pop(0)
            seated[stream.label].take(stream)
        return seated

    def _follow(self) -> None:
        """Record whoever speaks now, unless they are the same as before."""
        if self._over.is_set():
            return
        taken = sorted(
            (place.taken.place, place.taken.label, place)
            for place in self._places
            if place.taken is not None
        )
        sides = sides_of([label for _, label, _ in taken], self._metadata, self._client.agents)
        if sides == self._sides:
            if sides is not None and self._pair is not None:
                self._pair.recorder.tell(foreign_call(self._client, self._metadata, sides))
            return
        before, self._pair = self._pair, None
        self._sides = sides
        if sides is not None:
            by_label = {label: place for _, label, place in taken}
            agent = None if sides.agent is None else by_label[sides.agent.label]
            self._pair = self._record(sides, by_label[sides.customer.label], agent)
        if before is not None:
            self._end(before)

    def _end(self, pair: _Pair) -> None:
        """When another is on, so that nothing is lost between them; at once where none follows."""
        if self._pair is None or not pair.begun.done():
            pair.recorder.cease()
        following = None if self._pair is None else self._pair.begun
        self._tasks.create_task(_archive(pair, following))

    def _record(
        self, sides: Sides, customer: RecordedStream, agent: RecordedStream | None
    ) -> _Pair | None:
        """None where a rule forbids it."""
        exchange = self._exchange
        decision = decide_foreign(
            exchange.recording,
            [
                normalise(number, exchange.region).text if side.speaker else None
                for side in sides
                if side is not None
                for number in side.numbers
            ],
        )
        if decision.mode == "never":
            log.info("siprec.not_recorded", session_id=self.id, rule=decision.rule)
            return None
        foreign = foreign_call(self._client, self._metadata, sides)
        contact_id = self._contact_of(foreign.session_id)
        info = CaptureInfo(
            recording_id=exchange.new_id(),
            call_id=contact_id,
            contact_id=contact_id,
            interaction_id="",
            agent_id="",
            queue="",
            caller_number=sides.customer.number,
            dialled_number=sides.number_of_agent(self._client.agents),
            started_at=exchange.clock.now(),
            kind="siprec",
            rule=decision.rule,
            sides="customer" if agent is None else "both",
            layout="mono" if agent is None else decision.layout,
            file_format=decision.file_format,
            foreign=foreign,
        )
        recorder = Recorder(exchange, info)
        begun = self._tasks.create_task(recorder.start(customer, agent))
        return _Pair(recorder, customer, agent, begun)

    def _contact_of(self, call: str) -> str:
        """
        Each call of the other PBX has an id of its own: whose is forgotten takes no other with it.

        The first has the session's; so has what was recorded before anybody told which call it is.
        """
        if call and call not in self._contacts:
            self._contacts[call] = self._exchange.new_id() if self._contacts else self.id
        return self._contacts.get(call, self.id)

    def _watch(self) -> None:
        """Whoever sends nothing on any stream that should be heard is gone (RTP time-out)."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        heard = [place for place in self._places if place.taken is not None and place.taken.sent]
        silences = [place.silent_since for place in heard if place.silent_since is not None]
        limit = self._exchange.silence_limit
        if limit is not None and heard and len(silences) == len(heard):
            at = max(silences) + limit
            self._deadline = asyncio.get_running_loop().call_at(at, self.stop, "rtp-timeout")

    def _media_lost(self) -> None:
        self.stop("media-lost")

    async def _finish(self) -> None:
        self._over.set()
        if self._deadline is not None:
            self._deadline.cancel()
        self._call.hang_up()  # nothing, if it is over
        if self._pair is not None:
            await self._pair.recorder.stop()
        for place in self._places:
            await place.close()
        if self._pair is not None:
            self._pair.hand_over()


async def _archive(pair: _Pair, following: asyncio.Task[None] | None) -> None:
    """The session goes on, and may last: this is archived meanwhile."""
    if following is not None:
        await asyncio.wait({following}, timeout=OVERLAP)
    await pair.recorder.stop()
    pair.hand_over()
