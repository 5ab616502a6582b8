"""One flow, several front ends: customers serve themselves by phone, in a form and in a chat."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from config.settings import SHIPPED
from simulator.demo_outside import ACCOUNT, PIN, bank, write_information
from tests.ports import free_port

from . import possessions
from .browser.chromium import chromium, person
from .centre import LI, Centre, centre, queue
from .next_life import bury, risen
from .people import Hire

expect.set_options(timeout=15_000)  # a busy machine takes seconds to notice that it is offline

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBSCRIBER, PLACE = "12345678", "深圳市南山区海德路 8 号 3 栋 502"
BOSS = Hire("boss", "8000", skills=(), roles=("admin",))
WU = Hire("wu", "8030", skills=("repair:3", "english:3"))
SERVICES = {
    name: {"flow": f"shipped:{name}.yaml", "title": {"zh": zh, "en": en}}
    for name, zh, en in (
        ("fault", "故障报修", "Report a fault"),
        ("balance", "余额查询", "Balance"),
        ("flights", "航班信息", "Flights"),
        ("products", "产品信息", "Products"),
    )
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder, port = tmp_path_factory.mktemp("self-service"), free_port()
    write_information(SHIPPED / "demo" / "information.sql", folder / "information.db")
    money = {"url": f"http://127.0.0.1:{port}", "definition": "shipped:bank.yaml"}
    databases = {"information": {"url": f"sqlite:///{folder / 'information.db'}"}}
    changes: dict[str, Any] = {
        "flows": (),
        "numbers": {"1013": {"flow": "shipped:fault.yaml"}},
        "queues": [
            *(queue(name) for name in ("sales", "operator")),
            queue("repair", skills={"repair": 1}),
        ],
        "connectors": {"bank": {"settings": money}},
        "queries": {"databases": databases, "lookups": str(SHIPPED / "demo" / "lookups.yaml")},
        "self_service": {"services": SERVICES, "openings": 30},
    }
    async with bank(port), centre(folder, LI, WU, BOSS, **changes) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with chromium(tmp_path_factory.mktemp("chromium")) as it:
        yield it


class Customer:
    """Who uses the API as the pages do."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.token = ""
        self.read: list[str] = []
        self.state: Mapping[str, Any] = {}

    async def begin(self, service: str, channel: str = "web", language: str = "en") -> None:
        wanted = {"service": service, "channel": channel, "language": language}
        self.token = (await self.ask("POST", "sessions", wanted))["session"]
        await self.look()

    async def look(self) -> None:
        """Until something is asked, or it is over."""
        async with asyncio.timeout(60):
            while True:
                self._take(await self.ask("GET", f"session?since={len(self.read)}&wait=5"))
                if self.state["question"] or self.state["over"]:
                    return

    async def answer(self, text: str) -> None:
        number = self.state["question"]["number"]
        typed = {"question": number, "answer": text, "since": len(self.read)}
        self._take(await self.ask("POST", "session/answers", typed))
        if not (self.state["question"] or self.state["over"]):
            await self.look()

    async def ask(self, method: str, path: str, body: Any = None, status: int = 0) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"/api/v1/self-service/{path}".rstrip("/")
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status == status or (not status and answer.ok), await answer.text()
            return await answer.json()

    def _take(self, state: Any) -> None:
        self.read += [line["text"] for line in state["lines"]]
        self.state = state


@pytest_asyncio.fixture(loop_scope="module")
async def customer(hotline: Centre) -> AsyncIterator[Customer]:
    async with aiohttp.ClientSession(hotline.server.api) as session:
        yield Customer(session)


async def faults(hotline: Centre) -> list[dict[str, Any]]:
    wu = hotline.agents["wu"].desk
    return list((await wu.get("/api/v1/tickets?type=fault"))["items"])


async def channels(hotline: Centre, flow: str) -> dict[str, Any]:
    """When all who were in the flow are out of it."""
    report = await hotline.chief.when(
        f"/api/v1/flow-figures?flow={flow}",
        lambda report: all(one["inside"] == 0 for one in report["channels"].values()),
    )
    return dict(report["channels"])


async def test_a_fault_is_reported_over_the_api_and_the_account_is_checked(
    hotline: Centre, customer: Customer
) -> None:
    await customer.begin("fault")
    labels = [one["label"] for one in customer.state["question"]["options"]]
    await customer.answer("1")
    await customer.answer("87654321")  # nobody's
    unknown = customer.read[-2]
    await customer.answer(f"{SUBSCRIBER[:4]} {SUBSCRIBER[4:]}")
    await customer.answer("No internet")
    left = await customer.ask("DELETE", f"session?since={len(customer.read)}")

    assert labels == ["Report a fault", "Repair clerk"]
    assert unknown == "Sorry, we cannot find this account."
    [ticket] = await faults(hotline)
    assert ticket["form"] == {"account": SUBSCRIBER, "fault_code": "03", "place": PLACE}
    told = f"Your fault has been recorded under the number {ticket['number']}."
    assert customer.read[-1] == told
    assert (left["over"], left["lines"][-1]["text"]) == (True, "Thank you. Goodbye.")
    figures = await hotline.chief.when(
        "/api/v1/flow-figures?flow=fault",
        lambda report: report["channels"].get("web", {}).get("inside") == 0,
    )
    assert figures["channels"]["web"] == {
        **dict.fromkeys(("voicemail", "transferred", "abandoned", "let_go", "failed", "inside"), 0),
        "entered": 1,
        "self_served": 1,
        "containment": 1.0,
    }


async def test_a_pin_is_typed_and_nobody_sees_it(hotline: Centre, customer: Customer) -> None:
    await customer.begin("balance", "chat")
    await customer.answer(ACCOUNT)
    secret = customer.state["question"]["secret"]
    await customer.answer(PIN)
    balance = customer.read[-2]
    await customer.ask("DELETE", "session")

    assert secret
    assert "CNY" in balance
    assert PIN not in "\n".join(customer.read)
    assert all(PIN.encode() not in file.read_bytes() for file in journal(hotline))
    assert all(PIN not in str(line) for line in hotline.server.log_lines)


def journal(hotline: Centre) -> list[Path]:
    """All that the server has written."""
    return [file for file in hotline.server.data.rglob("*") if file.is_file()]


class Fronts:
    """The customers' pages in a browser."""

    def __init__(self, page: Page, port: int) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._complained)
        self._base = f"http://localhost:{port}"

    def _complained(self, message: Any) -> None:
        if message.type == "error":  # such as what the page's policy forbids
            self.errors.append(message.text)

    async def open(self, path: str) -> None:
        await self.page.goto(self._base + path)


@pytest_asyncio.fixture(loop_scope="module")
async def pages(hotline: Centre, browser: Browser) -> AsyncIterator[Fronts]:
    async with person(browser) as context:
        fronts = Fronts(await context.new_page(), int(hotline.server.api.rsplit(":", 1)[1]))
        yield fronts
        assert fronts.errors == []


async def newest_fault(hotline: Centre, before: int) -> dict[str, Any]:
    found = await faults(hotline)
    assert len(found) == before + 1
    return max(found, key=lambda one: str(one["number"]))


async def test_a_fault_is_reported_in_the_form_by_keyboard_alone(
    hotline: Centre, pages: Fronts
) -> None:
    """A wrong answer is asked again; what asks has the focus, and its words are its name."""
    page, before = pages.page, len(await faults(hotline))
    await pages.open("/self-service")
    await page.get_by_role("button", name="Report a fault").press("Enter")
    first = page.get_by_role("radio", name="Report a fault")
    await expect(first).to_be_focused()
    await expect(page.get_by_role("group", name="What can we do for you?")).to_be_visible()
    await first.press("Space")
    await first.press("Enter")
    account = page.get_by_role("textbox", name="Please enter your eight-digit account number.")
    await expect(account).to_be_focused()
    await account.press_sequentially("123")
    await account.press("Enter")
    again = "Sorry, that is not a valid account number."
    entry = page.get_by_role("textbox", name=again)
    await entry.fill(SUBSCRIBER)
    await entry.press("Enter")
    code = page.get_by_role("button", name="No internet")
    await code.press("Enter")
    told = page.get_by_role("group", name="Your fault has been recorded")
    await expect(told).to_be_visible()
    ticket = await newest_fault(hotline, before)
    await expect(told).to_contain_text(ticket["number"])
    await page.get_by_role("button", name="Finish").press("Enter")
    await expect(page.get_by_role("heading", name="This session is over")).to_be_focused()

    assert ticket["form"] == {"account": SUBSCRIBER, "fault_code": "03", "place": PLACE}


async def test_the_form_is_there_in_chinese_and_a_reload_goes_on_where_it_was(
    hotline: Centre, pages: Fronts
) -> None:
    page = pages.page
    await pages.open("/self-service")
    await page.get_by_role("button", name="中文").click()
    await page.get_by_role("button", name="故障报修").click()
    await page.get_by_role("radio", name="自助报修").check()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("textbox", name="请输入您的八位用户账号。").wait_for()
    await page.reload()

    await expect(page.get_by_role("textbox", name="请输入您的八位用户账号。")).to_be_visible()
    await page.get_by_role("button", name="结束").click()
    await expect(page.get_by_role("heading", name="本次服务已结束")).to_be_visible()


async def test_the_pin_is_hidden_in_the_form(hotline: Centre, pages: Fronts) -> None:
    page = pages.page
    await pages.open("/self-service")
    await page.get_by_role("button", name="Balance").click()
    entry = page.locator("#answer")
    await entry.fill(ACCOUNT)
    await entry.press("Enter")
    await expect(page.locator("#answer[type=password]")).to_be_visible()
    await entry.fill(PIN)
    await entry.press("Enter")

    await expect(page.get_by_text("CNY")).to_be_visible()
    assert PIN not in await page.content()


async def test_who_wants_a_person_leaves_a_number_and_the_agent_has_it_all(
    hotline: Centre, customer: Customer
) -> None:
    await customer.begin("fault")
    await customer.answer("1")
    await customer.answer(SUBSCRIBER)
    await customer.answer("Repair clerk")
    await customer.answer("not a number")
    await customer.answer("138 0013 8000")
    wu = hotline.agents["wu"].desk
    await wu.set_state("ready")
    async with wu.stream():  # nobody is rung who is not there
        [work] = await wu.when("/api/v1/work", bool)
    path = f"/api/v1/contacts/{work['contact_id']}"
    contact = (await hotline.chief.when(path, lambda one: one["contact"]["queue"]))["contact"]
    await wu.post(f"/api/v1/work/{work['contact_id']}/accept")
    await wu.post(f"/api/v1/work/{work['contact_id']}/complete")
    await wu.set_state("not_ready", "break")

    assert customer.state["over"]
    assert customer.read[-1] == "One of us has your request now, and will be in touch with you."
    assert (work["channel"], work["address"], work["subject"]) == (
        *("web", "+8613800138000"),
        "Report a fault",
    )
    assert contact["menu_path"][-1] == "clerk"
    assert work["attributes"]["account"] == SUBSCRIBER
    assert f"> {SUBSCRIBER}" in work["attributes"]["transcript"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "sessions", {"service": "nothing", "channel": "web"}, 404),
        ("POST", "sessions", {"service": "fault", "channel": "voice"}, 422),
        ("POST", "sessions", {"service": "fault", "channel": "web", "more": 1}, 422),
        ("GET", "session", None, 404),
        ("POST", "session/answers", {"question": 1, "answer": "x"}, 404),
        ("DELETE", "session", None, 404),
    ],
)
async def test_what_cannot_be_is_refused(
    customer: Customer, method: str, path: str, body: Any, status: int
) -> None:
    customer.token = "guessed"

    await customer.ask(method, path, body, status)


async def test_an_answer_that_comes_twice_is_given_once_and_a_long_one_not_at_all(
    hotline: Centre, customer: Customer
) -> None:
    await customer.begin("fault")
    first = {"question": customer.state["question"]["number"], "answer": "1", "since": 0}
    once = await customer.ask("POST", "session/answers", first)
    twice = await customer.ask("POST", "session/answers", first)
    await customer.ask("POST", "session/answers", {**first, "answer": "1" * 201}, 422)
    await customer.ask("DELETE", "session")

    assert twice == once
    assert [line["text"] for line in once["lines"]].count("1") == 1


async def test_a_chat_loses_no_line_and_doubles_none_when_the_network_goes(
    hotline: Centre, pages: Fronts
) -> None:
    """What is typed while it is away gets there once; words will do where keys are meant."""
    page, before = pages.page, len(await faults(hotline))
    await pages.open("/self-service/chat")
    await page.get_by_role("button", name="Report a fault").click()
    entry = page.get_by_role("textbox", name="Your answer")
    await page.get_by_role("button", name="Repair clerk").wait_for()
    await entry.fill("report a FAULT")
    await entry.press("Enter")
    await expect(page.get_by_text("Please enter your eight-digit account number.")).to_be_visible()
    await page.context.set_offline(True)
    await entry.fill(SUBSCRIBER)
    await entry.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("button", name="No internet").click()
    told = page.get_by_text("Your fault has been recorded")
    await expect(told).to_be_visible()
    await page.reload()
    await expect(told).to_be_visible()
    ticket = await newest_fault(hotline, before)
    lines = await page.get_by_role("log").get_by_role("listitem").all_inner_texts()
    await page.get_by_role("button", name="Finish").click()
    await expect(page.get_by_role("heading", name="This session is over")).to_be_focused()

    assert [line for line in lines if line in ("report a FAULT", SUBSCRIBER)] == [
        "report a FAULT",
        SUBSCRIBER,
    ]
    assert len(lines) == len(set(lines))
    assert ticket["number"] in lines[-1]
    pages.errors.clear()  # the browser's own, of a network that was not there


async def test_the_same_flow_serves_the_phone_the_form_and_the_chat_and_each_is_counted(
    hotline: Centre, customer: Customer
) -> None:
    before, earlier = len(await faults(hotline)), await channels(hotline, "fault")
    caller = hotline.caller()
    await caller.dial("1013")
    await caller.happens("contact.node_entered", node="welcome")
    await caller.call.press(f"91{SUBSCRIBER}03", duration_ms=60, gap_ms=40)
    await caller.happens("contact.node_entered", node="reported")
    for channel in ("web", "chat"):
        await customer.begin("fault", channel)
        for answer in ("1", SUBSCRIBER, "03"):
            await customer.answer(answer)
        await customer.ask("DELETE", "session")
        customer.read.clear()
    assert await caller.over(within=60) == ("self_served", "flow-ended")
    counted = await hotline.chief.when(
        "/api/v1/flow-figures?flow=fault",
        lambda report: all(
            report["channels"].get(one, none)["self_served"]
            == earlier.get(one, none)["self_served"] + 1
            for one in ("voice", "web", "chat")
        ),
    )

    assert len(await faults(hotline)) == before + 3
    form = {"account": SUBSCRIBER, "fault_code": "03", "place": PLACE}
    newest = sorted(await faults(hotline), key=lambda one: str(one["number"]))[-3:]
    assert [one["form"] for one in newest] == [form] * 3
    [row] = counted["rows"]
    for ends in (*counted["channels"].values(), row):
        assert ends["containment"] == round(ends["self_served"] / ends["entered"], 4)
    assert row["entered"] == sum(one["entered"] for one in counted["channels"].values())


none = {"self_served": 0}


async def test_a_crash_ends_who_was_in_the_flow_and_keeps_who_waits_for_an_agent(
    tmp_path: Path,
) -> None:
    """The number that the customer has left is there after it, and so are their answers."""
    write_information(SHIPPED / "demo" / "information.sql", tmp_path / "information.db")
    databases = {"information": {"url": f"sqlite:///{tmp_path / 'information.db'}"}}
    plan: dict[str, Any] = {
        "flows": (),
        "numbers": {},
        "queues": [queue("repair", skills={"repair": 1}), queue("sales")],
        "queries": {"databases": databases, "lookups": str(SHIPPED / "demo" / "lookups.yaml")},
        "self_service": {"services": {"fault": SERVICES["fault"]}},
    }
    async with centre(tmp_path, WU, **plan) as it:
        async with aiohttp.ClientSession(it.server.api) as session:
            waits, walks = Customer(session), Customer(session)
            await waits.begin("fault", "chat")
            await waits.answer("0")
            await waits.answer("13800138000")
            await walks.begin("fault")
            await walks.answer("1")
        wanted = "/api/v1/contacts?limit=10"
        found = await it.chief.when(wanted, lambda all_: len(items(all_)) == 2)
        assert {one["channel"] for one in items(found)} == {"web", "chat"}
        family = possessions.descendants(it.control_pid)
        possessions.kill(it.control_pid)
        await bury(it.server, *family)
        async with risen(it) as again:
            wu = again.agents["wu"].desk
            await wu.set_state("ready")
            async with wu.stream():
                [work] = await wu.when("/api/v1/work", bool)
            ended = await again.chief.when(
                wanted, lambda all_: any(one["outcome"] for one in items(all_))
            )
            async with aiohttp.ClientSession(again.server.api) as session:
                walks = Customer(session)
                walks.token = "of the dead server"
                await walks.ask("GET", "session", status=404)
            await wu.post(f"/api/v1/work/{work['contact_id']}/accept")
            await wu.post(f"/api/v1/work/{work['contact_id']}/complete")

    assert (work["channel"], work["address"]) == ("chat", "+8613800138000")
    [cut] = [one for one in items(ended) if one["outcome"]]
    assert (cut["channel"], cut["outcome"], cut["reason"]) == ("web", "failed", "server-died")


def items(found: Any) -> list[dict[str, Any]]:
    return list(found["items"] if isinstance(found, dict) else found)
