"""Scorecards and the codes of errors: what reviews are made by."""

from aiohttp import web

from crm.quality.scorecards import Scorecard
from cti_server.store.scorecards import ErrorCode, ScorecardRecord, Scorecards, ScorecardVersion
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.scorecards import (
    ErrorCodeCreate,
    ErrorCodeEdit,
    ErrorCodeView,
    ScorecardCreate,
    ScorecardEdit,
    ScorecardVersionView,
    ScorecardView,
)

from .editing import editing
from .parameters import number_in_path
from .parts import parts
from .routing import Routes, answer, answer_many, read

routes = Routes()

READERS = ("quality.read", "quality.review", "quality.own")


@routes.add("GET", "/api/v1/quality/scorecards", needs=READERS, answers=ScorecardView, many=True)
async def list_scorecards(request: web.Request) -> web.Response:
    """The scorecards, each with the version that new reviews are made by."""
    async with parts(request).database.readers() as session:
        stored = Scorecards(session)
        views = [
            _view(card, await stored.version(card.id, card.latest)) for card in await stored.all()
        ]
    return answer_many(views)


@routes.add(
    "POST",
    "/api/v1/quality/scorecards",
    needs=("quality.manage",),
    body=ScorecardCreate,
    answers=ScorecardView,
    status=201,
)
async def create_scorecard(request: web.Request) -> web.Response:
    """Define a scorecard."""
    wanted = await read(request, ScorecardCreate)
    async with editing(request) as edit:
        await _check_errors(edit, wanted.definition)
        card = ScorecardRecord(
            id=wanted.id,
            labels=wanted.labels.model_dump(),
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(card)
        await edit.session.flush()
        version = _version(edit, card, wanted.definition)
        edit.change.record("scorecard", card.id, "created")
        await edit.session.flush()
    return answer(_view(card, version), 201)


@routes.add(
    "PATCH",
    "/api/v1/quality/scorecards/{scorecard_id}",
    needs=("quality.manage",),
    body=ScorecardEdit,
    answers=ScorecardView,
)
async def edit_scorecard(request: web.Request) -> web.Response:
    """Change a scorecard; reviews keep the version that they were made by."""
    wanted = await read(request, ScorecardEdit)
    async with editing(request) as edit:
        stored = Scorecards(edit.session)
        card = await stored.need(request.match_info["scorecard_id"], locked=True)
        check_version(card, wanted.version)
        if wanted.labels is not None:
            card.labels = wanted.labels.model_dump()
        if wanted.active is not None:
            card.active = wanted.active
        if wanted.definition is not None:
            await _check_errors(edit, wanted.definition)
            card.latest += 1
            version = _version(edit, card, wanted.definition)
        else:
            version = await stored.version(card.id, card.latest)
        card.updated_at = edit.now
        fields = wanted.model_fields_set - {"version"}
        edit.change.record("scorecard", card.id, "updated", fields=fields)
        await edit.session.flush()
    return answer(_view(card, version))


@routes.add(
    "GET",
    "/api/v1/quality/scorecards/{scorecard_id}/versions/{number}",
    needs=READERS,
    answers=ScorecardVersionView,
)
async def scorecard_version(request: web.Request) -> web.Response:
    """A scorecard as it was at that version."""
    number = number_in_path(request, "number", of="scorecard_version")
    async with parts(request).database.readers() as session:
        found = await Scorecards(session).version(request.match_info["scorecard_id"], number)
    return answer(
        ScorecardVersionView(
            scorecard_id=found.scorecard_id,
            number=found.number,
            definition=found.card,
            written_by=found.written_by,
            written_at=found.written_at,
        )
    )


@routes.add("GET", "/api/v1/quality/error-codes", needs=READERS, answers=ErrorCodeView, many=True)
async def list_error_codes(request: web.Request) -> web.Response:
    """The codes of all levels, in their order."""
    async with parts(request).database.readers() as session:
        return answer_many([_code_view(code) for code in await Scorecards(session).codes()])


@routes.add(
    "POST",
    "/api/v1/quality/error-codes",
    needs=("quality.manage",),
    body=ErrorCodeCreate,
    answers=ErrorCodeView,
    status=201,
)
async def create_error_code(request: web.Request) -> web.Response:
    """Add a code, or a group of codes."""
    wanted = await read(request, ErrorCodeCreate)
    async with editing(request) as edit:
        if wanted.parent_id is not None:
            (await Scorecards(edit.session).taxonomy()).check_parent(wanted.parent_id)
        code = ErrorCode(**wanted.model_dump(), created_at=edit.now, updated_at=edit.now)
        edit.session.add(code)
        edit.change.record("error_code", code.id, "created")
        await edit.session.flush()
    return answer(_code_view(code), 201)


@routes.add(
    "PATCH",
    "/api/v1/quality/error-codes/{code_id}",
    needs=("quality.manage",),
    body=ErrorCodeEdit,
    answers=ErrorCodeView,
)
async def edit_error_code(request: web.Request) -> web.Response:
    """Change a code's words and place, or take it out of use."""
    wanted = await read(request, ErrorCodeEdit)
    changes = wanted.model_dump(exclude={"version"}, exclude_none=True)
    async with editing(request) as edit:
        code = await Scorecards(edit.session).code(request.match_info["code_id"])
        check_version(code, wanted.version)
        for name, value in changes.items():
            setattr(code, name, value)
        code.updated_at = edit.now
        edit.change.record("error_code", code.id, "updated", fields=changes)
        await edit.session.flush()
    return answer(_code_view(code))


async def _check_errors(edit: Edit, card: Scorecard) -> None:
    """Raises InvalidField for codes that there are none of."""
    taxonomy = await Scorecards(edit.session).taxonomy()
    for place, (_, question) in enumerate(card.questions()):
        taxonomy.check_known(question.errors, f"definition.questions.{place}.errors")


def _version(edit: Edit, card: ScorecardRecord, definition: Scorecard) -> ScorecardVersion:
    version = ScorecardVersion(
        scorecard_id=card.id,
        number=card.latest,
        definition=definition.model_dump(mode="json"),
        written_by=edit.by,
        written_at=edit.now,
    )
    edit.session.add(version)
    return version


def _view(card: ScorecardRecord, version: ScorecardVersion) -> ScorecardView:
    return ScorecardView.model_validate(
        {
            "id": card.id,
            "version": card.version,
            "labels": card.labels,
            "active": card.active,
            "latest": card.latest,
            "definition": version.card,
            "updated_at": card.updated_at,
        }
    )


def _code_view(code: ErrorCode) -> ErrorCodeView:
    return ErrorCodeView.model_validate(
        {name: getattr(code, name) for name in ErrorCodeView.model_fields}
    )
