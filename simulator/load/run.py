"""A run from outside: starts the processes, follows them, stops them, joins what they saw."""

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from simulator.errors import LoadFailed

from . import agents, callers, streams
from .plan import LoadPlan
from .records import (
    AgentProgress,
    CallerProgress,
    Progress,
    Ready,
    Results,
    StreamProgress,
)
from .report import Report, report_of
from .signalling import HOST

START_WITHIN: Final = 60.0  # seconds for the processes to come up
LEAD: Final = 0.1  # seconds between "go" and the first call
FINISH_WITHIN: Final = 10.0
SETTLE: Final = 0.3  # seconds for the last goodbyes
SPARE: Final = 8  # ports an agents' process has above the calls that can be open


@dataclass(slots=True)
class RunProgress:
    """The run as a whole, a fraction of a second ago."""

    started: int = 0
    answered: int = 0
    over: int = 0
    agents_talking: int = 0
    hearing: int = 0
    """Legs that hear their other side."""
    arriving: bool = True
    """More calls are to come."""


@dataclass(slots=True)
class _Child:
    name: str
    process: BaseProcess
    pipe: Connection
    ready: bool = False
    progress: Progress | None = None
    results: Results | None = None
    gone: bool = False

    @property
    def running(self) -> bool:
        return not self.gone and self.results is None


@dataclass(slots=True)
class LoadRun:
    """Use as a context manager: at its end none of its processes is left."""

    plan: LoadPlan
    _signalling: list[_Child] = field(default_factory=list)
    _streams: list[_Child] = field(default_factory=list)
    _deadline: float = 0.0

    def __enter__(self) -> "LoadRun":
        """Start everything and let the first call arrive. Raises LoadFailed."""
        self.plan.check()
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    @property
    def progress(self) -> RunProgress:
        callers_told = [isinstance(child.progress, CallerProgress) for child in self._signalling]
        whole = RunProgress(arriving=sum(callers_told) < self.plan.caller_processes)
        for child in self._children:
            match child.progress:
                case CallerProgress(started, answered, over, arriving):
                    whole.started += started
                    whole.answered += answered
                    whole.over += over
                    whole.arriving |= arriving
                case AgentProgress(talking=talking):
                    whole.agents_talking += talking
                case StreamProgress(talking=hearing):
                    whole.hearing += hearing
        return whole

    @property
    def process_ids(self) -> list[int]:
        return [child.process.pid for child in self._children if child.process.pid]

    def wait(self, enough: Callable[[RunProgress], bool], within: float) -> bool:
        """Follow the run until its progress is enough; False if it takes too long."""
        until = min(time.monotonic() + within, self._deadline)
        while not enough(self.progress):
            if time.monotonic() >= until or self._lost():
                return False
            self._listen(until)
        return True

    def all_over(self, enough: Callable[[RunProgress], bool] | None = None) -> bool:
        """
        Follow the run until every call has come and gone.

        False if its time was up first, or if somebody who looks at the progress had ``enough``.
        """
        while time.monotonic() < self._deadline and not self._lost():
            now = self.progress
            if enough is not None and enough(now):
                return False
            if not now.arriving and now.over >= now.started:
                return True
            self._listen(self._deadline)
        return False

    def stop(self) -> None:
        """No more calls; the agents hang up."""
        self._order("stop", self._signalling)

    def finish(self) -> Report:
        """End it and tell what was found. What a process that is gone knew is missing."""
        settled = time.monotonic() + SETTLE
        while time.monotonic() < settled:
            self._listen(settled)
        for children in (self._signalling, self._streams):  # what is heard ends last
            self._order("finish", children)
            until = time.monotonic() + FINISH_WITHIN
            while time.monotonic() < until and any(each.running for each in children):
                self._listen(until)
        silent = [child for child in self._children if child.results is None]
        broken = [f"the {one.name} process is {'gone' if one.gone else 'mute'}" for one in silent]
        results = [child.results for child in self._children if child.results is not None]
        return report_of(self.plan, results, broken)

    # --- inside -------------------------------------------------------------------------------

    @property
    def _children(self) -> list[_Child]:
        return [*self._signalling, *self._streams]

    def _start(self) -> None:
        plan = self.plan
        agent_count = len(plan.agents_at)
        wanted = [
            *(
                _share(plan.concurrent, plan.caller_processes, n)
                for n in range(plan.caller_processes)
            ),
            *(plan.concurrent + SPARE for _ in range(agent_count)),
        ]
        commands = [_pipes(len(wanted)) for _ in range(plan.rtp_processes)]
        for number, pipes in enumerate(commands):
            counts = [_share(count, plan.rtp_processes, number) for count in wanted]
            theirs = [far for _, far in pipes]
            self._streams.append(self._spawn("rtp", streams.main, theirs, counts, HOST))
        for n in range(plan.caller_processes + agent_count):
            ends = [pipes[n][0] for pipes in commands]
            if n < plan.caller_processes:
                child = self._spawn("callers", callers.main, ends, plan, n)
            else:
                child = self._spawn("agents", agents.main, ends, plan, n - plan.caller_processes)
            self._signalling.append(child)
        for near, far in (pair for pipes in commands for pair in pipes):
            near.close()
            far.close()
        self._await_ready()
        start = time.monotonic() + LEAD
        self._deadline = start + plan.longest_run
        self._order(start, self._signalling)

    def _spawn(self, name: str, main: Callable[..., None], *arguments: Any) -> _Child:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=main, args=(theirs, *arguments), daemon=True)
        process.start()
        theirs.close()
        return _Child(name, process, ours)

    def _await_ready(self) -> None:
        until = time.monotonic() + START_WITHIN
        while not all(child.ready for child in self._children):
            if self._lost() or time.monotonic() >= until:
                raise LoadFailed("the generator's processes did not start")
            self._listen(until)

    def _listen(self, until: float) -> None:
        """Take in what the processes say, or let the time pass."""
        pipes = {child.pipe: child for child in self._children if child.running}
        seconds = max(0.0, until - time.monotonic())
        if not pipes:
            time.sleep(min(seconds, 0.05))
            return
        for pipe in wait(list(pipes), seconds):
            self._take(pipes[pipe])  # type: ignore[index]  # they are connections, as given

    def _take(self, child: _Child) -> None:
        try:
            message = child.pipe.recv()
        except (EOFError, OSError):
            child.gone = True
            return
        match message:
            case Ready(refused=None):
                child.ready = True
            case Ready(refused):
                raise LoadFailed(str(refused))
            case Results():
                child.results = message
            case _:
                child.progress = message

    def _order(self, order: object, children: list[_Child]) -> None:
        for child in children:
            if child.running:
                with contextlib.suppress(OSError):  # it is gone, which its pipe will tell
                    child.pipe.send(order)

    def _lost(self) -> list[_Child]:
        return [child for child in self._children if child.gone and child.results is None]

    def _end(self) -> None:
        for child in self._children:
            child.pipe.close()
        for child in self._children:
            child.process.join(1.0)
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
            child.process.close()


def _pipes(count: int) -> list[tuple[Connection, Connection]]:
    return [multiprocessing.Pipe() for _ in range(count)]


def _share(count: int, among: int, number: int) -> int:
    """Of ``count`` things, how many the ``number``-th of them gets."""
    return count // among + (number < count % among)
