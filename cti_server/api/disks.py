"""The disks under the recordings, and how large they have to be."""

import asyncio

from aiohttp import web

from cti_server.disk_watch import WatchedDisk
from cti_server.disks import free_of_first
from cti_server.wire.disks import DiskView, PlanView, PlanWanted
from recording.planning import CODECS, GB, PlanRefused, Traffic, plan

from .parts import parts
from .problems import BadRequest
from .routing import Query, Routes, answer_many

routes = Routes()

_PLAN = (
    Query("seats", "integer", "agents who talk"),
    Query("calls_per_hour", "number", "of one seat"),
    Query("talk", "number", "seconds of a call"),
    Query("hours", "number", "a day; 10 unless it is said"),
    Query("recorded", "number", "per cent of the calls; 100 unless it is said"),
    Query("codec", "string", f"one of {', '.join(CODECS)}; all unless it is said"),
    Query("keep_days", "integer", "for how long each is kept"),
    Query("free", "number", "GB of the first store's disk, else what is free there now"),
)


@routes.add("GET", "/api/v1/archive/disks", needs=("metrics.read",), answers=DiskView, many=True)
async def disks(request: web.Request) -> web.Response:
    """How full they are, how fast they fill, and what is done about it."""
    return answer_many([_view(each) for each in parts(request).disks.disks])


@routes.add(
    "GET",
    "/api/v1/archive/plan",
    needs=("metrics.read",),
    answers=PlanView,
    many=True,
    query=_PLAN,
)
async def storage_plan(request: web.Request) -> web.Response:
    """Gigabytes a day, bandwidth and days until the disk is full, with the arithmetic."""
    wanted = PlanWanted.model_validate(dict(request.query))
    traffic = Traffic(
        seats=wanted.seats,
        calls_per_hour=wanted.calls_per_hour,
        talk=wanted.talk,
        hours=wanted.hours,
        recorded=wanted.recorded,
    )
    if wanted.free is None:
        free = await asyncio.to_thread(free_of_first, parts(request).stores)
    else:
        free = round(wanted.free * GB)
    codecs = CODECS if wanted.codec is None else [wanted.codec]
    try:
        plans = [plan(traffic, codec, keep_days=wanted.keep_days, free=free) for codec in codecs]
    except PlanRefused as error:
        raise BadRequest(str(error)) from error
    return answer_many([PlanView.model_validate(each, from_attributes=True) for each in plans])


def _view(watched: WatchedDisk) -> DiskView:
    disk, filling = watched.disk, watched.filling
    return DiskView.model_validate(
        {
            "disk": disk.name,
            "places": list(disk.places),
            "total": disk.total,
            "free": disk.free,
            "stage": watched.stage.name.lower(),
            "bytes_per_second": filling.rate,
            "seconds_left": filling.seconds_left,
        }
    )
