"""The scorecards and the codes of errors that a new centre begins with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import AlreadyThere
from cti_server.wire.scorecards import ErrorCodeCreate, ScorecardCreate

from .store.changes import Change, Changes
from .store.scorecards import ErrorCode, ScorecardRecord, Scorecards, ScorecardVersion

FILE = SHIPPED / "crm" / "quality.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    written: dict[str, Any] = yaml_text.load(FILE.read_text("utf-8"))
    try:
        async with changes.begin("system") as change:
            if await change.session.scalar(select(ScorecardRecord.id).limit(1)) is None:
                await _codes(change, written["errors"], now)
                await _cards(change, written["scorecards"], now)
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


async def _codes(
    change: Change, written: Mapping[str, Any], now: datetime, parent_id: str | None = None
) -> None:
    """Level by level, each in one statement."""
    below = {name: code.pop("below", {}) for name, code in written.items()}
    for position, (name, code) in enumerate(written.items()):
        made = ErrorCodeCreate(id=name, parent_id=parent_id, position=position, **code)
        change.session.add(ErrorCode(**made.model_dump(), created_at=now, updated_at=now))
        change.record("error_code", name, "created")
    await change.session.flush()
    for name, codes in below.items():
        if codes:
            await _codes(change, codes, now, name)


async def _cards(change: Change, written: Mapping[str, Any], now: datetime) -> None:
    taxonomy = await Scorecards(change.session).taxonomy()
    for name, card in written.items():
        made = ScorecardCreate(id=name, **card)
        for _, question in made.definition.questions():
            taxonomy.check_known(question.errors, f"{name}.{question.id}.errors")
        labels = made.labels.model_dump()
        change.session.add(ScorecardRecord(id=name, labels=labels, created_at=now, updated_at=now))
        await change.session.flush()
        change.session.add(
            ScorecardVersion(
                scorecard_id=name,
                number=1,
                definition=made.definition.model_dump(mode="json"),
                written_by=change.changed_by,
                written_at=now,
            )
        )
        change.record("scorecard", name, "created")
    await change.session.flush()
