"""Other systems: who is told, who is asked, and who leaves files."""

from cti_server.connectors.calls import Connectors
from cti_server.connectors.drop_folder import DropFolder, Report
from cti_server.flow_plans import check_faxes, check_systems
from cti_server.plans import check_documents
from cti_server.reports import Reports
from cti_server.saved_queries import Queries
from cti_server.webhooks.couriers import Couriers
from cti_server.wire.timeline import TimelineEventToAdd

from .directory import Directory
from .ground import Ground
from .queries import open_queries


def open_webhooks(ground: Ground) -> Couriers:
    """Not under way yet."""
    couriers = Couriers(
        ground.settings.webhooks,
        log=ground.log,
        database=ground.database,
        changes=ground.changes,
        clock=ground.clock,
        unseal=ground.seal.open,
        due_changed=ground.due.wake,
    )
    ground.due.add(couriers)
    return couriers


def open_systems(ground: Ground, directory: Directory) -> tuple[Queries, Connectors]:
    """Those that are asked. Raises StartFailed for flows that ask what they cannot be asked."""
    queries, connectors = open_queries(ground), _open_connectors(ground)
    check_systems(directory.flows.values(), connectors, queries.lookups)
    check_documents(ground.settings.fax, queries.lookups)
    check_faxes(directory.flows.values(), ground.settings.fax.documents)
    return queries, connectors


def _open_connectors(ground: Ground) -> Connectors:
    connectors = Connectors.of(ground.settings.connectors)
    ground.opening.push_async_callback(connectors.close)
    ground.metrics.add("connectors", connectors.figures)
    return connectors


def open_drop_folders(ground: Ground) -> None:
    reports = Reports(
        ground.database,
        ground.changes,
        region=ground.region,
        now=ground.clock.now,
        new_id=ground.new_id,
    )
    for name, settings in ground.settings.drop_folders.items():
        ground.run(DropFolder(name, settings, _report_of(reports, name)))


def _report_of(reports: Reports, connector: str) -> Report:
    async def report(wanted: TimelineEventToAdd) -> bool:
        return (await reports.take(wanted, f"connector:{connector}"))[1]

    return report
