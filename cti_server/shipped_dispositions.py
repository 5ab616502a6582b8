"""The forms and disposition codes that a new centre begins with."""

from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import select

from config.settings import SHIPPED
from crm.errors import AlreadyThere
from crm.forms import fields_of
from cti_server.wire.forms import DispositionCodeCreate, FormCreate

from .store.changes import Change, Changes
from .store.dispositions import DispositionCode
from .store.forms import Form, FormVersion

FILE = SHIPPED / "crm" / "dispositions.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    written: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    try:
        async with changes.begin("system") as change:
            if await change.session.scalar(select(DispositionCode.id).limit(1)) is None:
                await _forms(change, written["forms"], now)
                await _codes(change, written["codes"], now)
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


async def _forms(change: Change, written: dict[str, Any], now: datetime) -> None:
    forms = [FormCreate(id=name, **form) for name, form in written.items()]
    for form in forms:
        fields_of(form.definition)
        labels = form.labels.model_dump()
        change.session.add(
            Form(id=form.id, labels=labels, queues=form.queues, created_at=now, updated_at=now)
        )
        change.record("form", form.id, "created")
    await change.session.flush()
    for form in forms:
        change.session.add(
            FormVersion(
                form_id=form.id,
                number=1,
                definition=form.definition,
                written_by=change.changed_by,
                written_at=now,
            )
        )


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
