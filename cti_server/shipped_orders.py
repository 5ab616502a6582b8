"""The rules of orders that a new centre begins with."""

from datetime import datetime

from config import yaml_text
from config.settings import SHIPPED
from crm.errors import AlreadyThere
from crm.orders import check_rule
from cti_server.wire.orders import OrderRuleCreate

from .store.changes import Changes
from .store.orders import OrderRule, Orders

FILE = SHIPPED / "crm" / "orders.yaml"


async def load(changes: Changes, now: datetime) -> None:
    """Put them into a database that has none; what a centre made of them stays."""
    written = yaml_text.load(FILE.read_text("utf-8"))
    rules = [OrderRuleCreate(id=name, **rule) for name, rule in written.items()]
    try:
        async with changes.begin("system") as change:
            if await Orders(change.session).rules():
                return
            for rule in rules:
                check_rule(rule.definition)
                change.session.add(OrderRule(**rule.model_dump(), created_at=now, updated_at=now))
                change.record("order_rule", rule.id, "created")
    except AlreadyThere:
        return  # another server of this database has begun at the same moment
