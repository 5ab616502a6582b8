"""How long a new centre keeps what."""

from datetime import datetime

from crm.errors import AlreadyThere
from crm.retention import CLASSES

from .store.changes import Changes
from .store.retention import Retention, RetentionRule


async def load(changes: Changes, now: datetime) -> None:
    """Put in the classes that the database does not know; what a centre decided stays."""
    try:
        async with changes.begin("system") as change:
            known = {rule.id for rule in await Retention(change.session).rules()}
            for each in CLASSES.values():
                if each.name not in known:
                    change.session.add(
                        RetentionRule(id=each.name, days=each.days, created_at=now, updated_at=now)
                    )
                    change.record("retention_rule", each.name, "created")
    except AlreadyThere:
        return  # another server of this database has begun at the same moment
