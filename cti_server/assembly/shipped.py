"""What a new centre begins with; where somebody has edited it, that stays."""

from cti_server import (
    shipped_dispositions,
    shipped_fields,
    shipped_forms,
    shipped_orders,
    shipped_quality,
    shipped_queries,
    shipped_retention,
)

from .ground import Ground


async def take_in_what_is_shipped(ground: Ground) -> None:
    changes, clock = ground.changes, ground.clock
    await shipped_fields.load(changes, clock.now())
    await shipped_dispositions.load(changes, clock.now())
    await shipped_forms.load(changes, clock.now())
    await shipped_orders.load(changes, clock.now())
    await shipped_retention.load(changes, clock.now())
    await shipped_quality.load(changes, clock.now())
    await shipped_queries.load(changes, clock.now())
