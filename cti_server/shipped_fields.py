"""The fields of customers' records that a new centre begins with."""

from datetime import datetime

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import AlreadyThere
from cti_server.wire.customers import FieldCreate

from .store.changes import Changes
from .store.customer_fields import CustomerField, CustomerFields

FILE = SHIPPED / "crm" / "customer_fields.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    fields = [FieldCreate.model_validate(each) for each in yaml_text.load(FILE.read_text("utf-8"))]
    try:
        async with changes.begin("system") as change:
            stored = CustomerFields(change.session)
            if await stored.all():
                return
            for place, field in enumerate(fields):
                values = field.model_dump(exclude={"name", "position"})
                values |= {"created_at": now, "updated_at": now, "position": 10 * place}
                stored.add(CustomerField(id=field.name, **values))
                change.record("customer_field", field.name, "created")
    except AlreadyThere:
        return  # another server of this database has begun at the same moment
