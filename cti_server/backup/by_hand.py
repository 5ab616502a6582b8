"""What the command line does for the archive."""

import json
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from cti_server.file_keys import FileKeys
from cti_server.refusals import CommandRefused
from cti_server.store.archive_runs import DRILL, ROUND, ArchiveRun, ArchiveRuns
from cti_server.store.database import Database
from recording.errors import RecordingError
from recording.rereading import Finding
from recording.stores.opening import open_stores

from .bringing_back import BringingBack, Brought
from .care import conclude, failure
from .drills import Drill, Outcome
from .errors import BackupError, DrillImpossible

BY_HAND = "command line"


class BackupRefused(CommandRefused):
    """It cannot be done; the message says why."""


async def ask_for_round(database: Database, settings: Settings) -> bool:
    """Have the server do a round now, or at its next start; whether nobody had asked before."""
    async with database.sessions.begin() as session:
        stored = ArchiveRuns(session)
        if await stored.running(ROUND) is not None:
            return False
        stored.add(_run(ROUND, settings, settings.archive.reread))
    return True


async def drill(
    database: Database,
    settings: Settings,
    *,
    sample: int | None,
    keys: Path | None,
    folder: Path | None,
    kept: bool,
) -> tuple[ArchiveRun, Outcome]:
    """
    Restore some recordings; how it went. ``kept``: the report belongs into this database.

    Raises BackupRefused for what is no drill at all.
    """
    run = _run(DRILL, settings, sample or settings.archive.drill.sample)
    outcome, findings = Outcome(), list[Finding]()
    try:
        work = Drill(
            database,
            settings.archive_stores,
            keys=keys or settings.drill_keys,
            scratch=folder or settings.data / "drill",
            jobs=None,
            chance=random.SystemRandom(),
        )
        outcome = await work.run(run.wanted)
        findings = outcome.findings
    except DrillImpossible as error:
        run.reason = str(error)
    except BackupError as error:
        raise BackupRefused(str(error)) from error
    run.sampled, run.size = outcome.sampled, outcome.size
    conclude(run, findings, datetime.now(UTC))
    if kept:
        async with database.sessions.begin() as session:
            ArchiveRuns(session).add(run)
    return run, outcome


def in_words(run: ArchiveRun, outcome: Outcome) -> str:
    """One line of a drill."""
    seconds = ((run.ended_at or run.started_at) - run.started_at).total_seconds()
    if outcome.first is None or outcome.last is None:
        return f"drill {run.id}: {failure(run)}"
    stores = ", ".join(f"{name} ({count})" for name, count in sorted(outcome.by_store.items()))
    verdict = failure(run) or "all are whole"
    return (
        f"drill {run.id}: {run.sampled} recordings of {outcome.first:%Y-%m-%d} to "
        f"{outcome.last:%Y-%m-%d}, {run.size / 1e6:.1f} MB, restored from {stores} in "
        f"{seconds:.1f} s: {verdict}"
    )


def as_json(run: ArchiveRun, outcome: Outcome) -> str:
    names = ("id", "state", "stores", "wanted", "sampled", "failed", "size", "reason")
    told = {name: getattr(run, name) for name in names}
    moments = {
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "first": outcome.first,
        "last": outcome.last,
    }
    told |= {name: at and at.isoformat() for name, at in moments.items()}
    return json.dumps(told | {"by_store": outcome.by_store, "faults": run.findings}, indent=2)


async def bring_back(
    database: Database,
    settings: Settings,
    target: str | None,
    sources: Sequence[str],
    *,
    whole: bool,
    tell: Callable[[Brought], None],
) -> Brought:
    """``target``: by default the first store; from all others unless ``sources`` are named."""
    names = list(settings.archive_stores)
    target = target or names[0]
    sources = sources or [name for name in names if name != target]
    for option, name in (("to", target), *(("from", each) for each in sources)):
        if name not in names:
            raise BackupRefused(f"{option}: {name!r} is none of the stores {', '.join(names)}")
    if not sources or target in sources:
        raise BackupRefused("from: must be another store than the one to be filled")
    stores = [each for each in open_stores(settings.archive_stores) if each.name in sources]
    filled = [each for each in open_stores(settings.archive_stores) if each.name == target]
    try:
        keys = FileKeys(database, settings.archive_keys, settings.archive.active_key)
        work = BringingBack(database, keys, [*stores, *filled], target, whole=whole, tell=tell)
        return await work.run()
    except (RecordingError, BackupError) as error:
        raise BackupRefused(str(error)) from error


def _run(kind: str, settings: Settings, wanted: int) -> ArchiveRun:
    return ArchiveRun(
        id=uuid.uuid4().hex,
        kind=kind,
        asked_by=BY_HAND,
        started_at=datetime.now(UTC),
        wanted=wanted,
        stores=list(settings.archive_stores),
    )
