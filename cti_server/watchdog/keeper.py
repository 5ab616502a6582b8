"""
The process that watches over the server: starts it, hears it, ends it if it hangs, starts it again.

It has no loop, no thread and no part in any call, so that it has nothing to hang on. It hears what
systemd would hear (:mod:`cti_server.notices`); the server and all that it starts are a process
group of their own, so that nothing of it is left when the next one begins.
"""

import contextlib
import ctypes
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

import structlog

from config.settings import Settings
from cti_server.ends import End, Fate, note

from .watch import (
    Budgets,
    Effect,
    EndFamily,
    Exit,
    GiveUp,
    Note,
    Signal,
    Start,
    State,
    Verdict,
    Watch,
)

log = structlog.get_logger()

HEEDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
SUPERSEDED = os.EX_TEMPFAIL  # serving.SUPERSEDED; that module knows the whole server
LOOK_EVERY = 0.05  # s; at a family that is leaving: nobody is told when another's child ends
MUCH = 64 * 1024  # bytes of one notice
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def keep(command: Sequence[str], settings: Settings) -> int:
    """Run the server by this command and watch over it, to its end; its last exit code."""
    _take_orphans()
    with contextlib.ExitStack() as held:
        return _Keeper(command, settings, held).run()


def _take_orphans() -> None:
    """
    Be the parent of what the server leaves behind.

    The first process of a container may reap nobody, and the dead would count as family for ever.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        log.warning("watchdog.orphans_not_taken", reason=os.strerror(ctypes.get_errno()))


class _Keeper:
    def __init__(
        self, command: Sequence[str], settings: Settings, held: contextlib.ExitStack
    ) -> None:
        life = settings.life
        self._command = command
        self._data = settings.data
        self._hung_after = life.hung_after.total_seconds()
        budgets = Budgets(
            hung_after=self._hung_after,
            restarts=life.restarts,
            within=life.restarts_within.total_seconds(),
        )
        self._watch = Watch(budgets, SUPERSEDED)
        self._pid = 0
        self._code: int | None = None
        folder = Path(tempfile.mkdtemp(prefix="hotline-"))  # mode 0700: nobody else can speak here
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        self._address = str(folder / "notices")
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._notices = held.enter_context(socket.socket(socket.AF_UNIX, kind))
        self._notices.bind(self._address)
        self._signals, woken = socket.socketpair()
        for end in (self._signals, woken):
            end.setblocking(False)
            held.enter_context(end)
        self._selector = held.enter_context(selectors.DefaultSelector())
        for readable in (self._notices, self._signals):
            self._selector.register(readable, selectors.EVENT_READ)
        for number in HEEDED:
            signal.signal(number, lambda *_: None)  # what comes is read from the socket pair
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)

    def run(self) -> int:
        code = self._carry_out(self._watch.begin(time.monotonic()))
        while code is None:
            code = self._turn()
        return code

    def _turn(self) -> int | None:
        """Wait for something to happen, and do what follows; the exit code at the end."""
        self._selector.select(self._patience())
        now = time.monotonic()
        effects = self._hear_signals(now)
        self._hear_notices(now)
        if self._watch.state is State.LEAVING and not self._family():
            effects += self._watch.family_gone(now)
        return self._carry_out(effects + self._watch.handle_timer(now))

    def _patience(self) -> float | None:
        if self._watch.state is State.LEAVING:
            return LOOK_EVERY
        deadline = self._watch.deadline
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def _hear_signals(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        with contextlib.suppress(BlockingIOError):
            for number in map(signal.Signals, self._signals.recv(4096)):
                if number in (signal.SIGTERM, signal.SIGINT):
                    effects += self._watch.ask_to_stop(signal.SIGTERM)
                elif number is signal.SIGHUP and self._watch.speaks:
                    effects.append(Signal(signal.SIGHUP))
        self._reap()
        if self._code is not None:
            code, self._code = self._code, None
            log.log(30 if code else 20, "watchdog.server_ended", pid=self._pid, code=code)
            effects += self._watch.ended(code, now)
        return effects

    def _reap(self) -> None:
        """Also what the server left behind."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self._pid:
                    self._code = os.waitstatus_to_exitcode(status)

    def _hear_notices(self, now: float) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                lines = self._notices.recv(MUCH).split(b"\n")
                self._watch.heard(now, ready=b"READY=1" in lines)

    def _family(self) -> bool:
        """Whether anything of the server's process group is left."""
        self._reap()
        try:
            os.killpg(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _carry_out(self, effects: Sequence[Effect]) -> int | None:
        for effect in effects:
            match effect:
                case Start():
                    self._start()
                case Signal(number):
                    self._send(number)
                case EndFamily():
                    log.error("watchdog.family_killed", pid=self._pid)
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self._pid, signal.SIGKILL)
                case Note(verdict, code):
                    self._note(verdict, code)
                case GiveUp():
                    log.critical("watchdog.gave_up")
                case Exit(code):
                    return code
                case _:
                    assert_never(effect)
        return None

    def _start(self) -> None:
        environment = {
            "NOTIFY_SOCKET": self._address,
            "WATCHDOG_USEC": f"{self._hung_after * 1e6:.0f}",
        }
        usual = {name: each for name, each in os.environ.items() if name != "WATCHDOG_PID"}
        process = subprocess.Popen(  # noqa: S603 - our own command
            self._command, env=usual | environment, start_new_session=True
        )
        process.returncode = 0  # it is we who wait for it, not subprocess
        self._pid = process.pid
        log.info("watchdog.server_started", pid=self._pid)

    def _send(self, number: signal.Signals) -> None:
        if number is signal.SIGABRT:
            log.error("watchdog.server_hung", pid=self._pid, silent_for=self._hung_after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, number)

    def _note(self, verdict: Verdict, code: int) -> None:
        fate = Fate.HUNG if verdict is Verdict.HUNG else Fate.DIED
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        note(
            self._data, End(uuid.uuid4().hex, fate, f"process {self._pid}", how, action="restarted")
        )
