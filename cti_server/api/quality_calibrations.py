"""Calibrations: several reviewers judge the same recordings, blind to one another."""

from datetime import datetime, timedelta

from aiohttp import web

from crm.errors import InvalidField
from crm.timeline import Place
from cti_server.quality import calibrating, reviewing
from cti_server.quality.reviewers import need_able
from cti_server.store.agents import Agents
from cti_server.store.calibrations import Calibration, Calibrations
from cti_server.store.reviews import Reviews
from cti_server.wire.reviews import (
    CalibrationCreate,
    CalibrationPage,
    CalibrationView,
    ReviewStepWanted,
)

from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .quality_plans import REVIEWING
from .quality_reviews import need_recording
from .routing import Routes, answer, read

routes = Routes()

_PATH = "/api/v1/quality/calibrations"
_READERS = ("quality.read", "quality.review")


@routes.add("GET", _PATH, needs=_READERS, answers=CalibrationPage, query=PAGING)
async def list_calibrations(request: web.Request) -> web.Response:
    """The newest first, with what the closed ones showed."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await Calibrations(session).page(most + 1, Place(*place) if place else None)
        page = found[:most]
        items = [await _view(Reviews(session), one) for one in page]
    more = cursor(page[-1].created_at, page[-1].id) if len(found) > most else None
    return answer(CalibrationPage(items=items, next=more))


@routes.add(
    "POST",
    _PATH,
    needs=("quality.manage",),
    body=CalibrationCreate,
    answers=CalibrationView,
    status=201,
)
async def create_calibration(request: web.Request) -> web.Response:
    """Have several reviewers judge the same recordings."""
    wanted, who = await read(request, CalibrationCreate), identity(request)
    if len(set(wanted.recording_ids)) < len(wanted.recording_ids):
        raise InvalidField("recording_ids", "a recording is named twice")
    async with editing(request) as edit:
        reviewers = await need_able(edit.session, wanted.reviewer_ids, REVIEWING, "reviewer_ids")
        recordings = []
        for place, recording_id in enumerate(wanted.recording_ids):
            one = await need_recording(edit, who, recording_id, f"recording_ids.{place}")
            agent = await Agents(edit.session).get(one.agent_id)
            candidate = await reviewing.candidate_of(edit, one, agent.team if agent else None)
            for reviewer in reviewers:
                reviewing.check_judges(reviewer, candidate, "reviewer_ids")
            recordings.append(one)
        calibration = await calibrating.begin(
            edit,
            wanted.title,
            wanted.scorecard_id,
            recordings,
            reviewers,
            edit.now + timedelta(days=wanted.days),
        )
        view = await _view(Reviews(edit.session), calibration)
    return answer(view, 201)


@routes.add("GET", f"{_PATH}/{{calibration_id}}", needs=_READERS, answers=CalibrationView)
async def get_calibration(request: web.Request) -> web.Response:
    """One calibration; when it is closed, with how far its reviewers agree."""
    async with parts(request).database.readers() as session:
        found = await Calibrations(session).need(request.match_info["calibration_id"])
        view = await _view(Reviews(session), found)
    return answer(view)


@routes.add(
    "POST",
    f"{_PATH}/{{calibration_id}}/close",
    needs=("quality.manage",),
    body=ReviewStepWanted,
    answers=CalibrationView,
)
async def close_calibration(request: web.Request) -> web.Response:
    """Go on without those who have not submitted; it closes by itself when all have."""
    wanted = await read(request, ReviewStepWanted)
    async with editing(request) as edit:
        closed = await calibrating.close(edit, request.match_info["calibration_id"], wanted.version)
        await edit.session.flush()
        view = await _view(Reviews(edit.session), closed)
    return answer(view)


async def _view(stored: Reviews, one: Calibration) -> CalibrationView:
    reviews = await stored.of_calibration(one.id)
    submitted = sum(review.state == "submitted" for review in reviews)
    fields = CalibrationView.model_fields.keys() - {"submitted"}
    return CalibrationView.model_validate(
        {name: getattr(one, name) for name in fields} | {"submitted": submitted}
    )
