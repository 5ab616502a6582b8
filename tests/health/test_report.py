"""The report of the whole: every part is asked, and none is waited for."""

import asyncio
from concurrent.futures import BrokenExecutor
from datetime import UTC, datetime

from cti_server.health.findings import Finding
from cti_server.health.report import WITHIN, SystemHealth, Turn
from tests.fakes.loop_clock import LoopClock
from tests.virtual_time import run

TURN = Turn("here 1", 3, datetime(2026, 3, 2, tzinfo=UTC))


async def well() -> Finding:
    return Finding()


async def away() -> Finding:
    raise OSError("no way there")


async def broken() -> Finding:
    raise BrokenExecutor("a process died")


async def silent() -> Finding:
    await asyncio.Event().wait()
    raise AssertionError


def test_who_does_not_answer_is_bad_and_keeps_nobody_waiting() -> None:
    health = SystemHealth({"a": well, "b": away, "c": silent, "d": broken}, TURN, LoopClock())

    async def asked() -> float:
        report = await health.report()
        found = {name: (each.state, each.reason) for name, each in report.parts.items()}
        assert found == {
            "a": ("ok", ""),
            "b": ("bad", "no_answer"),
            "c": ("bad", "no_answer"),
            "d": ("bad", "fault"),
        }
        assert report.state == "bad"
        return asyncio.get_running_loop().time()

    assert run(asked()) == WITHIN
