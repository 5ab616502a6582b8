"""kill -9 in the middle of appending, on both databases."""

import asyncio
import sys
from pathlib import Path

from cti_server.store import journal_files
from cti_server.store.database import Database

from .dumps import sequences
from .logs import node, open_log

ROOT = Path(__file__).parents[2]


async def append_until_killed(url: str, journal: Path, after: int) -> int:
    """Let a process append until it has journalled this many; kill it; return what it said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.store.appending_child", url, str(journal),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    acknowledged = 0
    try:
        async with asyncio.timeout(60):
            while acknowledged < after:
                acknowledged = int(await child.stdout.readline())
    finally:
        child.kill()
        rest, _ = await child.communicate()
    return max([acknowledged, *map(int, rest.split(b"\n")[:-1])])


async def test_nothing_that_was_journalled_is_lost_and_numbers_go_on(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    acknowledged = 0
    for _ in range(2):
        acknowledged = await append_until_killed(database_url, journal, acknowledged + 500)
        assert journal_files.last_sequence(journal) >= acknowledged

    async with open_log(database, journal) as log:
        last = log.last_sequence
        assert last >= acknowledged
        assert log.append(node(last + 1)).sequence == last + 1
        await log.stored()
        found = [each for start in range(0, last, 5000) for each in await log.since(start, 5000)]

    assert await sequences(database) == list(range(1, last + 2))
    assert [each.event for each in found] == [node(n) for n in range(1, last + 2)]


async def test_a_torn_last_line_is_dropped_and_never_written_after(
    database: Database, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    async with open_log(database, journal) as log:
        for n in range(1, 4):
            log.append(node(n))
    [segment] = journal_files.segments(journal)
    whole = segment.path.read_bytes()

    for cut in range(len(whole)):
        segment.path.write_bytes(whole[:cut])
        lines = whole[:cut].count(b"\n")
        assert journal_files.last_sequence(journal) == lines
        assert len(journal_files.read(journal, 0, 10)) == lines


async def test_zeros_that_a_power_cut_left_are_no_events(tmp_path: Path) -> None:
    path = journal_files.path_of(tmp_path, 1)
    path.write_bytes(
        b'{"sequence":1,"at":"2026-03-02T09:00:00Z","event":'
        b'{"event":"server.started","version":"1"}}\n' + b"\0" * 4096 + b"\n" + b"\0" * 100
    )

    assert journal_files.last_sequence(tmp_path) == 1
    assert [each.sequence for each in journal_files.read(tmp_path, 0, 10)] == [1]


async def test_a_line_that_no_release_understands_is_passed_over(tmp_path: Path) -> None:
    path = journal_files.path_of(tmp_path, 1)
    path.write_bytes(
        b'{"sequence":1,"at":"2026-03-02T09:00:00Z","event":{"event":"no.such"}}\n'
        b'{"sequence":2,"at":"2026-03-02T09:00:00Z","event":'
        b'{"event":"server.started","version":"1"}}\n'
    )

    assert journal_files.last_sequence(tmp_path) == 2
    assert [each.sequence for each in journal_files.read(tmp_path, 0, 10)] == [2]
