"""Customers serve themselves by text, over a real Kannel; nothing is lost or done twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from config.settings import SHIPPED
from simulator.demo_outside import ACCOUNT, PIN, bank, write_information
from tests.ports import free_port

from . import possessions
from .browser.chromium import chromium, person
from .centre import Centre, centre, queue
from .kannel import OURS, Air, Handset, Kannel, gateway, new_number
from .next_life import bury, risen
from .people import Hire
from .test_self_service import PLACE, SERVICES, SUBSCRIBER, Fronts

pytestmark = pytest.mark.asyncio(loop_scope="module")

WU = Hire("wu", "8030", skills=("repair:3", "english:3"))
LI_MING = "+8613800138000"
CUSTOMERS = f"name,number\nLi Ming,{LI_MING}\n".encode()
KEYWORDS = {
    "报修": {"service": "fault", "language": "zh"},
    "FAULT": {"service": "fault", "language": "en"},
    "BALANCE": {"service": "balance", "language": "en"},
}
REPORTED = {"account": SUBSCRIBER, "fault_code": "03", "place": PLACE}


def plan(folder: Path, kannel: Kannel, api_port: int, bank_port: int) -> dict[str, Any]:
    write_information(SHIPPED / "demo" / "information.sql", folder / "information.db")
    money = {"url": f"http://127.0.0.1:{bank_port}", "definition": "shipped:bank.yaml"}
    databases = {"information": {"url": f"sqlite:///{folder / 'information.db'}"}}
    return {
        "api": {"port": api_port},
        "flows": (),
        "numbers": {"1013": {"flow": "shipped:fault.yaml"}},
        "queues": [
            *(queue(name) for name in ("sales", "operator")),
            queue("repair", skills={"repair": 1}),
        ],
        "connectors": {"bank": {"settings": money}},
        "queries": {"databases": databases, "lookups": str(SHIPPED / "demo" / "lookups.yaml")},
        "self_service": {"services": SERVICES},
        "sms": {
            "gateways": {"kannel": gateway(kannel)},
            "numbers": {OURS: {"gateway": "kannel", "keywords": KEYWORDS}},
            "elsewhere": {"en": "Call 10086, or go to https://hotline.example/self-service."},
            "timeout": 3,
            "retry_after": 1,
        },
    }


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[tuple[Centre, Air]]:
    api_port, bank_port = free_port(), free_port()
    kannel = Kannel(folder, api_port)
    async with (
        bank(bank_port),
        kannel.at_work() as air,
        centre(folder, WU, customers=CUSTOMERS, **plan(folder, kannel, api_port, bank_port)) as it,
    ):
        yield it, air


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lines(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Centre, Air]]:
    async with at_work(tmp_path_factory.mktemp("texts")) as both:
        yield both


async def faults(hotline: Centre) -> list[dict[str, Any]]:
    wu = hotline.agents["wu"].desk
    found = list((await wu.get("/api/v1/tickets?type=fault"))["items"])
    return sorted(found, key=lambda one: str(one["number"]))


async def test_a_keyword_begins_a_report_and_the_tickets_number_comes_by_text(
    lines: tuple[Centre, Air],
) -> None:
    hotline, air = lines
    phone, before = air.phone(LI_MING), len(await faults(hotline))

    first = await phone.ask("报修")
    account = await phone.ask("1")
    unknown = await phone.ask("87654321")
    code = await phone.ask(f"{SUBSCRIBER[:4]} {SUBSCRIBER[4:]}")
    told = await phone.ask("宽带不通")
    ended = await phone.ask("取消")

    assert "请问您需要什么?" in first
    assert "1 自助报修" in first.splitlines()
    assert account.endswith("请输入您的八位用户账号。\n* 人工报修")
    assert unknown.startswith("对不起,没有查到这个账号。")
    assert "03 宽带不通" in code.splitlines()
    assert ended == "本次服务已结束。"
    ticket = (await faults(hotline))[before:][0]
    assert ticket["form"] == REPORTED
    assert f"受理号是{ticket['number']}" in told
    contact = await hotline.history(ticket["contact_id"])
    assert {name: contact["contact"][name] for name in ("channel", "caller_number", "outcome")} == {
        "channel": "sms",
        "caller_number": LI_MING,
        "outcome": "self_served",
    }
    [mine] = contact["contact"]["customer_ids"]
    assert ticket["customer_id"] == mine


async def test_a_password_is_never_asked_for_by_text(lines: tuple[Centre, Air]) -> None:
    _, air = lines
    phone = air.phone(new_number())

    await phone.ask("balance")
    told = await phone.ask(ACCOUNT)
    after = await phone.ask(PIN)

    assert "For your safety we ask for no password here." in told
    assert told.endswith("Call 10086, or go to https://hotline.example/self-service.")
    assert after.startswith("没有理解您的短信。请发送关键字:报修 (故障报修)")


async def test_who_wants_a_person_is_in_the_tray_with_all_that_was_said(
    lines: tuple[Centre, Air],
) -> None:
    hotline, air = lines
    phone, wu = air.phone(new_number()), hotline.agents["wu"].desk

    await phone.ask("FAULT")
    await phone.ask("Report a fault")
    await phone.ask(SUBSCRIBER)
    told = await phone.ask("Repair clerk")
    await wu.set_state("ready")
    async with wu.stream():
        [work] = await wu.when("/api/v1/work", bool)
    await wu.post(f"/api/v1/work/{work['contact_id']}/accept")
    await wu.post(f"/api/v1/work/{work['contact_id']}/complete")
    await wu.set_state("not_ready", "break")

    assert told.endswith("One of us has your request now, and will be in touch with you.")
    assert (work["channel"], work["address"], work["subject"]) == (
        *("sms", phone.number),
        "Report a fault",
    )
    assert work["attributes"]["account"] == SUBSCRIBER
    assert f"> {SUBSCRIBER}" in work["attributes"]["transcript"]


async def test_two_machines_do_not_talk_for_ever(lines: tuple[Centre, Air]) -> None:
    """Who is not understood is told so once an hour; the list is there for whoever asks for it."""
    _, air = lines
    phone = air.phone(new_number())

    once = await phone.ask("I am on holiday.")
    for _ in range(3):
        await phone.send("I am on holiday.")
    listed = await phone.ask("HELP")

    assert once.startswith("没有理解您的短信。")
    assert listed.startswith("Send a keyword: BALANCE (Balance), FAULT (Report a fault).")
    assert len(phone.got) == 2


async def test_who_stops_is_told_so_once_and_gets_nothing_until_they_start_again(
    lines: tuple[Centre, Air],
) -> None:
    hotline, air = lines
    phone, wu = air.phone(LI_MING), hotline.agents["wu"].desk
    found = await wu.get(f"/api/v1/customers?number={LI_MING.replace('+', '%2B')}")
    [customer] = found["items"] if isinstance(found, Mapping) else found
    await phone.ask("FAULT")

    stopped = await phone.ask("退订")
    for text in ("TD", "FAULT", "HELP", "1"):
        await phone.send(text)
    consents = await wu.when(f"/api/v1/customers/{customer['id']}/consents", bool)
    started = await phone.ask("恢复")

    assert stopped.startswith("您已退订")
    assert started.startswith("您已恢复接收短信。")
    refused = [one for one in consents if one["in_force"]]
    assert {(one["channel"], one["purpose"], one["given"]) for one in refused} == {
        ("sms", purpose, False) for purpose in ("service", "marketing", "survey")
    }
    again = {
        (one["purpose"], one["given"])
        for one in await wu.get(f"/api/v1/customers/{customer['id']}/consents")
        if one["in_force"]
    }
    assert again == {("service", True), ("survey", True), ("marketing", False)}


@pytest.mark.req("IV-10")
async def test_one_fault_line_serves_the_phone_the_text_the_form_and_the_chat(
    tmp_path: Path,
) -> None:
    """One flow, published once: four tickets of the same content, each channel counted."""
    async with at_work(tmp_path) as (hotline, air), chromium(tmp_path) as browser:
        await _reports_by_phone(hotline)
        by_text = await _reports_by_text(air.phone(LI_MING))
        async with person(browser) as context:
            fronts = Fronts(await context.new_page(), int(hotline.server.api.rsplit(":", 1)[1]))
            await _reports_in_the_form(fronts)
            await _reports_in_the_chat(fronts)
        report = await hotline.chief.when(
            "/api/v1/flow-figures?flow=fault",
            lambda report: (
                len(report["channels"]) == 4
                and all(one["inside"] == 0 for one in report["channels"].values())
            ),
            60,
        )
        tickets = await faults(hotline)
        contacts = [await hotline.history(one["contact_id"]) for one in tickets]

    assert [one["form"] for one in tickets] == [REPORTED] * 4
    channels = [one["contact"]["channel"] for one in contacts]
    assert sorted(channels) == ["chat", "sms", "voice", "web"]
    assert tickets[channels.index("sms")]["number"] in by_text
    served = {"entered": 1, "self_served": 1, "containment": 1.0}
    assert {
        channel: {name: ends[name] for name in served}
        for channel, ends in report["channels"].items()
    } == dict.fromkeys(channels, served)
    [row] = report["rows"]
    assert (row["flow"], row["entered"], row["containment"]) == ("fault", 4, 1.0)


async def _reports_by_phone(hotline: Centre) -> None:
    caller = hotline.caller()
    await caller.dial("1013")
    await caller.happens("contact.node_entered", node="welcome")
    await caller.call.press(f"91{SUBSCRIBER}03", duration_ms=60, gap_ms=40)
    await caller.happens("contact.node_entered", node="reported")
    assert await caller.over(within=60) == ("self_served", "flow-ended")


async def _reports_by_text(phone: Handset) -> str:
    for text in ("FAULT", "1", SUBSCRIBER):
        await phone.ask(text)
    told = await phone.ask("No internet")
    assert await phone.ask("cancel") == "This service has ended."
    return told


async def _reports_in_the_form(fronts: Fronts) -> None:
    page = fronts.page
    await fronts.open("/self-service")
    await page.get_by_role("button", name="Report a fault").press("Enter")
    choice = page.get_by_role("radio", name="Report a fault")
    await choice.press("Space")
    await choice.press("Enter")
    account = page.get_by_role("textbox", name="Please enter your eight-digit account number.")
    await account.fill(SUBSCRIBER)
    await account.press("Enter")
    await _ends_with_a_number(page)


async def _reports_in_the_chat(fronts: Fronts) -> None:
    page = fronts.page
    await fronts.open("/self-service/chat")
    await page.get_by_role("button", name="Report a fault").click()
    await page.get_by_role("button", name="Repair clerk").wait_for()
    entry = page.get_by_role("textbox", name="Your answer")
    for answer, asked in (
        ("Report a fault", "Please enter your eight-digit account number."),
        (SUBSCRIBER, "What is the fault?"),
    ):
        await entry.fill(answer)
        await entry.press("Enter")
        await expect(page.get_by_text(asked)).to_be_visible()
    await _ends_with_a_number(page)


async def _ends_with_a_number(page: Page) -> None:
    await page.get_by_role("button", name="No internet").click()
    await expect(page.get_by_text("Your fault has been recorded").first).to_be_visible()
    await page.get_by_role("button", name="Finish").click()
    await expect(page.get_by_role("heading", name="This session is over")).to_be_visible()


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.25])
async def test_a_crash_with_a_text_in_hand_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, moment: float
) -> None:
    """Killed so soon after the last answer was sent; who writes meanwhile is answered, too."""
    async with at_work(tmp_path) as (it, air):
        phone, other = air.phone(LI_MING), air.phone(new_number())
        asked = [await phone.ask(text) for text in ("报修", "1", SUBSCRIBER)]
        family = possessions.descendants(it.control_pid)
        await phone.send("03")
        await asyncio.sleep(moment)
        possessions.kill(it.control_pid)
        await bury(it.server, *family)
        await other.send("FAULT")
        async with risen(it) as again:
            while (told := await phone.next(within=90)) in asked:
                """What Kannel took in the very moment of the crash is sent again."""
            assert "What can we do for you?" in await other.next(within=90)
            await phone.send("取消")
            while (last := await phone.next(within=90)) in (*asked, told):
                """Likewise."""
            [ticket] = await faults(again)
            contact = await again.history(ticket["contact_id"])
            jobs = await again.chief.get("/api/v1/outbox?channel=sms&limit=100")

    assert last == "本次服务已结束。"
    assert f"受理号是{ticket['number']}" in told
    assert ticket["form"] == REPORTED
    assert contact["contact"]["outcome"] == "self_served"
    assert contact["contact"]["menu_path"].count("report") == 1
    assert len([one for one in jobs["items"] if one["contact_id"] == ticket["contact_id"]]) == 5
