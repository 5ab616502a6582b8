"""Where callers can be led, and whom we can call: queues, flows, numbers."""

from dataclasses import dataclass

from config.settings import Settings
from cti_server.calls.dialled_numbers import DialledNumbers
from cti_server.calls.number_plan import NumberPlan
from cti_server.flow_book import FlowBook
from cti_server.flow_plans import check_readable, flow_files
from cti_server.forms_in_use import FormsInUse
from cti_server.number_book import NumberBook
from cti_server.opening_hours import OpeningHours
from cti_server.plans import (
    check_numbers,
    check_surveys,
    check_ways,
    number_plan_of,
    queue_of,
)
from cti_server.queue_book import QueueBook

from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    queues: QueueBook  # as they are defined at any moment
    flows: FlowBook  # the same
    numbers: NumberBook  # the same
    dialled: DialledNumbers  # what calls follow of them
    number_plan: NumberPlan
    opening_hours: OpeningHours
    forms: FormsInUse


def check_queues(settings: Settings) -> None:
    """Raises StartFailed, before the database takes them in, for queues that cannot be."""
    for queue in settings.queues:
        queue_of(queue)
    check_numbers(settings.queues, settings.crm.default_region)


async def open_directory(ground: Ground) -> Directory:
    """The first edits are made here: what the configuration says of queues and flows."""
    settings = ground.settings
    queues = QueueBook(ground.database, ground.changes, settings.queues)
    await queues.load(ground.clock.now())
    check_ways(queues.values())
    check_surveys(queues.values(), settings.surveys)
    services = settings.self_service.services
    read = {service.flow for service in services.values()}
    flows = FlowBook(ground.database, ground.changes, flow_files(settings), queues, read)
    await flows.load(ground.clock.now())
    check_readable(flows, services)
    dialled = DialledNumbers({}, ground.region)
    numbers = NumberBook(ground.database, ground.changes, settings.numbers, flows, queues, dialled)
    await numbers.load(ground.clock.now())
    return Directory(
        queues=queues,
        flows=flows,
        numbers=numbers,
        dialled=dialled,
        number_plan=number_plan_of(settings, queues.caller_ids),
        opening_hours=OpeningHours(ground.database),
        forms=FormsInUse(ground.database),
    )
