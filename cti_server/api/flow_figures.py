"""How callers fare in flows: the measures of each version and node (IV-11), and its picture."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from cti_server.flow_book import KIND, as_written
from cti_server.flow_drawing import svg_of
from cti_server.store.flow_figures import (
    ENDS,
    Asked,
    NodeKey,
    Tally,
    added,
    of_flows,
    of_nodes,
)
from cti_server.store.routing_definitions import DefinitionVersions, RoutingDefinitions
from cti_server.wire.flow_figures import (
    Ends,
    FlowFigures,
    FlowReport,
    NodeFigures,
    NodeReport,
)
from cti_server.wire.resource import LARGEST_NUMBER
from ivr.flow import Flow
from ivr.picture import Seen, mermaid
from ivr.written import laid_out, read

from .flows import ONE
from .parameters import day, named, number
from .parts import parts
from .problems import BadRequest
from .routing import Query, Routes, answer

routes = Routes()

READ = ("reports.read", "routing.manage")
_DAYS = 400  # at once
_PERIOD = (
    Query("since", "string", "a day, as 2026-11-22; today by default"),
    Query("until", "string", "the last day; since by default"),
)
_VERSION = Query("version", "integer", "of this version only")


@routes.add(
    "GET",
    "/api/v1/flow-figures",
    needs=READ,
    answers=FlowReport,
    query=(*_PERIOD, Query("flow", "string", "of this flow only"), _VERSION),
)
async def get_flow_report(request: web.Request) -> web.Response:
    """Containment, transfers, abandonment, wrong keys, silence and stays, by flow and version."""
    asked = asked_for(request, named(request, "flow"))
    async with parts(request).database.at_one_moment() as session:
        found = await of_flows(session, asked)
    rows = [
        FlowFigures(
            flow=flow,
            version=version,
            **_ends(tally.sums),
            **_answers(tally),
            channels=_by_channel([tally]),
        )
        for (flow, version), tally in sorted(found.items())
    ]
    channels = _by_channel(found.values())
    return answer(FlowReport(since=asked.since, until=asked.until, channels=channels, rows=rows))


@routes.add(
    "GET",
    ONE + "/figures",
    needs=READ,
    answers=NodeReport,
    query=(*_PERIOD, _VERSION),
)
async def get_node_report(request: web.Request) -> web.Response:
    """Each node: entered, left by which way, abandoned, wrong keys, silences, stays; live."""
    flow = request.match_info["flow"]
    asked = asked_for(request, flow)
    async with parts(request).database.at_one_moment() as session:
        found = await of_nodes(session, asked)
    rows = [_node(key, tally) for key, tally in sorted(found.items())]
    return answer(NodeReport(flow=flow, since=asked.since, until=asked.until, rows=rows))


@routes.add(
    "GET",
    ONE + "/picture",
    needs=READ,
    query=(
        *_PERIOD,
        Query("version", "integer", "which is drawn; the published one if not given"),
        Query("format", "string", "svg (default) or mermaid"),
    ),
    media_type="image/svg+xml",
)
async def get_flow_picture(request: web.Request) -> web.Response:
    """The flow as it is, or was, with what callers did at each node in the span."""
    form = request.query.get("format", "svg")
    if form not in {"svg", "mermaid"}:
        raise BadRequest("format: svg or mermaid")
    flow = await _published(request)
    asked = asked_for(request, flow.name, flow.version)
    async with parts(request).database.at_one_moment() as session:
        found = await of_nodes(session, asked)
    drawn = mermaid(flow, {key[2:]: _seen(tally) for key, tally in found.items()})
    if form == "mermaid":
        return web.Response(text=drawn, content_type="text/vnd.mermaid")
    svg = await svg_of(drawn)
    return web.Response(
        text=svg,
        content_type="image/svg+xml",
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


async def _published(request: web.Request) -> Flow:
    """The version that is asked for. Raises UnknownRecord."""
    here, name = parts(request), request.match_info["flow"]
    wanted = number(request, "version", default=0, most=LARGEST_NUMBER)
    running = here.flows.named(name)
    if running is not None and wanted in {0, running.version}:
        return running
    async with here.database.readers() as session:
        wanted = wanted or (await RoutingDefinitions(session, KIND).need(name)).version
        content = await DefinitionVersions(session, KIND).content(name, wanted)
        written = await as_written(session, content)
    with laid_out(written) as file:
        flow = await asyncio.to_thread(read, file)
    flow.published_as(wanted)
    return flow


def _seen(tally: Tally) -> Seen:
    return Seen(
        entered=tally.sums["entered"],
        left=tally.ways,
        abandoned=tally.sums["abandoned"],
        wrong=tally.sums["wrong"],
        silent=tally.sums["silent"],
        inside=tally.sums["inside"],
        p50=tally.quantiles.get(50),
        p95=tally.quantiles.get(95),
    )


def asked_for(request: web.Request, flow: str | None, version: int | None = None) -> Asked:
    """Raises BadRequest."""
    here = parts(request)
    zone = ZoneInfo(here.time_zone)
    since = day(request, "since") or here.clock.now().astimezone(zone).date()
    until = day(request, "until") or since
    if not 0 <= (until - since).days < _DAYS:
        raise BadRequest(f"until: must not be before since, nor {_DAYS} days after it")
    wanted = version or number(request, "version", default=0, most=LARGEST_NUMBER)
    return Asked(
        datetime.combine(since, time(), zone),
        datetime.combine(until + timedelta(days=1), time(), zone),
        flow,
        wanted or None,
    )


def _node(key: NodeKey, tally: Tally) -> NodeFigures:
    _, version, part, node = key
    return NodeFigures(
        version=version,
        part=part,
        node=node,
        entered=tally.sums["entered"],
        left=dict(tally.ways.most_common()),
        abandoned=tally.sums["abandoned"],
        inside=tally.sums["inside"],
        **_answers(tally),
    )


def _by_channel(tallies: Iterable[Tally]) -> dict[str, Ends]:
    sums = dict[str, dict[str, int]]()
    for tally in tallies:
        for channel, ends in tally.by_channel.items():
            sums[channel] = added(sums.get(channel, dict.fromkeys(ENDS, 0)), ends)
    return {channel: Ends(**_ends(ends)) for channel, ends in sorted(sums.items())}


def _ends(sums: Mapping[str, int]) -> dict[str, Any]:
    share = _share(sums["self_served"], sums["entered"])
    return {**{name: sums[name] for name in ENDS}, "containment": share}


def _answers(tally: Tally) -> dict[str, Any]:
    asked, wrong, silent = (tally.sums.get(name, 0) for name in ("asked", "wrong", "silent"))
    return {
        "asked": asked,
        "wrong": wrong,
        "silent": silent,
        "invalid_key_rate": _share(wrong, asked),
        "silence_rate": _share(silent, asked),
        "stay_p50": tally.quantiles.get(50),
        "stay_p95": tally.quantiles.get(95),
    }


def _share(some: int, of: int) -> float | None:
    return round(some / of, 4) if of else None
