"""The live figures of queues, agents and trunks."""

from functools import partial

from cti_server.live.estimated_waits import EstimatedWaits
from cti_server.live.figures import LiveFigures
from cti_server.live.ledger import Terms
from cti_server.live.staff import Staff
from cti_server.plans import service_level_in
from cti_server.trunks.watch import TrunkWatch

from .directory import Directory
from .ground import Ground
from .routing import Routing


def open_figures(
    ground: Ground, directory: Directory, routing: Routing, trunk_watch: TrunkWatch
) -> LiveFigures:
    settings, queues, floor = ground.settings, directory.queues, routing.floor
    trunks = settings.sip.trunks

    figures = LiveFigures(
        ground.log,
        ground.database,
        ground.clock,
        Staff(lambda: floor.profiles, queues),
        Terms(partial(service_level_in, queues), frozenset(trunk.name for trunk in trunks)),
        EstimatedWaits(floor.estimates),
        lines={trunk.name: trunk.lines for trunk in trunks},
        health=trunk_watch.row,
        zone=ground.time_zone,
        interval=settings.figures.interval,
        file=ground.data / "figures.state",
        team_of=routing.definitions.team_of,
    )
    ground.run(figures)
    return figures
