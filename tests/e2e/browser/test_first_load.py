"""How much an agent's browser has to load before the first call can come."""

import re

import pytest
from playwright.async_api import Browser

from tests.client_words import keys
from tests.e2e.centre import Centre

from .chromium import ChromiumTab, person
from .downloads import Downloads
from .seat import ready

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

MOST = 350_000  # bytes of compressed JavaScript


async def test_an_agents_page_is_small_and_loads_nothing_of_the_other_roles(
    hotline: Centre, browser: Browser
) -> None:
    async with person(browser) as context:
        tab = ChromiumTab(await context.new_page())
        loaded = Downloads(tab.page)
        await tab.open(int(hotline.server.config["api"]["port"]))
        async with ready(hotline, tab):
            scripts, sources = await loaded.scripts(), await loaded.sources()
    names = " ".join(scripts)
    assert "AgentPage" in names
    assert not [one for one in ("Supervisor", "Administrator", "Channels", "Wall") if one in names]
    said = set(re.findall(r"[\"'`]([\w-]+(?:\.[\w-]+)+)[\"'`]", sources))
    assert keys("agent") <= said
    assert said & (keys("supervisor") | keys("administrator")) == set()
    assert 50_000 < sum(scripts.values()) <= MOST, scripts
