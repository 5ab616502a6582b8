"""
What each file of tests costs in CPU seconds, said at the end of a run with ``--durations``.

Seconds on the clock say how busy the machine was; these say what there is to save. A server that
a file starts counts; PostgreSQL, which is nobody's child, does not.
"""

import os
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

_MOST = 40


class CpuOfFiles:
    """A plugin of each process that runs tests, and of the one that hands them out."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        return (yield from self._on("(finding the tests)"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        return (yield from self._on(item.nodeid.partition("::")[0]))

    def _on(self, what: str) -> Generator[None, object, object]:
        before = _cpu_seconds()
        try:
            return (yield)
        finally:
            self._spent[what] += _cpu_seconds() - before

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["cpu"] = dict(self._spent)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        for file, seconds in getattr(node, "workeroutput", {}).get("cpu", {}).items():
            self._spent[file] += seconds

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        if config.getoption("durations") is None:
            return
        total = sum(self._spent.values())
        terminalreporter.section(f"{_MOST} costliest files of {total:.0f} CPU seconds")
        for file, seconds in sorted(self._spent.items(), key=lambda it: -it[1])[:_MOST]:
            terminalreporter.write_line(f"{seconds:7.1f}  {file}")


def _cpu_seconds() -> float:
    """Of this process and all that it has started, also of what has ended."""
    times = os.times()
    ended = times.children_user + times.children_system
    living = sum(map(_ticks, _descendants("self")))
    return times.user + times.system + ended + living / os.sysconf("SC_CLK_TCK")


def _descendants(pid: str) -> Iterator[str]:
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in _words_of(task / "children"):
            yield child
            yield from _descendants(child)


def _ticks(pid: str) -> int:
    return sum(map(int, _words_of(Path(f"/proc/{pid}/stat"))[13:17]))


def _words_of(file: Path) -> list[str]:
    """None of a thread or a child that has ended meanwhile."""
    try:
        return file.read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
