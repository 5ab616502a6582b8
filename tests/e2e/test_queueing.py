"""Waiting: the order, who is rung, what is heard."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cti_server.media.g711 import decode
from cti_server.speech.announcements import Announcements
from cti_server.speech.library import PromptLibrary
from cti_server.speech.studio import recording_id
from cti_server.speech.studio_editing import edited
from simulator.audio import played, tone
from simulator.phone import Phones
from simulator.phone_call import PhoneCall
from tests.audio import mono
from tests.running_server import PROMPT_CACHE
from tests.sentences import sentence
from tests.speech.wavs import wav

from . import possessions
from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, WANG, Centre, centre, queue
from .people import Caller, Hire, passed
from .sounds import beeped, is_in, joined_in
from .talking import CUSTOMER_HZ, EXPERT_HZ, hears, speak

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]


WHISPER = "Sales"
CALLED_BACK = "We will call you."
CLOSED = "Sorry, we are closed."
OUTSIDE = "+861069445566"
BUSY_HZ, SORRY_HZ = 800, 700
"""What tests/e2e/flows/line.yaml says to whom its queue does not take."""
QUEUES = [
    queue("service"),
    queue("english", skills={"sales": 1, "english": 5}),
    queue("small", max_waiting=2),
    queue("busy", announce_position_every=0.5),
    queue(
        "patient",
        call_backs={"mode": "by_hand"},  # what is promised here is not done here
        exits={
            "1": {"then": "call_back", "say": {"en": CALLED_BACK}},
            "2": {"then": "queue:service"},
        },
    ),
    queue("mail", max_waiting=1),
    queue("line", max_waiting=2, call_backs={"mode": "by_hand"}),
    queue("narrow", overflow=[{"when": "size", "size": 1, "then": "queue:service"}]),
    queue("careful", wrap_up=0.2, wrap_up_limit=60),
    queue("hasty", overflow=[{"when": "waited", "time": 1, "then": "queue:service"}]),
    queue("led out", overflow=[{"when": "waited", "time": 0.1, "then": f"number:{OUTSIDE}"}]),
    queue(
        "daily",
        hours="always",
        overflow=[{"when": "closed", "then": "hang_up", "say": {"en": CLOSED}}],
    ),
    queue("talkative", announce_agent=True, announce_position_every=1.5, whisper={"en": WHISPER}),
]
NUMBERS = {
    "2000": {"queue": "service", "language": "en"},
    "2001": {"queue": "english", "language": "en"},
    "2002": {"queue": "small", "language": "en"},
    "2003": {"queue": "talkative", "language": "en"},
    "2004": {"queue": "busy", "language": "en"},
    "2005": {"queue": "patient", "language": "en"},
    "2006": {"queue": "narrow", "language": "en"},
    "2007": {"queue": "hasty", "language": "en"},
    "2008": {"queue": "daily", "language": "en"},
    "2009": {"queue": "careful", "language": "en"},
    "2010": {"queue": "led out", "language": "en"},
    "2011": {"flow": "line.yaml"},
    "2012": {"flow": "mail.yaml"},
}
ZHOU = Hire("zhou", "8028", skills=("sales:1", "english:5"))
BOSS = Hire("boss", "8000", skills=(), roles=("admin",))
SUN = Hire("sun", "8029", skills=("sales:9", "english:4"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outside() -> AsyncIterator[Phones]:
    async with carrier() as company:
        yield company


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(
    tmp_path_factory: pytest.TempPathFactory, outside: Phones
) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("queueing")
    changes: dict[str, Any] = {
        "queues": QUEUES,
        "numbers": NUMBERS,
        "sip": {"trunks": [LOOPBACK, trunk("carrier", outside, caller_id="+8675595500")]},
        "flows": ("line.yaml", "mail.yaml"),
        "routes": [{"prefix": "+86", "trunks": ["carrier"]}],
    }
    async with centre(folder, LI, WANG, ZHOU, SUN, BOSS, **changes) as it:
        yield it


async def waiting(hotline: Centre, number: str = "2000") -> Caller:
    caller = hotline.caller()
    await caller.dial(number)
    await caller.queued()
    return caller


async def agent_of(caller: Caller) -> str:
    started = await caller.happens("interaction.started")
    return str(started.data["agent_id"])


async def test_callers_are_served_in_the_order_of_their_arrival(hotline: Centre) -> None:
    callers = [await waiting(hotline) for _ in range(3)]
    async with hotline.on_duty("li"):
        for place, caller in enumerate(callers):
            assert await agent_of(caller) == "li"
            figures = await hotline.figures()
            assert figures["hotline_queues_waiting"] == len(callers) - place - 1
            caller.call.hang_up()
            await caller.over()


async def test_the_agent_who_was_idle_longest_is_rung_first(hotline: Centre) -> None:
    async with hotline.on_duty("wang", "li", "zhou"):
        callers = [await waiting(hotline) for _ in range(3)]
        assert [await agent_of(caller) for caller in callers] == ["wang", "li", "zhou"]
        for caller in (callers[1], callers[2], callers[0]):  # li is free first, wang last
            caller.call.hang_up()
            await caller.over()
        callers = [await waiting(hotline) for _ in range(3)]
        assert [await agent_of(caller) for caller in callers] == ["li", "zhou", "wang"]


async def test_an_agent_without_the_skill_is_never_rung(hotline: Centre) -> None:
    """sun's English is one level too low; who waits for English blocks nobody behind."""
    async with hotline.on_duty("li", "sun") as (li, sun):
        english = await waiting(hotline, "2001")
        other = await waiting(hotline)
        assert await agent_of(other) == "li"
        await english.hears_something()
        assert sun.silent
        async with hotline.on_duty("zhou"):
            assert await agent_of(english) == "zhou"
        await li.is_in("ready")

    offers = [told for told in english.story() if told.startswith("contact.offered")]
    assert offers == ["contact.offered zhou"]


async def test_a_full_queue_turns_the_next_caller_away(hotline: Centre) -> None:
    first, second = await waiting(hotline, "2002"), await waiting(hotline, "2002")
    third = hotline.caller()
    await third.dial("2002")
    end = await third.call.ended()

    assert await third.over() == ("turned_away", "queue-full")
    assert (end.by, end.cause) == ("them", "hung up")
    assert "contact.queued" not in third.story()
    async with hotline.on_duty("li"):
        assert await agent_of(first) == "li"
        fourth = await waiting(hotline, "2002")
        first.call.hang_up()
        assert await agent_of(second) == "li"
        second.call.hang_up()
        assert await agent_of(fourth) == "li"


@pytest.mark.req("AC-07")
async def test_music_the_position_and_the_agents_number_are_heard(hotline: Centre) -> None:
    """
    Found again in what caller and agent heard, sample by sample.

    The caller: music, the position, the agent's number. The agent: the queue, and then the caller.
    A queue that is told so says neither.
    """
    announcements, library = await rendered()
    first = await waiting(hotline, "2003")
    second = await waiting(hotline, "2003")
    await first.hears_something()
    await passed(second.call, 4)
    you_are_next = announcements.position(1, "en")
    assert not joined_in(second.call.heard.everything(), you_are_next)
    async with hotline.on_duty("li") as (li,):
        phone = await li.rung()
        await first.happens("interaction.started", within=20)
        silent = await waiting(hotline)
        first.call.hang_up()
        second.call.hang_up()
        other_phone = await li.rung()
        await silent.happens("interaction.started", within=20)

    assert joined_in(first.call.heard.everything(), you_are_next)
    assert joined_in(second.call.heard.everything(), announcements.position(2, "en"))
    number, whispered = announcements.agent(LI.number, "en"), library.cached(WHISPER, "en")
    assert whispered is not None
    assert joined_in(first.call.heard.everything(), number)
    assert joined_in(phone.heard.everything(), [whispered])
    assert not joined_in(phone.heard.everything(), number)
    assert not joined_in(first.call.heard.everything(), [whispered])
    assert not joined_in(silent.call.heard.everything(), number)
    assert not joined_in(other_phone.heard.everything(), [whispered])


async def rendered() -> tuple[Announcements, PromptLibrary]:
    with ThreadPoolExecutor(1) as jobs:  # for nothing: the server has rendered them
        library = PromptLibrary(PROMPT_CACHE, jobs=jobs)
        return await Announcements.prepare(library, ["en"]), library


async def said(text: str) -> list[Any]:
    _, library = await rendered()
    return [library.cached(text, "en")]


@pytest.mark.req("AC-01")
async def test_a_crowd_and_two_agents(hotline: Centre) -> None:
    """
    Twelve callers, each talks for a moment: each is served once, nobody twice at a time.

    No thread waits with any of them. How long they wait the server knows then, and the next one who
    waits hears of it.
    """
    alone = await hotline.possessions()
    callers = [await waiting(hotline, "2004") for _ in range(12)]
    more = possessions.more(alone, await hotline.possessions())
    assert sum(count for name, count in more.items() if "threads" in name) < 4

    async def talk(caller: Caller) -> str:
        agent = await agent_of(caller)
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")
        return agent

    async with hotline.on_duty("li", "wang"):
        served_by = await asyncio.gather(*(talk(caller) for caller in callers))

    assert set(served_by) == {"li", "wang"}
    offers = [await caller.happens("contact.offered") for caller in callers]
    numbers = [offer.sequence for offer in offers]
    assert numbers == sorted(numbers)

    async def estimates(told: int) -> dict[str, Any]:
        def of(answered: dict[str, Any]) -> dict[str, Any]:
            return next(one for one in answered["queues"] if one["queue"] == "busy")

        def ready(answered: dict[str, Any]) -> bool:
            return bool(of(answered)["estimates_held"]["told_count"] == told)

        return of(await hotline.chief.when("/api/v1/figures/queues", ready))

    async with hotline.on_duty("li"):
        await agent_of(await waiting(hotline, "2004"))
        last = await waiting(hotline, "2004")
        await passed(last.call, 5.5)
        expected = (await estimates(told=0))["expected_wait"]
        assert 0 < expected["p50"] < expected["p80"] < 60
        last.call.hang_up()
        await last.over()
    await estimates(told=1)
    announcements, _ = await rendered()
    soon = announcements.wait(1, "en", more=False)
    assert joined_in(last.call.heard.everything(), announcements.position(1, "en") + soon)
    assert not any(joined_in(caller.call.heard.everything(), soon) for caller in callers)


async def test_who_presses_the_key_for_it_is_to_be_called_back_and_keeps_the_first_moment(
    hotline: Centre,
) -> None:
    caller = await waiting(hotline, "2005")
    await caller.hears_something()
    await caller.call.press("71")  # the first of which means nothing
    await caller.call.ended()

    first = (await caller.queued()).data["queued_at"]
    wanted = await caller.happens("call_back.wanted")
    assert wanted.data["reason"] == "asked"
    assert (wanted.data["number"], wanted.data["queue"]) == (caller.number, "patient")
    assert wanted.data["queued_at"] == first
    assert await caller.over() == ("call_back", "call-back-promised")
    assert joined_in(caller.call.heard.everything(), await said(CALLED_BACK))


async def test_who_goes_on_to_another_queue_in_whatever_way_has_the_place_of_the_first_moment(
    hotline: Centre,
) -> None:
    first, by_size = await waiting(hotline, "2006"), await waiting(hotline, "2006")
    by_time, by_key = await waiting(hotline, "2007"), await waiting(hotline, "2005")
    moved, came_later = await waiting(hotline, "2005"), await waiting(hotline)
    await by_key.call.press("2")
    assert await hotline.moves(moved, "narrow") == 204  # whose rule would not let them in
    callers = [first, by_size, by_time, by_key, moved, came_later]
    ways = {by_size: "size", by_time: "waited", by_key: "key", moved: "moved"}
    for caller, reason in ways.items():
        target = "narrow" if caller is moved else "service"
        diverted = await caller.happens("contact.diverted", reason=reason, target=target)
        there = await caller.happens("contact.queued", queue=target)
        assert there.data["queued_at"] == diverted.data["queued_at"]
    assert (await by_time.queued()).data["queue"] == "hasty"

    async with hotline.on_duty("li"):
        for caller in callers:
            assert await agent_of(caller) == "li"
            assert all(
                "interaction.started" not in "".join(later.story())
                for later in callers[callers.index(caller) + 1 :]
            )
            assert caller is not moved or await hotline.moves(moved, "service") == 409
            caller.call.hang_up()
            await caller.over()


async def test_who_comes_back_into_the_flow_keeps_the_place_and_who_is_not_let_in_hears_more(
    hotline: Centre,
) -> None:
    """The flow has the call back: by a key, as the queue is full, as nobody is to be reached."""
    first, second = await waiting(hotline, "2011"), await waiting(hotline, "2011")
    await first.call.press("1")
    diverted = await first.happens("contact.diverted", to="flow", reason="key")
    queued = await hotline.book.when(
        "contact.queued", after=diverted.sequence, contact_id=first.contact_id
    )
    assert queued.data["queued_at"] == (await first.queued()).data["queued_at"]
    third = hotline.caller()
    await third.dial("2011")
    await third.call.hears(BUSY_HZ)
    await third.call.hears(SORRY_HZ)
    assert await third.over() == ("turned_away", "flow-ended")
    await third.happens("contact.diverted", to="flow", reason="full")
    nodes = [told for told in third.story() if told.startswith("node ")]
    assert nodes == ["node line", "node busy", "node desk", "node sorry", "node bye"]

    async with hotline.on_duty("li"):
        for caller in (first, second):
            assert await agent_of(caller) == "li"
            caller.call.hang_up()
            assert await caller.over() == ("handled", "caller-hung-up")
    asker = await waiting(hotline, "2011")
    await asker.call.press("2")
    await asker.call.hears(BUSY_HZ)
    await asker.call.press("13800001234", duration_ms=60, gap_ms=40)
    wanted = (await asker.happens("call_back.wanted")).data
    assert (wanted["number"], wanted["queue"], wanted["reason"]) == ("13800001234", "line", "asked")
    assert wanted["queued_at"] == (await asker.queued()).data["queued_at"]
    assert await asker.over() == ("call_back", "flow-ended")
    leaver = await waiting(hotline, "2011")
    await leaver.call.press("1")
    await leaver.happens("contact.node_entered", node="told")
    leaver.call.hang_up()
    assert await leaver.over() == ("abandoned", "caller-hung-up")


async def test_who_waits_too_long_talks_with_a_phone_outside_and_has_not_abandoned(
    hotline: Centre, outside: Phones
) -> None:
    phone, rung = outside.add(OUTSIDE), asyncio.Queue[PhoneCall]()

    def pick_up(call: PhoneCall) -> None:
        speak(EXPERT_HZ)(call)
        rung.put_nowait(call)

    phone.on_ring = pick_up
    caller = await waiting(hotline, "2010")
    async with asyncio.timeout(30):
        theirs = await rung.get()
    caller.call.say(tone(CUSTOMER_HZ))
    await asyncio.gather(hears(caller.call, EXPERT_HZ), hears(theirs, CUSTOMER_HZ))
    diverted = await caller.happens("contact.diverted", reason="waited", to="number")
    caller.call.hang_up()
    await theirs.ended()
    outcome = await caller.over()

    def counts(answered: dict[str, Any]) -> list[int]:
        [row] = [one["today"] for one in answered["queues"] if one["queue"] == "led out"]
        return [row[name] for name in ("offered", "overflowed", "exited", "abandoned")]

    await hotline.chief.when("/api/v1/figures/queues", lambda now: counts(now) == [1, 1, 0, 0])
    assert diverted.data["target"] == OUTSIDE
    assert outcome == ("transferred", "caller-hung-up")


async def test_a_closed_calendar_is_heard_at_once_and_the_call_ends(
    hotline: Centre, tmp_path: Path
) -> None:
    """It was open until somebody edited its calendar; the studio then records what is said."""
    desk = hotline.agents["boss"].desk
    (calendar,) = [
        one for one in await desk.get("/api/v1/working-calendars") if one["id"] == "always"
    ]
    await waiting(hotline, "2008")
    closed = {**calendar["hours"], "week": {}}
    await desk.put("/api/v1/working-calendars/always", hours=closed, version=calendar["version"])
    async with asyncio.timeout(30):
        while True:
            late = hotline.caller()
            await late.dial("2008")
            try:
                turned_away = await late.happens("contact.turned_away", within=0.5)
            except AssertionError:
                late.leave()
                continue
            break
    await late.call.ended()

    assert turned_away.data["reason"] == "closed"
    assert await late.over() == ("turned_away", "queue-closed")
    assert joined_in(late.call.heard.everything(), await said(CLOSED))

    recorded = tmp_path / "closed.ulaw"
    recorded.write_bytes(edited(wav(rate=44100, seconds=1)))
    prompt = f"/api/v1/prompts/{recording_id(CLOSED, 'en')}"
    shown = await desk.put_wav(f"{prompt}/audio", wav(rate=44100, seconds=1))
    assert (shown["text"], shown["used_by"]) == (CLOSED, ["queue daily: rules and keys"])
    later = hotline.caller()
    await later.dial("2008")
    assert await later.over() == ("turned_away", "queue-closed")
    assert joined_in(later.call.heard.everything(), [recorded])
    assert not joined_in(later.call.heard.everything(), await said(CLOSED))
    assert not joined_in(late.call.heard.everything(), [recorded])
    hotline.everybody_hangs_up()


async def test_a_wrap_up_is_extended_and_goes_on_until_the_outcome_that_the_queue_wants_is_there(
    hotline: Centre,
) -> None:
    boss = hotline.agents["boss"].desk
    await boss.put("/api/v1/queues/careful/disposition-rule", required=True)
    async with hotline.on_duty("zhou") as (zhou,):
        me = f"/api/v1/agents/{zhou.id}"
        caller = await waiting(hotline, "2009")
        started = await caller.happens("interaction.started")
        caller.call.hang_up()
        since = datetime.fromisoformat((await zhou.is_in("wrap_up"))["since"])
        status, extended = await zhou.desk.post(f"{me}/wrap-up/extension", seconds=1)
        assert (status, extended["state"]) == (200, "wrap_up")
        over = since + timedelta(seconds=1.5)  # with the queue's own time, and the second
        later = await zhou.desk.when(me, lambda view: datetime.now(UTC) > over)
        assert later["state"] == "wrap_up"

        interaction = f"/api/v1/interactions/{started.data['interaction_id']}"
        await zhou.desk.put(f"{interaction}/disposition", code="wrong_number")
        await zhou.is_in("ready")


async def test_sequence_numbers_only_grow_on_the_supervisors_stream(hotline: Centre) -> None:
    """Or who comes back with the last number seen would miss what came late."""
    async with hotline.on_duty("li", "wang", "zhou"):
        callers = [await waiting(hotline) for _ in range(3)]
        for caller in callers:
            await caller.happens("interaction.started")

    numbers = [seen.sequence for seen in hotline.book.seen]
    assert numbers == sorted(set(numbers))


async def test_a_line_of_the_servers_log_names_the_call_that_it_is_about(hotline: Centre) -> None:
    """Though the ACD decides about one caller in the course of another one's call."""
    callers = [await waiting(hotline) for _ in range(3)]
    async with hotline.on_duty("li"):
        for caller in callers:
            await agent_of(caller)
            caller.call.hang_up()
            await caller.over()
    calls = {caller.contact_id: caller.call_id for caller in callers}
    told = {
        line["contact_id"]: line["call_id"]
        for line in hotline.server.log_lines
        if line.get("contact_id") in calls and "call_id" in line
    }

    assert told == {contact_id: calls[contact_id] for contact_id in told}


SAID = decode(sentence(), "PCMU")


async def speaks(caller: Caller) -> None:
    """After the tone."""
    await beeped(await caller.dial("2012"))
    caller.call.say(played(SAID))


async def test_messages_wait_for_an_agent_who_hears_them_and_calls_back(hotline: Centre) -> None:
    """Of three callers one reviews, one hangs up in the midst, and one says nothing at all."""
    li, wang = hotline.agents["li"], hotline.agents["wang"]
    leaves, hangs_up, is_silent = (hotline.caller() for _ in range(3))
    await is_silent.dial("2012")
    await asyncio.gather(speaks(leaves), speaks(hangs_up))
    await passed(hangs_up.call, 1.5)
    hangs_up.leave()
    await passed(leaves.call, len(SAID) / 8000 - 1.5)
    await leaves.call.press("#")
    async with asyncio.timeout(30):
        while not is_in(leaves.call.heard.everything()[-16000:], SAID[4000:8000]):
            await passed(leaves.call, 0.2)
    await leaves.call.press("1")
    assert await leaves.over() == ("voicemail", "flow-ended")
    assert await hangs_up.over() == ("voicemail", "caller-hung-up")
    assert await is_silent.over() == ("self_served", "flow-ended")

    # Nobody was there, and both wait: the mailbox is never full.
    received = {
        one.data["address"]: one.data
        for caller in (leaves, hangs_up)
        for one in [await hotline.book.when("contact.received", address=caller.number)]
    }
    assert is_silent.number not in received
    async with hotline.on_duty("li"):
        for caller, whole in ((leaves, True), (hangs_up, False)):
            [mail] = await li.desk.when("/api/v1/work", bool)
            assert (mail["address"], mail["channel"], mail["queue"]) == (
                caller.number,
                "task",
                "mail",
            )
            assert mail["contact_id"] == received[caller.number]["contact_id"]
            assert (mail["attributes"]["topic"], mail["attributes"]["language"]) == (
                "to 2012",
                "en",
            )
            message = mail["attributes"]["message_id"]
            await hotline.book.when("recording.stored", recording_id=message, kind="message")
            path = f"/api/v1/recordings/{message}"
            rows = await hotline.chief.when(
                "/api/v1/recordings?kind=message",
                lambda rows, message=message: message in [one["id"] for one in rows],
            )
            [row] = [one for one in rows if one["id"] == message]
            assert (row["contact_id"], row["agent_id"]) == (mail["contact_id"], "")
            heard = mono(await li.desk.get_bytes(f"{path}/audio"))
            assert is_in(heard, SAID if whole else SAID[: len(SAID) // 3])
            assert (len(heard) > len(SAID)) == whole
            await hotline.book.when("recording.played", recording_id=message, played_by="li")
            with pytest.raises(AssertionError, match="403"):
                await wang.desk.get(f"{path}/audio")
            status, _ = await li.desk.post(f"/api/v1/work/{mail['contact_id']}/accept")
            assert status == 204
            status, called = await li.desk.post(
                "/api/v1/contacts", queue=mail["queue"], number=mail["address"]
            )
            assert status == 201, called
            await li.rung()
            await li.desk.post(f"/api/v1/work/{mail['contact_id']}/complete", reason="called")
