"""
The verbs of call control over REST: an agent acts on the own call, a supervisor on anybody's.

Each is ``POST /api/v1/contacts/{contact_id}/<verb>`` and answers with the call as it is then; what
takes time (somebody has to pick up) is told by the stream. A verb that makes no sense now is a 409
that names the state.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web
from pydantic import BaseModel

from cti_server.calls.call import Call
from cti_server.calls.control import CallControl
from cti_server.calls.read_out import ReadOuts
from cti_server.calls.recording_control import RecordingControl
from cti_server.calls.summons import Target, ToAgent, ToNumber, ToQueue
from cti_server.wire.calls import (
    CallPartyView,
    CallTarget,
    CallView,
    DigitsToSend,
    MaskToSet,
    WantedReadOut,
)

from .calls_in_sight import need_in_sight
from .parts import identity, parts
from .read_outs import begin_read_out
from .routing import Query, Routes, answer, read

routes = Routes()

NEEDS = ("contacts.own", "contacts.control")
ON_BEHALF = (Query("agent_id", description="whose part in the call; without it, one's own"),)


def _verb(name: str, does: str, act: Callable[[CallControl, str], None]) -> None:
    """A route for a verb that needs nothing but who acts."""

    async def handle(request: web.Request) -> web.Response:
        act(_control(request), actor(request))
        return answer(_view(request))

    handle.__name__, handle.__doc__ = f"{name}_call", does
    _add(name)(handle)


def _add(
    name: str, body: type[BaseModel] | None = None, *, way: str = "POST"
) -> Callable[
    [Callable[[web.Request], Awaitable[web.StreamResponse]]],
    Callable[[web.Request], Awaitable[web.StreamResponse]],
]:
    return routes.add(
        way,
        f"/api/v1/contacts/{{contact_id}}/{name}",
        needs=NEEDS,
        body=body,
        answers=CallView,
        query=ON_BEHALF,
    )


_verb("answer", "Pick up, where the phone is the browser.", CallControl.answer)
_verb("hold", "Put the others on hold.", CallControl.hold)
_verb("resume", "Take the others back.", CallControl.resume)
_verb("mute", "Say nothing any more.", lambda control, who: control.mute(who, on=True))
_verb("unmute", "Be heard again.", lambda control, who: control.mute(who, on=False))
_verb("complete", "Leave the customer to who was asked.", CallControl.complete)
_verb("swap", "Change between the adviser and the customer.", CallControl.swap)
_verb("conference", "Bring the adviser and the customer together.", CallControl.conference)
_verb("return", "Back to the customer, without who was asked.", CallControl.return_to_customer)
_verb("release", "Leave the call, or decline it while it rings.", CallControl.release)


@_add("digits", DigitsToSend)
async def send_digits(request: web.Request) -> web.Response:
    """Send keys to the customer and to experts outside."""
    keys = await read(request, DigitsToSend)
    _call(request).record_key.send_digits(
        actor(request), keys.digits, asked_by=identity(request).agent_id
    )
    return answer(_view(request))


@_add("transfer", CallTarget)
async def transfer_call(request: web.Request) -> web.Response:
    """Give the customer to a queue, an agent or a number, without a word."""
    target = _target(await read(request, CallTarget))
    _control(request).transfer(actor(request), target)
    return answer(_view(request))


@_add("consult", CallTarget)
async def consult(request: web.Request) -> web.Response:
    """Ask a queue's agent, an agent or a number, while the customer hears music."""
    target = _target(await read(request, CallTarget))
    _control(request).consult(actor(request), target)
    return answer(_view(request))


@_add("read-out", WantedReadOut)
async def read_out(request: web.Request) -> web.Response:
    """Have a text or rows of a query's result spoken to the customer, over the conversation."""
    wanted = await read(request, WantedReadOut)
    begin_read_out(parts(request), identity(request), actor(request), _call(request), wanted)
    return answer(_view(request))


@_add("read-out", way="DELETE")
async def stop_read_out(request: web.Request) -> web.Response:
    """Say no more of what is being read."""
    _read_outs(request).stop(actor(request))
    return answer(_view(request))


@_add("recording")
async def start_recording(request: web.Request) -> web.Response:
    """Record the conversation from now on, where the rules leave it to people."""
    _recording(request).start(actor(request), identity(request).agent_id)
    return answer(_view(request))


@_add("recording", way="DELETE")
async def stop_recording(request: web.Request) -> web.Response:
    """Record no more of it, where the rules leave it to people."""
    _recording(request).stop(actor(request))
    return answer(_view(request))


@_add("recording/mask", MaskToSet)
async def mask_recording(request: web.Request) -> web.Response:
    """Silence stands in recordings for what is said from now on; the call goes on."""
    wanted = await read(request, MaskToSet)
    _recording(request).mask(actor(request), identity(request).agent_id, wanted.reason)
    return answer(_view(request))


@_add("recording/mask", way="DELETE")
async def unmask_recording(request: web.Request) -> web.Response:
    """What is said from now on is recorded again."""
    _recording(request).unmask(actor(request), identity(request).agent_id)
    return answer(_view(request))


@routes.add(
    "GET", "/api/v1/contacts/{contact_id}/call", needs=NEEDS, answers=CallView, query=ON_BEHALF
)
async def running_call(request: web.Request) -> web.Response:
    """Who is in the call now, and what they do."""
    control = _control(request)
    if not identity(request).may("contacts.control"):
        control.state(identity(request).agent_id)  # raises NotInCall
    return answer(_view(request))


def _call(request: web.Request) -> Call:
    """Raises NoSuchCall."""
    return parts(request).switchboard.call_of(request.match_info["contact_id"])


def _control(request: web.Request) -> CallControl:
    return _call(request).control


def _read_outs(request: web.Request) -> ReadOuts:
    return _call(request).read_outs


def _recording(request: web.Request) -> RecordingControl:
    return _call(request).recording


def actor(request: web.Request) -> str:
    """Whose part in the call is acted on. Raises NotPermitted and UnknownAgent."""
    who = identity(request)
    agent_id = request.query.get("agent_id", who.agent_id)
    if agent_id != who.agent_id:
        who.need("contacts.control")
        parts(request).floor.profile(agent_id)
        need_in_sight(parts(request), agent_id, who)
    return agent_id


def _sees_listeners(request: web.Request) -> bool:
    """Agents learn that a supervisor listens only where the centre tells them."""
    return identity(request).may("calls.listen") or parts(request).tells_agents


def _target(body: CallTarget) -> Target:
    if body.queue is not None:
        return ToQueue(body.queue)
    if body.agent is not None:
        return ToAgent(body.agent)
    return ToNumber(body.number or "")


def _view(request: web.Request) -> CallView:
    contact_id = request.match_info["contact_id"]
    return CallView(
        contact_id=contact_id,
        parties=[
            CallPartyView(
                role=part.role,
                name=part.name,
                state=part.state,
                muted=part.muted,
                on_hold=part.on_hold,
                hears=part.hears,
            )
            for part in _control(request).parts(listeners=_sees_listeners(request))
        ],
        recording=_recording(request).state,
    )
