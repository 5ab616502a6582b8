"""What agents may look up, here and in other systems' databases."""

from cti_server.saved_queries import Queries
from cti_server.saved_queries_lookups import load_lookups
from cti_server.store.outside_data import OutsideData

from .ground import Ground


def open_queries(ground: Ground) -> Queries:
    settings = ground.settings.queries
    outside = OutsideData(settings.databases)
    ground.opening.push_async_callback(outside.close)
    return Queries(
        database=ground.database,
        outside=outside,
        lookups=load_lookups(settings.lookups, settings.databases),
        budget=settings.timeout,
        region=ground.region,
    )
