"""
What a server's watcher does next. Pure: what happened and the time come in, what to do goes out.

A server lives from its start until it and whatever it started are gone. One that falls silent is
ended: first by SIGABRT, so that it says where it hangs, then by SIGKILL. One that ended by itself
is started again after a pause, unless it refused to start, was asked to stop, or has been started
too often of late.
"""

import enum
import signal
from collections import deque
from dataclasses import dataclass

REFUSED = 1
"""Exit code of a server that does not start, for a reason that it has told."""

LATE = 1.0
"""Seconds by which the watcher itself may be late: beyond, the whole machine stood still."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """Seconds, and counts."""

    hung_after: float  # without a word
    restarts: int  # within
    within: float
    speaks_within: float = 120.0  # to its first word; until it is ready, from word to word
    last_words: float = 5.0  # from SIGABRT to SIGKILL
    leaves_within: float = 15.0  # from its end to that of all that it started
    first_pause: float = 0.5  # before it is started again; doubled each time, up to
    longest_pause: float = 30.0


class Verdict(enum.Enum):
    HUNG = "hung"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Start:
    """Start the server."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Send it this."""

    number: signal.Signals


@dataclass(frozen=True, slots=True)
class EndFamily:
    """Kill what it left behind."""


@dataclass(frozen=True, slots=True)
class Note:
    """Write down how it ended, for the next one to tell; ``code`` as of subprocess."""

    verdict: Verdict
    code: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Say that it has been started again too often."""


@dataclass(frozen=True, slots=True)
class Exit:
    """End, with this code."""

    code: int


Effect = Start | Signal | EndFamily | Note | GiveUp | Exit


class State(enum.Enum):
    RUNNING = "running"
    ABORTING = "aborting"  # SIGABRT was sent
    KILLED = "killed"
    LEAVING = "leaving"  # it is gone, and others of its family may not be
    RESTING = "resting"  # until it is started again
    OVER = "over"


class Watch:
    """Sans-IO: a method takes the time and returns what to do; :attr:`deadline` is the next."""

    def __init__(self, budgets: Budgets, superseded: int) -> None:
        """``superseded``: the exit code of a server that is to be started again at once."""
        self.state = State.RESTING
        self.deadline: float | None = None
        """When to call :meth:`handle_timer`."""
        self._budgets = budgets
        self._superseded = superseded
        self._served = False  # ever
        self._spoke = self._ready = False  # this one
        self._stopping = False
        self._code = 0
        self._restarts: deque[float] = deque()

    @property
    def speaks(self) -> bool:
        """Whether the running server has said anything: it has its signal handlers then."""
        return self._spoke and self.state is State.RUNNING

    def begin(self, now: float) -> list[Effect]:
        """Have the server started for the first time, or again."""
        self.state, self._spoke, self._ready = State.RUNNING, False, False
        self.deadline = now + self._patience
        return [Start()]

    def heard(self, now: float, *, ready: bool = False) -> None:
        """It has said something: it lives."""
        if self.state is State.RUNNING:
            self._spoke = True
            self._ready = self._ready or ready
            self._served = self._served or ready
            self.deadline = now + self._patience

    def ask_to_stop(self, number: signal.Signals) -> list[Effect]:
        """The operator wants it to end; the server knows how. Asked again it hurries."""
        self._stopping = True
        match self.state:
            case State.RESTING:
                return self._leave()
            case State.RUNNING:
                return [Signal(number)]
            case _:
                return []

    def ended(self, code: int, now: float) -> list[Effect]:
        """Its process has ended; ``code``: negative is a signal's."""
        hung = self.state in (State.ABORTING, State.KILLED)
        self.state, self._code = State.LEAVING, code
        self.deadline = now + self._budgets.leaves_within
        if hung:
            return [Note(Verdict.HUNG, code)]
        expected = code in (0, self._superseded) or self._stopping or self._refused
        return [] if expected else [Note(Verdict.DIED, code)]

    def family_gone(self, now: float) -> list[Effect]:
        """Nothing that it started is left."""
        if self.state is not State.LEAVING:
            return []
        if self._stopping or self._code == 0 or self._refused:
            return self._leave()
        while self._restarts and self._restarts[0] <= now - self._budgets.within:
            self._restarts.popleft()
        if self._code == self._superseded:
            return self.begin(now)
        if len(self._restarts) >= self._budgets.restarts:
            return [GiveUp(), *self._leave()]
        pause = self._budgets.first_pause * 2 ** len(self._restarts)
        self._restarts.append(now)
        self.state = State.RESTING
        self.deadline = now + min(pause, self._budgets.longest_pause)
        return []

    def handle_timer(self, now: float) -> list[Effect]:
        """What is due at :attr:`deadline`."""
        if self.deadline is None or now < self.deadline:
            return []
        match self.state:
            case State.RUNNING if now - self.deadline > LATE:
                self.deadline = now + self._patience  # it could not speak, nor we hear
                return []
            case State.RUNNING:
                self.state = State.ABORTING
                self.deadline = now + self._budgets.last_words
                return [Signal(signal.SIGABRT), Signal(signal.SIGCONT)]
            case State.ABORTING:
                self.state, self.deadline = State.KILLED, None
                return [Signal(signal.SIGKILL)]
            case State.LEAVING:
                self.deadline = now + self._budgets.leaves_within
                return [EndFamily()]
            case State.RESTING:
                return self.begin(now)
            case _:
                return []

    @property
    def _patience(self) -> float:
        """
        Seconds of silence that are let pass.

        A start may hold the loop for longer than calls could bear, and there are none yet.
        """
        return self._budgets.hung_after if self._ready else self._budgets.speaks_within

    @property
    def _refused(self) -> bool:
        """Whether it never served, and has told why: to try again would not help."""
        return not self._served and self._code == REFUSED

    def _leave(self) -> list[Effect]:
        self.state, self.deadline = State.OVER, None
        return [Exit(self._code if self._code >= 0 else 128 - self._code)]
