"""The centre's numbers: what leads where, and how many called each today."""

from collections import Counter
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from aiohttp import web

from config.numbers import Destination, NumberSettings
from cti_server.calls.dialled_numbers import e164
from cti_server.reporting.definitions import REPORTS
from cti_server.reporting.reading import Asked, ReportsNotReady
from cti_server.reporting.spans import Span
from cti_server.wire.numbers import LeadsTo, NumberRule, NumberToday, NumberView
from ivr.flow import Flow

from .parts import Parts, parts
from .routing import Routes, answer_many

routes = Routes()

_COUNTED = ("arrived", "answered", "unavailable")


@routes.add("GET", "/api/v1/numbers", needs=("floor.read",), answers=NumberView, many=True)
async def numbers(request: web.Request) -> web.Response:
    """Every number of ours: its flow or queue, languages, calendars, rules, and today's calls."""
    here = parts(request)
    today = await _today(here)
    return answer_many([_view(here, each, of, today) for each, of in here.numbers.items()])


async def _today(here: Parts) -> Mapping[str, Counter[str]] | None:
    """Of each number of ours, in whichever form it was dialled; None until that is counted."""
    zone = ZoneInfo(here.time_zone)
    day = here.clock.now().astimezone(zone).date()
    region = here.default_region
    whole = {known: each for each in here.numbers if (known := e164(each, region))}
    sums = {each: Counter[str]() for each in here.numbers}
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


def _view(
    here: Parts, number: str, leads: NumberSettings, today: Mapping[str, Counter[str]] | None
) -> NumberView:
    return NumberView(
        number=number,
        e164=e164(number, here.default_region) or None,
        leads_to=_leads_to(here, leads),
        when=[
            NumberRule(caller=rule.caller, original=rule.original, leads_to=_leads_to(here, rule))
            for rule in leads.when
        ],
        today=None
        if today is None
        else NumberToday(**{name: today[number][name] for name in _COUNTED}),
    )


def _leads_to(here: Parts, destination: Destination) -> LeadsTo:
    flow = None if destination.flow is None else here.flows[destination.flow]
    queues = _queues_of(flow) if flow is not None else {destination.queue or ""}
    languages = [destination.language or here.about.languages[0]]
    return LeadsTo(
        flow=None if flow is None else flow.name,
        flow_version=None if flow is None else flow.version,
        source=destination.flow,
        queue=destination.queue,
        languages=languages if flow is None else list(flow.languages),
        queues=sorted(queues),
        calendars=sorted({*_calendars_of(flow), *_hours_of(here, queues)}),
    )


def _queues_of(flow: Flow) -> set[str]:
    nodes = [node for one in flow.whole() for node in one.nodes.values()]
    return {queue for node in nodes for _, queue in node.queues()}


def _calendars_of(flow: Flow | None) -> set[str]:
    return set() if flow is None else {name for one in flow.whole() for name in one.calendars}


def _hours_of(here: Parts, queues: Iterable[str]) -> set[str]:
    known = (here.queues.get(queue) for queue in queues)
    return {queue.hours for queue in known if queue is not None and queue.hours is not None}
