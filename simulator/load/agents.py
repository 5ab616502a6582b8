"""An agents' process: every user at one address is an agent who answers and later hangs up."""

import asyncio
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import uvloop

from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import AudioAgreement, answer_offer
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import DEAF, Ended, SessionListener
from cti_server.sip.transport import Listen
from simulator.line import PhoneLine

from .plan import LoadPlan
from .pool import StreamEnd, StreamPool
from .records import AGENT_STREAMS, CALLER_STREAMS, AgentProgress, AgentRecord, Ready, Results
from .signalling import Conductor, begin_process, local_media, tell


class AgentLeg:
    """One call at an agent's phone. Hears its session."""

    __slots__ = ("_agents", "_end", "_incoming", "_timer", "record")

    def __init__(self, agents: "Agents", incoming: IncomingCall, end: StreamEnd) -> None:
        self._agents = agents
        self._incoming = incoming
        self._end = end
        self._timer: asyncio.TimerHandle | None = None
        self.record = AgentRecord(
            agent=incoming.request.request_uri.user or "",
            number=incoming.caller_number,
            invited_at=time.monotonic(),
            stream=end.stream,
        )

    def ring(self) -> None:
        self._incoming.ring()
        self._after(self._agents.plan.answer_after, self._answer)

    def hang_up(self) -> None:
        self._incoming.hang_up()
        self._over(None if self.record.answered_at else "given up before the answer")

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...
    def answered(self, remote: Sdp) -> None: ...
    def failed(self, status: int, reason: str) -> None: ...

    def cancelled(self) -> None:
        self._over("cancelled")

    def confirmed(self) -> None:
        self._agents.answered += 1
        self._agents.talking += 1
        self._after(self._agents.plan.hold, self.hang_up)

    def offered(self, offer: Sdp) -> Sdp | None:
        return None

    def digit_received(self, digit: str, duration_ms: int) -> None: ...

    def ended(self, ended: Ended) -> None:
        self._over("cut off" if ended.cause == "bye" else ended.cause)

    def _answer(self) -> None:
        agreed = self._agreed()
        if agreed is None:
            self._incoming.refuse(488)
            self._over("488 no common codec")
            return
        answer, agreement = agreed
        self.record.answered_at = time.monotonic()
        self._incoming.answer(answer)
        if self._agents.plan.rtp:
            self._end.start(agreement, speaks=True)

    def _agreed(self) -> tuple[Sdp, AudioAgreement] | None:
        if self._incoming.offer is None:
            return None
        try:
            return answer_offer(self._incoming.offer, local_media(self._end.port, self._end.stream))
        except SipError:
            return None

    def _over(self, failure: str | None) -> None:
        if self.record.ended_at is not None:
            return
        self.record.ended_at = time.monotonic()
        self.record.failure = failure
        if self._timer is not None:
            self._timer.cancel()
        self._end.give_back()
        self._agents.over(self)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, action)


class Agents:
    """Everybody who is called at one address."""

    def __init__(self, plan: LoadPlan, at: tuple[str, int], pool: StreamPool) -> None:
        self.plan = plan
        self.line = PhoneLine(Listen("udp", *at), on_call=self._take, name="Hotline load")
        self.records: list[AgentRecord] = []
        self.answered = 0
        self.talking = 0
        self._pool = pool
        self._running: set[AgentLeg] = set()

    @property
    def progress(self) -> AgentProgress:
        return AgentProgress(self.answered, self.talking)

    def stop(self) -> None:
        """End all conversations."""
        for leg in list(self._running):
            leg.hang_up()

    def over(self, leg: AgentLeg) -> None:
        self.talking -= leg.record.answered_at is not None
        self._running.discard(leg)

    def _take(self, incoming: IncomingCall) -> SessionListener:
        end = self._pool.take()
        if end is None:
            incoming.refuse(486)
            return DEAF
        leg = AgentLeg(self, incoming, end)
        self.records.append(leg.record)
        self._running.add(leg)
        leg.ring()
        return leg


async def _run(run: Connection, pipes: list[Connection], plan: LoadPlan, share: int) -> Results:
    pool = StreamPool(pipes, AGENT_STREAMS + CALLER_STREAMS * share)
    agents = Agents(plan, plan.agents_at[share], pool)
    await agents.line.start()
    conductor = Conductor(run)
    await conductor.ready()
    try:
        await conductor.follow(agents.stop, lambda: agents.progress)
    finally:
        await agents.line.close()
    return Results(
        conductor.work("agents", agents.line, late=0, done=len(agents.records)),
        agents=agents.records,
    )


def main(run: Connection, pipes: list[Connection], plan: LoadPlan, share: int) -> None:
    """The process."""
    begin_process()
    try:
        results = uvloop.run(_run(run, pipes, plan, share))
    except OSError as error:
        host, port = plan.agents_at[share]
        run.send(Ready(refused=f"agents at {host}:{port}: {error.strerror or error}"))
        return
    tell(run, results)
