"""The fields of customers' records that a new centre starts with."""

from datetime import datetime
from pathlib import Path

import yaml

import config
from cti_server.wire.customers import FieldCreate

from .store.customer_fields import CustomerField, CustomerFields
from .store.database import Database

FILE = Path(config.__file__).parent / "crm" / "customer_fields.yaml"


async def load_shipped_fields(database: Database, now: datetime) -> int:
    """Define them where nothing is defined yet; return how many that were."""
    async with database.sessions.begin() as session:
        stored = CustomerFields(session)
        if await stored.all():
            return 0
        fields = [
            FieldCreate.model_validate(each) for each in yaml.safe_load(FILE.read_text("utf-8"))
        ]
        for place, field in enumerate(fields):
            values = field.model_dump(exclude={"name", "position"})
            stored.add(
                CustomerField(
                    id=field.name, position=10 * place, created_at=now, updated_at=now, **values
                )
            )
    return len(fields)
