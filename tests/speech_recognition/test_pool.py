"""Whatever becomes of a recogniser, the caller gets an answer in time."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from cti_server.job_processes import JobProcesses
from cti_server.speech_recognition.errors import RecogniserMissing
from cti_server.speech_recognition.pool import WAITING, RecogniserPool
from cti_server.speech_recognition.recogniser import Heard, Utterance
from ivr.vocabulary import Vocabulary

from .said import ENGLISH, utterance

SPHINX = {"en": "sphinx"}


@pytest.fixture
def jobs() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def pool_of(jobs: Executor, within: float = 20.0) -> RecogniserPool:
    return RecogniserPool(jobs, processes=1, within=within, engines=SPHINX)


class Stalled(Executor):
    """Takes jobs and does none of them."""

    def __init__(self) -> None:
        self.jobs: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        job: Future[Any] = Future()
        self.jobs.append(job)
        return job


async def passed() -> None:
    """What can be done now is done."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_said_is_understood_in_a_process_of_its_own() -> None:
    with JobProcesses(1) as jobs:
        pool = pool_of(jobs)
        await pool.prepare(["en"])
        heard = await pool.hear(utterance("en-support"), ENGLISH)

    assert heard is not None
    assert heard.label == "support"


class Hanging:
    """An engine that comes to no end, in code that is not Python's."""

    languages = ("en",)

    def load(self) -> None: ...

    def hear(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        time.sleep(120.0)  # so long only where nothing ends it
        return None


async def test_a_recogniser_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti_server.speech_recognition.pool.HUNG_AFTER", 0.005)
    monkeypatch.setattr("cti_server.speech_recognition.pool.ear_for", lambda *_: Hanging())
    with JobProcesses(1) as jobs:
        async with asyncio.timeout(60):
            assert await pool_of(jobs, within=60.0).hear(utterance("en-support"), ENGLISH) is None
            assert await asyncio.wrap_future(jobs.submit(os.getpid)) != os.getpid()


async def test_a_late_recogniser_has_understood_nothing_and_is_not_kept_busy() -> None:
    jobs = Stalled()

    assert await pool_of(jobs, within=0.01).hear(utterance("en-support"), ENGLISH) is None
    await passed()
    assert [job.cancelled() for job in jobs.jobs] == [True]


async def test_more_than_can_be_done_in_time_is_refused_until_there_is_room_again() -> None:
    jobs = Stalled()
    pool = pool_of(jobs)
    waiting = [
        asyncio.create_task(pool.hear(utterance("en-support"), ENGLISH)) for _ in range(WAITING)
    ]
    await passed()

    assert await pool.hear(utterance("en-support"), ENGLISH) is None
    assert len(jobs.jobs) == WAITING
    jobs.jobs[0].set_result(None)
    assert await waiting[0] is None
    waiting.append(asyncio.create_task(pool.hear(utterance("en-support"), ENGLISH)))
    await passed()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await passed()
    assert jobs.jobs[-1].cancelled()  # the caller hung up


async def test_a_recogniser_that_dies_or_breaks_has_understood_nothing() -> None:
    jobs = Stalled()
    pool = pool_of(jobs)
    asked = asyncio.create_task(pool.hear(utterance("en-support"), ENGLISH))
    await passed()
    jobs.jobs[0].set_exception(BrokenExecutor("killed"))

    assert await asked is None


async def test_what_no_recogniser_understands_is_refused_before_the_first_call(
    jobs: ThreadPoolExecutor,
) -> None:
    with pytest.raises(RecogniserMissing, match="no recogniser understands 'fr'"):
        await pool_of(jobs).prepare(["fr"])
