"""The rights to recordings by queue, as administrators give them."""

from aiohttp import web

from crm.errors import InvalidField, UnknownRecord
from cti_server.store.agents import Agents
from cti_server.store.api_keys import ApiKeys
from cti_server.store.recording_rights import RecordingRight, RecordingRights
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.recordings import RecordingRightEdit, RecordingRightView

from .editing import editing
from .parameters import VERSION, version_to_delete
from .parts import parts
from .permissions import PERMISSIONS
from .references import need_queues
from .routing import Routes, answer, answer_many, read

routes = Routes()

_READ, _MANAGE = ("users.read", "users.manage"), ("users.manage",)
_PATH = "/api/v1/recording-rights/{kind}/{holder}"
_FIELDS = {"listed": "list", "played": "play", "exported": "export"}
_RECORD = RecordingRight.__tablename__


@routes.add("GET", "/api/v1/recording-rights", needs=_READ, answers=RecordingRightView, many=True)
async def recording_rights(request: web.Request) -> web.Response:
    """Whose recordings are not of every queue."""
    async with parts(request).database.readers() as session:
        found = await RecordingRights(session).all()
    return answer_many([_view(one) for one in found])


@routes.add("PUT", _PATH, needs=_MANAGE, body=RecordingRightEdit, answers=RecordingRightView)
async def set_recording_right(request: web.Request) -> web.Response:
    """
    Say of which queues a role, a user or a key may list, play and export recordings.

    ``kind`` is "role", "user" or "key". What is said of a user counts instead of what their roles
    have.
    """
    wanted, holder = await read(request, RecordingRightEdit), _holder(request)
    here = parts(request)
    told = {name: getattr(wanted, field) for name, field in _FIELDS.items()}
    async with editing(request) as edit:
        await _need_holder(edit, request)
        stored = RecordingRights(edit.session)
        right = await stored.get(holder)
        for name, queues in told.items():
            before = None if right is None else getattr(right, name)
            need_queues(here, queues or (), _FIELDS[name], before=before or ())
        if right is None:
            right = RecordingRight(id=holder, created_at=edit.now, updated_at=edit.now)
            stored.add(right)
        else:
            check_version(right, wanted.version or 0)
        for name, queues in told.items():
            setattr(right, name, queues)
        right.updated_at = edit.now
        await edit.session.flush()
        edit.change.record(_RECORD, holder, "updated", fields=told)
    return answer(_view(right))


@routes.add("DELETE", _PATH, needs=_MANAGE, query=(VERSION,), status=204)
async def delete_recording_right(request: web.Request) -> web.Response:
    """Say nothing of them any more."""
    version, holder = version_to_delete(request), _holder(request)
    async with editing(request) as edit:
        right = await RecordingRights(edit.session).get(holder)
        if right is None:
            raise UnknownRecord(_RECORD, holder)
        check_version(right, version)
        await edit.session.delete(right)
        edit.change.record(_RECORD, holder, "deleted")
    return web.Response(status=204)


def _holder(request: web.Request) -> str:
    return f"{request.match_info['kind']}:{request.match_info['holder']}"


async def _need_holder(edit: Edit, request: web.Request) -> None:
    """Raises InvalidField and UnknownRecord."""
    kind, name = request.match_info["kind"], request.match_info["holder"]
    match kind:
        case "role":
            there = name in PERMISSIONS
        case "user":
            there = await Agents(edit.session).get(name) is not None
        case "key":
            there = await ApiKeys(edit.session).get(name) is not None
        case _:
            raise InvalidField("kind", 'must be "role", "user" or "key"')
    if not there:
        raise UnknownRecord(kind, name)


def _view(right: RecordingRight) -> RecordingRightView:
    return RecordingRightView(
        holder=right.id,
        version=right.version,
        list=right.listed,
        play=right.played,
        export=right.exported,
        updated_at=right.updated_at,
    )
