"""``GET /api/v1/stream``: one WebSocket a desktop, snapshot first, then deltas."""

import asyncio
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from acd.errors import UnknownAgent
from cti_server.wire.stream import Delta, Hello, Snapshot

from .desks import Desk
from .errors import AccessError
from .parts import Parts, parts
from .permissions import Identity
from .routing import Routes, bearer
from .views import agent_view

routes = Routes()

HELLO_WITHIN = 5.0  # s
HEARTBEAT = 15.0  # s between pings; a desktop that answers none is gone
REPLAYED_AT_ONCE = 1000
NOT_LOGGED_IN, BAD_MESSAGE, FELL_BEHIND = 4401, 4400, 4408  # close codes


@routes.add("GET", "/api/v1/stream", needs=None, status=101)
async def stream(request: web.Request) -> web.StreamResponse:
    """The desktop's event stream (WebSocket): say hello, get a snapshot, then deltas."""
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=64 * 1024)
    await socket.prepare(request)
    here = parts(request)
    try:
        hello = await _hello(socket)
        who = here.sessions.identify(hello.token or bearer(request), here.clock.now())
        who.need("floor.read" if hello.floor else "stream")
    except AccessError as error:
        await socket.close(code=NOT_LOGGED_IN, message=str(error).encode()[:120])
        return socket
    except (msgspec.MsgspecError, TimeoutError, ValueError) as error:
        await socket.close(code=BAD_MESSAGE, message=str(error).encode()[:120])
        return socket
    await _serve(socket, here, who, hello)
    return socket


async def _hello(socket: web.WebSocketResponse) -> Hello:
    message = await socket.receive(timeout=HELLO_WITHIN)
    if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
        raise ValueError("the first message must be a hello")
    return msgspec.json.decode(message.data, type=Hello)


async def _serve(socket: web.WebSocketResponse, here: Parts, who: Identity, hello: Hello) -> None:
    desk = Desk(who.agent_id, floor=hello.floor)
    here.desks.join(desk)
    try:
        joined_at = here.log.last_sequence
        snapshot = _snapshot(here, who)
        if hello.since is not None:
            await _replay(socket, here, desk, hello.since, joined_at)
        await socket.send_str(msgspec.json.encode(snapshot).decode())
        await _pump(socket, desk)
    except ConnectionError:
        pass  # the desktop went away; it will be back with a hello
    finally:
        here.desks.leave(desk)


def _snapshot(here: Parts, who: Identity) -> Snapshot:
    return Snapshot(
        sequence=here.log.last_sequence,
        agent=_agent(here, who.agent_id),
        contact=here.desks.pop_of(who.agent_id),
    )


def _agent(here: Parts, agent_id: str) -> dict[str, Any]:
    try:
        return agent_view(here.floor.agent(agent_id)).model_dump(mode="json")
    except UnknownAgent:
        return {"id": agent_id}  # somebody who has a desktop and no seat on the floor


async def _replay(
    socket: web.WebSocketResponse, here: Parts, desk: Desk, since: int, until: int
) -> None:
    """Everything that this desk missed after ``since``, up to ``until``, in order."""
    encode = msgspec.json.Encoder().encode
    while since < until:
        missed = await here.log.since(since, REPLAYED_AT_ONCE)
        if not missed:
            return
        for logged in missed:
            since = logged.sequence
            if since > until:
                return
            concerns = getattr(logged.event, "agent_id", None)
            if desk.floor or concerns == desk.agent_id:
                delta = Delta(sequence=since, at=logged.at, data=logged.event)
                await socket.send_str(encode(delta).decode())


async def _pump(socket: web.WebSocketResponse, desk: Desk) -> None:
    """Send what comes in until either side ends it."""
    sender = asyncio.create_task(_send(socket, desk))
    behind = asyncio.create_task(desk.fell_behind.wait())
    reader = asyncio.create_task(_drain(socket))
    tasks = {sender, behind, reader}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if behind in done:
            await socket.close(code=FELL_BEHIND, message=b"too slow; say hello again")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: web.WebSocketResponse, desk: Desk) -> None:
    while True:
        message = await desk.inbox.get()
        await socket.send_str(message.decode())
        desk.inbox.task_done()


async def _drain(socket: web.WebSocketResponse) -> None:
    """Nothing but hello is expected of a desktop yet; reading notices its end and its pongs."""
    async for _ in socket:
        pass
