"""One centre and one Chromium for all tests of the agents' page in it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from simulator.phone import Phones
from tests.e2e.carrier import LOOPBACK, carrier, trunk
from tests.e2e.centre import FLOW_FILES, Centre, centre
from tests.running_server import PASSWORD

from .chromium import ChromiumTab, chromium, person
from .seat import ADMIN, LI, NUMBERS, QUEUES, STAFF, SURVEY, surge

DEMO: dict[str, Any] = {
    "password": PASSWORD,
    "log_ins": [
        {
            "agent_id": LI.id,
            "name": "Li",
            "role": "agent",
            "phone": "browser",
            "about": {"en": "Takes calls.", "zh": "接听来电。"},
        }
    ],
    "numbers": [{"number": "2000", "title": {"en": "Service", "zh": "客服"}}],
    "tries": [{"en": "Call, and answer.", "zh": "拨打并接听。"}],
}


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def company() -> AsyncIterator[Phones]:
    async with carrier() as it:
        yield it


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def hotline(
    tmp_path_factory: pytest.TempPathFactory, company: Phones
) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("browser")
    async with centre(
        folder,
        *STAFF,
        queues=QUEUES,
        numbers=NUMBERS,
        flows=[*FLOW_FILES, SURVEY],
        surveys={"after_call": str(folder / "flows" / SURVEY)},
        demo=DEMO,
        past=[surge()],
        web_calls={"numbers": {"1000": {"en": "Menu"}, "2000": {"en": "Service"}}},
        sip={"trunks": [LOOPBACK, trunk("carrier", company, caller_id="+8675595500")]},
        routes=[{"prefix": "+86", "trunks": ["carrier"]}],
    ) as it:
        yield it


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with chromium(tmp_path_factory.mktemp("chromium")) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="package")
async def administrator(hotline: Centre, browser: Browser) -> AsyncIterator[Page]:
    """Logged in, on a page without an error."""
    async with person(browser) as context:
        tab = ChromiumTab(await context.new_page())
        await tab.open(int(hotline.server.config["api"]["port"]))
        await tab.type_in(ADMIN.id)
        await tab.page.wait_for_selector("#log-out", timeout=60_000)
        yield tab.page
        assert tab.errors == []
