"""
All media workers, as the control process sees them: it starts them, shares the legs out, and
starts a new one where one died.
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import structlog

from .errors import MediaUnavailable, NoSuchWorker, WorkerDraining
from .media_leg import MediaLeg, MediaListener
from .process import Launch, end, kill, launch
from .protocol import Connect, LegTransport, Shutdown, StartCapture, WatchLevels
from .worker_link import OnCapture, OnLevels, WorkerLink
from .worker_reports import CaptureClosed, CaptureFailed, WorkerStatistics

__all__ = ["MediaLeg", "MediaListener", "MediaPlane", "MediaUnavailable", "WorkerAtWork"]

log = structlog.get_logger()

ANSWERS_WITHIN: Final = 10.0  # seconds without an answer, and it is killed
ASKED_EVERY: Final = 5.0  # seconds
FIRST_PAUSE: Final = 0.1  # seconds before a dead worker is replaced; doubled each time, up to
LONGEST_PAUSE: Final = 5.0
HEALTHY_AFTER: Final = 30.0  # seconds; who lived as long is replaced at once


@dataclass(frozen=True, slots=True)
class WorkerAtWork:
    """A media worker that is there. One with a ``successor`` gets no new calls."""

    number: int
    legs: int
    successor: int | None = None


class MediaPlane:
    """
    The workers. ``ports`` (first, last) are shared out evenly; ``run_folder`` holds the sockets,
    each until its worker has connected. ``public_host`` is what parties are told in place of
    ``host``, to which the ports are bound, where the two differ.

    ``on_worker_died`` gets the worker's number and the ids of the legs that died with it, after
    the legs' listeners were told.
    """

    def __init__(
        self,
        *,
        workers: int,
        host: str,
        ports: tuple[int, int],
        run_folder: Path,
        on_worker_died: Callable[[int, list[str]], None],
        public_host: str | None = None,
        log_level: str = "info",
    ) -> None:
        self._host = host
        self._public_host = public_host or host
        self._log_level = log_level
        self._shares = dict(enumerate(_share(ports, workers)))  # by the worker's number
        self._numbers = count(workers)
        self._successors: dict[int, int] = {}  # of those that are being drained
        self._retiring: set[int] = set()  # whose successor is there
        self._endings: set[asyncio.Task[None]] = set()  # of those that wait for their last leg
        self._starting: set[asyncio.Task[None]] = set()  # successors
        self._closed = False
        self._run_folder = run_folder
        self._on_worker_died = on_worker_died
        self._links: dict[int, WorkerLink] = {}
        self._keepers: dict[int, asyncio.Task[None]] = {}
        self._processes: dict[int, Process] = {}
        self.on_levels: OnLevels | None = None
        """Hears what :meth:`watch_levels` asked for."""
        self._lost_captures: dict[str, CaptureClosed | CaptureFailed] = {}

    @property
    def process_ids(self) -> list[int]:
        """Of the workers that are there, by their numbers; one that is missing has none."""
        return [self._processes[number].pid for number in sorted(self._links)]

    async def start(self) -> None:
        """Start the workers; raises MediaUnavailable if one does not come up."""
        numbers = list(self._shares)
        starts = [self._start_worker(number) for number in numbers]
        # All of them have to end: who starts after the plane was closed would be ended by nobody.
        failed = [end for end in await asyncio.gather(*starts, return_exceptions=True) if end]
        if failed:
            await self.close()
            raise failed[0]
        for number in numbers:
            self._keepers[number] = asyncio.create_task(self._keep(number))

    async def close(self) -> None:
        """Close every leg and capture, and end the workers."""
        self._closed = True
        for link in self._links.values():
            link.send(Shutdown())
        tasks = [*self._keepers.values(), *self._endings, *self._starting]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(end(process) for process in self._processes.values()))
        for link in self._links.values():
            link.bury()
        self._links.clear()

    async def open_leg(
        self,
        leg_id: str,
        listener: MediaListener,
        *,
        beside: MediaLeg | None = None,
        transport: LegTransport = "rtp",
    ) -> MediaLeg:
        """A leg on the least loaded worker, or on that of ``beside``; raises MediaUnavailable."""
        links = [link for link in self._links.values() if link.alive]
        if beside is not None:
            links = [link for link in links if link.has_leg(beside.id)]
        else:
            links = [link for link in links if link.number not in self._retiring]
        refusal = MediaUnavailable("no media worker is there")
        for link in sorted(links, key=lambda link: link.load):
            try:
                return await link.open_leg(leg_id, listener, self._public_host, transport)
            except MediaUnavailable as error:
                refusal = error
        raise refusal

    @property
    def workers(self) -> list[WorkerAtWork]:
        """Those that are there, by their numbers."""
        return [
            WorkerAtWork(number, link.load, self._successors.get(number))
            for number, link in sorted(self._links.items())
        ]

    @property
    def legs(self) -> list[tuple[MediaLeg, MediaListener]]:
        """All that are open, and who hears them."""
        return [leg for link in self._links.values() for leg in link.legs]

    async def surplus(self) -> dict[int, int]:
        """How many legs each worker has, by its number, that nobody here knows of."""
        found = {}
        for number, link in list(self._links.items()):
            known = link.load
            if (answer := await link.statistics()) is not None:
                found[number] = answer.legs - max(known, link.load)
        return found

    async def drain(self, number: int) -> WorkerAtWork:
        """
        Put another worker in this one's place; returns when that is there.

        Its calls go on there, with legs that join them, and it ends after the last. Raises
        NoSuchWorker, WorkerDraining, and MediaUnavailable if no successor starts: all is as before;
        so it is if the plane is closed meanwhile.
        """
        if number not in self._shares:
            raise NoSuchWorker(number)
        if number in self._successors:
            raise WorkerDraining(number)
        if number not in self._links:
            raise MediaUnavailable(f"media worker {number} is not there, and is being replaced")
        successor = self._successors[number] = next(self._numbers)
        # The ports are the same: each is taken by one of the two only.
        self._shares[successor] = self._shares[number]
        try:
            await self._start_successor(successor)
        except BaseException:
            del self._shares[successor], self._successors[number]
            raise
        self._keepers[successor] = asyncio.create_task(self._keep(successor))
        self._retiring.add(number)
        legs = 0
        if (link := self._links.get(number)) is not None:
            legs = link.load
            log.info("media.worker_retired", worker=number, successor=successor, legs=legs)
            ending = asyncio.create_task(_end_when_empty(link))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
        return WorkerAtWork(number, legs, successor)

    def connect(self, hears: Mapping[MediaLeg, Sequence[MediaLeg]]) -> None:
        """From now on each of these legs hears exactly those. All are on one worker."""
        legs = {*hears, *(leg for heard in hears.values() for leg in heard)}
        workers = {leg.worker for leg in legs}
        if len(workers) > 1:
            raise ValueError(f"{sorted(leg.id for leg in legs)} are on different workers")
        for worker in workers:
            if (link := self._links.get(worker)) is not None:
                ids = {leg.id: [one.id for one in heard] for leg, heard in hears.items()}
                link.send(Connect(hears=ids))

    def start_capture(
        self,
        capture_id: str,
        folder: Path,
        caller: MediaLeg | None,
        agent: MediaLeg | None,
        on_report: OnCapture | None = None,
        *,
        speech: bool = False,
        told: bool = False,
    ) -> None:
        """
        Record these two, who are on one worker, or one of them; a caller alone perhaps with what
        they are ``told`` by prompts on the other side.

        Whether it works is told by stop_capture; as it goes on, to ``on_report``: that it has
        failed, and, if ``speech`` is listened for, how far it has got and what of that is speech.
        """
        legs = [leg for leg in (caller, agent) if leg is not None]
        if len({leg.worker for leg in legs}) != 1:
            raise ValueError(f"{[leg.id for leg in legs]} are not on one worker")
        command = StartCapture(
            capture=capture_id,
            folder=str(folder.absolute()),
            caller=caller.id if caller is not None else None,
            agent=agent.id if agent is not None else None,
            speech=speech,
            told=told,
        )
        if (link := self._links.get(legs[0].worker)) is not None:
            link.start_capture(command, on_report)

    async def stop_capture(
        self, capture_id: str, within: float | None = None
    ) -> CaptureClosed | CaptureFailed:
        """
        Ends a capture; when this returns, its files are whole.

        That takes as long as the disk does: nothing is captured any more meanwhile. Who cannot wait
        says for how many seconds it is worth it, and has to take it for failed then.
        """
        for link in self._links.values():
            if link.has_capture(capture_id):
                return await link.stop_capture(capture_id, within)
        unknown = CaptureFailed(capture=capture_id, reason="there is no such capture")
        return self._lost_captures.pop(capture_id, unknown)

    async def caught_up(self, leg: MediaLeg) -> None:
        """Wait until the leg's worker has done all that it was told before, or has died."""
        if (link := self._links.get(leg.worker)) is not None:
            await link.statistics()  # which it tells in its turn

    async def statistics(self) -> list[WorkerStatistics]:
        """Of the workers that are alive, in the order of their numbers."""
        links = [link for _, link in sorted(self._links.items()) if link.alive]
        answers = await asyncio.gather(*(link.statistics() for link in links))
        return [answer for answer in answers if answer is not None]

    def watch_levels(self, seconds: float) -> None:
        """Have :attr:`on_levels` told how loud every leg is, for so many seconds; zero: no more."""
        for link in self._links.values():
            link.on_levels = self.on_levels
            link.send(WatchLevels(seconds=seconds))

    # --- the processes -------------------------------------------------------------------------

    async def _keep(self, number: int) -> None:
        """
        Wait for the worker to die, and replace it, again and again, whatever the system says.

        One that has a successor is not replaced, and forgotten.
        """
        pause = FIRST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            try:
                if (link := self._links.get(number)) is not None:
                    await self._watch(number, link)
                    await self._bury(number)
            except OSError as error:
                log.error("media.worker_unwatched", worker=number, error=str(error))  # noqa: TRY400
            if self._is_superseded(number):
                break
            if asyncio.get_running_loop().time() - began > HEALTHY_AFTER:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if self._is_superseded(number):
                break
            if number not in self._links:
                with suppress(MediaUnavailable):  # logged where it is raised
                    await self._start_worker(number)
        self._retiring.remove(number)
        del self._successors[number], self._shares[number], self._keepers[number]

    def _is_superseded(self, number: int) -> bool:
        return number in self._retiring and number not in self._links

    async def _watch(self, number: int, link: WorkerLink) -> None:
        """Until the worker dies; one that does not answer any more is killed."""
        while not link.lost.done():
            try:
                async with asyncio.timeout(ANSWERS_WITHIN):
                    await link.statistics()
            except TimeoutError:
                log.error("media.worker_hung", worker=number)  # noqa: TRY400 - nothing to trace
                kill(self._processes[number])
                await link.lost
                return
            await asyncio.wait((link.lost,), timeout=ASKED_EVERY)

    async def _bury(self, number: int) -> None:
        link = self._links.pop(number)
        legs = link.bury()
        self._lost_captures |= link.results
        if number in self._retiring and not legs:
            log.info("media.worker_drained", worker=number)
        else:
            log.error("media.worker_died", worker=number, legs=len(legs))
            asyncio.get_running_loop().call_soon(self._on_worker_died, number, legs)
        await end(self._processes[number])
        del self._processes[number]  # not before: who is closed meanwhile has to wait for it

    async def _start_successor(self, number: int) -> None:
        """Raises MediaUnavailable, also where the plane is closed before it is there."""
        start = asyncio.create_task(self._start_worker(number))
        self._starting.add(start)
        start.add_done_callback(self._starting.discard)
        try:
            await start
        except asyncio.CancelledError:
            if (waiting := asyncio.current_task()) is None or waiting.cancelling():
                raise
        if self._closed:
            raise MediaUnavailable("the media plane is closed")

    async def _start_worker(self, number: int) -> None:
        """Raises MediaUnavailable for whatever the system refuses."""
        try:
            link = WorkerLink(number)
            process = await launch(
                Launch(
                    module="cti_server.media.worker",
                    name=f"media-{number}",
                    host=self._host,
                    ports=self._shares[number],
                    run_folder=self._run_folder,
                    log_level=self._log_level,
                ),
                link,
            )
        except OSError as error:  # TimeoutError is one of them
            reason = str(error) or type(error).__name__
            log.error("media.worker_not_started", worker=number, error=reason)  # noqa: TRY400
            raise MediaUnavailable(f"media worker {number} does not start: {reason}") from error
        self._links[number], self._processes[number] = link, process
        log.info("media.worker_started", worker=number, pid=process.pid)
        if number in self._retiring:  # it was being replaced when it got a successor
            link.send(Shutdown())


async def _end_when_empty(link: WorkerLink) -> None:
    await link.emptied()
    link.send(Shutdown())


def _share(ports: tuple[int, int], workers: int) -> list[tuple[int, int]]:
    """Ranges of equal size, each beginning with an even port."""
    first, last = ports
    pairs = (last + 1 - (first + first % 2)) // 2
    if workers < 1 or pairs < workers:
        raise ValueError(f"ports {first}-{last} are too few for {workers} media workers")
    size = pairs // workers
    start = first + first % 2
    return [(start + 2 * size * i, start + 2 * size * (i + 1) - 1) for i in range(workers)]
