"""The routing's record: a day that was recorded can happen again, decision for decision."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from acd.inputs import Enqueue, LogIn
from acd.model import AgentId
from cti_server.floor import record as module
from cti_server.floor.record import RoutingRecord
from cti_server.floor.record_files import RecordUnreadable, read
from cti_server.floor.record_lines import Continued, Opened, Taken, decode, encode
from cti_server.floor.replay import Verdict, replay
from tests.fakes.loop_clock import MORNING

from .busy_day import QUEUES, RULES, UTC, Left, live

DAY = "2026-03-02.jsonl"


@pytest.fixture(scope="module")
def busy_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's life, and the one that took over from it."""
    folder = tmp_path_factory.mktemp("routing")
    left = live(folder, 1, 1500)
    live(folder, 2, 1500, left)
    return folder / DAY


def until(claim: Callable[[], bool]) -> None:
    """What another thread is to bring about."""
    ends = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < ends
        os.sched_yield()


def elsewhere(file: Path, hash_seed: str) -> subprocess.CompletedProcess[str]:
    """The operator's command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cti_server", "routing", "replay", str(file)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_busy_day_with_a_restart_in_it_is_decided_the_same_way_again(busy_day: Path) -> None:
    verdict = replay(read(busy_day))

    assert verdict.differences == []
    assert verdict.segments == 2
    assert verdict.inputs > 3500
    assert verdict.decisions > 700
    said = elsewhere(busy_day, "1")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.endswith("all as they were recorded\n")


def test_the_busy_day_had_something_of_everything(busy_day: Path) -> None:
    taken = [line for _, line in read(busy_day) if isinstance(line, Taken)]
    kinds = Counter(type(line.input).__name__ for line in taken)

    assert {
        "Restore",
        "Enqueue",
        "OfferTo",
        "TakeOver",
        "HandleTimer",
        "PutQueue",
        "RemoveQueue",
    } <= set(kinds)
    assert {line.refused for line in taken} >= {None, "QueueFull", "OfferOver", "UnknownAgent"}
    assert {offer.why.policy for line in taken for offer in line.offers} == {
        queue.policy.name for queue in QUEUES
    }


def test_a_decision_that_was_tampered_with_is_found(busy_day: Path, tmp_path: Path) -> None:
    lines = busy_day.read_bytes().splitlines(keepends=True)
    number, offered = next(
        (number, line)
        for number, raw in enumerate(lines)
        if isinstance(line := decode(raw), Taken) and line.offers and number > 900
    )
    other = replace(offered.offers[0], agent_id=AgentId("agent11x"))
    lines[number] = encode(msgspec.structs.replace(offered, offers=(other,))) + b"\n"
    tampered = tmp_path / DAY
    tampered.write_bytes(b"".join(lines))

    said = elsewhere(tampered, "2")

    assert said.returncode == 1
    assert offered.at.isoformat() in said.stderr
    assert f"contact {offered.offers[0].contact_id}" in said.stderr
    assert '"agent_id":"agent11x"' in said.stderr
    assert f'"agent_id":"{offered.offers[0].agent_id}"' in said.stderr


def _tampered(busy_day: Path, tmp_path: Path, changed: Taken) -> Verdict:
    def lines() -> Iterator[bytes]:
        for raw in busy_day.read_bytes().splitlines():
            line = decode(raw)
            same = isinstance(line, Taken) and (line.at, line.input) == (changed.at, changed.input)
            yield (encode(changed) if same else raw) + b"\n"

    (tmp_path / DAY).write_bytes(b"".join(lines()))
    return replay(read(tmp_path / DAY))


def test_an_offer_or_a_refusal_that_never_was_is_found(busy_day: Path, tmp_path: Path) -> None:
    taken = [line for _, line in read(busy_day) if isinstance(line, Taken)]
    refused = next(line for line in taken if line.refused == "QueueFull")
    offered = next(line for line in taken if line.offers)

    (one,) = _tampered(
        busy_day, tmp_path, msgspec.structs.replace(refused, refused=None)
    ).differences
    assert (one.at, one.happened, one.recorded) == (refused.at, "enqueue", "no refusal")
    assert isinstance(refused.input, Enqueue)
    assert (one.contact_id, one.replayed) == (refused.input.contact.id, "QueueFull")
    (one,) = _tampered(busy_day, tmp_path, msgspec.structs.replace(offered, offers=())).differences
    assert (one.contact_id, one.recorded) == (offered.offers[0].contact_id, "no offer")


def test_a_day_that_began_while_the_server_was_up_goes_on_where_the_last_one_ended(
    tmp_path: Path,
) -> None:
    left = live(tmp_path, 3, 100, Left(at=timedelta(hours=12)))
    live(tmp_path, 4, 300, replace(left, at=timedelta(hours=14, minutes=59)))
    before, after = tmp_path / f"{DAY}.gz", tmp_path / "2026-03-03.jsonl"

    first = decode(after.read_bytes().splitlines()[0])
    assert isinstance(first, Continued)
    assert first.since == date(2026, 3, 2)
    verdict = replay(read(after))

    assert (verdict.segments, verdict.differences) == (1, [])
    assert verdict.inputs > 300
    before.unlink()
    with pytest.raises(RecordUnreadable, match="2026-03-02"):
        replay(read(after))


def test_days_that_were_kept_long_enough_are_deleted(tmp_path: Path) -> None:
    for day in ("2026-02-27", "2026-02-28", "2026-03-01"):
        (tmp_path / f"{day}.jsonl").write_bytes(b"")

    live(tmp_path, 3, 1, kept=timedelta(days=2))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2026-02-28.jsonl.gz",
        "2026-03-01.jsonl.gz",
        DAY,
    ]


def test_a_day_stays_as_long_as_a_later_one_goes_on_from_it(tmp_path: Path) -> None:
    zone, begun = ZoneInfo("Asia/Shanghai"), MORNING - timedelta(days=6)
    record = RoutingRecord(tmp_path, zone=zone, kept=timedelta(days=2))
    record.open(Opened(begun, "today's", RULES, QUEUES))
    for day in range(6):
        at = begun + timedelta(days=day)
        record.append(Taken(at, LogIn(AgentId("nobody")), refused="UnknownAgent"))
    record.close()
    assert len(list(tmp_path.iterdir())) == 6

    live(tmp_path, 3, 1, kept=timedelta(days=2))

    assert len(list(tmp_path.iterdir())) == 7
    assert replay(read(tmp_path / "2026-03-01.jsonl.gz")).inputs == 6
    live(tmp_path, 3, 1, Left(at=timedelta(days=3)), kept=timedelta(days=2))
    assert sorted(path.name[:10] for path in tmp_path.iterdir()) == ["2026-03-05"]


def test_what_a_crash_tore_is_left_out_and_what_it_did_not_tear_is_not(tmp_path: Path) -> None:
    live(tmp_path, 5, 50)
    day = tmp_path / DAY
    whole = day.read_bytes()
    day.write_bytes(whole[:-30])
    live(tmp_path, 6, 50, Left(at=timedelta(hours=1)))

    verdict = replay(read(day))
    assert (verdict.segments, verdict.differences) == (2, [])

    day.write_bytes(whole.replace(b'"enqueue"', b'"enqu', 1))
    with pytest.raises(RecordUnreadable, match=r"line \d+"):
        replay(read(day))


def test_a_disk_that_refuses_hurts_nobody_and_is_used_as_soon_as_it_takes_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GATHER", 0.01)
    monkeypatch.setattr(module, "RETRY", 0.01)
    folder = tmp_path / "routing"
    folder.write_text("no folder")
    record = RoutingRecord(folder, zone=UTC, kept=timedelta(days=1))
    record.open(Opened(MORNING, "today's", RULES, QUEUES))
    record.append(Taken(MORNING, LogIn(AgentId("nobody")), refused="UnknownAgent"))
    until(lambda: record.failure is not None)
    folder.unlink()
    until(lambda: record.failure is None)
    record.close()

    verdict = replay(read(folder / DAY))
    assert (verdict.inputs, verdict.differences, record.lost) == (1, [], 0)


def test_what_the_disk_did_not_take_in_time_is_given_up_with_the_rest_of_the_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BOUND", 2000)
    monkeypatch.setattr(module, "GATHER", 3600.0)  # as long as the disk is held up
    record = RoutingRecord(tmp_path, zone=UTC, kept=timedelta(days=1))
    record.open(Opened(MORNING, "today's", RULES, ()))
    for _ in range(100):
        record.append(Taken(MORNING, LogIn(AgentId("nobody")), refused="UnknownAgent"))
    record.close()

    verdict = replay(read(tmp_path / DAY))
    assert 0 < verdict.inputs < 30
    assert verdict.inputs + record.lost == 100
    assert verdict.differences == []


def test_a_name_that_is_no_text_does_not_end_the_record(tmp_path: Path) -> None:
    record = RoutingRecord(tmp_path, zone=UTC, kept=timedelta(days=1))
    record.open(Opened(MORNING, "today's", RULES, QUEUES))
    record.append(Taken(MORNING, LogIn(AgentId("\ud800")), refused="UnknownAgent"))
    record.append(Taken(MORNING, LogIn(AgentId("nobody")), refused="UnknownAgent"))
    record.close()

    verdict = replay(read(tmp_path / DAY))
    assert (verdict.inputs, verdict.differences, record.lost) == (1, [], 0)
