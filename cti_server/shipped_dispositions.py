"""The forms and disposition codes that a new centre begins with."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import AlreadyThere
from cti_server.wire.forms import DispositionCodeCreate

from .shipped_forms import define
from .store.changes import Change, Changes
from .store.dispositions import DispositionCode

FILE = SHIPPED / "crm" / "dispositions.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    written: dict[str, Any] = yaml_text.load(FILE.read_text("utf-8"))
    try:
        async with changes.begin("system") as change:
            if await change.session.scalar(select(DispositionCode.id).limit(1)) is None:
                await define(change, written["forms"], now)
                await _codes(change, written["codes"], now)
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


async def _codes(change: Change, written: dict[str, Any], now: datetime) -> None:
    for place, (name, group) in enumerate(written.items()):
        below = group.pop("below")
        _code(change, DispositionCodeCreate(id=name, position=place, **group), now)
        await change.session.flush()
        for position, (code_id, code) in enumerate(below.items()):
            made = DispositionCodeCreate(id=code_id, parent_id=name, position=position, **code)
            _code(change, made, now)
    await change.session.flush()


def _code(change: Change, code: DispositionCodeCreate, now: datetime) -> None:
    change.session.add(DispositionCode(**code.model_dump(), created_at=now, updated_at=now))
    change.record("disposition_code", code.id, "created")
