"""A callers' process: places calls at their times, presses a key, and waits for the agent's BYE."""

import asyncio
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Final

import uvloop

from cti_server.media.digits import KEYS
from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import make_offer, read_answer
from cti_server.sip.outgoing_call import OutgoingCall
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import DEAF, Ended, SessionListener
from cti_server.sip.transport import Listen
from simulator.line import PhoneLine

from .plan import LoadPlan, arrival_times
from .pool import StreamEnd, StreamPool
from .records import CALLER_STREAMS, CallerProgress, CallerRecord, Ready, Results
from .signalling import HOST, Conductor, begin_process, local_media, tell

LATE: Final = 0.005  # seconds after its time at which an arrival counts as late


class Caller:
    """One call. Hears its session."""

    __slots__ = ("_callers", "_end", "_offer", "_session", "_timers", "record")

    def __init__(self, callers: "Callers", record: CallerRecord, end: StreamEnd) -> None:
        self._callers = callers
        self._end = end
        self._timers: list[asyncio.TimerHandle] = []
        self.record = record
        record.stream = end.stream
        self._offer = make_offer(local_media(end.port, end.stream))
        self._session: OutgoingCall | None = None

    def start(self) -> None:
        plan, record = self._callers.plan, self.record
        record.begun_at = time.monotonic()
        self._after(plan.longest_call, self._give_up)
        self._session = self._callers.line.call(
            plan.target,
            offer=self._offer,
            listener=self,
            from_uri=f"sip:{record.number}@{HOST}",
        )

    def hang_up(self) -> None:
        if self._session is not None:
            self._session.hang_up()
        self._over(None if self.record.answered_at else "given up before the answer")

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...

    def answered(self, remote: Sdp) -> None:
        plan = self._callers.plan
        self.record.answered_at = time.monotonic()
        self._callers.answered += 1
        try:
            agreement = read_answer(self._offer, remote)
        except SipError as error:
            self._fail(f"unusable answer: {error}")
            return
        by_rtp = plan.digit is not None and plan.digit_by == "rtp"
        if by_rtp and agreement.dtmf_payload_type is None:
            self._fail("unusable answer: no telephone-events")
            return
        if plan.rtp or by_rtp:
            self._end.start(agreement, speaks=plan.rtp)
        if plan.digit is not None:
            self._after(plan.digit_after, self._press)

    def failed(self, status: int, reason: str) -> None:
        self._over(f"{status} {reason}")

    def cancelled(self) -> None: ...
    def confirmed(self) -> None: ...

    def offered(self, offer: Sdp) -> Sdp | None:
        return None

    def digit_received(self, digit: str, duration_ms: int) -> None: ...

    def ended(self, ended: Ended) -> None:
        self._over(None if ended.cause == "bye" else ended.cause)

    def _press(self) -> None:
        plan = self._callers.plan
        self.record.pressed_at = time.monotonic()
        if plan.digit is None or self._session is None:
            return
        if plan.digit_by == "info":
            self._session.send_info_digit(plan.digit)
        else:
            self._end.press(KEYS.index(plan.digit))

    def _give_up(self) -> None:
        answered = self.record.answered_at is not None
        self._fail("never ended" if answered else "never answered")

    def _fail(self, failure: str) -> None:
        if self._session is not None:
            self._session.hang_up()
        self._over(failure)

    def _over(self, failure: str | None) -> None:
        if self.record.ended_at is not None:
            return
        self.record.ended_at = time.monotonic()
        self.record.failure = failure
        for timer in self._timers:
            timer.cancel()
        self._end.give_back()
        self._callers.over(self)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, action))


class Callers:
    """The share of the arrivals that falls to this process."""

    def __init__(self, plan: LoadPlan, share: int, pool: StreamPool) -> None:
        self.plan = plan
        self.line = PhoneLine(
            Listen("udp", HOST, 0), on_call=_refuse, name="Hotline load", on_message=None
        )
        self.records: list[CallerRecord] = []
        self.answered = 0
        self.blocked = 0
        self.late = 0
        self._pool = pool
        self._running: set[Caller] = set()
        self._due: Iterator[tuple[int, float]] = (
            (number, at)
            for number, at in enumerate(arrival_times(plan))
            if number % plan.caller_processes == share
        )
        self._start = 0.0
        self._arriving = True
        self._timer: asyncio.TimerHandle | None = None

    @property
    def progress(self) -> CallerProgress:
        started = len(self.records)
        over = started - len(self._running)
        return CallerProgress(started, self.answered, over, self._arriving)

    def begin(self, start: float) -> None:
        """The first call is due at ``start`` (CLOCK_MONOTONIC)."""
        self._start = start
        self._next()

    def stop(self) -> None:
        """Place no more calls. Those that run are ended by their agents, or else by their time."""
        if self._timer is not None:
            self._timer.cancel()
        self._due = iter(())
        self._arriving = False

    def hang_up(self) -> None:
        for caller in list(self._running):
            caller.hang_up()

    def over(self, caller: Caller) -> None:
        self._running.discard(caller)

    def _next(self) -> None:
        number, at = next(self._due, (None, 0.0))
        if number is None:
            self._arriving = False
        else:
            due = self._start + at
            wait = max(0.0, due - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(wait, self._arrive, number, due)

    def _arrive(self, number: int, due: float) -> None:
        self._next()
        self.late += time.monotonic() - due > LATE
        end = self._pool.take()
        if end is None:
            self.blocked += 1
            return
        numbers = self.plan.numbers
        caller_number = numbers[number] if number < len(numbers) else f"7{number:07d}"
        record = CallerRecord(caller_number, due)
        self.records.append(record)
        caller = Caller(self, record, end)
        self._running.add(caller)
        caller.start()


def _refuse(incoming: IncomingCall) -> SessionListener:
    incoming.refuse(404)
    return DEAF


async def _run(run: Connection, pipes: list[Connection], plan: LoadPlan, share: int) -> Results:
    pool = StreamPool(pipes, CALLER_STREAMS * (share + 1))
    callers = Callers(plan, share, pool)
    await callers.line.start()
    conductor = Conductor(run)
    callers.begin(await conductor.ready())
    try:
        await conductor.follow(callers.stop, lambda: callers.progress)
        callers.hang_up()
    finally:
        await callers.line.close()
    work = conductor.work(
        "callers", callers.line, late=callers.late, done=len(callers.records) + callers.blocked
    )
    return Results(work, callers=callers.records, blocked=callers.blocked)


def main(run: Connection, pipes: list[Connection], plan: LoadPlan, share: int) -> None:
    """The process."""
    begin_process()
    try:
        results = uvloop.run(_run(run, pipes, plan, share))
    except OSError as error:
        run.send(Ready(refused=f"callers: {error.strerror or error}"))
        return
    tell(run, results)
