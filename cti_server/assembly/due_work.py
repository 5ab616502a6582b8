"""What falls due, of queues, sales and tickets."""

from cti_server.api.quality_plans import REVIEWING
from cti_server.flow_plans import check_calendars, check_forms, check_tickets
from cti_server.plans import check_recording
from cti_server.quality.sampling import Sampling
from cti_server.required_dispositions import RequiredDispositions
from cti_server.sales import shipped as shipped_sales
from cti_server.sales.campaigns import Selection
from cti_server.sales.care import Caring
from cti_server.sales.waits import WaitPromises
from cti_server.store.drafts import ExpiredDrafts
from cti_server.store.idempotent_requests import ExpiredRequests
from cti_server.tickets import shipped
from cti_server.tickets.escalations import Escalations
from cti_server.tickets.forms import forms_of_types
from cti_server.tickets.histories import Histories
from cti_server.tickets.open_work import OpenWork
from cti_server.tickets.reminders import Reminders

from .directory import Directory
from .ground import Ground
from .routing import Routing


async def open_due_work(ground: Ground, directory: Directory, routing: Routing) -> WaitPromises:
    """The promises are asked for by others, too. Nothing is done before :func:`start_due_work`."""
    database, changes, log, due = ground.database, ground.changes, ground.log, ground.due
    new_id, time_zone, floor = ground.new_id, ground.time_zone, routing.floor
    queues, hours = directory.queues, directory.opening_hours
    await shipped.load(changes, ground.clock.now(), new_id)
    await hours.load()
    hours.check(queues.values(), queues.edited)
    check_calendars(directory.flows.values(), hours.ids)
    check_recording(ground.settings.recording, queues, hours.ids, ground.region)
    async with database.readers() as session:
        check_tickets(directory.flows.values(), await forms_of_types(session))
    await directory.forms.load()
    check_forms(directory.flows.values(), directory.forms.ids)
    log.subscribe(directory.forms.hear)
    due.add(directory.forms)
    log.subscribe(hours.hear)
    await shipped_sales.load(changes, ground.clock.now())
    due.add(hours)
    dispositions = RequiredDispositions(
        database, floor.require_disposition, floor.disposition_recorded
    )
    await dispositions.load()
    log.subscribe(dispositions.hear)
    due.add(dispositions)
    due.add(Selection(database, changes, new_id, time_zone))
    due.add(Caring(database, changes, new_id, time_zone))
    due.add(Histories(database, changes, new_id))
    due.add(Sampling(database, changes, new_id, time_zone, REVIEWING))
    wait_promises = WaitPromises(
        database,
        log.append,
        now=ground.clock.now,
        position=floor.position,
        due_changed=due.wake,
    )
    log.subscribe(wait_promises.hear)
    due.add(wait_promises)
    due.add(Escalations(database, changes, new_id))
    due.add(Reminders(database, changes, new_id))
    open_work = OpenWork(database, floor.set_open_work)
    log.subscribe(open_work.hear)
    due.add(open_work)
    due.add(ExpiredRequests(database))
    due.add(ExpiredDrafts(database))
    return wait_promises


def start_due_work(ground: Ground) -> None:
    ground.log.subscribe(ground.due.hear)
    ground.run(ground.due)
