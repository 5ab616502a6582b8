"""The flows that the settings name: read, and checked against what there is to lead to and ask."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.numbers import NumberSettings
from config.self_service import ServiceSettings
from config.settings import Settings
from crm.queries import Lookup
from ivr.checker import check_in_writing, check_phrases
from ivr.errors import FlowInvalid, Problem
from ivr.flow import Flow
from ivr.flow import check as check_flow
from ivr.flow import load as load_flow
from ivr.systems import Askable, Systems
from ivr.ticket_forms import TicketForm

from .connectors.calls import Connectors
from .connectors.kinds import Operation
from .plans import check_numbers_queues
from .refusals import StartFailed
from .speech_recognition.ears import sound


@dataclass(frozen=True, slots=True)
class ReadFlow:
    """What a file says, None if it cannot be read as a flow, and what is wrong with it."""

    flow: Flow | None
    problems: Sequence[str] = ()


def flow_files(settings: Settings) -> dict[str, Path]:
    """
    The files of the flows of numbers, surveys and self-service, by what the configuration calls
    them.
    """
    destinations = [one for each in settings.numbers.values() for one in each.destinations]
    named = [one.flow for one in destinations if one.flow is not None]
    named += settings.surveys.values()
    named += [service.flow for service in settings.self_service.services.values()]
    return {name: settings.flow_file(name) for name in named}


def check_readable(flows: Mapping[str, Flow], services: Mapping[str, ServiceSettings]) -> None:
    """Raises StartFailed where a flow that customers read has what can only be heard."""
    read = {service.flow for service in services.values()}
    whole = (one for source in sorted(read) for one in flows[source].whole())
    problems = [str(problem) for one in whole for problem in check_in_writing(one)]
    if problems:
        raise StartFailed("\n".join(dict.fromkeys(problems)))


def load_flows(settings: Settings, queues: Collection[str]) -> dict[str, Flow]:
    """
    The flows that numbers and surveys name, checked, as the numbers, against the queues that
    there are.

    Raises StartFailed with every problem, each with its key or with file, line and node.
    """
    check_numbers_queues(settings.numbers, queues)
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
    forms: Collection[str] | None = None,
    faxes: Collection[str] | None = None,
) -> list[Problem]:
    """Why no number can lead to this flow, with what there is."""
    problems = list[Problem]()
    if flow.is_part:
        message = "nothing leads to it but other flows: it returns to them"
        problems.append(Problem(flow.file, 1, None, message))
    for one in flow.whole():
        problems += check_flow(one, queues, calendars, systems, tickets, forms, faxes)
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
    _check(flows, lambda one: check_flow(one, systems=systems))


def check_tickets(flows: Iterable[Flow], tickets: Mapping[str, TicketForm]) -> None:
    """Raises StartFailed where a flow opens tickets of a type that is not, or refuses them."""
    _check(flows, lambda one: check_flow(one, tickets=tickets))


def check_forms(flows: Iterable[Flow], forms: Collection[str]) -> None:
    """Raises StartFailed where a flow has agents fill in a form that is not there."""
    _check(flows, lambda one: check_flow(one, forms=forms))


def check_faxes(flows: Iterable[Flow], faxes: Collection[str]) -> None:
    """Raises StartFailed where a flow has a document faxed that is not there."""
    _check(flows, lambda one: check_flow(one, faxes=faxes))


def _check(flows: Iterable[Flow], problems_of: Callable[[Flow], list[Problem]]) -> None:
    whole = (one for flow in flows for one in flow.whole())
    problems = [str(problem) for one in whole for problem in problems_of(one)]
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


def named_by(
    settings: Settings,
    numbers: Mapping[str, NumberSettings],
    flows: Mapping[str, Flow],
    queue: str,
) -> list[str]:
    """The numbers and flows that lead callers to the queue, and rules about it, in words."""
    leading = [
        number
        for number, leads_to in numbers.items()
        if any(one.queue == queue for one in leads_to.destinations)
    ]
    menus = [flow.name for flow in flows.values() if _leads_to(flow, queue)]
    rules = [rule.name for rule in settings.recording.rules if queue in rule.queues]
    return [
        *(f"number {number}" for number in leading),
        *(f"flow {flow}" for flow in menus),
        *(f"recording rule {rule}" for rule in rules),
    ]


def _leads_to(flow: Flow, queue: str) -> bool:
    nodes = (node for one in flow.whole() for node in one.nodes.values())
    return any(named == queue for node in nodes for _, named in node.queues())
