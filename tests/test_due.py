"""One timer for all that falls due: in virtual time."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import OperationalError

from cti_server.due import REST, DueTimer
from cti_server.wire.events import Logged, RecordChanged
from tests.fakes.loop_clock import LoopClock
from tests.virtual_time import run


class Alarms:
    """Work that is due at some moments; it remembers when it was done."""

    records = frozenset({"task"})

    def __init__(self, name: str, clock: LoopClock, *seconds: float) -> None:
        self.name = name
        self._clock = clock
        self._begun = clock.now()
        self.due = sorted(self._begun + timedelta(seconds=each) for each in seconds)
        self.done: list[tuple[float, int]] = []
        self.asked = 0
        self.failing = 0

    async def earliest(self) -> datetime | None:
        self.asked += 1
        return min(self.due, default=None)

    async def do(self, now: datetime) -> None:
        if self.failing:
            self.failing -= 1
            raise OperationalError("SELECT", {}, Exception("gone"))
        over = [at for at in self.due if at <= now]
        self.due = [at for at in self.due if at > now]
        self.done.append(((now - self._begun).total_seconds(), len(over)))

    def add(self, seconds: float) -> None:
        self.due.append(self._clock.now() + timedelta(seconds=seconds))


def changed(record: str) -> Logged:
    event = RecordChanged(
        change_id="c-1", record=record, record_id="1", action="created", changed_by="li"
    )
    return Logged(1, datetime(2026, 11, 22, tzinfo=UTC), event)


def test_each_work_is_done_at_its_moments_and_nothing_is_asked_in_between() -> None:
    async def scenario() -> None:
        clock = LoopClock()
        first, second = Alarms("first", clock, 10, 7200), Alarms("second", clock, 10, 20.5)
        timer = DueTimer(clock)
        timer.add(first)
        timer.add(second)
        timer.start()
        await asyncio.sleep(3600 * 3)
        await timer.close()

        assert first.done == [(10.0, 1), (7200.0, 1)]
        assert second.done == [(10.0, 1), (20.5, 1)]
        assert first.asked < 20

    run(scenario())


def test_what_fell_due_before_the_start_is_done_at_once() -> None:
    async def scenario() -> None:
        clock = LoopClock()
        work = Alarms("work", clock, -86400, -5)
        timer = DueTimer(clock)
        timer.add(work)
        timer.start()
        await asyncio.sleep(1)
        await timer.close()

        assert work.done == [(0.0, 2)]

    run(scenario())


def test_a_change_wakes_the_timer_for_the_works_that_it_concerns() -> None:
    async def scenario() -> None:
        clock = LoopClock()
        work = Alarms("work", clock, 5000)
        timer = DueTimer(clock)
        timer.add(work)
        timer.start()
        await asyncio.sleep(100)
        work.add(50)
        asked = work.asked
        timer.hear(changed("order"))
        await asyncio.sleep(1)
        assert work.asked == asked
        timer.hear(changed("task"))
        await asyncio.sleep(100)
        await timer.close()

        assert work.done == [(150.0, 1)]

    run(scenario())


def test_work_that_fails_rests_and_does_not_keep_the_others() -> None:
    async def scenario() -> None:
        clock = LoopClock()
        failing, other = Alarms("failing", clock, 10), Alarms("other", clock, 10, 11)
        failing.failing = 2
        timer = DueTimer(clock)
        timer.add(failing)
        timer.add(other)
        timer.start()
        await asyncio.sleep(200)
        await timer.close()

        assert other.done == [(10.0, 1), (11.0, 1)]
        assert failing.done == [(10 + 2 * REST.total_seconds(), 1)]

    run(scenario())
