"""The forms that shipped flows have agents fill in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import AlreadyThere
from crm.forms import check_definition
from cti_server.wire.forms import FormCreate

from .store.changes import Change, Changes
from .store.forms import Form, Forms, FormVersion

FILE = SHIPPED / "crm" / "banking.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """
    Put those into a database that it has not; what a centre made of the others stays.

    Forms are never removed, so none comes back.
    """
    written: dict[str, Any] = yaml_text.load(FILE.read_text("utf-8"))["forms"]
    try:
        async with changes.begin("system") as change:
            there = {form.id for form in await Forms(change.session).all()}
            new = {name: form for name, form in written.items() if name not in there}
            await define(change, new, now)
    except AlreadyThere:
        return  # another server of this database has begun at the same moment


async def define(change: Change, written: Mapping[str, Any], now: datetime) -> None:
    """As an administrator would."""
    forms = [FormCreate(id=name, **form) for name, form in written.items()]
    for form in forms:
        check_definition(form.definition)
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
    await change.session.flush()
