"""The desktop's stream: snapshot, deltas in order, replay, and what a bad desktop gets."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from socket import SO_RCVBUF, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 - a desktop's is called socket here
from typing import Any

import pytest
import websockets
from aiohttp import ClientWebSocketResponse
from hypothesis import given
from hypothesis import strategies as st

from acd.model import ContactId, Offer, Outcome, WaitingContact
from crm.pop import Pop
from cti_server.api.desks import INBOX, Desk, Desks
from cti_server.api.incoming import FRAMES
from cti_server.clock import SystemClock
from cti_server.store.agents import Agent, Agents
from cti_server.store.errors import EventsUnavailable
from cti_server.wire.events import (
    AccessRefused,
    AgentNudged,
    AgentStateChanged,
    CallArrived,
    Logged,
    OfferEnded,
    OfferMade,
    ServerStarted,
)
from cti_server.wire.stream import ScreenPop

from .asking import Asking, asking
from .conftest import Centre

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def pop_for(interaction_id: str) -> ScreenPop:
    return ScreenPop(
        interaction_id=interaction_id,
        contact_id="k1",
        queue="sales",
        caller_number="13800138000",
        dialled_number="1000",
        language="zh",
        waiting_seconds=3.0,
        menu_path=["welcome", "main"],
        attributes={"account": "12345678"},
        expires_at=NINE,
        customer=Pop(match="none"),
    )


class Ringing:
    """Presents each offer at once, as a call with an instant look-up does."""

    def __init__(self, desks: Desks) -> None:
        self.desks = desks
        self.offers: list[Offer] = []

    def offered(self, offer: Offer) -> None:
        self.offers.append(offer)
        self.desks.present(offer.agent_id, pop_for(offer.id))

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        self.offers.remove(offer)


async def connect(centre: Centre, agent_id: str, **hello: Any) -> ClientWebSocketResponse:
    token = await centre.token(agent_id)
    socket = await centre.client.ws_connect("/api/v1/stream")
    await socket.send_json({"type": "hello", "token": token, **hello})
    return socket


async def receive(socket: ClientWebSocketResponse) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await socket.receive_str(timeout=5))
    return message


async def test_the_stream_begins_with_a_snapshot_and_goes_on_with_deltas(centre: Centre) -> None:
    socket = await connect(centre, "li")

    snapshot = await receive(socket)
    centre.parts.floor.set_ready("li")
    delta = await receive(socket)

    assert (snapshot["type"], snapshot["agent"]["state"]) == ("snapshot", "not_ready")
    assert delta["type"] == "delta"
    assert delta["sequence"] == snapshot["sequence"] + 1
    assert (delta["data"]["event"], delta["data"]["state"]) == ("agent.state_changed", "ready")


async def test_what_happens_together_comes_in_one_frame_in_order_if_the_hello_wishes_it(
    centre: Centre,
) -> None:
    await centre.token("li")
    socket = await connect(centre, "zhao", floor=True, together=True)
    snapshot = await receive(socket)
    for _ in range(3):
        centre.parts.floor.set_ready("li")
        centre.parts.floor.set_not_ready("li", "lunch")

    told = json.loads(await socket.receive_str(timeout=30))

    states = [one["data"]["state"] for one in told]
    assert states == 3 * ["ready", "not_ready"]
    first = snapshot["sequence"] + 1
    assert [one["sequence"] for one in told] == list(range(first, first + 6))


async def test_an_offer_comes_with_the_record_and_before_what_follows_it(centre: Centre) -> None:
    centre.parts.floor.offers = Ringing(centre.parts.desks)
    socket = await connect(centre, "li")
    await receive(socket)
    centre.parts.floor.set_ready("li")
    await receive(socket)

    centre.parts.floor.enqueue(WaitingContact(ContactId("k1"), "sales", NINE))
    first, second = await receive(socket), await receive(socket)

    assert first["data"]["event"] == "contact.offered"
    assert first["pop"]["menu_path"] == ["welcome", "main"]
    assert first["pop"]["attributes"] == {"account": "12345678"}
    assert second["data"]["state"] == "ringing"
    assert first["sequence"] < second["sequence"]


async def test_a_desktop_that_comes_back_sees_the_offer_on_its_screen(centre: Centre) -> None:
    centre.parts.floor.offers = Ringing(centre.parts.desks)
    await centre.token("li")
    centre.parts.floor.set_ready("li")
    centre.parts.floor.enqueue(WaitingContact(ContactId("k1"), "sales", NINE))

    snapshot = await receive(await connect(centre, "li"))

    assert snapshot["agent"]["state"] == "ringing"
    assert snapshot["contact"]["contact_id"] == "k1"


async def test_whoever_was_away_gets_everything_since_then_in_order(centre: Centre) -> None:
    first = await connect(centre, "li")
    seen = (await receive(first))["sequence"]
    await first.close()
    for _ in range(3):
        centre.parts.floor.set_ready("li")
        centre.parts.floor.set_not_ready("li")

    socket = await connect(centre, "li", since=seen)
    missed = [await receive(socket) for _ in range(6)]
    snapshot = await receive(socket)

    assert [each["data"]["state"] for each in missed] == ["ready", "not_ready"] * 3
    assert [each["sequence"] for each in missed] == list(range(seen + 1, seen + 7))
    log_in = 1  # which no desktop is told of
    assert (snapshot["type"], snapshot["sequence"]) == ("snapshot", seen + 6 + log_in)


async def test_an_agent_hears_nothing_of_others_and_a_supervisor_of_all(centre: Centre) -> None:
    agent = await connect(centre, "li")
    supervisor = await connect(centre, "zhao", floor=True)
    await receive(agent)
    await receive(supervisor)
    await centre.token("wang")

    centre.parts.floor.set_ready("wang")
    centre.parts.floor.set_ready("li")

    assert (await receive(agent))["data"]["agent_id"] == "li"
    heard = [(await receive(supervisor))["data"]["agent_id"] for _ in range(3)]
    assert heard == ["wang", "wang", "li"]


async def test_a_teams_supervisor_hears_of_their_agents_and_of_nobody_elses_callers(
    centre: Centre,
) -> None:
    """huang is of the north, as chen is; lin is of the south, li of no team."""
    log = centre.parts.log
    north = await connect(centre, "huang", floor=True)
    there = {one["id"] for one in (await receive(north))["agents"]}
    before = log.last_sequence
    for agent in ("lin", "chen"):
        log.append(AgentNudged(agent_id=agent, supervisor_id="zhao", text=f"To {agent}."))
    log.append(
        CallArrived(
            call_id="c1", contact_id="k1", sip_call_id="s", trunk="t",
            caller_number="13800138000", dialled_number="1000",
        )
    )  # fmt: skip
    centre.parts.floor.log_in("li")
    await log.stored()
    heard = [(await receive(north))["data"] for _ in range(2)]
    anew = await connect(centre, "huang", floor=True, since=before)
    replayed = [(await receive(anew))["data"] for _ in range(2)]

    assert [(each["event"], each["agent_id"]) for each in heard] == [
        ("agent.nudged", "chen"),
        ("agent.state_changed", "li"),
    ]
    assert replayed == heard
    assert {"li", "chen"} <= there
    assert "lin" not in there
    everybody = (await asking(centre, "huang")("GET", "agents")).body
    assert {one["id"] for one in everybody} == there


async def test_a_bad_hello_closes_the_stream_and_says_why(centre: Centre) -> None:
    bad: list[tuple[str, int]] = [
        ("no json", 4400),
        ('{"type": "hello", "since": -1}', 4400),
        ('{"type": "hello", "colour": 1}', 4400),
        ('{"type": "hello", "token": "forged"}', 4401),
        ('{"type": "hello"}', 4401),
        (json.dumps({"type": "hello", "token": await centre.token("li"), "floor": True}), 4401),
    ]
    for text, code in bad:
        socket = await centre.client.ws_connect("/api/v1/stream")
        await socket.send_str(text)
        await socket.receive(timeout=5)
        assert socket.close_code == code, text


def test_a_desk_that_does_not_read_falls_behind_and_is_told_to_go() -> None:
    listeners: list[Any] = []
    desks = Desks(listeners.append, lambda _: None)
    desk = Desk("li", floor=False)
    desks.join(desk)
    for number in range(INBOX + 1):
        event = AgentStateChanged(agent_id="li", state="ready", since=NINE)
        listeners[0](Logged(number, NINE, event))

    assert desk.fell_behind.is_set()
    desks.leave(desk)
    assert desks.connected == 0


def test_what_follows_an_offer_waits_for_the_record_but_not_for_ever() -> None:
    listeners: list[Any] = []
    desks = Desks(listeners.append, lambda _: None)
    desk = Desk("li", floor=False)
    desks.join(desk)
    made = OfferMade(
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
        expires_at=NINE + timedelta(seconds=20),
    )
    ended = OfferEnded(contact_id="k1", interaction_id="i1", agent_id="li", outcome="withdrawn")

    listeners[0](Logged(1, NINE, made))
    listeners[0](Logged(2, NINE, AgentStateChanged(agent_id="li", state="ringing", since=NINE)))
    assert desk.inbox.empty()
    listeners[0](Logged(3, NINE, ended))
    desks.present("li", pop_for("i1"))

    sent = [json.loads(desk.inbox.get_nowait()) for _ in range(desk.inbox.qsize())]
    assert [each["sequence"] for each in sent] == [1, 2, 3]
    assert desks.pop_of("li") is None


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """The code with which the server ends the stream, whatever it says before."""
    async with asyncio.timeout(30):
        async for _ in socket:
            pass
    return socket.close_code


def offer_to(agent_id: str, interaction_id: str = "i1") -> OfferMade:
    return OfferMade(
        contact_id="k1",
        interaction_id=interaction_id,
        agent_id=agent_id,
        queue="sales",
        expires_at=NINE,
    )


async def test_who_comes_back_before_the_record_is_there_sees_the_offer_after_all(
    centre: Centre,
) -> None:
    parts = centre.parts
    socket = await connect(centre, "li")
    before = (await receive(socket))["sequence"]
    await socket.close()
    made = parts.log.append(offer_to("li"))
    parts.log.append(AgentStateChanged(agent_id="li", state="ringing", since=NINE))

    socket = await connect(centre, "li", since=before)
    got = [await receive(socket)]
    parts.desks.present("li", pop_for("i1"))
    got += [await receive(socket), await receive(socket)]

    assert [each["type"] for each in got] == ["snapshot", "delta", "delta"]
    assert [each["sequence"] for each in got] == [
        made.sequence - 1,
        made.sequence,
        made.sequence + 1,
    ]
    assert got[0]["contact"] is None
    assert got[1]["pop"]["interaction_id"] == "i1"


async def test_the_floor_hears_an_offer_at_once_and_without_the_record(centre: Centre) -> None:
    supervisor = await connect(centre, "zhao", floor=True)
    snapshot = await receive(supervisor)
    await centre.token("li")
    logged_in = await receive(supervisor)

    centre.parts.log.append(offer_to("li"))
    centre.parts.log.append(ServerStarted(version="1"))
    centre.parts.desks.present("li", pop_for("i1"))
    centre.parts.log.append(AgentStateChanged(agent_id="li", state="ringing", since=NINE))
    heard = [await receive(supervisor) for _ in range(3)]

    assert [each["data"]["event"] for each in heard] == [
        "contact.offered",
        "server.started",
        "agent.state_changed",
    ]
    sequences = [each["sequence"] for each in (snapshot, logged_in, *heard)]
    assert sequences == sorted(set(sequences))
    assert heard[0]["pop"] is None


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["made", "ended", "present"]), st.sampled_from("ab")),
        st.tuples(st.sampled_from(["state", "own", "floor", "server"]), st.just("")),
    ),
    max_size=30,
)


@given(EVENTS)
def test_whatever_happens_numbers_only_grow_and_nothing_is_missing(
    steps: list[tuple[str, str]],
) -> None:
    listeners: list[Any] = []
    desks = Desks(listeners.append, lambda _: None)
    joined: list[tuple[Desk, int, int]] = []  # the snapshot's number, and the log's
    theirs: list[int] = []  # numbers of the agent's events
    newest = 0
    for step, name in [*steps, ("ended", "a"), ("ended", "b")]:
        match step:
            case "own" | "floor":
                desk = Desk("li", floor=step == "floor")
                joined.append((desk, desks.told(desk, newest), newest))
                desks.join(desk)
                continue
            case "present":
                desks.present("li", pop_for(name))
                continue
            case "made":
                event: Any = offer_to("li", name)
            case "ended":
                event = OfferEnded(
                    contact_id="k1", interaction_id=name, agent_id="li", outcome="withdrawn"
                )
            case "state":
                event = AgentStateChanged(agent_id="li", state="ringing", since=NINE)
            case _:
                event = ServerStarted(version="1")
        newest += 1
        if step != "server":
            theirs.append(newest)
        listeners[0](Logged(newest, NINE, event))

    for desk, told, at in joined:
        sent = [json.loads(desk.inbox.get_nowait()) for _ in range(desk.inbox.qsize())]
        numbers = [each["sequence"] for each in sent]
        wanted = range(at + 1, newest + 1) if desk.floor else [n for n in theirs if n > told]
        assert numbers == list(wanted)


async def test_a_stream_whose_past_is_not_to_be_had_is_closed_with_advice(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(since: int, limit: int) -> list[Logged]:
        raise EventsUnavailable(since)

    monkeypatch.setattr(centre.parts.log, "since", away)
    await centre.token("li")

    assert await closed(await connect(centre, "li", since=0)) == 4503
    socket = await connect(centre, "li")
    assert (await receive(socket))["type"] == "snapshot"


async def test_closing_a_session_closes_its_stream_and_no_other(centre: Centre) -> None:
    headers = await centre.headers("li")
    socket = await centre.client.ws_connect("/api/v1/stream", headers=headers)
    await socket.send_json({"type": "hello"})
    other = await connect(centre, "li")
    await receive(socket)
    await receive(other)

    await centre.client.delete("/api/v1/sessions/current", headers=headers)

    assert await closed(socket) == 4401
    assert (await receive(other))["data"]["state"] == "logged_out"
    assert not other.closed


async def test_a_stream_ends_when_its_session_expires(centre: Centre) -> None:
    parts = centre.parts
    token, *_ = parts.sessions.open("li", parts.clock.now() - timedelta(minutes=59, seconds=58))
    socket = await centre.client.ws_connect("/api/v1/stream")
    await socket.send_json({"type": "hello", "token": token})

    assert (await receive(socket))["type"] == "snapshot"
    assert await closed(socket) == 4401


async def test_a_stream_goes_on_when_its_session_is_renewed(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = centre.parts
    parts.floor.log_in("li")
    began = parts.clock.now() - timedelta(minutes=50)
    renewed, other = parts.sessions.open("li", began), parts.sessions.open("li", began)
    streams = []
    for token in (renewed.token, other.token):
        streams.append(await centre.client.ws_connect("/api/v1/stream"))
        await streams[-1].send_json({"type": "hello", "token": token})
        assert (await receive(streams[-1]))["type"] == "snapshot"

    answer = await Asking(centre, renewed.token)("POST", "sessions/current/renewal")
    later = parts.clock.now() + timedelta(minutes=30)
    monkeypatch.setattr(SystemClock, "now", lambda _: later)
    parts.sessions.recheck()

    assert answer.status == 200
    assert await closed(streams[1]) == 4401
    parts.floor.set_ready("li")
    assert (await receive(streams[0]))["data"]["state"] == "ready"


async def test_who_is_removed_or_demoted_loses_the_stream_and_others_keep_theirs(
    centre: Centre,
) -> None:
    removed, kept = await connect(centre, "li"), await connect(centre, "wang")
    demoted = await connect(centre, "zhao", floor=True)
    for socket in (removed, kept, demoted):
        await receive(socket)
    async with centre.parts.database.sessions.begin() as session:
        await Agents(session).remove("li")
        (await session.get_one(Agent, "zhao")).roles = ["agent"]

    await centre.definitions.reload()

    assert (await closed(removed), await closed(demoted)) == (4401, 4401)
    centre.parts.floor.set_ready("wang")
    assert (await receive(kept))["data"]["state"] == "ready"


async def test_a_hello_of_more_than_four_kibibytes_closes_the_stream(centre: Centre) -> None:
    socket = await centre.client.ws_connect("/api/v1/stream")
    await socket.send_json({"type": "hello", "token": "x" * 5000})

    assert await closed(socket) == 1009


@pytest.mark.parametrize("kind", ["text", "ping"])
async def test_a_desktop_that_floods_is_closed(centre: Centre, kind: str) -> None:
    socket = await connect(centre, "li")
    await receive(socket)

    for _ in range(FRAMES):
        await (socket.send_str("x") if kind == "text" else socket.ping())

    assert await closed(socket) == 4429
    assert centre.parts.desks.connected == 0


async def test_a_desktop_that_never_reads_is_cut_off(centre: Centre) -> None:
    token = await centre.token("zhao")
    lines = [
        "GET /api/v1/stream HTTP/1.1",
        "Host: hotline",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    hello = json.dumps({"type": "hello", "token": token, "floor": True}).encode()
    frame = b"\x81\xfe" + len(hello).to_bytes(2, "big") + bytes(4) + hello  # masked with zeros
    loop = asyncio.get_running_loop()
    with Socket() as deaf:
        deaf.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, (centre.client.host, centre.client.port))
        await loop.sock_sendall(deaf, "\r\n".join([*lines, "", ""]).encode() + frame)
        await loop.sock_recv(deaf, 64)
        async with asyncio.timeout(60):
            await until(lambda: centre.parts.desks.connected == 1)
            handler = centre.client.server.handler
            assert handler is not None
            transport = handler.connections[-1].transport
            assert isinstance(transport, asyncio.WriteTransport)
            while centre.parts.desks.connected:
                for _ in range(INBOX // 4):
                    event = AgentStateChanged(agent_id="li", state="ready", since=NINE)
                    centre.parts.log.append(event)
                await loop.run_in_executor(None, int)  # lets the sockets have a turn
            await until(lambda: not transport.get_write_buffer_size())
            assert transport.is_closing()


async def until(true: Callable[[], bool]) -> None:
    """Turns the loop until it is so."""
    while not true():
        await asyncio.get_running_loop().run_in_executor(None, int)


async def test_a_few_messages_do_no_harm_and_pings_are_answered(centre: Centre) -> None:
    url = str(centre.client.make_url("/api/v1/stream")).replace("http://", "ws://")
    hello = json.dumps({"type": "hello", "token": await centre.token("li")})
    async with websockets.connect(url, compression=None) as socket, asyncio.timeout(30):
        await (await socket.ping())
        await socket.send(hello)
        await socket.recv()
        await socket.send("something from a newer desktop")
        await (await socket.ping())
        centre.parts.floor.set_ready("li")
        assert json.loads(await socket.recv())["data"]["state"] == "ready"


async def test_a_client_of_another_make_understands_the_stream(centre: Centre) -> None:
    token = await centre.token("li")
    url = str(centre.client.make_url("/api/v1/stream")).replace("http://", "ws://")

    async with websockets.connect(url, compression=None) as socket:
        await socket.send(json.dumps({"type": "hello", "token": token}))
        snapshot = json.loads(await socket.recv())
        centre.parts.floor.set_ready("li")
        delta = json.loads(await socket.recv())

    assert (snapshot["type"], snapshot["agent"]["id"]) == ("snapshot", "li")
    assert (delta["sequence"], delta["data"]["state"]) == (snapshot["sequence"] + 1, "ready")


async def test_who_may_watch_the_channels_is_shown_them_and_others_are_sent_away(
    centre: Centre,
) -> None:
    socket = await connect(centre, "zhao", channels=True)
    assert (await receive(socket))["type"] == "snapshot"
    assert await receive(socket) == {"type": "channels", "channels": {}, "levels": {}}
    await socket.close()

    for who, wish in (("li", {}), ("sun", {"figures": True}), ("sun", {"desk": "a-desk-of-sun"})):
        assert await closed(await connect(centre, who, channels=True, **wish)) == 4401
    refusals = [
        (told.event.refused, told.event.permission, told.event.route)
        for told in await centre.parts.log.since(0, 1000)
        if isinstance(told.event, AccessRefused)
    ]
    assert refusals == [("li", "channels.watch", "GET /api/v1/stream")]
    for wish in ({}, {"floor": True}):  # an administrator, who has no desktop
        watching = await connect(centre, "sun", channels=True, **wish)
        assert (await receive(watching))["type"] == "snapshot"
        assert (await receive(watching))["type"] == "channels"
        await watching.close()


async def test_who_is_to_see_other_channels_than_before_says_hello_again(centre: Centre) -> None:
    moved = await connect(centre, "huang", channels=True)
    kept = await connect(centre, "zhao", channels=True)
    for socket in (moved, kept):
        assert [(await receive(socket))["type"] for _ in range(2)] == ["snapshot", "channels"]
    async with centre.parts.database.sessions.begin() as session:
        (await session.get_one(Agent, "huang")).team = "south"

    await centre.definitions.reload()

    assert await closed(moved) == 4408
    centre.parts.floor.set_ready("zhao")
    assert (await receive(kept))["data"]["state"] == "ready"


async def test_who_asks_is_told_how_long_the_streams_round_trip_takes(centre: Centre) -> None:
    told, untold = await connect(centre, "li", pulse=True), await connect(centre, "wang")
    assert (await receive(told))["type"] == (await receive(untold))["type"] == "snapshot"

    pulse = await receive(told)
    centre.parts.floor.set_ready("wang")

    assert pulse["type"] == "pulse"
    assert pulse["round_trip_ms"] > 0
    assert (await receive(untold))["type"] == "delta"
