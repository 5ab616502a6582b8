"""The recognisers' processes: a bounded number of utterances at a time, each with a deadline."""

import asyncio
import functools
import os
import signal
import threading
from collections.abc import Collection, Mapping
from concurrent.futures import BrokenExecutor, Executor
from typing import Final

import structlog

from ivr.vocabulary import Vocabulary

from .ears import ear_for
from .errors import RecogniserMissing
from .recogniser import Ear, Heard, Utterance

log = structlog.get_logger()

WAITING: Final = 3
"""Utterances that each process may have before it, with the one that it is at."""
HUNG_AFTER: Final = 5
"""How many times the caller's patience an utterance may take before its process is given up."""
NICENESS: Final = 5
"""Before the calls' audio nothing here is urgent."""


class RecogniserPool:
    """
    Hands utterances to processes; what takes too long, or comes when they are busy, is not
    understood: the caller is asked again, and has keys.

    Nothing of an utterance is kept or logged.
    """

    def __init__(
        self, jobs: Executor, *, processes: int, within: float, engines: Mapping[str, str]
    ) -> None:
        """``within``: seconds; ``engines``: by language, where the settings name one."""
        self._jobs = jobs
        self._processes = processes
        self._within = within
        self._engines = engines
        # Given back by the thread that brings the results: also what nobody waits for takes time.
        self._places = threading.BoundedSemaphore(WAITING * processes)

    async def prepare(self, languages: Collection[str]) -> None:
        """Load what these need, before the first caller speaks. Raises RecogniserMissing."""
        ears = list(dict.fromkeys(ear_for(language, self._engines) for language in languages))
        if ears:
            loading = (self._jobs.submit(_load, ears) for _ in range(self._processes))
            await asyncio.gather(*map(asyncio.wrap_future, loading))

    async def hear(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        if not self._places.acquire(blocking=False):
            log.warning("speech.recognisers_busy", language=vocabulary.language)
            return None
        try:
            ear = ear_for(vocabulary.language, self._engines)
            limit = HUNG_AFTER * self._within
            job = self._jobs.submit(_hear, ear, utterance, vocabulary, limit)
        except (RecogniserMissing, BrokenExecutor) as error:
            self._places.release()
            log.error("speech.not_recognised", error=str(error))  # noqa: TRY400 - nothing to trace
            return None
        job.add_done_callback(lambda _: self._places.release())
        return await self._result(asyncio.wrap_future(job))

    async def _result(self, heard: "asyncio.Future[Heard | None]") -> Heard | None:
        try:
            await asyncio.wait((heard,), timeout=self._within)
            if not heard.done():
                log.warning("speech.recognised_too_late", seconds=self._within)
                return None
            if (error := heard.exception()) is not None:
                log.error("speech.not_recognised", error=f"{type(error).__name__}: {error}")
                return None
            return heard.result()
        finally:
            heard.cancel()  # what is not begun need not be


def _load(ears: Collection[Ear]) -> None:
    _give_way()
    for ear in ears:
        ear.load()


def _hear(ear: Ear, utterance: Utterance, vocabulary: Vocabulary, limit: float) -> Heard | None:
    """
    Nothing here interrupts an engine that hangs in its own code: SIGALRM, which nobody handles,
    ends the process after ``limit`` seconds, and the pool is replaced. To load takes its own time.
    """
    _give_way()
    ear.load()
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        return ear.hear(utterance, vocabulary)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@functools.cache
def _give_way() -> None:
    """Once in each process."""
    os.nice(NICENESS)
