"""The phone in the browser, as the desktop's stream tells of it; no call, no audio."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from acd.model import ContactId, WaitingContact
from cti_server.api import stream
from cti_server.store.agents import Agent
from cti_server.wire.phone import Answer, Media, PhoneCall
from tests.api.conftest import NINE, Centre
from tests.api.test_stream import Ringing, closed, connect, receive

FIRST, SECOND = "first-desk", "second-desk"


@pytest.fixture
async def browsers(centre: Centre) -> Centre:
    """A centre in which the browser is li's phone."""
    profile = centre.parts.floor.profile("li")
    changed = type(profile)(profile.id, profile.name, profile.number, "browser", profile.skills)
    centre.parts.floor.put_agent(changed)
    return centre


async def until(socket: ClientWebSocketResponse, **fields: Any) -> dict[str, Any]:
    """The next message that has these fields, in itself or in its data."""
    while True:
        message = await receive(socket)
        if fields.items() <= {**message, **message.get("data", {})}.items():
            return message


async def say(socket: ClientWebSocketResponse, request: int, **message: Any) -> dict[str, Any]:
    """Say it, and hear how it ended."""
    await socket.send_json({"request": request, **message})
    return await until(socket, request=request)


class Line:
    """A call at the handset that remembers what it was asked."""

    def __init__(self, name: str) -> None:
        self.id = name
        self.asked: list[str] = []

    def view(self) -> PhoneCall:
        return PhoneCall(id=self.id, contact_id="k1", state="talking", since=NINE, audio=True)

    def screen_changed(self, *, there: bool) -> None:
        self.asked.append("there" if there else "away")

    def answer(self) -> None:
        self.asked.append("answer")

    def put_down(self) -> None:
        self.asked.append("put down")

    async def media(self, said: Media) -> Answer:
        self.asked.append(said.sdp)
        return Answer(id=self.id, attempt=said.attempt, sdp="our answer")


async def test_a_desktop_that_is_the_phone_gets_the_calls_in_progress(browsers: Centre) -> None:
    browsers.parts.handsets.of("li").add(Line("leg1"))

    snapshot = await receive(await connect(browsers, "li", desk=FIRST))

    assert snapshot["phone"]["audio"] == "here"
    assert [call["id"] for call in snapshot["phone"]["calls"]] == ["leg1"]


async def test_whose_phone_stands_on_the_desk_is_told_of_none_in_the_browser(
    centre: Centre,
) -> None:
    snapshot = await receive(await connect(centre, "li", desk=FIRST))

    assert snapshot["phone"] is None
    assert snapshot["agent"]["unfit"] == []


async def test_a_ready_agent_is_offered_nothing_until_the_microphone_is_live(
    browsers: Centre,
) -> None:
    floor = browsers.parts.floor
    floor.offers = Ringing(browsers.parts.desks)
    socket = await connect(browsers, "li", desk=FIRST)
    snapshot = await receive(socket)
    floor.set_ready("li")
    floor.enqueue(WaitingContact(ContactId("k1"), "sales", NINE))
    await until(socket, state="ready")

    well = {"type": "health", "microphone": "live", "path": "untested"}
    await socket.send_json({"request": 1, **well})
    told, offered = await until(socket, event="agent.fitness_changed"), await receive(socket)

    assert snapshot["agent"]["unfit"] == ["microphone-unasked"]
    assert told["data"]["unfit"] == []
    assert offered["data"]["event"] == "contact.offered"


async def test_a_microphone_that_is_taken_away_is_a_reason_at_once(browsers: Centre) -> None:
    socket = await connect(browsers, "li", desk=FIRST)
    await say(socket, 1, type="health", microphone="live", path="connected")

    await socket.send_json(
        {"request": 2, "type": "health", "microphone": "ended", "path": "connected"}
    )

    told = await until(socket, event="agent.fitness_changed", unfit=["microphone-ended"])
    assert told["data"]["agent_id"] == "li"


async def test_the_audio_is_taken_by_the_second_desktop_only_when_it_says_so(
    browsers: Centre,
) -> None:
    first = await connect(browsers, "li", desk=FIRST)
    second = await connect(browsers, "li", desk=SECOND)
    assert (await receive(first))["phone"]["audio"] == "here"
    assert (await receive(second))["phone"]["audio"] == "elsewhere"

    done = await say(second, 1, type="take_audio")

    assert done["type"] == "done"
    assert (await until(first, type="audio"))["owner"] == "elsewhere"


async def test_a_desktop_without_the_audio_cannot_pick_up(browsers: Centre) -> None:
    line = Line("leg1")
    browsers.parts.handsets.of("li").add(line)
    await connect(browsers, "li", desk=FIRST)
    second = await connect(browsers, "li", desk=SECOND)

    answered = await say(second, 7, type="accept", id="leg1")
    refused = await say(second, 8, type="media", id="leg1", attempt=1, sdp="v=0")

    assert [each["problem"] for each in (answered, refused)] == ["NotTheAudio"] * 2
    assert answered["status"] == 409
    assert "answer" not in line.asked


async def test_what_the_desktop_says_reaches_the_call_in_order(browsers: Centre) -> None:
    line = Line("leg1")
    browsers.parts.handsets.of("li").add(line)
    socket = await connect(browsers, "li", desk=FIRST)

    await socket.send_json(
        {"request": 1, "type": "media", "id": "leg1", "attempt": 3, "sdp": "their offer"}
    )
    await socket.send_json({"request": 2, "type": "accept", "id": "leg1"})
    await socket.send_json({"request": 3, "type": "hang_up", "id": "leg1"})
    answer = await until(socket, type="answer")
    done = [await until(socket, type="done") for _ in range(3)]

    assert (answer["attempt"], answer["sdp"]) == (3, "our answer")
    assert [each["request"] for each in done] == [1, 2, 3]
    assert line.asked == ["there", "their offer", "answer", "put down"]


@pytest.mark.parametrize(
    ("message", "request_number"),
    [
        ("no json", None),
        ('{"type": "dance", "request": 4}', 4),
        ('{"type": "accept", "request": 5}', 5),
        ('{"type": "accept", "request": 6, "id": "leg1", "colour": "red"}', 6),
        ('{"type": "accept", "id": "leg1"}', None),
    ],
)
async def test_a_message_that_cannot_be_used_is_refused_and_the_stream_goes_on(
    browsers: Centre, message: str, request_number: int | None
) -> None:
    socket = await connect(browsers, "li", desk=FIRST)
    await socket.send_str(message)

    refused = await until(socket, type="refused")

    assert (refused["request"], refused["status"]) == (request_number, 422)
    assert (await say(socket, 9, type="take_audio"))["type"] == "done"


async def test_a_call_that_is_over_is_refused_as_not_found(browsers: Centre) -> None:
    socket = await connect(browsers, "li", desk=FIRST)

    refused = await say(socket, 1, type="hang_up", id="leg9")

    assert (refused["problem"], refused["status"]) == ("NoSuchLine", 404)


async def test_a_second_stream_of_the_same_desktop_replaces_the_first(browsers: Centre) -> None:
    first = await connect(browsers, "li", desk=FIRST)
    await receive(first)

    again = await connect(browsers, "li", desk=FIRST)

    assert (await receive(again))["phone"]["audio"] == "here"
    assert await closed(first) == 4000
    assert (await say(again, 1, type="take_audio"))["type"] == "done"


async def test_whose_phone_becomes_the_browser_is_asked_for_a_new_hello(centre: Centre) -> None:
    socket, other = (
        await connect(centre, "li", desk=FIRST),
        await connect(centre, "wang", desk=SECOND),
    )
    await receive(socket)
    async with centre.parts.database.sessions.begin() as session:
        (await session.get_one(Agent, "li")).phone = "browser"

    await centre.definitions.reload()

    assert await closed(socket) == 4408
    snapshot = await receive(await connect(centre, "li", desk=FIRST))
    assert snapshot["phone"]["audio"] == "here"
    assert (await say(other, 1, type="take_audio"))["type"] == "done"


async def test_whose_phone_is_no_browser_any_more_keeps_the_call_that_is_there(
    browsers: Centre,
) -> None:
    browsers.parts.handsets.of("li").add(Line("leg1"))
    socket = await connect(browsers, "li", desk=FIRST)
    await receive(socket)

    profile = browsers.parts.floor.profile("li")
    browsers.parts.floor.put_agent(
        type(profile)(profile.id, profile.name, profile.number, None, profile.skills)
    )
    browsers.parts.sessions.recheck()

    assert await closed(socket) == 4408
    snapshot = await receive(await connect(browsers, "li", desk=FIRST))
    assert [call["id"] for call in snapshot["phone"]["calls"]] == ["leg1"]


async def test_a_desktop_that_leaves_makes_the_agent_unfit(browsers: Centre) -> None:
    watching = await connect(browsers, "zhao", floor=True)
    socket = await connect(browsers, "li", desk=FIRST)
    await say(socket, 1, type="health", microphone="live", path="untested")

    await socket.close()

    told = await until(watching, event="agent.fitness_changed", unfit=["desktop-away"])
    assert told["data"]["agent_id"] == "li"


async def test_a_desktop_that_answers_no_pings_makes_the_agent_unfit(
    browsers: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_EVERY", 0.02)
    token = await browsers.token("li")
    async with browsers.client.ws_connect("/api/v1/stream", autoping=False) as socket:
        await socket.send_json({"type": "hello", "token": token, "desk": FIRST})
        well = {"type": "health", "microphone": "live", "path": "untested"}
        await socket.send_json({"request": 1, **well})
        heard, pings = "", 0
        async with asyncio.timeout(30):
            while "stream-silent" not in heard:
                message = await socket.receive()
                pings += message.type is WSMsgType.PING
                heard = message.data if message.type is WSMsgType.TEXT else ""

    assert pings >= 3


async def test_a_verb_for_a_call_that_does_not_run_is_refused_as_rest_does(
    browsers: Centre,
) -> None:
    socket = await connect(browsers, "li", desk=FIRST)
    verbs: list[dict[str, Any]] = [
        {"type": "hold", "on": True},
        {"type": "mute", "on": False},
        {"type": "digits", "digits": "12#"},
        {"type": "transfer", "to": "queue", "target": "sales"},
        {"type": "consult", "to": "agent", "target": "wang"},
        *({"type": name} for name in ("complete", "swap", "conference", "return", "release")),
    ]

    refused = [
        await say(socket, number, contact_id="k1", **verb) for number, verb in enumerate(verbs)
    ]

    assert [(each["problem"], each["status"]) for each in refused] == [("NoSuchCall", 404)] * 10


async def test_whom_to_dial_is_found_and_refused_as_rest_does(browsers: Centre) -> None:
    socket = await connect(browsers, "li", desk=FIRST)
    whom: list[dict[str, Any]] = [
        {"number": "+8613800138000"},
        {"number": "+8613800138000", "customer_id": "c1"},
        {},
        {"customer_id": "nobody"},
    ]

    refused = [
        await say(socket, number, type="dial", queue="sales", **each)
        for number, each in enumerate(whom)
    ]

    assert [(each["problem"], each["status"]) for each in refused] == [
        ("NoTrunkForNumber", 422),
        ("BadRequest", 422),
        ("BadRequest", 422),
        ("UnknownRecord", 404),
    ]


async def test_only_a_supervisor_may_listen_in(browsers: Centre) -> None:
    profile = browsers.parts.floor.profile("li")
    browsers.parts.floor.put_agent(replace(profile, id="zhao", phone="browser"))
    verbs: list[dict[str, Any]] = [
        {"type": "listen", "mode": "whisper"},
        {"type": "stop_listening"},
        {"type": "take_over"},
    ]
    refused = {}
    for who in ("li", "zhao"):
        socket = await connect(browsers, who, desk=FIRST)
        refused[who] = {
            (await say(socket, number, contact_id="k1", **verb))["status"]
            for number, verb in enumerate(verbs)
        }

    assert refused == {"li": {403}, "zhao": {404}}


@pytest.mark.parametrize(
    "verb",
    [
        {"type": "listen", "mode": "shout"},
        {"type": "digits", "digits": "12x"},
        {"type": "digits", "digits": ""},
        {"type": "transfer", "to": "moon", "target": "sales"},
        {"type": "hold"},
    ],
)
async def test_a_verb_that_cannot_be_read_is_refused(
    browsers: Centre, verb: dict[str, Any]
) -> None:
    socket = await connect(browsers, "li", desk=FIRST)

    assert (await say(socket, 1, contact_id="k1", **verb))["status"] == 422
