"""Reviews: assigned, filled in, answered by who was judged, and settled."""

from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import ColumnElement

from crm.errors import InvalidField, UnknownRecord
from crm.timeline import Place
from cti_server.quality import calibrating, reviewing
from cti_server.quality.reviewers import need_able
from cti_server.store.agents import Agents
from cti_server.store.recordings import Recording, Recordings
from cti_server.store.reviews import Review, Reviews, seen_by
from cti_server.store.scorecards import Scorecards
from cti_server.tickets.edit import Edit
from cti_server.wire.reviews import (
    ReviewAssigned,
    ReviewCreate,
    ReviewDraft,
    ReviewPage,
    ReviewSaid,
    ReviewSettled,
    ReviewStepWanted,
    ReviewView,
)

from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import named
from .parts import identity, parts
from .permissions import Identity
from .quality_plans import REVIEWING
from .quality_scorecards import READERS
from .quality_views import answer_of, row, view
from .recording_access import seen_by as recordings_seen_by
from .routing import Query, Routes, answer, read

routes = Routes()

_FILTERS = (
    *("state", "agent_id", "reviewer_id", "queue", "recording_id"),
    *("scorecard_id", "plan_id", "calibration_id"),
)
_REVIEW = "/api/v1/quality/reviews/{review_id}"


@routes.add(
    "GET",
    "/api/v1/quality/reviews",
    needs=READERS,
    answers=ReviewPage,
    query=(*PAGING, *(Query(name) for name in _FILTERS)),
)
async def list_reviews(request: web.Request) -> web.Response:
    """Those that one may see, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    only = {name: named(request, name) for name in _FILTERS}
    async with parts(request).database.readers() as session:
        found = await Reviews(session).page(
            most + 1, Place(*place) if place else None, _seen(identity(request)), **only
        )
    page = found[:most]
    more = cursor(page[-1].created_at, page[-1].id) if len(found) > most else None
    return answer(ReviewPage(items=[row(one) for one in page], next=more))


@routes.add("GET", _REVIEW, needs=READERS, answers=ReviewView)
async def get_review(request: web.Request) -> web.Response:
    """One review, with its answers and what became of it."""
    async with parts(request).database.readers() as session:
        review_id = request.match_info["review_id"]
        found = await Reviews(session).get(review_id, _seen(identity(request)))
        if found is None:
            raise UnknownRecord("review", review_id)
        shown = await view(Reviews(session), Scorecards(session), found)
    return answer(shown)


@routes.add(
    "POST",
    "/api/v1/quality/reviews",
    needs=("quality.review",),
    body=ReviewCreate,
    answers=ReviewView,
    status=201,
)
async def create_review(request: web.Request) -> web.Response:
    """Have a recording reviewed that no plan has chosen."""
    wanted, who = await read(request, ReviewCreate), identity(request)
    reviewer_id = wanted.reviewer_id or who.agent_id
    if reviewer_id != who.agent_id:
        who.need("quality.manage")
    async with editing(request) as edit:
        recording = await need_recording(edit, who, wanted.recording_id, "recording_id")
        number = await reviewing.active_version(edit, wanted.scorecard_id, "scorecard_id")
        await _check_reviewer(edit, recording, reviewer_id)
        review = await reviewing.make(
            edit,
            recording,
            reviewer_id,
            scorecard=(wanted.scorecard_id, number),
            due_at=edit.now + timedelta(days=wanted.days),
        )
        shown = await _answered(edit, review)
    return answer(shown, 201)


@routes.add(
    "PUT", f"{_REVIEW}/answers", needs=("quality.review",), body=ReviewDraft, answers=ReviewView
)
async def save_answers(request: web.Request) -> web.Response:
    """What the reviewer has answered so far."""
    wanted = await read(request, ReviewDraft)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        answers = [answer_of(one) for one in wanted.answers]
        await reviewing.save(edit, review, wanted.version, answers, wanted.comment)
        shown = await _answered(edit, review)
    return answer(shown)


@routes.add(
    "POST",
    f"{_REVIEW}/submit",
    needs=("quality.review",),
    body=ReviewStepWanted,
    answers=ReviewView,
)
async def submit_review(request: web.Request) -> web.Response:
    """All is answered: the score stands, and the agent hears of it."""
    wanted = await read(request, ReviewStepWanted)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        await reviewing.submit(edit, review, wanted.version)
        await calibrating.close_if_all_submitted(edit, review)
        shown = await _answered(edit, review)
    return answer(shown)


@routes.add(
    "POST",
    f"{_REVIEW}/acknowledge",
    needs=("quality.own",),
    body=ReviewStepWanted,
    answers=ReviewView,
)
async def acknowledge_review(request: web.Request) -> web.Response:
    """Take note of one's own review."""
    wanted = await read(request, ReviewStepWanted)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        await reviewing.reply(edit, review, wanted.version, "acknowledge", None)
        shown = await _answered(edit, review)
    return answer(shown)


@routes.add(
    "POST", f"{_REVIEW}/object", needs=("quality.own",), body=ReviewSaid, answers=ReviewView
)
async def object_to_review(request: web.Request) -> web.Response:
    """Say what is wrong with one's own review: somebody else than the reviewer settles it."""
    wanted = await read(request, ReviewSaid)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        await reviewing.reply(edit, review, wanted.version, "object", wanted.text)
        shown = await _answered(edit, review)
    return answer(shown)


@routes.add(
    "POST",
    f"{_REVIEW}/settle",
    needs=("quality.manage",),
    body=ReviewSettled,
    answers=ReviewView,
)
async def settle_review(request: web.Request) -> web.Response:
    """Decide on the agent's objection, with other answers or without."""
    wanted = await read(request, ReviewSettled)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        answers = None if wanted.answers is None else [answer_of(one) for one in wanted.answers]
        await reviewing.settle(edit, review, wanted.version, wanted.text, answers)
        shown = await _answered(edit, review)
    return answer(shown)


@routes.add(
    "POST",
    f"{_REVIEW}/assign",
    needs=("quality.manage",),
    body=ReviewAssigned,
    answers=ReviewView,
)
async def assign_review(request: web.Request) -> web.Response:
    """Have somebody else fill it in, from the beginning."""
    wanted, who = await read(request, ReviewAssigned), identity(request)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        recording = await need_recording(edit, who, review.recording_id, "recording_id")
        await _check_reviewer(edit, recording, wanted.reviewer_id)
        await reviewing.assign(edit, review, wanted.version, wanted.reviewer_id)
        shown = await _answered(edit, review)
    return answer(shown)


@routes.add(
    "POST",
    f"{_REVIEW}/withdraw",
    needs=("quality.manage",),
    body=ReviewSaid,
    answers=ReviewView,
)
async def withdraw_review(request: web.Request) -> web.Response:
    """It is not to be done; the recording can be given to somebody anew."""
    wanted = await read(request, ReviewSaid)
    async with editing(request) as edit:
        review = await _locked(request, edit)
        await reviewing.withdraw(edit, review, wanted.version, wanted.text)
        shown = await _answered(edit, review)
    return answer(shown)


async def need_recording(edit: Edit, who: Identity, recording_id: str, field: str) -> Recording:
    """One that whoever asks may list. Raises InvalidField."""
    seen = await recordings_seen_by(edit.session, who)
    found = await Recordings(edit.session).get(recording_id, seen)
    if found is None:
        raise InvalidField(field, f"there is no recording {recording_id!r}")
    return found


async def _check_reviewer(edit: Edit, recording: Recording, reviewer_id: str) -> None:
    """Raises InvalidField."""
    [reviewer] = await need_able(edit.session, [reviewer_id], REVIEWING, "reviewer_id")
    agent = await Agents(edit.session).get(recording.agent_id)
    candidate = await reviewing.candidate_of(edit, recording, agent.team if agent else None)
    reviewing.check_judges(reviewer, candidate, "reviewer_id")


async def _locked(request: web.Request, edit: Edit) -> Review:
    """The review of the path, to be changed. Raises UnknownRecord."""
    review_id = request.match_info["review_id"]
    found = await Reviews(edit.session).get(review_id, _seen(identity(request)), locked=True)
    if found is None:
        raise UnknownRecord("review", review_id)
    return found


def _seen(who: Identity) -> ColumnElement[bool]:
    return seen_by(who.agent_id, who.teams, reads=who.may("quality.read"))


async def _answered(edit: Edit, review: Review) -> ReviewView:
    await edit.session.flush()
    return await view(Reviews(edit.session), Scorecards(edit.session), review)
