"""The generator against the smallest server there is, and what it says of a bad one."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import LoadFailed
from simulator.load.plan import LoadPlan
from simulator.load.report import Report
from simulator.load.run import LoadRun, RunProgress
from tests.ports import port_range
from tests.simulator.exchange import exchange

AGENTS = ("127.0.0.1", port_range(1)[0])


def load(plan: LoadPlan, enough: Callable[[RunProgress], bool] | None = None) -> Report:
    """Run it to its end, or only until it has come far enough."""
    with LoadRun(plan) as run:
        if enough is None:
            assert run.all_over()
        else:
            assert run.wait(enough, within=20)
            run.stop()
        return run.finish()


async def test_every_call_is_bridged_and_what_one_side_sends_the_other_hears(
    tmp_path: Path,
) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        plan = LoadPlan(
            target=server.target, agents_at=(AGENTS,), calls=6, rate=6, hold=1, digit="1"
        )
        report = await asyncio.to_thread(load, plan)

    assert (report.calls, report.succeeded, report.failures) == (6, 6, {})
    assert report.packets_lost == 0
    assert report.packets_heard > 6 * 2 * 40
    assert report.invite_to_200.count == report.key_to_agent_invite.count == 6
    assert report.agent_200_to_first_rtp.count == 6
    assert report.added_delay.count > 0
    assert {work.name for work in report.work} == {"callers", "agents", "rtp"}


async def test_the_report_is_json_and_a_table_for_people(tmp_path: Path) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        plan = LoadPlan(
            target=server.target,
            agents_at=(AGENTS,),
            calls=2,
            rate=10,
            hold=0.3,
            digit="1",
            digit_by="info",
            rtp=False,
        )
        report = await asyncio.to_thread(load, plan)

    parsed = json.loads(report.to_json())
    assert parsed["plan"]["calls"] == parsed["succeeded"] == 2
    assert parsed["packets_heard"] == 0
    assert "2 placed, 2 as planned, 0 blocked" in report.to_table()


async def test_a_caller_whom_no_agent_is_called_for_counts_as_failed(tmp_path: Path) -> None:
    async with exchange(tmp_path, None) as server:
        plan = LoadPlan(
            target=server.target, agents_at=(AGENTS,), calls=1, hold=0, patience=0, digit="1"
        )
        report = await asyncio.to_thread(load, plan, lambda now: now.answered == 1)

    assert report.succeeded == 0
    assert report.failures == {"no agent was called": 1}


async def test_a_run_can_be_stopped_while_its_calls_talk(tmp_path: Path) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        plan = LoadPlan(
            target=server.target, agents_at=(AGENTS,), duration=30, rate=10, hold=60, digit="1"
        )
        report = await asyncio.to_thread(load, plan, lambda now: now.hearing >= 6)

    assert report.succeeded >= 3
    assert not any(kind.startswith("caller") for kind in report.failures)


async def test_arrivals_beyond_the_cap_are_counted_and_the_run_is_not_believed(
    tmp_path: Path,
) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        plan = LoadPlan(
            target=server.target,
            agents_at=(AGENTS,),
            calls=3,
            rate=20,
            hold=0.5,
            concurrent=1,
            digit="1",
        )
        report = await asyncio.to_thread(load, plan)

    assert (report.calls, report.blocked) == (1, 2)
    assert any("2 arrivals found 1 calls open" in reason for reason in report.invalid)


async def test_no_process_is_left_when_a_run_is_given_up(tmp_path: Path) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        plan = LoadPlan(target=server.target, agents_at=(AGENTS,), calls=1, digit="1")
        with LoadRun(plan) as run:
            ids = run.process_ids

    assert len(ids) == 3
    for number in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


async def test_a_generator_process_that_dies_makes_the_run_invalid_and_ends_it(
    tmp_path: Path,
) -> None:
    def load_and_kill(plan: LoadPlan) -> Report:
        with LoadRun(plan) as run:
            assert run.wait(lambda now: now.hearing >= 2, within=20)
            os.kill(run.process_ids[-1], signal.SIGKILL)
            assert not run.all_over()
            run.stop()
            return run.finish()

    async with exchange(tmp_path, AGENTS) as server:
        plan = LoadPlan(target=server.target, agents_at=(AGENTS,), calls=1, hold=60, digit="1")
        report = await asyncio.to_thread(load_and_kill, plan)

    assert "the rtp process is gone" in report.invalid
    assert report.calls == 1


async def test_ctrl_c_keeps_the_report_of_what_happened_so_far(tmp_path: Path) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        command = "from simulator.commands import load; load()"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", command, "--target", server.target, "--calls", "2",
            "--agents-at", f"{AGENTS[0]}:{AGENTS[1]}", "--hold", "60", "--digit", "1",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        bridged = asyncio.create_task(server.bridged.acquire())
        ended = asyncio.create_task(process.wait())
        async with asyncio.timeout(120):  # four processes start, on a machine that has other work
            await asyncio.wait((bridged, ended), return_when=asyncio.FIRST_COMPLETED)
            assert bridged.done(), "the generator gave up"
            process.send_signal(signal.SIGINT)
            output, _ = await process.communicate()
        await ended

    assert b"placed" in output
    assert b"valid" in output


async def test_agents_whose_port_is_taken_are_reported_in_words(tmp_path: Path) -> None:
    async with exchange(tmp_path, AGENTS) as server:
        taken = ("127.0.0.1", server.line.addresses[0].port)
        plan = LoadPlan(target=server.target, agents_at=(taken,), calls=1)
        said = r"agents at 127\.0\.0\.1:\d+: .*Address already in use"
        with pytest.raises(LoadFailed, match=said):
            await asyncio.to_thread(load, plan)
