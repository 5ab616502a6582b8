"""
``GET /api/v1/stream``: one WebSocket a desktop, snapshot first, then deltas.

It lasts no longer than the session, and closes with a code of :class:`Closing` that says what a
desktop should do next.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec
import structlog
from aiohttp import WSCloseCode, web

from acd.errors import UnknownAgent
from cti_server.floor.fitness import PING_EVERY
from cti_server.store.database import UNAVAILABLE
from cti_server.store.errors import EventsUnavailable
from cti_server.wire.events import Logged
from cti_server.wire.stream import Delta, Hello, Pulse, Snapshot

from . import screens
from .agent_views import agent_now, agents_now
from .desks import Desk
from .errors import AccessError
from .incoming import Closing, Incoming, Left
from .parts import Parts, parts
from .permissions import Identity
from .routing import Routes, bearer, tell_refused
from .signalling import Signalling
from .sockets import close, until_the_first_ends
from .watched import Watched, needed

log = structlog.get_logger()
routes = Routes()

HELLO_WITHIN = 5.0  # s
HEARTBEAT = 15.0  # s between pings; a desktop that answers none is gone
LARGEST_HELLO = 4 * 1024  # bytes; with its token it has some 300
LARGEST_MESSAGE = 16 * 1024  # bytes; a browser's session description has 2 to 6 KiB
REPLAYED_AT_ONCE = 1000
GATHERED_FOR = 0.1  # s in which what is told goes in one frame, for a hello that says together
REPLACED, BAD_MESSAGE, NOT_LOGGED_IN, FELL_BEHIND = 4000, 4400, 4401, 4408
EVENTS_UNAVAILABLE = 4503


@routes.add("GET", "/api/v1/stream", needs=None, status=101)
async def stream(request: web.Request) -> web.StreamResponse:
    """The desktop's event stream (WebSocket): say hello, get a snapshot, then deltas."""
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE, autoping=False
    )
    await socket.prepare(request)
    here, incoming = parts(request), Incoming(socket)
    try:
        hello = await _hello(incoming)
        who = _entitled(request, hello.token or bearer(request), needed(hello))
        await _serve(socket, incoming, here, who, hello)
    except Closing as closing:
        await close(request, socket, closing)
    except (Left, ConnectionError):
        log.debug("api.desktop_left")
    return socket


async def _hello(incoming: Incoming) -> Hello:
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            message = await incoming.next()
        if len(message.data) > LARGEST_HELLO:
            raise Closing(WSCloseCode.MESSAGE_TOO_BIG, "a hello is smaller")
        return msgspec.json.decode(message.data, type=Hello)
    except TimeoutError:
        raise Closing(BAD_MESSAGE, "no hello came") from None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Closing(BAD_MESSAGE, str(error)) from error


def _entitled(request: web.Request, token: str, needs: Sequence[str]) -> Identity:
    here = parts(request)
    try:
        who = here.sessions.identify(token, here.clock.now())
        for need in needs:
            if not who.may(need):
                tell_refused(request, "GET /api/v1/stream", who, need)
            who.need(need)
    except AccessError as error:
        raise Closing(NOT_LOGGED_IN, str(error)) from error
    return who


async def _serve(
    socket: web.WebSocketResponse, incoming: Incoming, here: Parts, who: Identity, hello: Hello
) -> None:
    """Until somebody ends it: raises Closing, Left or ConnectionError."""
    watched = Watched.by(here, who, hello)
    desk = Desk(
        who.agent_id,
        floor=hello.floor,
        wall=hello.wall,
        name=hello.desk or "",
        teams=watched.teams,
    )
    phone = Signalling(here, who, desk) if desk.name and not desk.floor else None
    if phone is not None:
        phone.plug_in()
    snapshot = _snapshot(here, desk, phone)  # in one step with joining, or an event is missed
    here.desks.join(desk)
    try:
        await until_the_first_ends(
            _wait_until_over(here, who, hello, watched),
            _wait_until_the_phone_is_another(here, who, phone),
            _wait_until_behind(desk),
            _wait_until_replaced(desk),
            _listen(incoming, phone),
            _ping(socket, incoming, phone, desk if hello.pulse else None),
            _send(socket, here, desk, hello, snapshot, watched),
        )
    finally:
        here.desks.leave(desk)
        watched.leave(here, desk.put)
        if phone is not None:
            await phone.unplug()


async def _wait_until_over(here: Parts, who: Identity, hello: Hello, watched: Watched) -> NoReturn:
    """The session expires, is closed, or its agent may not read this, or sees something else."""
    with here.sessions.watched(who.agent_id) as changed:
        while True:
            changed.clear()
            now = here.clock.now()
            try:
                present = here.sessions.confirm(who, now)
                for need in needed(hello):
                    present.need(need)
            except AccessError as error:
                raise Closing(NOT_LOGGED_IN, str(error)) from error
            if watched != Watched.by(here, present, hello):
                raise Closing(FELL_BEHIND, "something else is to be seen now; say hello again")
            try:
                async with asyncio.timeout((present.expires_at - now).total_seconds()):
                    await changed.wait()
            except TimeoutError:
                continue


async def _wait_until_the_phone_is_another(
    here: Parts, who: Identity, phone: Signalling | None
) -> NoReturn:
    """The definitions made the browser the agent's phone, or another phone instead of it."""
    before = phone is not None and phone.serves
    with here.sessions.watched(who.agent_id) as changed:
        while phone is None or phone.serves == before:
            changed.clear()
            await changed.wait()
    raise Closing(FELL_BEHIND, "the phone is another one now; say hello again")


async def _wait_until_behind(desk: Desk) -> NoReturn:
    await desk.fell_behind.wait()
    raise Closing(FELL_BEHIND, "too slow; say hello again")


async def _wait_until_replaced(desk: Desk) -> NoReturn:
    await desk.replaced.wait()
    raise Closing(REPLACED, "this desktop has another stream now")


async def _listen(incoming: Incoming, phone: Signalling | None) -> NoReturn:
    """
    Do what the desktop says, one thing after the other.

    Of one that is no phone nothing is expected; reading notices its end and its pongs.
    """
    while True:
        message = await incoming.next()
        if phone is not None:
            await phone.obey(message.data)


async def _ping(
    socket: web.WebSocketResponse,
    incoming: Incoming,
    phone: Signalling | None,
    told: Desk | None,
) -> NoReturn:
    """Measure the stream, for as long as it lasts; ``told``: the desk that wants to know."""
    pulse, loop = incoming.pulse, asyncio.get_running_loop()

    def tell() -> None:
        if phone is not None:
            phone.measured(pulse.health)

    def answered() -> None:
        tell()
        if told is not None and pulse.health.round_trip is not None:
            told.put(msgspec.json.encode(Pulse(round_trip_ms=pulse.health.round_trip * 1000)))

    incoming.on_pong = answered
    while True:
        await socket.ping(pulse.ping(loop.time()))
        tell()
        await asyncio.sleep(PING_EVERY)


async def _send(
    socket: web.WebSocketResponse,
    here: Parts,
    desk: Desk,
    hello: Hello,
    snapshot: Snapshot,
    watched: Watched,
) -> NoReturn:
    if hello.since is not None:
        await _replay(socket, here, desk, hello.since, snapshot.sequence)
    await socket.send_str(msgspec.json.encode(snapshot).decode())
    await watched.join(here, desk.put)
    while True:
        messages = [await desk.inbox.get()]
        if hello.together:
            await asyncio.sleep(GATHERED_FOR)
            while not desk.inbox.empty():
                messages.append(desk.inbox.get_nowait())
            await socket.send_str(f"[{b','.join(messages).decode()}]")
        else:
            await socket.send_str(messages[0].decode())
        for _ in messages:
            desk.inbox.task_done()


def _snapshot(here: Parts, desk: Desk, phone: Signalling | None) -> Snapshot:
    sequence = here.desks.told(desk, here.log.last_sequence)
    if desk.wall:
        return Snapshot(sequence=sequence, agent={"id": desk.agent_id})
    contacts = [] if desk.floor else screens.of_agent(here, desk.agent_id)
    return Snapshot(
        sequence=sequence,
        agent=_agent(here, desk.agent_id),
        agents=_floor(here, desk) if desk.floor else None,
        contact=None if desk.floor else screens.foremost(here, desk.agent_id),
        contacts=contacts,
        phone=phone.view() if phone is not None else None,
        talk=phone.talk() if phone is not None else None,
        messages=[] if desk.floor else here.unread.of(desk.agent_id),
    )


def _floor(here: Parts, desk: Desk) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in agents_now(here, desk.teams)]


def _agent(here: Parts, agent_id: str) -> dict[str, Any]:
    try:
        return agent_now(here, agent_id).model_dump(mode="json")
    except UnknownAgent:
        return {"id": agent_id}  # somebody who has a desktop and no seat on the floor


async def _replay(
    socket: web.WebSocketResponse, here: Parts, desk: Desk, since: int, until: int
) -> None:
    """Everything that this desk missed after ``since``, up to ``until``, in order."""
    encode = msgspec.json.Encoder().encode
    while since < until:
        missed = await _missed(here, since)
        if not missed:
            return
        for logged in missed:
            since = logged.sequence
            if since > until:
                return
            if here.desks.hears(desk, logged.event):
                delta = Delta(sequence=since, at=logged.at, data=logged.event)
                await socket.send_str(encode(delta).decode())


async def _missed(here: Parts, since: int) -> list[Logged]:
    try:
        return await here.log.since(since, REPLAYED_AT_ONCE)
    except (*UNAVAILABLE, EventsUnavailable) as error:
        log.warning("api.events_unavailable", since=since, reason=str(error))
        why = "events are unavailable; say hello without since"
        raise Closing(EVENTS_UNAVAILABLE, why) from error
