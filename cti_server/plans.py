"""What the settings ask for, as the parts understand it: flows, numbers, queues, trunks."""

from acd.queue import Queue
from acd.requirements import required
from config.floor import QueueSettings
from config.settings import Settings
from config.sip import TrunkSettings
from ivr.errors import FlowInvalid
from ivr.flow import Flow
from ivr.flow import check as check_flow
from ivr.flow import load as load_flow

from .calls.number_plan import BadNumberPlan, NumberPlan
from .refusals import StartFailed
from .sip.digest import ha1
from .sip.trunks import Trunk


def load_flows(settings: Settings) -> dict[str, Flow]:
    """
    The flows that the numbers name, checked against the queues.

    Raises StartFailed with every problem, each with file, line and node.
    """
    names = {queue.name for queue in settings.queues}
    flows: dict[str, Flow] = {}
    problems: list[str] = []
    for leads_to in settings.numbers.values():
        if leads_to.flow is None or leads_to.flow in flows:
            continue
        try:
            flow = load_flow(settings.flow_file(leads_to.flow))
        except FlowInvalid as error:
            problems += [str(problem) for problem in error.problems]
            continue
        problems += [str(problem) for problem in check_flow(flow, names)]
        problems += [
            f"{flow.file}: the name '{flow.name}' is also that of {other.file}"
            for other in flows.values()
            if other.name == flow.name
        ]
        flows[leads_to.flow] = flow
    if problems:
        raise StartFailed("\n".join(problems))
    return flows


def number_plan_of(settings: Settings) -> NumberPlan:
    """Which numbers can be called, and how. Raises StartFailed with every problem."""
    try:
        return NumberPlan(
            settings.sip.trunks,
            settings.routes,
            region=settings.crm.default_region,
            realm=settings.sip.realm,
            caller_ids={queue.name: queue.caller_id for queue in settings.queues},
        )
    except BadNumberPlan as error:
        raise StartFailed(str(error)) from error


def queue_of(settings: QueueSettings) -> Queue:
    return Queue(
        name=settings.name,
        requirements=required(settings.skills),
        ring_for=settings.ring_for,
        wrap_up=settings.wrap_up,
        announce_agent=settings.announce_agent,
        announce_position_every=settings.announce_position_every,
        record=settings.record,
        max_waiting=settings.max_waiting,
    )


def trunk_of(settings: TrunkSettings, realm: str) -> Trunk:
    proofs: tuple[tuple[str, str], ...] = ()
    if settings.username is not None and settings.password is not None:
        password = settings.password.get_secret_value()
        proofs = tuple(
            (algorithm, ha1(settings.username, realm, password, algorithm))
            for algorithm in ("MD5", "SHA-256")
        )
    return Trunk(settings.name, settings.addresses, settings.username, proofs)
