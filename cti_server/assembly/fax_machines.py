"""The fax machines that calls may have, and where goes what comes to them."""

from cti_server.fax.inbox import FaxInbox
from cti_server.fax.machines import FaxMachines

from .callers import Callers
from .ground import Ground


def fax_machines(ground: Ground) -> FaxMachines:
    """Their process starts with the first of them."""
    media, fax = ground.settings.media, ground.settings.fax
    machines = FaxMachines(
        host=media.host,
        public_host=media.public_host,
        ports=fax.ports or media.ports,
        run_folder=ground.data / "run",
        log_level=ground.settings.log.level,
    )
    ground.opening.push_async_callback(machines.close)
    return machines


def fax_inbox(ground: Ground, callers: Callers) -> FaxInbox:
    folder = ground.data / "fax" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    inbox = FaxInbox(
        folder,
        ground.database,
        ground.changes,
        ground.clock,
        ground.log.stored,
        callers.customers.look_up,
        ground.settings.fax.queue,
    )
    ground.opening.push_async_callback(inbox.close)
    return inbox
