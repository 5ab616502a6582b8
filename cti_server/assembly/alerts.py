"""What supervisors are to look at, and what watches for it."""

from cti_server.alerts.one_way_audio import OneWayAudioAlerts, SilentParty
from cti_server.alerts.open_alerts import OpenAlerts
from cti_server.alerts.rule_watch import RuleWatch
from cti_server.alerts.surge_watch import SurgeWatch
from cti_server.alerts.watching import WatchedAlerts, sight_by
from cti_server.channel_map.rows import party_of
from cti_server.live.figures import LiveFigures
from cti_server.reporting.reading import ManagementReports

from .calling import Calling
from .ground import Ground
from .routing import Routing


async def open_alerts(
    ground: Ground,
    calling: Calling,
    routing: Routing,
    figures: LiveFigures,
    reports: ManagementReports,
) -> tuple[WatchedAlerts, SurgeWatch]:
    alerts = OpenAlerts(ground.log.append, ground.new_id)
    ground.log.subscribe(alerts.hear)
    await ground.log.stored()
    await alerts.load(ground.database)

    audio = OneWayAudioAlerts(alerts, lambda call_id, leg_id: _silent(calling, call_id, leg_id))
    audio.begin()
    ground.log.subscribe(audio.hear)
    rules = RuleWatch(
        alerts,
        lambda: figures.snapshot,
        routing.definitions.team_of,
        ground.clock,
        ground.database,
    )
    ground.log.subscribe(rules.hear)
    ground.run(rules)
    watched = WatchedAlerts(alerts, sight_by(ground.database, ground.log))
    ground.run(watched)
    surges = SurgeWatch(
        alerts,
        lambda: figures.snapshot,
        reports.quarters,
        ground.database,
        ground.clock,
        stored=ground.log.stored,
        zone=ground.time_zone,
        region=ground.region,
    )
    ground.log.subscribe(surges.hear)
    ground.run(surges)
    return watched, surges


def _silent(calling: Calling, call_id: str, leg_id: str) -> SilentParty | None:
    call = next((one for one in calling.switchboard.calls if one.id == call_id), None)
    row = None if call is None else party_of(call, leg_id)
    if call is None or row is None:
        return None
    handlings = [one for one in call.conversation.members if one.handling is not None]
    served_by = next((one.handling for one in handlings if leg_id == one.id), None)
    if served_by is None and handlings:
        served_by = handlings[0].handling
    agent_id = row.party if row.role == "agent" else None
    return SilentParty(
        contact_id=call.contact.id,
        role=row.role,
        agent_id=agent_id if served_by is None else served_by.agent_id,
        interaction_id=None if served_by is None else served_by.interaction_id,
        queue=row.queue,
    )
