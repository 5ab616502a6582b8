"""What supervisors write to agents: sent whatever the agent does, listed, and read."""

from datetime import datetime

from aiohttp import web

from crm.errors import InvalidField
from cti_server.store.agent_messages import COACHING, NUDGE, AgentMessage, AgentMessages
from cti_server.wire.events import AgentMessageRead, AgentNudged
from cti_server.wire.supervision import AgentMessagePage, AgentMessageView, NudgeToSend

from .calls_in_sight import need_contact_known, need_in_sight
from .paging import PAGING, after, cursor, limit
from .parameters import flag
from .parts import Parts, caught_up, identity, parts
from .permissions import Identity
from .problems import BadRequest, NotFound
from .routing import Query, Routes, answer, read

routes = Routes()

SENDS = "calls.listen"


@routes.add(
    "POST",
    "/api/v1/agents/{agent_id}/nudges",
    needs=(SENDS,),
    body=NudgeToSend,
    answers=AgentMessageView,
    status=201,
)
async def send_nudge(request: web.Request) -> web.Response:
    """
    Write a line to an agent's screen: in a call, a chat, the wrap-up, or idle.

    The agent's stream tells it (``agent.nudged``, its ``sequence`` being the id); who is not there
    finds it in the next snapshot. That it was read is told to floors (``agent.message_read``).
    """
    line, here, who = await read(request, NudgeToSend), parts(request), identity(request)
    agent_id = request.match_info["agent_id"]
    here.floor.profile(agent_id)  # raises UnknownAgent
    need_in_sight(here, agent_id, who)
    if line.contact_id is not None:
        await _need_subject(here, line.contact_id, who)
    sent = here.log.append(
        AgentNudged(
            agent_id=agent_id,
            supervisor_id=who.agent_id,
            text=line.text,
            contact_id=line.contact_id,
        )
    )
    view = AgentMessageView(
        id=str(sent.sequence),
        kind="nudge",
        agent_id=agent_id,
        supervisor_id=who.agent_id,
        contact_id=line.contact_id,
        text=line.text,
        sent_at=sent.at,
        read_at=None,
    )
    return answer(view, 201)


@routes.add(
    "GET",
    "/api/v1/agents/{agent_id}/messages",
    needs=("contacts.own", SENDS),
    answers=AgentMessagePage,
    query=(
        *PAGING,
        Query("kind", description='"nudge" or "coaching"; both, where it is left out'),
        Query("unread", description='"true": those that were not read yet'),
    ),
)
async def messages(request: web.Request) -> web.Response:
    """What supervisors wrote to oneself (nudges, coaching) or, for supervisors, to an agent."""
    here, who = parts(request), identity(request)
    agent_id, kind = request.match_info["agent_id"], request.query.get("kind")
    if agent_id != who.agent_id:
        who.need(SENDS)
        need_in_sight(here, agent_id, who)
    if kind not in {None, NUDGE, COACHING}:
        raise BadRequest(f'kind: must be "{NUDGE}" or "{COACHING}"')
    most, place = limit(request), after(request, tuple[datetime, str])
    await caught_up(here)
    async with here.database.readers() as session:
        found = await AgentMessages(session).page(
            agent_id, most, before=place, kind=kind, unread=flag(request, "unread") is True
        )
    last = found[-1] if len(found) == most else None
    following = None if last is None else cursor(last.sent_at, last.id)
    return answer(AgentMessagePage(items=[_view(one) for one in found], next=following))


@routes.add(
    "POST",
    "/api/v1/agents/{agent_id}/messages/{message_id}/read",
    needs=("contacts.own",),
    status=204,
)
async def read_message(request: web.Request) -> web.Response:
    """The receipt, by the agent alone; said again, the first time stays."""
    here, who = parts(request), identity(request)
    agent_id, message_id = request.match_info["agent_id"], request.match_info["message_id"]
    await caught_up(here)
    async with here.database.readers() as session:
        found = await AgentMessages(session).get(message_id)
    if found is None or found.agent_id != agent_id or agent_id != who.agent_id:
        raise NotFound("message", message_id)
    if found.read_at is None:
        here.log.append(
            AgentMessageRead(
                agent_id=agent_id,
                supervisor_id=found.supervisor_id,
                message_id=message_id,
                kind=found.kind,
                contact_id=found.contact_id,
            )
        )
    return web.Response(status=204)


async def _need_subject(here: Parts, contact_id: str, who: Identity) -> None:
    """By the contact its text is found when the customer is forgotten. Raises InvalidField."""
    try:
        await need_contact_known(here, contact_id, who)
    except NotFound as error:
        raise InvalidField("contact_id", f"there is no contact {contact_id!r}") from error


def _view(message: AgentMessage) -> AgentMessageView:
    return AgentMessageView.model_validate(
        {
            "id": message.id,
            "kind": message.kind,
            "agent_id": message.agent_id,
            "supervisor_id": message.supervisor_id,
            "contact_id": message.contact_id,
            "text": message.text,
            "sent_at": message.sent_at,
            "read_at": message.read_at,
        }
    )
