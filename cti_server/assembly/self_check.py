"""What looks all the while whether agents, contacts, calls and media agree."""

from cti_server.calls.switchboard import Switchboard
from cti_server.floor.floor import Floor
from cti_server.media.plane import MediaPlane
from cti_server.self_check.accounts import Accounts
from cti_server.self_check.destinations import Destinations
from cti_server.self_check.everything import rounds_of
from cti_server.self_check.monitor import Monitor
from cti_server.self_check.ports import WorkerPorts
from cti_server.self_check.remedies import Remedies
from cti_server.sip.user_agent import UserAgent

from .directory import Directory
from .ground import Ground


def open_self_check(
    ground: Ground,
    floor: Floor,
    switchboard: Switchboard,
    user_agent: UserAgent,
    plane: MediaPlane,
    directory: Directory,
) -> None:
    ports = WorkerPorts(plane)
    ground.run(ports)
    destinations = Destinations(directory.flows, directory.queues)
    rounds = rounds_of(floor.books, switchboard, user_agent, plane, ports, destinations)
    remedies = Remedies(floor, switchboard)
    monitor = Monitor(rounds, remedies, ground.log.append, ground.clock, ground.new_id)
    ground.log.subscribe(Accounts(monitor.tell).hear)
    ground.metrics.add("self_check", monitor.figures)
    ground.run(monitor)
