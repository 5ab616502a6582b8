"""The flows that Hotline ships, all of them on one server: served by machine or by people."""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from config.settings import SHIPPED
from cti_server.speech.library import PromptLibrary
from cti_server.speech.value_clips import ValueClips
from ivr.flow import check, load
from ivr.texts import SayAs
from simulator.audio import tone
from simulator.demo_outside import ACCOUNT, PIN, bank, write_information
from simulator.phone import answer
from simulator.phone_call import CallOver, PhoneCall
from tests.ports import free_port
from tests.running_server import PROMPT_CACHE

from .centre import LI, Centre, centre, queue
from .opening import BOSS, comes_to, hours_are
from .people import Caller, Hire, passed
from .sounds import joined_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

TREES = {
    "main": "1000",
    "products": "1010",
    "flights": "1011",
    "balance": "1012",
    "fault": "1013",
    "complaint": "1014",
    "order": "1015",
    "banking": "1017",
    "fax": "1018",
}
"""Those that offer to serve the caller, and their numbers."""
SUBSCRIBER, PLACE = "12345678", "深圳市南山区海德路 8 号 3 栋 502"
"""One of the information's accounts, and where its line is."""
AFTER_HOURS, SURVEYED = "1016", "1020"
NUMBERS: dict[str, Any] = {
    **{number: {"flow": f"shipped:{name}.yaml"} for name, number in TREES.items()},
    AFTER_HOURS: {"flow": "shipped:after-hours.yaml"},
    SURVEYED: {"queue": "surveyed", "language": "en"},
}
CLERKS = {"wu": "8030", "gao": "8031"}
"""They repair; at work only where a test says so."""
NOBODY: dict[str, Any] = {"skills": {"repair": 1}, "call_backs": {"mode": "by_hand"}}
QUEUES = [
    *(queue(name, **NOBODY) for name in ("sales", "support", "operator")),
    queue("repair", policy="least_open_work", **NOBODY),
    queue("surveyed", survey="satisfaction"),
]
WU, GAO = (Hire(name, number, skills=("repair:3",)) for name, number in CLERKS.items())
CALLERS, AT_ONCE, AT_MOST = 30, 14, 4.0  # the last in seconds that a caller stays
SENSIBLE = (
    "9",
    "1",
    "2",
    "3",
    "0",
    "*",
    "91",
    "9101",
    "101",
    "1305",
    f"{ACCOUNT}{PIN}",
    "12345678",
)
"""What leads deeper into the flows than chance does."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder, port = tmp_path_factory.mktemp("shipped"), free_port()
    write_information(SHIPPED / "demo" / "information.sql", folder / "information.db")
    money = {"url": f"http://127.0.0.1:{port}", "definition": "shipped:bank.yaml"}
    databases = {"information": {"url": f"sqlite:///{folder / 'information.db'}"}}
    changes: dict[str, Any] = {
        "flows": (),
        "numbers": NUMBERS,
        "queues": QUEUES,
        "surveys": {"satisfaction": "shipped:survey.yaml"},
        "connectors": {"bank": {"settings": money}},
        "queries": {"databases": databases, "lookups": str(SHIPPED / "demo" / "lookups.yaml")},
    }
    async with bank(port), centre(folder, LI, WU, GAO, BOSS, **changes) as it:
        yield it


async def wants_a_person(hotline: Centre, number: str) -> str:
    """Presses 0 at the first question; the queue."""
    caller = hotline.caller()
    await caller.dial(number)
    await caller.happens("contact.node_entered", node="welcome")
    await caller.call.press("0")
    queued = await caller.queued()
    caller.leave()
    await caller.over()
    return str(queued.data["queue"])


async def serves_himself(hotline: Centre, number: str, *keys: tuple[str, str]) -> tuple[str, str]:
    """Presses these keys in these nodes and stays to the end; outcome and reason."""
    caller = hotline.caller()
    await caller.dial(number)
    for node, pressed in keys:
        await caller.happens("contact.node_entered", node=node)
        await caller.call.press(pressed)
    return await caller.over(within=20)


@pytest.mark.req("IV-06")
async def test_in_every_service_tree_0_is_a_person_and_it_is_counted_who_served_himself(
    hotline: Centre,
) -> None:
    shipped = {file.stem for file in (SHIPPED / "flows").glob("*.yaml")}
    assert shipped == {*TREES, "after-hours", "closed", "survey", "bench"}
    for name in TREES:
        tree = load(SHIPPED / "flows" / f"{name}.yaml")
        assert (tree.person_key, list(check(tree))) == ("0", []), name  # holds in every menu

    *queues, product, flight = await asyncio.gather(
        *(wants_a_person(hotline, number) for number in TREES.values()),
        serves_himself(
            hotline,
            TREES["products"],
            ("welcome", "9"),
            ("catalogue", "1"),
            ("broadband", "8"),  # told enough
            ("afterwards", "88"),
        ),
        serves_himself(
            hotline,
            TREES["flights"],
            ("welcome", "9"),
            ("number", "1305"),
            ("on_time", "8"),
            ("another", "88"),
        ),
    )

    assert dict(zip(TREES, queues, strict=True)) == {
        "main": "operator",
        "products": "sales",
        "flights": "operator",
        "balance": "operator",
        "fault": "repair",
        "complaint": "operator",
        "order": "sales",
        "banking": "operator",
        "fax": "operator",
    }
    assert (product[0], flight[0]) == ("self_served", "self_served")
    report = await hotline.chief.when(
        "/api/v1/flow-figures",
        lambda report: sum(row["entered"] - row["inside"] for row in report["rows"]) == 11,
    )
    ends = {
        row["flow"]: (row["self_served"], row["transferred"], row["containment"])
        for row in report["rows"]
    }
    both = {"products": (1, 1, 0.5), "flights": (1, 1, 0.5)}
    assert ends == dict.fromkeys(TREES, (0, 1, 0.0)) | both


@pytest.mark.req("IV-08")
async def test_a_fault_is_reported_by_keys_or_to_the_clerk_with_the_least_on_the_desk(
    hotline: Centre,
) -> None:
    """The machine knows the account, opens the ticket and reads its number back."""
    by_keys = hotline.caller()
    await by_keys.dial(TREES["fault"])
    await by_keys.happens("contact.node_entered", node="welcome")
    await by_keys.call.press(f"91{SUBSCRIBER[::-1]}", duration_ms=60, gap_ms=40)
    await by_keys.happens("contact.node_entered", node="unknown_account")
    asked = await by_keys.happens("contact.node_entered", node="account")
    await by_keys.call.press(SUBSCRIBER + "01", duration_ms=60, gap_ms=40)
    await by_keys.happens("contact.node_entered", node="reported")
    wu = hotline.agents["wu"].desk
    reported = (await wu.get("/api/v1/tickets?type=fault"))["items"]
    [ticket] = [one for one in reported if one["contact_id"] == by_keys.contact_id]
    assert ticket["form"] == {"account": SUBSCRIBER, "fault_code": "01", "place": PLACE}
    assert ticket["queue"] == "repair"
    with ThreadPoolExecutor(1) as jobs:  # for nothing: the server has rendered them
        clips = ValueClips(PromptLibrary(PROMPT_CACHE, jobs=jobs), "CN")
        await clips.prepare(["en"])
    number = clips.said(ticket["number"], SayAs.LETTERS, "en")
    async with asyncio.timeout(30):
        while not joined_in(by_keys.call.heard.everything(), number):
            await passed(by_keys.call, 0.5)
    by_keys.call.hang_up()
    assert await by_keys.over() == ("self_served", "caller-hung-up")
    assert asked.sequence < (await by_keys.happens("contact.node_entered", node="report")).sequence

    fault = {"type": "fault", "subject": "No dial tone", "owner_id": "wu"}
    status, _ = await wu.post("/api/v1/tickets", **fault)
    assert status == 201
    await wu.when("/api/v1/agents/wu", lambda agent: agent["open_work"] == 1)
    async with hotline.on_duty("wu", "gao"):  # who has been idle for longest comes first
        by_hand = hotline.caller()
        await by_hand.dial(TREES["fault"])
        await by_hand.happens("contact.node_entered", node="welcome")
        await by_hand.call.press("0")
        offered = await by_hand.happens("contact.offered")
        assert offered.data["why"]["policy"] == "least_open_work"
        assert (await by_hand.happens("interaction.started")).data["agent_id"] == "gao"
        by_hand.call.hang_up()
        await by_hand.over()


async def test_the_main_number_is_closed_on_holidays_but_for_emergencies_and_single_days_go_before(
    hotline: Centre,
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    days = {(datetime.now(zone) + timedelta(days=ahead)).date() for ahead in (0, 1)}
    labels = {"zh": "假日", "en": "A holiday"}
    await hours_are(hotline, holidays=[{"date": str(day), "labels": labels} for day in days])
    caller = await comes_to(hotline, TREES["main"], "closed")
    await caller.call.press("0")
    queued = await caller.queued()
    caller.leave()
    await caller.over()
    assert (queued.data["queue"], queued.data["priority"]) == ("operator", 10)
    open_all_day = [{"date": str(day), "hours": [["00:00", "24:00"]]} for day in days]
    await hours_are(hotline, overrides=open_all_day)
    caller = await comes_to(hotline, TREES["main"], "welcome")
    caller.leave()
    await caller.over()
    await hours_are(hotline, overrides=[], holidays=[])


def presses(random: Random) -> str:
    match random.randrange(4):
        case 0:
            return random.choice("0123456789*#")
        case 1:
            return "".join(random.choices("0123456789*#", k=random.randint(2, 15)))
        case _:
            return random.choice(SENSIBLE)


async def wanders(call: PhoneCall, random: Random) -> None:
    """Presses and says anything at any moment; hangs up at any, if nobody was faster."""
    with contextlib.suppress(TimeoutError, CallOver):
        async with asyncio.timeout(random.uniform(0.0, AT_MOST)):
            await call.answered()
            while call.end is None:
                call.say(random.choice((None, tone(440))))
                if random.random() < 0.8:
                    await call.press(presses(random), duration_ms=60, gap_ms=60)
                with contextlib.suppress(TimeoutError):
                    await call.ended(within=random.uniform(0.0, 0.6))
    call.hang_up()


async def withdraw_messages(hotline: Centre) -> None:
    """Whatever callers leave in the mailbox is no work for anybody; without end."""
    headers = {"Authorization": f"Bearer {hotline.chief.token}"}
    async with aiohttp.ClientSession(hotline.server.api, headers=headers) as session:
        after = hotline.book.last
        while True:
            left = await hotline.book.when("contact.queued", after=after, within=60, channel="task")
            after = left.sequence
            path = f"/api/v1/work/{left.data['contact_id']}"
            assert (await session.delete(path)).status == 204


def answers_shortly(call: PhoneCall) -> None:
    """And leaves the customer to the survey."""
    answer()(call)
    call.after(0.2, call.hang_up)


@contextlib.contextmanager
def told(seed: int) -> Iterator[None]:
    """Whoever reads of a failure can have the same callers again."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"the callers' seed: {seed}")
        raise


async def test_whatever_callers_press_and_whenever_they_leave_nothing_of_them_is_left(
    hotline: Centre,
) -> None:
    seed = secrets.randbelow(1_000_000)
    some = asyncio.Semaphore(AT_ONCE)

    async def calls(number: str, random: Random) -> tuple[Caller, str]:
        async with some:
            caller = hotline.caller()
            await caller.dial(number)
            await wanders(caller.call, random)
            return caller, (await caller.over())[0]

    withdrawing = asyncio.create_task(withdraw_messages(hotline))
    with told(seed):
        async with hotline.on_duty("li", on_ring=answers_shortly):
            ways = zip(range(CALLERS), itertools.cycle(NUMBERS), strict=False)
            ended = await asyncio.gather(
                *(calls(number, Random(f"{seed} {one}")) for one, number in ways)
            )
        await hotline.settled(within=20)
        outcomes = {outcome for _, outcome in ended}
        assert outcomes <= {"abandoned", "self_served", "handled", "call_back", "voicemail"}
    withdrawing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await withdrawing

    ids = {caller.contact_id for caller, _ in ended}
    await hotline.chief.when(
        "/api/v1/contacts?limit=500",
        lambda rows: ids <= {row["id"] for row in rows if row["ended_at"] and row["outcome"]},
    )
