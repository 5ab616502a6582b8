"""The queries that a new centre begins with."""

from datetime import datetime

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import AlreadyThere
from cti_server.wire.saved_queries import SavedQueryCreate

from .saved_queries import checked
from .store.changes import Changes
from .store.saved_queries import SavedQueries, SavedQuery, SavedQueryVersion

FILE = SHIPPED / "crm" / "queries.yaml"


def written() -> list[SavedQueryCreate]:
    queries = yaml_text.load(FILE.read_text("utf-8"))
    return [SavedQueryCreate(id=name, **query) for name, query in queries.items()]


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    try:
        async with changes.begin("system") as change:
            if await SavedQueries(change.session).all():
                return
            queries = written()
            for query in queries:
                await checked(change.session, query.definition)
                labels = query.labels.model_dump()
                change.session.add(
                    SavedQuery(id=query.id, labels=labels, created_at=now, updated_at=now)
                )
            await change.session.flush()
            for query in queries:
                change.session.add(
                    SavedQueryVersion(
                        query_id=query.id,
                        number=1,
                        definition=query.definition.model_dump(mode="json"),
                        written_by=change.changed_by,
                        written_at=now,
                    )
                )
                change.record("saved_query", query.id, "created")
    except AlreadyThere:
        return  # another server of this database has begun at the same moment
