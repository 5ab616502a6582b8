"""The smallest server that a generator can load: key 1 brings an agent, both are bridged."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaLeg, MediaPlane
from cti_server.media.protocol import Codec, Direction
from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import (
    AudioAgreement,
    LocalMedia,
    answer_offer,
    make_offer,
    read_answer,
)
from cti_server.sip.outgoing_call import OutgoingCall
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended, SessionListener
from cti_server.sip.transport import Listen
from simulator.line import PhoneLine
from tests.ports import port_range

HOST = "127.0.0.1"
PORTS = port_range(400)


class Side:
    """One leg of a bridged call, and the session's listener."""

    def __init__(self, call: "Bridged", number: int) -> None:
        self.call = call
        self.number = number
        self.media: MediaLeg | None = None
        self.session: IncomingCall | OutgoingCall | None = None
        self.offer: Sdp | None = None
        self.over = False

    async def open(self, beside: MediaLeg | None = None) -> LocalMedia:
        plane = self.call.exchange.plane
        self.media = await plane.open_leg(f"leg{self.number}", self, beside=beside)
        return LocalMedia(HOST, self.media.port, self.number)

    def agree(self, agreement: AudioAgreement) -> None:
        codec: Codec = "PCMU" if agreement.codec == "PCMU" else "PCMA"
        direction: Direction = "sendrecv"
        assert self.media is not None
        self.media.set_remote(
            host=agreement.host,
            port=agreement.port,
            codec=codec,
            payload_type=agreement.payload_type,
            dtmf_payload_type=agreement.dtmf_payload_type,
            direction=direction,
        )

    async def close(self) -> None:
        if self.session is not None and not self.over:
            self.session.hang_up()
        self.over = True
        if self.media is not None:
            await self.media.close()

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...

    def answered(self, remote: Sdp) -> None:
        assert self.offer is not None
        self.agree(read_answer(self.offer, remote))
        self.call.agent_answered()

    def failed(self, status: int, reason: str) -> None:
        self.end()

    def cancelled(self) -> None:
        self.end()

    def confirmed(self) -> None: ...

    def offered(self, offer: Sdp) -> Sdp | None:
        return None

    def digit_received(self, digit: str, duration_ms: int) -> None:
        self.digit(digit, duration_ms, Way.INFO)

    def ended(self, ended: Ended) -> None:
        self.end()

    def digit(self, digit: str, duration_ms: int, way: Way) -> None:
        self.call.digits.put_nowait(digit)

    def rtp_silent(self, seconds: float) -> None: ...
    def rtcp_heard(self) -> None: ...
    def rtp_resumed(self) -> None: ...
    def peer_changed(self, state: str, reason: str) -> None: ...
    def media_lost(self) -> None: ...

    def end(self) -> None:
        self.over = True
        self.call.finished.set()


class Bridged:
    """One call with its two sides."""

    def __init__(self, exchange: "Exchange", incoming: IncomingCall) -> None:
        self.exchange = exchange
        self.incoming = incoming
        self.digits: asyncio.Queue[str] = asyncio.Queue()
        self.finished = asyncio.Event()
        self.caller = Side(self, next(exchange.numbers))
        self.agent = Side(self, next(exchange.numbers))
        self.caller.session = incoming

    async def run(self) -> None:
        talk = asyncio.create_task(self._talk())
        await self.finished.wait()
        talk.cancel()
        with contextlib.suppress(asyncio.CancelledError, SipError):
            await talk
        await self.caller.close()
        await self.agent.close()

    async def _talk(self) -> None:
        exchange, incoming = self.exchange, self.incoming
        assert incoming.offer is not None
        answer, agreement = answer_offer(incoming.offer, await self.caller.open())
        self.caller.agree(agreement)
        incoming.answer(answer)
        if incoming.dialled_number == "1000":
            await self.digits.get()
        if exchange.agents_at is None:
            return
        assert self.caller.media is not None
        self.agent.offer = make_offer(await self.agent.open(beside=self.caller.media))
        number = next(exchange.numbers)
        self.agent.session = exchange.line.call(
            f"sip:agent{number}@{exchange.agents_at[0]}:{exchange.agents_at[1]}",
            offer=self.agent.offer,
            listener=self.agent,
            from_uri=f"sip:{incoming.caller_number}@{HOST}",
        )

    def agent_answered(self) -> None:
        assert self.caller.media is not None
        assert self.agent.media is not None
        self.caller.media.bridge(self.agent.media)
        self.exchange.bridged.release()


class Exchange:
    """``agents_at`` None: nobody is ever called."""

    def __init__(self, folder: Path, agents_at: tuple[str, int] | None) -> None:
        self.agents_at = agents_at
        self.bridged = asyncio.Semaphore(0)
        """Released once for each call."""
        self.numbers = itertools.count(1)
        self.plane = MediaPlane(
            workers=1,
            host=HOST,
            ports=PORTS,
            run_folder=folder,
            on_worker_died=lambda n, legs: None,
        )
        self.line = PhoneLine(Listen("udp", HOST, 0), on_call=self._arrived)
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def target(self) -> str:
        return f"sip:1000@{HOST}:{self.line.addresses[0].port}"

    def _arrived(self, incoming: IncomingCall) -> SessionListener:
        call = Bridged(self, incoming)
        task = asyncio.create_task(call.run())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return call.caller

    async def close(self) -> None:
        for task in list(self._calls):
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self.line.close()
        await self.plane.close()


@contextlib.asynccontextmanager
async def exchange(folder: Path, agents_at: tuple[str, int] | None) -> AsyncIterator[Exchange]:
    running = Exchange(folder, agents_at)
    await running.plane.start()
    await running.line.start()
    try:
        yield running
    finally:
        await running.close()
