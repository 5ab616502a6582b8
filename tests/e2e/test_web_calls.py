"""Customers who call from a page: a call like any other, in bounds; whatever breaks, it ends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.page_caller import SOCKET, PageCaller, page_caller
from simulator.phone_call import PhoneCall
from tests.audio import seconds_of, stereo

from . import possessions
from .centre import LI, QUEUES, WANG, Centre, centre, queue
from .people import Agent, Hire, passed
from .seats import Kind, Way, seated
from .talking import CUSTOMER_HZ, LI_HZ, WANG_HZ, ZHANG_HZ, hears, hears_music, speak

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEI, MEI_HZ = Hire("mei", "8029", skills=("page:5",), phone="browser"), ZHANG_HZ
NUMBER = "13900139000"
CUSTOMERS = f"id,name,kind,phone\nW1,林小路,person,{NUMBER}\n".encode()
WEB_CALLS = {
    "numbers": {
        "1000": {"en": "Menu", "zh": "菜单"},
        "2001": {"en": "Agents"},
        "2002": {"en": "A page"},
    },
    "caller_number": NUMBER,
    "at_once_each": 2,
    "openings": 100,
    "longest": 600,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("pages"),
        *(LI, WANG, MEI),
        customers=CUSTOMERS,
        web_calls=WEB_CALLS,
        queues=[*QUEUES, queue("kept", record=True), queue("pages", skills={"page": 1})],
        numbers={
            "1000": {"flow": "hotline.yaml"},
            "2001": {"queue": "kept", "language": "en"},
            "2002": {"queue": "pages", "language": "en"},
        },
        allowed=lambda line: "media.worker" in str(line),
    ) as it:
        yield it


async def talking_to_li(it: PageCaller, li: Agent) -> tuple[str, PhoneCall]:
    """The contact, and the call at li's phone."""
    contact_id = await it.dials("2001")
    it.say(tone(CUSTOMER_HZ))
    at_li = await li.rung()
    at_li.say(tone(LI_HZ))
    await hears(it, LI_HZ)
    await hears(at_li, CUSTOMER_HZ)
    return contact_id, at_li


async def over(hotline: Centre, contact_id: str) -> tuple[str, str]:
    """The contact's outcome and the call's reason, when it is over for the server."""
    ended = await hotline.book.when("call.ended", contact_id=contact_id)
    contact = await hotline.book.when("contact.ended", contact_id=contact_id)
    return contact.data["outcome"], ended.data["reason"]


async def test_a_page_is_led_through_the_menu_to_an_agent_is_held_handed_on_and_hung_up(
    hotline: Centre,
) -> None:
    async with (
        hotline.on_duty("li", on_ring=speak(LI_HZ)) as (li,),
        page_caller(hotline.server.api) as it,
    ):
        async with li.desk.stream() as screen:
            contact_id = await it.dials("1000")
            await it.phone.hears(600, within=30)  # the menu asks
            it.say(tone(CUSTOMER_HZ))
            it.phone.press("2")
            at_li = await li.rung()
            offered = await screen.until("contact.offered")
        await hears(it, LI_HZ)
        await hears(at_li, CUSTOMER_HZ)
        await does(li, contact_id, "hold")
        await hears_music(it)
        await does(li, contact_id, "resume")
        await hears(it, LI_HZ)
        async with hotline.on_duty("wang", on_ring=speak(WANG_HZ)) as (wang,):
            await does(li, contact_id, "transfer", agent="wang")
            at_wang = await wang.rung()
            await hears(it, WANG_HZ)
            await hears(at_wang, CUSTOMER_HZ)
            at_wang.hang_up()

            assert await it.ended() == "agent-hung-up"
            assert await it.closed() == 1000
    assert [one["name"] for one in offered["pop"]["customer"]["customers"]] == ["林小路"]
    assert offered["pop"]["menu_path"] == ["welcome", "menu", "service"]
    arrived = await hotline.book.when("call.arrived", contact_id=contact_id)
    assert (arrived.data["trunk"], arrived.data["caller_number"]) == ("web", NUMBER)
    assert await over(hotline, contact_id) == ("handled", "agent-hung-up")


async def does(agent: Agent, contact_id: str, verb: str, /, **body: Any) -> None:
    status, answered = await agent.desk.post(f"/api/v1/contacts/{contact_id}/{verb}", **body)
    assert status == 200, answered


async def test_the_page_hangs_up_and_both_are_on_the_recording(hotline: Centre) -> None:
    async with (
        hotline.on_duty("li", on_ring=speak(LI_HZ)) as (li,),
        page_caller(hotline.server.api) as it,
    ):
        contact_id, at_li = await talking_to_li(it, li)
        await passed(it, 2.0)
        await it.says(type="hang_up")

        assert await it.ended() == "caller-hung-up"
        assert await it.closed() == 1000
        await at_li.ended()
    assert await over(hotline, contact_id) == ("handled", "caller-hung-up")
    found = await hotline.chief.when(
        f"/api/v1/contacts/{contact_id}",
        lambda one: [each for each in one["recordings"] if each["duration"]],
    )
    left, right = stereo(await hotline.chief.get_bytes(found["recordings"][0]["audio"]))
    assert seconds_of(left, CUSTOMER_HZ) > 1
    assert seconds_of(right, LI_HZ) > 1


async def test_keys_in_words_do_and_a_page_that_is_left_has_hung_up(hotline: Centre) -> None:
    async with page_caller(hotline.server.api) as it:
        contact_id = await it.dials("1000")
        await hotline.book.when("contact.node_entered", contact_id=contact_id, node="menu")
        await it.says(type="keys", keys="3")
        await hotline.book.when("contact.node_entered", contact_id=contact_id, node="opening_hours")
        await it.says(type="nonsense")
        assert (await it.hears_of("refused"))["problem"] == "BadRequest"
    assert (await over(hotline, contact_id))[1] in ("caller-hung-up", "flow-ended")


async def test_two_browsers_hear_one_another_and_the_page_survives_a_hold(
    hotline: Centre,
) -> None:
    async with (
        hotline.on_duty(MEI.id) as (mei,),
        seated(mei, Kind.BROWSER, Way.STREAM, MEI_HZ) as seat,
        page_caller(hotline.server.api) as it,
    ):
        contact_id = await it.dials("2002")
        it.say(tone(CUSTOMER_HZ))
        at_mei = await seat.takes(contact_id)
        await hears(it, MEI_HZ)
        await hears(at_mei, CUSTOMER_HZ)
        await seat.does(contact_id, "hold")
        await hears_music(it)
        await seat.does(contact_id, "resume")
        await hears(it, MEI_HZ)
        await hears(at_mei, CUSTOMER_HZ)
        await seat.hangs_up(at_mei)

        assert await it.ended() == "agent-hung-up"


async def test_a_lost_socket_ends_nothing_and_the_end_of_the_audio_does(hotline: Centre) -> None:
    async with (
        hotline.on_duty("li", on_ring=speak(LI_HZ)) as (li,),
        page_caller(hotline.server.api) as it,
    ):
        contact_id, at_li = await talking_to_li(it, li)
        it.loses_its_socket()
        await it.closed()
        it.say(tone(2 * CUSTOMER_HZ))
        await at_li.hears(2 * CUSTOMER_HZ, within=30)
        it.phone.close()

        await at_li.ended()
    assert await over(hotline, contact_id) == ("handled", "caller-hung-up")


async def refused(hotline: Centre, **message: Any) -> tuple[str, int | None]:
    """What is wrong with it, and how the socket closes."""
    async with page_caller(hotline.server.api) as it:
        await it.says(**message)
        return (await it.hears_of("refused"))["problem"], await it.closed()


async def test_what_is_no_call_is_refused_by_name_and_too_many_at_once_are(
    hotline: Centre,
) -> None:
    async with page_caller(hotline.server.api) as one, page_caller(hotline.server.api) as two:
        offer = one.phone.offer()
        assert await refused(hotline, type="call", number="2000", sdp=offer) == (
            "NotForPages",
            4404,
        )
        assert await refused(hotline, type="call", number="1000", sdp="v=0") == (
            "OfferRefused",
            4400,
        )
        assert await refused(hotline, type="hello") == ("BadRequest", 4400)
        await asyncio.gather(one.dials("2001"), two.dials("2001"))

        assert await refused(hotline, type="call", number="1000", sdp=offer) == (
            "TooManyWebCalls",
            4429,
        )
    async with aiohttp.ClientSession(hotline.server.api) as session:
        async with session.get("/api/v1/web-calls") as answer:
            assert (await answer.json())["numbers"] == [
                {"number": number, "title": title}
                for number, title in {
                    "1000": {"en": "Menu", "zh": "菜单"},
                    "2001": {"en": "Agents"},
                    "2002": {"en": "A page"},
                }.items()
            ]
        async with session.get(
            SOCKET, headers={"Origin": "https://elsewhere.example", "Upgrade": "websocket"}
        ) as answer:
            assert answer.status == 403
        async with session.get("/api/v1/demo") as answer:
            assert answer.status == 404


async def test_when_its_worker_dies_the_page_is_told_and_the_next_call_goes_through(
    hotline: Centre,
) -> None:
    async with page_caller(hotline.server.api) as it:
        contact_id = await it.dials("2001")
        (worker,) = hotline.worker_pids
        possessions.kill(worker)

        assert await it.ended() == "media-lost"
        assert await it.closed() == 1000
    assert (await over(hotline, contact_id))[1] == "media-lost"
    await hotline.replaced(worker)
    async with page_caller(hotline.server.api) as it:
        await it.dials("1000")
        await it.phone.hears(600, within=30)
    await hotline.settled()
