"""The desktop's stream: snapshot, deltas in order, replay, and what a bad desktop gets."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import websockets
from aiohttp import ClientWebSocketResponse

from acd.model import ContactId, Offer, Outcome, WaitingContact
from crm.pop import Pop
from cti_server.api.desks import INBOX, Desk, Desks
from cti_server.wire.events import AgentStateChanged, Logged, OfferEnded, OfferMade
from cti_server.wire.stream import ScreenPop

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
    assert (snapshot["type"], snapshot["sequence"]) == ("snapshot", seen + 6)


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
    desks = Desks(listeners.append)
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
    desks = Desks(listeners.append)
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
