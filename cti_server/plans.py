"""What the settings ask for, as the parts understand it: flows, numbers, queues, trunks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from acd.errors import InvalidValue
from acd.model import CHANNEL_RULES, Channel, ChannelRule, Rules
from acd.policies import load as load_policy
from acd.queue import Queue, Step
from acd.rankings import Spread
from acd.requirements import Requirements, any_of, required
from acd.service_level import Formula, ServiceLevel
from config.acd import AcdSettings
from config.floor import QueueSettings, StepSettings
from config.overflows import Misled, misled
from config.settings import Settings
from config.sip import TrunkSettings
from crm.queries import Lookup
from crm.regions import Regions
from ivr.checker import check_phrases
from ivr.errors import FlowInvalid, Problem
from ivr.flow import Flow
from ivr.flow import check as check_flow
from ivr.flow import load as load_flow
from ivr.systems import Askable, Systems
from ivr.ticket_forms import TicketForm

from .calls.number_plan import BadNumberPlan, NumberPlan, unreachable
from .connectors.calls import Connectors
from .connectors.kinds import Operation
from .refusals import StartFailed
from .sip.digest import ha1
from .sip.trunks import Trunk
from .speech_recognition.ears import sound

Digits = Annotated[str, Field(pattern=r"^[0-9]{1,15}$")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Countries = dict[Digits, dict[Name, dict[Digits, Name]]]


@dataclass(frozen=True, slots=True)
class ReadFlow:
    """What a file says, None if it cannot be read as a flow, and what is wrong with it."""

    flow: Flow | None
    problems: Sequence[str] = ()


def flow_files(settings: Settings) -> dict[str, Path]:
    """The files of the flows of numbers and surveys, by what the configuration calls them."""
    destinations = [one for each in settings.numbers.values() for one in each.destinations]
    named = [one.flow for one in destinations if one.flow is not None]
    return {name: settings.flow_file(name) for name in (*named, *settings.surveys.values())}


def check_numbers_queues(settings: Settings, queues: Collection[str]) -> None:
    """Raises StartFailed where a number leads to a queue that is not there."""
    problems = [
        f"numbers.{number}.queue: there is no queue {leads_to.queue!r}"
        for number, leads_to in settings.numbers.items()
        if leads_to.queue is not None and leads_to.queue not in queues
    ]
    if problems:
        raise StartFailed("\n".join(problems))


def load_flows(settings: Settings, queues: Collection[str]) -> dict[str, Flow]:
    """
    The flows that numbers and surveys name, checked, as the numbers, against the queues that
    there are.

    Raises StartFailed with every problem, each with its key or with file, line and node.
    """
    check_numbers_queues(settings, queues)
    found = read_flows(flow_files(settings), queues)
    problems = [problem for one in found.values() for problem in one.problems]
    if problems:
        raise StartFailed("\n".join(dict.fromkeys(problems)))
    return {name: one.flow for name, one in found.items() if one.flow is not None}


def read_flows(files: Mapping[str, Path], queues: Collection[str]) -> dict[str, ReadFlow]:
    """Each with every problem, told with file, line and node."""
    found = dict[str, ReadFlow]()
    named = dict[str, str]()  # the file, by the flow's name
    for name, path in files.items():
        try:
            flow = load_flow(path)
        except FlowInvalid as error:
            found[name] = ReadFlow(None, [str(problem) for problem in error.problems])
            continue
        problems = [*unfit(flow, queues), *_named_twice(flow, named)]
        found[name] = ReadFlow(flow, [str(problem) for problem in problems])
    return found


def unfit(
    flow: Flow,
    queues: Collection[str],
    calendars: Collection[str] | None = None,
    systems: Systems | None = None,
    tickets: Mapping[str, TicketForm] | None = None,
) -> list[Problem]:
    """Why no number can lead to this flow, with what there is."""
    problems = list[Problem]()
    if flow.is_part:
        message = "nothing leads to it but other flows: it returns to them"
        problems.append(Problem(flow.file, 1, None, message))
    for one in flow.whole():
        problems += check_flow(one, queues, calendars, systems, tickets)
        problems += check_phrases(one, sound)
    problems += _named_twice(flow, {})
    return list(dict.fromkeys(problems))


def _named_twice(flow: Flow, named: dict[str, str]) -> Iterator[Problem]:
    """By a flow of another file than those that are ``named``."""
    for one in flow.whole():
        if (other := named.setdefault(one.name, one.file)) != one.file:
            message = f"the name '{one.name}' is also that of {other}"
            yield Problem(one.file, one.line("name"), None, message)


def check_calendars(flows: Iterable[Flow], calendars: Collection[str]) -> None:
    """Raises StartFailed where a flow looks at a working calendar that is not there."""
    whole = (one for flow in flows for one in flow.whole())
    problems = [str(problem) for one in whole for problem in check_flow(one, calendars=calendars)]
    if problems:
        made = "(calendars are made over REST, before a flow names them)"
        raise StartFailed("\n".join([*dict.fromkeys(problems), made]))


def check_systems(
    flows: Iterable[Flow], connectors: Connectors, look_ups: Mapping[str, Lookup]
) -> None:
    """Raises StartFailed where a flow asks another system what it cannot be asked."""
    systems = systems_of(connectors, look_ups)
    whole = (one for flow in flows for one in flow.whole())
    problems = [str(problem) for one in whole for problem in check_flow(one, systems=systems)]
    if problems:
        raise StartFailed("\n".join(dict.fromkeys(problems)))


def check_tickets(flows: Iterable[Flow], tickets: Mapping[str, TicketForm]) -> None:
    """Raises StartFailed where a flow opens tickets of a type that is not, or refuses them."""
    whole = (one for flow in flows for one in flow.whole())
    problems = [str(problem) for one in whole for problem in check_flow(one, tickets=tickets)]
    if problems:
        raise StartFailed("\n".join(dict.fromkeys(problems)))


def systems_of(connectors: Connectors, look_ups: Mapping[str, Lookup]) -> Systems:
    """What flows may ask of whom."""
    requests = {
        name: {each: _askable(one) for each, one in line.connector.operations.items()}
        for name, line in connectors.lines.items()
    }
    found = {
        name: Askable(
            takes=[one.name for one in look_up.parameters],
            needs=[one.name for one in look_up.parameters if one.needed],
            gives=[column.column for column in look_up.columns],
        )
        for name, look_up in look_ups.items()
    }
    return Systems(requests, found)


def _askable(operation: Operation) -> Askable:
    return Askable(
        takes=[*operation.parameters.get("properties", {})],
        needs=[*operation.parameters.get("required", [])],
        gives=operation.answers,
        in_address=operation.in_address,
    )


def check_numbers(queues: Iterable[QueueSettings], region: str) -> None:
    """Raises StartFailed where a rule or key leads to what nobody can dial."""
    _check(unreachable(queues, region))


def check_surveys(queues: Iterable[QueueSettings], surveys: Collection[str]) -> None:
    """Raises StartFailed where a queue names a survey that there is not."""
    problems = [
        f"queues.{queue.name}.survey: there is no {queue.survey!r} in surveys"
        for queue in queues
        if queue.survey is not None and queue.survey not in surveys
    ]
    if problems:
        raise StartFailed("\n".join(problems))


def check_ways(queues: Iterable[QueueSettings]) -> None:
    """Raises StartFailed where a queue's rules or keys lead nowhere or round in a ring."""
    _check(misled(queues))


def _check(wrong: Iterable[Misled]) -> None:
    problems = [f"queues.{one.queue}.{one.field}: {one.problem}" for one in wrong]
    if problems:
        raise StartFailed("\n".join(problems))


def named_by(settings: Settings, flows: Mapping[str, Flow], queue: str) -> list[str]:
    """The numbers and flows that lead callers to the queue, in words."""
    numbers = [number for number, leads_to in settings.numbers.items() if leads_to.queue == queue]
    menus = [flow.name for flow in flows.values() if _leads_to(flow, queue)]
    return [*(f"number {number}" for number in numbers), *(f"flow {flow}" for flow in menus)]


def _leads_to(flow: Flow, queue: str) -> bool:
    nodes = (node for one in flow.whole() for node in one.nodes.values())
    return any(named == queue for node in nodes for _, named in node.queues())


def number_plan_of(settings: Settings, caller_ids: Mapping[str, str | None]) -> NumberPlan:
    """
    Which numbers can be called, and how; ``caller_ids`` are read at each call.

    Raises StartFailed with every problem.
    """
    try:
        return NumberPlan(
            settings.sip.trunks,
            settings.routes,
            region=settings.crm.default_region,
            realm=settings.sip.realm,
            caller_ids=caller_ids,
        )
    except BadNumberPlan as error:
        raise StartFailed(str(error)) from error


def queue_of(settings: QueueSettings) -> Queue:
    """Raises StartFailed for a policy that is not there."""
    try:
        return queue_from(settings)
    except InvalidValue as error:
        raise StartFailed(f"queues: {settings.name}: {error}") from error


def queue_from(settings: QueueSettings) -> Queue:
    """Raises InvalidValue for what no queue can be."""
    return Queue(
        name=settings.name,
        requirements=_clauses(settings.skills, settings.any_of),
        policy=load_policy(settings.policy, settings.weights),
        preferred=required(settings.preferred),
        reach=settings.reach,
        steps=tuple(_step(step, settings) for step in settings.relax),
        ring_for=settings.ring_for,
        wrap_up=settings.wrap_up,
        wrap_up_limit=settings.wrap_up_limit,
        disposition_limit=settings.disposition_limit,
        announce_agent=settings.announce_agent,
        announce_position_every=settings.announce_position_every,
        record=settings.record,
        max_waiting=settings.max_waiting,
        max_served=settings.max_served,
        yields=settings.yields,
        spread=Spread(settings.spread),
    )


def rules_of(settings: AcdSettings) -> Rules:
    """What an offer that comes to nothing costs, and what a priority is worth."""
    return Rules(
        priority_credit=settings.priority_credit,
        decline_limit=settings.decline_limit,
        decline_backoff=settings.decline_backoff,
        no_answer_limit=settings.no_answer_limit,
        no_answer_backoff=settings.no_answer_backoff,
        unreachable_limit=settings.unreachable_limit,
        unreachable_backoff=settings.unreachable_backoff,
        seat_rest=settings.seat_rest,
        channels={channel: _channel_rule(channel, settings) for channel in Channel},
    )


def _channel_rule(channel: Channel, settings: AcdSettings) -> ChannelRule:
    """As shipped, but for what the settings say; raises StartFailed for what cannot be."""
    rule, said = CHANNEL_RULES[channel], settings.channels.get(channel.value)
    if said is None:
        return rule
    capacity = rule.capacity if said.capacity is None else said.capacity
    interrupted_by = rule.interrupted_by
    if said.interrupted_by is not None:
        interrupted_by = frozenset(map(Channel, said.interrupted_by))
    try:
        return replace(rule, capacity=capacity, interrupted_by=interrupted_by)
    except InvalidValue as error:
        raise StartFailed(f"acd: channels: {channel.value}: {error}") from error


def service_level_of(settings: QueueSettings) -> ServiceLevel:
    target = settings.service_level
    return ServiceLevel(target.within, target.share, Formula(target.formula), target.short_abandon)


def service_level_in(queues: Mapping[str, QueueSettings], queue: str) -> ServiceLevel:
    """The target that the queue has now; the usual one of a queue that is gone."""
    return service_level_of(queues[queue]) if queue in queues else ServiceLevel()


def _clauses(skills: Mapping[str, int], choices: Sequence[Mapping[str, int]]) -> Requirements:
    return (*required(skills), *map(any_of, choices))


def _step(step: StepSettings, queue: QueueSettings) -> Step:
    asked = None
    if step.skills is not None or step.any_of is not None:
        skills = queue.skills if step.skills is None else step.skills
        asked = _clauses(skills, queue.any_of if step.any_of is None else step.any_of)
    return Step(step.after, asked, step.reach)


def regions_of(settings: Settings) -> Regions:
    """
    Where callers are from. Raises StartFailed for a file that is no such table.

    The file has countries' codes, under each its provinces, under each its area codes and cities.
    """
    file = settings.crm.regions or Path(str(files("config") / "regions" / "cn.yaml"))
    try:
        countries = TypeAdapter(Countries).validate_python(yaml.safe_load(file.read_bytes()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise StartFailed(f"crm.regions: {file}: {error}") from error
    return Regions(
        {
            code + prefix: (code, province, city)
            for code, provinces in countries.items()
            for province, cities in provinces.items()
            for prefix, city in cities.items()
        },
        settings.crm.default_region,
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
