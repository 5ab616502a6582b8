"""What each part's figures mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cti_server.health import findings
from cti_server.health.findings import Finding
from recording.budget import Stage

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LOG: dict[str, Any] = {
    "appended": 10,
    "stored": 10,
    "lost": 0,
    "underived": 0,
    "journal_failure": None,
    "database_failure": None,
}


def judged(finding: Finding) -> tuple[str, str]:
    return finding.state, finding.reason


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (findings.of_readiness([]), ("ok", "")),
        (findings.of_readiness(["draining"]), ("bad", "not_ready")),
        (findings.of_loop(0.05), ("ok", "")),
        (findings.of_loop(0.3), ("warn", "late")),
        (findings.of_loop(1.3), ("bad", "late")),
        (findings.of_log(**LOG), ("ok", "")),
        (findings.of_log(**LOG | {"journal_failure": "disk full"}), ("bad", "journal_failing")),
        (findings.of_log(**LOG | {"lost": 2}), ("bad", "events_lost")),
        (findings.of_log(**LOG | {"database_failure": "gone"}), ("warn", "database_failing")),
        (findings.of_log(**LOG | {"underived": 1}), ("warn", "records_missing")),
        (findings.of_log(**LOG | {"appended": 9_000}), ("warn", "behind")),
        (findings.of_database(answers=False), ("bad", "no_answer")),
        (findings.of_media(there=0, wanted=2, died=2), ("bad", "no_worker")),
        (findings.of_media(there=1, wanted=2, died=1), ("warn", "worker_missing")),
        (findings.of_media(there=2, wanted=2, died=1), ("ok", "")),
        (findings.of_recordings(backlog=3, owed=0), ("ok", "")),
        (findings.of_recordings(backlog=60, owed=1), ("warn", "backlog")),
        (findings.of_recordings(backlog=2_000, owed=0), ("bad", "backlog")),
        (findings.of_recordings(backlog=0, owed=1), ("warn", "copies_owed")),
        (findings.of_disks({}, {}), ("ok", "")),
        (findings.of_disks({"data": Stage.OK, "b": Stage.MOVE}, {"b": 7}), ("warn", "disk_move")),
        (findings.of_disks({"data": Stage.REFUSE}, {"data": 7}), ("bad", "disk_refuse")),
        (findings.of_jobs(answer=False), ("warn", "busy")),
        (findings.of_trunks({}), ("ok", "")),
        (findings.of_trunks({"a": "up", "b": "down"}), ("warn", "trunk_down")),
        (findings.of_trunks({"a": "down"}), ("bad", "trunk_down")),
        (findings.of_outbox(waiting=9, dead=0), ("ok", "")),
        (findings.of_outbox(waiting=0, dead=1), ("warn", "dead_letters")),
        (findings.of_webhooks(enabled=2, failing=["w"], dead=1), ("warn", "failing")),
        (findings.of_webhooks(enabled=2, failing=[], dead=1), ("warn", "dead_letters")),
        (findings.of_connectors({"bank": True, "crm": False}), ("warn", "resting")),
        (findings.of_certificate(None, NOW), ("ok", "")),
        (findings.of_certificate(NOW + timedelta(days=90), NOW), ("ok", "")),
        (findings.of_certificate(NOW + timedelta(days=9), NOW), ("warn", "expires")),
        (findings.of_certificate(NOW - timedelta(days=1), NOW), ("bad", "expires")),
        (findings.of_incidents([]), ("ok", "")),
        (findings.of_incidents(["disk_low"]), ("warn", "open")),
    ],
)
def test_what_figures_mean(finding: Finding, expected: tuple[str, str]) -> None:
    assert judged(finding) == expected
    assert bool(finding.detail) is (finding.state != "ok")


def test_the_worst_part_is_the_wholes_state() -> None:
    assert findings.worst(["ok", "warn", "bad"]) == "bad"
    assert findings.worst(["ok", "warn"]) == "warn"
    assert findings.worst([]) == "ok"
