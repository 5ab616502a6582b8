"""Management reports, and the quarters of an hour that they add up."""

from functools import partial

from cti_server.plans import service_level_in
from cti_server.reporting.keeping import CountedQuarters
from cti_server.reporting.reading import ManagementReports, Terms

from .directory import Directory
from .ground import Ground


async def open_reporting(ground: Ground, directory: Directory) -> ManagementReports:
    queues = directory.queues

    def title(queue: str, language: str) -> str:
        known = queues[queue].title if queue in queues else {}
        return next((text for name, text in known.items() if name == language), queue)

    quarters = CountedQuarters(ground.database, ground.log, ground.clock)
    await quarters.start()
    ground.due.add(quarters)
    lines = {trunk.name: trunk.lines for trunk in ground.settings.sip.trunks}
    return ManagementReports(
        ground.database,
        quarters,
        ground.clock,
        Terms(partial(service_level_in, queues), title, lines),
    )
