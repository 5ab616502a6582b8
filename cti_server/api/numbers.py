"""The centre's numbers: what leads where, and how many called each today."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from zoneinfo import ZoneInfo

from aiohttp import web

from config.numbers import Destination
from cti_server.calls.dialled_numbers import e164
from cti_server.number_book import KIND, settings_of
from cti_server.reporting.definitions import REPORTS
from cti_server.reporting.reading import Asked, ReportsNotReady
from cti_server.reporting.spans import Span
from cti_server.store.routing_definitions import RoutingDefinition, RoutingDefinitions
from cti_server.wire.numbers import LeadsTo, NumberRule, NumberToday, OurNumberView
from ivr.flow import Flow

from .parts import Parts, parts
from .routing import Routes, answer_many

routes = Routes()

READ = ("floor.read", "routing.manage")
_NOWHERE = LeadsTo(
    flow=None,
    flow_version=None,
    source=None,
    queue=None,
    fax=False,
    languages=[],
    queues=[],
    calendars=[],
)
_COUNTED = ("arrived", "answered", "unavailable")


@routes.add("GET", "/api/v1/numbers", needs=READ, answers=OurNumberView, many=True)
async def numbers(request: web.Request) -> web.Response:
    """Every number of ours: its flow or queue, languages, calendars, rules, and today's calls."""
    here = parts(request)
    async with here.database.readers() as session:
        found = await RoutingDefinitions(session, KIND).all()
    today = await todays_calls(here, [one.id for one in found])
    return answer_many([number_view(here, one, today) for one in found])


async def todays_calls(here: Parts, numbers: Collection[str]) -> Mapping[str, Counter[str]] | None:
    """Of each number of ours, in whichever form it was dialled; None until that is counted."""
    zone = ZoneInfo(here.time_zone)
    day = here.clock.now().astimezone(zone).date()
    region = here.default_region
    whole = {known: each for each in numbers if (known := e164(each, region))}
    sums = {each: Counter[str]() for each in numbers}
    try:
        async for page in here.reports.rows(Asked(REPORTS["numbers"], Span(day, day, zone))):
            for row in page:
                dialled = str(row["number"])
                ours = dialled if dialled in sums else whole.get(e164(dialled, region))
                if ours is not None:
                    sums[ours].update({name: row[name] for name in _COUNTED})
    except ReportsNotReady:
        return None
    return sums


def number_view(
    here: Parts, found: RoutingDefinition, today: Mapping[str, Counter[str]] | None
) -> OurNumberView:
    number, leads = found.id, settings_of(found)
    return OurNumberView(
        number=number,
        version=found.version,
        origin="file" if found.origin == "file" else "edited",
        settings=leads,
        in_force=number in here.numbers,
        updated_at=found.updated_at,
        e164=e164(number, here.default_region) or None,
        leads_to=_NOWHERE if leads is None else _leads_to(here, leads),
        when=[
            NumberRule(caller=rule.caller, original=rule.original, leads_to=_leads_to(here, rule))
            for rule in (() if leads is None else leads.when)
        ],
        today=None
        if today is None
        else NumberToday(**{name: today[number][name] for name in _COUNTED}),
    )


def _leads_to(here: Parts, destination: Destination) -> LeadsTo:
    flow = None if destination.flow is None else here.flows.named(destination.flow)
    sources = [] if destination.flow is None else here.flows.sources_of(destination.flow)
    queues = {destination.queue} if destination.queue is not None else _queues_of(flow)
    languages = [destination.language or here.about.languages[0]]
    return LeadsTo(
        flow=destination.flow,
        flow_version=None if flow is None else flow.version,
        source=sources[0] if sources else None,
        queue=destination.queue,
        fax=destination.fax,
        languages=languages if flow is None else list(flow.languages),
        queues=sorted(queues),
        calendars=sorted({*_calendars_of(flow), *_hours_of(here, queues)}),
    )


def _queues_of(flow: Flow | None) -> set[str]:
    if flow is None:
        return set()
    nodes = [node for one in flow.whole() for node in one.nodes.values()]
    return {queue for node in nodes for _, queue in node.queues()}


def _calendars_of(flow: Flow | None) -> set[str]:
    return set() if flow is None else {name for one in flow.whole() for name in one.calendars}


def _hours_of(here: Parts, queues: Iterable[str]) -> set[str]:
    known = (here.queues.get(queue) for queue in queues)
    return {queue.hours for queue in known if queue is not None and queue.hours is not None}
