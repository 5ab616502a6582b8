"""Every way to record, with real calls: each file is fetched, decoded, and has what was said."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cti_server.media.g711 import decode
from cti_server.speech.telephone_sound import mu_law
from cti_server.speech.tones import TONES as SIGNALS
from cti_server.speech.tones import sounded
from simulator.audio import tone
from simulator.phone_call import PhoneCall

from .centre import FLOW_FILES, Centre, centre
from .people import Caller, Hire, passed
from .recorded import leaves, recording_of, started, tones_in
from .sounds import likeness
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    LI,
    LI_HZ,
    TONES,
    WANG_HZ,
    does,
    hears,
    queue,
    speak,
    with_li,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

BOSS = Hire("boss", "8002", skills=(), roles=("admin",), registers=False)
ALL, ASKED, MOST, FEW, BY_DAY = "2001", "2002", "2003", "2004", "2005"
MENU, TOGETHER, CUSTOMER_ALONE, AGENT_ALONE, SMALL, WHOLE = (
    *("2006", "2007", "2008", "2009", "2010", "2011"),
)
VIP = "17712345678"
WELCOME_HZ, CHOICE_HZ, PIN_HZ = 500, 600, 1000
"""What the menu says (tests/e2e/flows/hotline.yaml)."""
PIN = "90374615"
RULES: list[dict[str, Any]] = [
    {"name": "vip", "record": "always", "callers": [f"+86{VIP}"]},
    {"name": "asked", "record": "on_demand", "dialled": [ASKED]},
    {"name": "most", "record": "always", "dialled": [MOST], "share": 99.999},
    {"name": "few", "record": "always", "dialled": [FEW], "share": 0.001},
    {"name": "by-day", "record": "always", "dialled": [BY_DAY], "hours": "always"},
    {"name": "menu", "record": "always", "dialled": [MENU], "part": "menu"},
    {"name": "whole", "record": "always", "dialled": [WHOLE], "part": "all", "format": "opus"},
    {"name": "together", "record": "always", "dialled": [TOGETHER], "channels": "mono"},
    {"name": "customer", "record": "always", "dialled": [CUSTOMER_ALONE], "sides": "customer"},
    {
        "name": "agent",
        "record": "always",
        "dialled": [AGENT_ALONE],
        "sides": "agent",
        "format": "opus",
    },
    {"name": "small", "record": "always", "dialled": [SMALL], "format": "opus"},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    desk = {"queue": "desk", "language": "en"}
    changes: dict[str, Any] = {
        "flows": FLOW_FILES,
        "queues": [
            queue("desk", "desk", record=False),
            queue("kept", "desk", record=True),
            queue("service", "desk", record=False),
        ],
        "numbers": {
            **dict.fromkeys(
                (ASKED, MOST, FEW, BY_DAY, TOGETHER, CUSTOMER_ALONE, AGENT_ALONE), desk
            ),
            "2000": desk,
            SMALL: desk,
            ALL: {"queue": "kept", "language": "en"},
            MENU: {"flow": "hotline.yaml"},
            WHOLE: {"flow": "hotline.yaml"},
        },
        "recording": {"rules": RULES},
    }
    async with centre(tmp_path_factory.mktemp("modes"), LI, BOSS, **changes) as it:
        yield it


async def talked(hotline: Centre, number: str, caller: Caller | None = None) -> Any:
    """What becomes of a conversation of a second: its rule, and its recordings."""
    caller, _, at_li = await with_li(hotline, number, caller=caller)
    await passed(caller.call, 1.0)
    decided = await leaves(hotline, caller)
    await at_li.ended(within=30)
    return decided


async def is_apart(hotline: Centre, recording: dict[str, Any]) -> None:
    """In WAV and stereo: the customer left, the agent right, and nobody else."""
    assert (recording["codec"], recording["layout"], recording["sides"]) == (
        *("PCMU", "stereo", "both"),
    )
    heard = await tones_in(hotline.chief, recording, TONES)
    assert heard == [{CUSTOMER_HZ}, {LI_HZ}]


@pytest.mark.req("RC-02")
async def test_every_way_to_record(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        await all_or_by_rule(hotline)
        await at_set_times(hotline)
        await on_demand(hotline)
        await of_a_menu_alone(hotline)
        for number, sides, layout, codec, heard in (
            (TOGETHER, "both", "mono", "PCMU", [{CUSTOMER_HZ, LI_HZ}]),
            (CUSTOMER_ALONE, "customer", "mono", "PCMU", [{CUSTOMER_HZ}]),
            (AGENT_ALONE, "agent", "mono", "OPUS", [{LI_HZ}]),
            (SMALL, "both", "stereo", "OPUS", [{CUSTOMER_HZ}, {LI_HZ}]),
        ):
            _, _, [recording] = await talked(hotline, number)
            assert (recording["sides"], recording["layout"], recording["codec"]) == (
                *(sides, layout, codec),
            )
            assert await tones_in(hotline.chief, recording, TONES) == heard


async def all_or_by_rule(hotline: Centre) -> None:
    """A queue's, a rule's, and those of a share of all."""
    for number, caller, mode, rule in (
        (ALL, None, "always", "queue"),
        ("2000", None, "never", "queue"),
        ("2000", hotline.caller(number=VIP), "always", "vip"),
        (MOST, None, "always", "most"),
        (FEW, None, "never", "queue"),
    ):
        decided, by, recordings = await talked(hotline, number, caller)
        assert (decided, by, len(recordings)) == (mode, rule, int(mode == "always"))
        for recording in recordings:
            assert recording["rule"] == rule
            await is_apart(hotline, recording)


async def at_set_times(hotline: Centre) -> None:
    """While a calendar is open, and not when it is edited to be shut."""
    _, rule, [recording] = await talked(hotline, BY_DAY)
    assert rule == "by-day"
    await is_apart(hotline, recording)
    boss = hotline.agents["boss"].desk
    [always] = [one for one in await boss.get("/api/v1/working-calendars") if one["id"] == "always"]
    shut = {**always["hours"], "week": {}}
    await boss.put("/api/v1/working-calendars/always", hours=shut, version=always["version"])
    async with asyncio.timeout(30):
        while rule == "by-day":
            _, rule, recordings = await talked(hotline, BY_DAY)
    assert (rule, recordings) == ("queue", [])


async def on_demand(hotline: Centre) -> None:
    """By a key at the agent's phone, by the desktop's keypad, and by a supervisor."""
    caller, li, at_li = await with_li(hotline, ASKED)
    await at_li.press("*1")
    await caller.happens("recording.started", rule="asked", asked_by="li")
    await heard_by(at_li, "recording-begins")
    await passed(caller.call, 1.0)
    await at_li.press("*1")
    await heard_by(at_li, "recording-ends")
    assert await state_of(li, caller) == "off"

    caller.call.say(tone(EXPERT_HZ))  # of which nothing is kept
    await passed(caller.call, 1.0)
    caller.call.say(tone(CUSTOMER_HZ))
    await passed(caller.call, 0.3)

    for key in "*1":
        await does(li.desk, caller, "digits", digits=key)
    assert await state_of(li, caller) == "on"
    await passed(caller.call, 1.0)
    status, view = await li.desk.delete(recording_of(caller))
    assert (status, view["recording"]) == (200, "off")
    status, view = await hotline.chief.post(f"{recording_of(caller)}?agent_id=li")
    assert (status, view["recording"]) == (200, "on")
    await passed(caller.call, 1.0)
    mode, rule, recordings = await leaves(hotline, caller)
    await at_li.ended(within=30)

    assert (mode, rule) == ("on_demand", "asked")
    assert [one["asked_by"] for one in recordings] == ["li", "li", hotline.chief.agent_id]
    for recording in recordings:
        await is_apart(hotline, recording)


async def of_a_menu_alone(hotline: Centre) -> None:
    """What customer and menu say before the agent is there, but for secrets; then nothing."""
    caller, menu = await through_the_menu(hotline, MENU)

    assert (menu["kind"], menu["rule"], menu["agent_id"], menu["queue"]) == ("menu", "menu", "", "")
    assert (menu["codec"], menu["layout"], menu["sides"]) == ("PCMU", "stereo", "both")
    among = {*TONES, WELCOME_HZ, CHOICE_HZ, PIN_HZ}
    assert await tones_in(hotline.chief, menu, among) == [{CUSTOMER_HZ}, {WELCOME_HZ, CHOICE_HZ}]
    history = await hotline.history(caller.contact_id)
    assert [one["id"] for one in history["recordings"]] == [menu["id"]]
    assert [one["recording"] for one in history["interactions"]] == ["never"]
    found = await hotline.chief.get("/api/v1/recording-search?kind=menu")
    assert menu["id"] in [one["id"] for one in found["items"]]


async def through_the_menu(hotline: Centre, number: str) -> tuple[Caller, dict[str, Any]]:
    """A call through the menu to li, which is over; and the recording of its menu."""
    li = hotline.agents["li"]
    li.on_ring(speak(LI_HZ))
    caller = hotline.caller()
    await caller.dial(number)
    await caller.happens("contact.node_entered", node="menu")
    caller.call.say(tone(CUSTOMER_HZ))
    await passed(caller.call, 0.8)
    await caller.call.press("4")
    await caller.happens("contact.node_entered", node="pin")
    caller.call.say(tone(WANG_HZ))  # what is said while a secret is asked for
    await passed(caller.call, 1.0)
    caller.call.say(None)
    await caller.call.press(PIN)
    at_li = await li.rung()
    await hears(caller.call, LI_HZ)
    caller.call.say(tone(EXPERT_HZ))  # to the agent, who is there by now
    await hears(at_li, EXPERT_HZ)
    stored = await caller.happens("recording.stored", kind="menu")  # while the call goes on
    await passed(caller.call, 1.0)
    await leaves(hotline, caller)
    await at_li.ended(within=30)
    menu = await hotline.chief.get(f"/api/v1/recordings/{stored.data['recording_id']}")
    return caller, menu


async def test_a_whole_call_is_two_recordings(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, menu = await through_the_menu(hotline, WHOLE)
        [_, talk] = sorted(
            (await hotline.history(caller.contact_id))["recordings"],
            key=lambda one: one["started_at"],
        )

    assert [(one["kind"], one["codec"]) for one in (menu, talk)] == [
        ("menu", "OPUS"),
        ("conversation", "OPUS"),
    ]
    among = {*TONES, WELCOME_HZ, CHOICE_HZ, PIN_HZ}
    assert await tones_in(hotline.chief, menu, among) == [{CUSTOMER_HZ}, {WELCOME_HZ, CHOICE_HZ}]
    assert await tones_in(hotline.chief, talk, among) == [{EXPERT_HZ}, {LI_HZ}]


async def test_who_hangs_up_in_the_menu_is_recorded_until_then(hotline: Centre) -> None:
    caller = hotline.caller()
    await caller.dial(MENU)
    await caller.happens("contact.node_entered", node="menu")
    caller.call.say(tone(CUSTOMER_HZ))
    await passed(caller.call, 1.0)
    caller.call.hang_up()
    assert await caller.over() == ("self_served", "caller-hung-up")
    stored = await caller.happens("recording.stored", kind="menu")

    menu = await hotline.chief.get(f"/api/v1/recordings/{stored.data['recording_id']}")
    heard = await tones_in(hotline.chief, menu, {*TONES, WELCOME_HZ, CHOICE_HZ})
    assert heard == [{CUSTOMER_HZ}, {WELCOME_HZ, CHOICE_HZ}]


async def test_where_a_rule_decides_the_agent_alone_hears_that_the_key_does_nothing(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        for number, state in ((ALL, "on"), ("2000", "off")):
            caller, li, at_li = await with_li(hotline, number)
            begun = len(started(hotline, caller))
            await at_li.press("*1")
            await heard_by(at_li, "recording-refused")
            assert await state_of(li, caller) == state
            assert len(started(hotline, caller)) == begun
            assert not is_heard(caller.call, "recording-refused")
            await leaves(hotline, caller)
            await at_li.ended(within=30)


async def state_of(li: Any, caller: Caller) -> str:
    view = await li.desk.get(f"/api/v1/contacts/{caller.contact_id}/call")
    return str(view["recording"])


async def heard_by(call: PhoneCall, signal: str) -> None:
    async with asyncio.timeout(30):
        while not is_heard(call, signal):
            await passed(call, 0.1)


def is_heard(call: PhoneCall, signal: str) -> bool:
    """The tone, beside whoever speaks."""
    sought = decode(mu_law(sounded(SIGNALS[signal])), "PCMU")
    return likeness(call.heard.everything(), sought) > 0.25
