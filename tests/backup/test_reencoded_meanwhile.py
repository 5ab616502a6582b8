"""What is encoded anew while somebody looks at it is no fault, and its old file stays away."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, cast

import pytest

from cti_server.backup.bringing_back import BringingBack
from cti_server.calls.reencoding import Reencoding

from .kept_twice import KeptTwice


class _Meanwhile(Executor):
    """Its jobs are done when that work is."""

    def __init__(self, jobs: ThreadPoolExecutor, work: Callable[[], Awaitable[None]]) -> None:
        self._jobs = jobs
        self._work = work
        self._loop = asyncio.get_running_loop()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        async def first() -> None:
            await self._work()

        def both() -> Any:
            asyncio.run_coroutine_threadsafe(first(), self._loop).result(30)
            return fn(*args, **kwargs)

        return self._jobs.submit(both)


async def reencode(it: KeptTwice) -> None:
    with ThreadPoolExecutor(1) as jobs:
        work = Reencoding(it.database, it.log, keys=it.kept.keys, jobs=jobs, settings=it.stores)
        assert await work.reencode([await it.row("r1")]) == {}


def names(it: KeptTwice) -> list[list[str]]:
    return [
        sorted(file.name for file in (it.folder / store).rglob("*.sealed"))
        for store in ("near", "far")
    ]


@pytest.mark.parametrize("look", ["round", "drill"])
async def test_it_is_no_fault(it: KeptTwice, look: str) -> None:
    await it.add("r1")
    jobs = it.jobs
    it.jobs = cast(ThreadPoolExecutor, _Meanwhile(jobs, lambda: reencode(it)))

    if look == "round":
        outcome = await it.rounds().run(1, known=["near", "far"], reached="")
        findings, sampled = outcome.findings, outcome.sampled
    else:
        drilled = await it.drill().run(1)
        findings, sampled = drilled.findings, drilled.sampled + 1  # it was looked at in vain

    assert (findings, sampled) == ([], 1)
    assert names(it) == [["r1.opus.sealed"]] * 2
    it.jobs = jobs
    assert (await it.rounds().run(1, known=["near", "far"], reached="")).findings == []
    assert (await it.drill().run(1)).findings == []


async def test_a_store_that_is_filled_again_does_not_get_the_file_of_before(
    it: KeptTwice,
) -> None:
    await it.add("r1")

    class Keys:
        """Between the look at the rows and the look at the store it is encoded anew."""

        async def of(self, ids: list[str]) -> Any:
            if (await it.row("r1")).codec != "OPUS":
                await reencode(it)
            return await it.kept.keys.of(ids)

    work = BringingBack(
        *(it.database, cast(Any, Keys()), it.kept.stores, "far"), whole=False, tell=lambda _: None
    )
    brought = await work.run()

    assert (brought.looked, brought.faults) == (1, [])
    assert names(it) == [["r1.opus.sealed"]] * 2
