"""What is kept for analysis, fed beside everything else."""

from cti_server.store.database import Database
from cti_server.warehouse.describing import Description
from cti_server.warehouse.loading import Loader, Loading

from .ground import Ground


async def open_warehouse(ground: Ground) -> None:
    settings = ground.settings
    if not settings.warehouse.enabled:
        return
    target = ground.database
    if settings.warehouse.database_url is not None:
        target = Database(settings.warehouse_database)
        ground.opening.push_async_callback(target.close)
        await target.upgrade()
    warehouse = Loading(
        Loader(ground.database, target, ground.clock, recent=ground.log.stored_since),
        ground.log,
        Description(ground.database, target, ground.log.append, ground.clock),
    )
    ground.metrics.add("warehouse", warehouse.figures)
    ground.run(warehouse)
