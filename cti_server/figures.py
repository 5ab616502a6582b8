"""Which figures each part of the server shows on ``/metrics``."""

from .api.desks import Desks
from .audio_figures import AudioFigures
from .calls.archiver import Archiver
from .calls.losses import Losses
from .calls.outbound import Outbound
from .calls.owed_copies import OwedCopies
from .calls.switchboard import Switchboard
from .floor.floor import Floor
from .floor.record import RoutingRecord
from .media.plane import MediaPlane
from .metrics import ByLabel, Figures, Metrics
from .outside_crm import OutsideCrm
from .sip.user_agent import UserAgent
from .siprec.sessions import RecordingSessions
from .store.log import EventLog
from .trunks.watch import TrunkWatch


def watch(
    metrics: Metrics,
    *,
    switchboard: Switchboard,
    floor: Floor,
    record: RoutingRecord,
    desks: Desks,
    user_agent: UserAgent,
    outbound: Outbound,
    trunk_watch: TrunkWatch,
    losses: Losses,
    audio: AudioFigures,
    plane: MediaPlane,
    log: EventLog,
    archiver: Archiver,
    owed: OwedCopies,
    outside_crm: OutsideCrm | None,
    sessions: RecordingSessions,
) -> None:
    """Have ``metrics`` ask each part."""

    async def calls() -> Figures:
        return {
            "running": switchboard.running,
            "arrived_total": switchboard.total,
            "lost_total": losses.calls,
            "call_backs_offered_total": losses.call_backs,
        }

    async def queues() -> Figures:
        queues = floor.queues()
        return {
            "waiting": sum(queue.waiting for queue in queues),
            "longest_wait_seconds": max((queue.longest_wait or 0.0 for queue in queues), default=0),
        }

    async def agents() -> Figures:
        states = [agent.state for agent in floor.agents()]
        return {state: states.count(state) for state in _STATES} | {"desks": desks.connected}

    async def routing_record() -> Figures:
        return {"lost_total": record.lost, "failing": record.failure is not None}

    async def sip() -> Figures:
        figures = user_agent.statistics
        return {
            "messages_received_total": figures.received.total(),
            "messages_sent_total": figures.sent.total(),
            "messages_malformed_total": figures.malformed,
            "retransmissions_total": figures.retransmissions,
            "overload_refused_total": figures.overload_refused,
            "strangers_ignored_total": figures.strangers_ignored,
            "transactions": figures.transactions_open,
            "dialogs": figures.dialogs_open,
            "bindings": figures.bindings,
            "loop_lag_seconds": figures.loop_lag,
        }

    async def over_trunks() -> Figures:
        return {
            "calls": outbound.running,
            "calls_total": outbound.total,
            "refused_total": outbound.refused,
            "passed_on_total": outbound.passed_on,
        }

    async def trunks() -> Figures:
        health = trunk_watch.health
        trips = {name: each.round_trip for name, each in health.items()}
        known = {name: trip for name, trip in trips.items() if trip is not None}
        return {
            "up": ByLabel("trunk", {n: each.state == "up" for n, each in health.items()}),
            "down": ByLabel("trunk", {n: each.state == "down" for n, each in health.items()}),
            "round_trip_seconds": ByLabel("trunk", known),
            "asked_total": ByLabel("trunk", {n: each.asked for n, each in health.items()}),
            "unanswered_total": ByLabel("trunk", {n: e.unanswered for n, e in health.items()}),
            "calls": ByLabel("trunk", {name: outbound.busy(name) for name in health}),
            "calls_failed_total": ByLabel("trunk", {n: e.failed_calls for n, e in health.items()}),
        }

    async def media() -> Figures:
        workers = await plane.statistics()
        return {
            "workers": len(workers),
            "workers_died_total": losses.workers,
            "legs": sum(worker.legs for worker in workers),
            "captures": sum(worker.captures for worker in workers),
            "late_ticks_total": sum(worker.late_ticks for worker in workers),
            "packets_received_total": sum(worker.packets_received for worker in workers),
            "packets_sent_total": sum(worker.packets_sent for worker in workers),
            "cpu_seconds_total": sum(worker.cpu_seconds for worker in workers),
        }

    async def events() -> Figures:
        figures = log.figures()
        return {
            "appended_total": figures.appended,
            "journalled_total": figures.journalled,
            "stored_total": figures.stored,
            "lost_total": figures.lost,
            "underived_total": figures.underived,
            "in_memory": figures.in_memory,
            "journal_failing": figures.journal_failure is not None,
            "database_failing": figures.database_failure is not None,
        }

    async def recordings() -> Figures:
        return {
            "backlog": archiver.backlog,
            "postponed_total": archiver.postponed,
            "owed": owed.owed,
            "copied_total": owed.copied,
        }

    async def asked_outside() -> Figures:
        if outside_crm is None:
            return {}
        figures = outside_crm.figures
        return {
            "asked_total": figures.asked,
            "failed_total": figures.failed,
            "spared_total": figures.spared,
        }

    async def siprec() -> Figures:
        return {"sessions": sessions.running, "refused_total": sessions.refused}

    for prefix, source in {
        "calls": calls,
        "audio": audio.figures,
        "queues": queues,
        "agents": agents,
        "routing_record": routing_record,
        "sip": sip,
        "outbound": over_trunks,
        "trunk": trunks,
        "media": media,
        "events": events,
        "recordings": recordings,
        "outside_crm": asked_outside,
        "siprec": siprec,
    }.items():
        metrics.add(prefix, source)


_STATES = ("logged_out", "not_ready", "ready", "ringing", "talking", "wrap_up")
