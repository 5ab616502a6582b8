"""What is on the agent's screen before the phone rings, and what the records say afterwards."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from tests.leaks import leaks

from .centre import FLOW_FILES, LI, NUMBERS, QUEUES, Centre, centre
from .people import Caller, Hire, passed
from .talking import does, queue

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

CUSTOMERS = (
    "name,phone,tier\n李娜,13800138000,vip\n王芳,+86 755 2688 0001,\n王强,(0755)26880001,\n"
).encode()
NINA, FAMILY = "13800138000", "075526880001"
WORKSHOP = Hire("wang", "8027", skills=("workshop:5",))
DEPARTMENTS = [queue("orders", "sales"), queue("repairs", "sales"), queue("workshop", "workshop")]
WINDOW = "4000"  # the one number of all departments


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("pop"),
        *(LI, WORKSHOP),
        customers=CUSTOMERS,
        crm={"tier_priorities": {"vip": 20}},
        queues=[*QUEUES, *DEPARTMENTS],
        flows=(*FLOW_FILES, "one_window.yaml"),
        numbers={**NUMBERS, WINDOW: {"flow": "one_window.yaml"}},
    ) as it:
        yield it


async def offered(hotline: Centre, caller: Caller, **headers: str) -> dict[str, Any]:
    """Call, be offered to li, hang up; what was on li's screen."""
    async with hotline.on_duty("li") as (li,), li.desk.stream() as feed:
        await caller.dial("2000", headers=list(headers.items()))
        message = await feed.until("contact.offered")
        await li.rung()
    await hotline.settled()
    pop: dict[str, Any] = message["pop"]
    return pop


A_ROUND = 0.02
"""Seconds of this test's loop: what came within one is read from stream and phone in any order."""


@pytest.mark.req("AG-03")
async def test_the_record_is_on_the_screen_before_the_phone_rings(hotline: Centre) -> None:
    """The agent's own stream against the INVITE at the agent's phone; several and none, too."""
    delays, found, first = [], {}, []
    for number in (NINA, FAMILY, None):
        async with hotline.on_duty("li") as (li,), li.desk.stream() as feed:
            reading = asyncio.create_task(feed.until("contact.offered"))
            caller = hotline.caller(number=number)
            await caller.dial("2001")
            phone = await li.rung()
            message = await reading
            popped_at, _ = feed.received[-1]
            decided_at = datetime.fromisoformat(message["at"])
            first.append(popped_at < phone.began_at)
            assert popped_at < phone.began_at + A_ROUND
            delays.append(time_of(popped_at) - decided_at)
        found[number] = message["pop"]["customer"]

    assert first.count(True) > first.count(False)
    assert found[NINA]["match"] == "one"
    assert found[NINA]["confidence"] == 1.0
    assert (
        found[NINA]["customers"][0] | {"name": "李娜", "tier": "vip"}
        == (found[NINA]["customers"][0])
    )
    assert found[FAMILY]["match"] == "several"
    assert {customer["name"] for customer in found[FAMILY]["customers"]} == {"王芳", "王强"}
    assert found[None].pop("match") == "none"
    assert not any(found[None].values())
    assert min(delays).total_seconds() < 0.2


async def test_a_customer_of_a_high_tier_goes_before_those_who_wait_a_little_longer(
    hotline: Centre,
) -> None:
    """Twenty steps of a minute each: more than the other has waited."""
    stranger, nina = hotline.caller(), hotline.caller(number=NINA)
    for caller in (stranger, nina):
        await caller.dial("2001")
        await caller.queued()

    async with hotline.on_duty("li"):
        assert (await nina.happens("interaction.started")).data["agent_id"] == "li"
        nina.call.hang_up()
        await nina.over()
        await stranger.happens("interaction.started")
        stranger.call.hang_up()
        await stranger.over()


def time_of(moment: float) -> datetime:
    """The UTC time of a moment of the loop's clock."""
    ago = asyncio.get_running_loop().time() - moment
    return datetime.now(UTC) - timedelta(seconds=ago)


@pytest.mark.req("AG-04")
async def test_the_look_up_is_done_while_the_caller_still_hears_the_welcome(
    hotline: Centre,
) -> None:
    caller = hotline.caller(number=NINA)
    await caller.dial("1000")
    matched = await caller.happens("contact.customer_matched", match="one")
    entered = await caller.happens("contact.node_entered", node="menu")

    assert matched.sequence < entered.sequence
    assert entered.heard_at - matched.heard_at > 0.5


async def keyed_in(hotline: Centre, *steps: tuple[int, str]) -> Caller:
    """A caller who presses keys when they hear a prompt's tone, and waits then."""
    caller = await pressed(hotline.caller(number=NINA), "1000", *steps)
    await caller.queued()
    return caller


async def pressed(caller: Caller, dials: str, *steps: tuple[int, str]) -> Caller:
    await caller.dial(dials)
    for hz, keys in steps:
        await caller.call.hears(hz)
        await caller.call.press(keys)
    return caller


async def popped(hotline: Centre) -> dict[str, Any]:
    """Li comes to work; the offer as it is on the screen."""
    li = hotline.agents["li"]
    async with li.desk.stream() as feed, hotline.on_duty("li"):
        return await feed.until("contact.offered")


@pytest.mark.req("IV-07")
async def test_the_menu_path_and_the_keys_come_with_the_caller(hotline: Centre) -> None:
    caller = await keyed_in(hotline, (600, "1"), (900, "1234"))
    queued = await caller.queued()
    await passed(caller.call, 1.0)
    message = await popped(hotline)
    pop = message["pop"]

    assert pop["menu_path"] == ["welcome", "menu", "account", "service"]
    assert pop["attributes"] == {"account": "1234", "product": "router"}
    assert pop["language"] == "en"
    assert pop["caller_number"] == NINA
    assert pop["dialled_number"] == "1000"
    assert pop["queue"] == "service"
    waited = datetime.fromisoformat(message["at"]) - datetime.fromisoformat(
        queued.data["queued_at"]
    )
    assert pop["waiting_seconds"] == pytest.approx(waited.total_seconds(), abs=0.05)
    assert pop["waiting_seconds"] >= 1.0


@pytest.mark.req("AC-17")
async def test_one_number_leads_everywhere_and_who_is_handed_on_need_not_say_it_again(
    hotline: Centre,
) -> None:
    """Reported are who was handed on, and who had to come again, in whichever department."""
    wants_repair = (700, "2"), (900, "1234")
    async with hotline.on_duty("li", "wang") as (li, wang), wang.desk.stream() as feed:
        nina = await pressed(hotline.caller(number=NINA), WINDOW, *wants_repair)
        at_li = await li.rung()
        await nina.happens("interaction.started")
        served, asked = await asyncio.gather(
            *(pressed(hotline.caller(), WINDOW, (700, key)) for key in "13")
        )
        await asked.call.hears(800)
        await does(li.desk, nina, "consult", queue="workshop")
        at_wang = await wang.rung()
        at_li.say(tone(1000))
        await at_wang.hears(1000)
        pop = (await feed.until("contact.offered"))["pop"]
        await does(li.desk, nina, "complete")
        nina.call.say(tone(440))
        await at_wang.hears(440)
        await served.happens("interaction.started", agent_id="li")
        for caller in (nina, served):
            caller.call.hang_up()
            await caller.over()
        again = await pressed(hotline.caller(number=NINA), WINDOW, *wants_repair)
        await again.happens("interaction.started", agent_id="li")
        again.call.hang_up()
        await again.over()
        assert await asked.over() == ("self_served", "flow-ended")
    await hotline.history(again.contact_id)
    report = await hotline.chief.get("/api/v1/reports/resolution?days=1")

    assert [one["name"] for one in pop["customer"]["customers"]] == ["李娜"]
    assert pop["attributes"] == {"account": "1234"}
    assert pop["menu_path"] == ["menu", "account", "repairs"]
    assert (pop["caller_number"], pop["dialled_number"]) == (NINA, WINDOW)
    rows = {row["queue"]: row for row in report["rows"]}
    told = ("contacts", "transferred", "transfers_per_contact", "first_contact_resolution")
    assert [rows["orders"][name] for name in told] == [1, 0, 0.0, 1.0]
    assert [rows["repairs"][name] for name in told] == [2, 1, 0.5, 0.5]
    assert (rows["repairs"]["resolved"], rows["repairs"]["pending"]) == (1, 1)
    assert "workshop" not in rows


async def test_a_secret_number_is_on_no_screen_in_no_record_and_in_no_log(hotline: Centre) -> None:
    caller = await keyed_in(hotline, (600, "4"), (1000, "86420975"))
    pop = (await popped(hotline))["pop"]
    history = await hotline.history(caller.contact_id)

    assert pop["menu_path"][-2:] == ["pin", "service"]
    assert pop["attributes"] == {"product": "router"}
    assert history["contact"]["attributes"] == {"product": "router"}
    told = [pop, history, hotline.server.log_lines]
    told += [seen.data for seen in hotline.book.seen]
    assert leaks("86420975", told) == []
    journal = (hotline.server.data / "journal").glob("*.jsonl")
    assert leaks("86420975", [file.read_bytes() for file in journal]) == []


async def test_wrong_keys_and_silence_end_the_menu_with_a_goodbye(hotline: Centre) -> None:
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.call.hears(600)
    await caller.call.press("9")
    await caller.call.hears(700)
    end = await caller.call.ended()

    assert await caller.over() == ("self_served", "flow-ended")
    assert (end.by, end.cause) == ("them", "hung up")


async def test_keys_by_sip_info_count_like_keys_by_rtp(hotline: Centre) -> None:
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.call.hears(600)
    caller.call.press_by_info("2")

    await caller.queued()


async def test_the_second_call_brings_the_first_one_up(hotline: Centre) -> None:
    number = "13911112222"
    first = await offered(hotline, hotline.caller(number=number))
    await hotline.history(first["contact_id"])
    second = await offered(hotline, hotline.caller(number=number))

    assert first["customer"]["history"] == []
    [past] = second["customer"]["history"]
    assert past["contact_id"] == first["contact_id"]
    assert (past["channel"], past["queue"]) == ("voice", "service")


async def test_a_trunk_may_assert_the_caller_by_another_header(hotline: Centre) -> None:
    headers = {"P-Asserted-Identity": "<sip:+8613800138000@carrier.example>"}
    pop = await offered(hotline, hotline.caller(), **headers)

    assert pop["customer"]["customers"][0]["name"] == "李娜"


async def test_a_caller_who_withholds_the_number_is_nobody(hotline: Centre) -> None:
    pop = await offered(hotline, hotline.caller(number="anonymous"))

    assert pop["customer"]["match"] == "none"
    assert pop["customer"]["history"] == []


@pytest.mark.req("RC-08")
async def test_the_recording_knows_who_called_whom_when_and_how_well(hotline: Centre) -> None:
    began = datetime.now(UTC)
    async with hotline.on_duty("li") as (li,):
        caller = hotline.caller(number=NINA)
        await caller.dial("2000")
        caller.call.say(tone(440))
        phone = await li.rung()
        phone.say(tone(1000))
        await caller.happens("interaction.started")
        await caller.call.hears(1000)
        await passed(caller.call, 1.5)
    stored = await caller.happens("recording.stored")
    rows = await hotline.chief.when(
        "/api/v1/recordings",
        lambda rows: [row for row in rows if row["id"] == stored.data["recording_id"]],
    )
    [row] = [row for row in rows if row["id"] == stored.data["recording_id"]]
    history = await hotline.history(caller.contact_id)

    assert (row["caller_number"], row["dialled_number"]) == (NINA, "2000")
    assert (row["queue"], row["agent_id"]) == ("service", "li")
    assert row["contact_id"] == caller.contact_id
    assert row["codec"] == "PCMU"
    assert not row["recovered"]
    assert began < datetime.fromisoformat(row["started_at"]) < datetime.now(UTC)
    assert row["duration"] == pytest.approx(1.7, abs=0.8)
    for side in ("caller", "agent"):
        assert row["quality"][f"{side}_packets_lost"] == 0
        assert row["quality"][f"{side}_packets_received"] > 50
        assert 0 <= row["quality"][f"{side}_jitter_ms"] < 50
        assert row["quality"][f"{side}_mos"] > 4
    assert [leg["codec"] for leg in history["legs"]] == ["PCMU", "PCMU"]
