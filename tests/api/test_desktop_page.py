"""The agents' page as it is served: whole, from here only, and with nothing written into it."""

import re
from html.parser import HTMLParser

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from cti_server.api import desktop_page

from .conftest import Centre


class Page(HTMLParser):
    """What a page loads, and what would run or be styled without a file."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        for name, value in attrs:
            if name in {"src", "href"} and tag != "a":
                self.loads.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        if self._open in {"script", "style"} and data.strip():
            self.inline.append(data)


PAGES = pytest.mark.parametrize("path", ["/", "/wall"])


async def page_of(centre: Centre, path: str) -> tuple[Page, str]:
    answer = await centre.client.get(path)
    assert answer.status == 200
    text = await answer.text()
    page = Page()
    page.feed(text)
    return page, answer.headers["Content-Security-Policy"]


@PAGES
async def test_a_page_runs_and_loads_nothing_from_elsewhere(centre: Centre, path: str) -> None:
    page, policy = await page_of(centre, path)

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.inline == []
    assert page.loads
    assert all(one.startswith("/desktop/") for one in page.loads)


@PAGES
async def test_every_file_that_a_page_and_its_modules_name_is_there(
    centre: Centre, path: str
) -> None:
    page, _ = await page_of(centre, path)
    waiting, seen = set(page.loads), set[str]()
    while waiting:
        file = waiting.pop()
        seen.add(file)
        answer = await centre.client.get(file)
        assert answer.status == 200, file
        if answer.content_type == "text/javascript":
            named = re.findall(r'"(?:\./|assets/)([\w.-]+\.(?:js|css))"', await answer.text())
            waiting |= {f"{file.rpartition('/')[0]}/{name}" for name in named} - seen

    assert {name.rpartition(".")[2] for name in seen} >= {"js", "css", "svg"}
    assert len([name for name in seen if name.endswith(".js")]) > 1


async def test_what_the_browser_has_already_is_not_sent_again(centre: Centre) -> None:
    page, _ = await page_of(centre, "/")
    script = next(one for one in page.loads if one.endswith(".js"))
    first = await centre.client.get(script)
    assert "immutable" in first.headers["Cache-Control"]
    assert first.headers["Content-Encoding"] == "gzip"
    again = await centre.client.get(script, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("path", ["/desktop/", "/desktop/../__init__.py", "/desktop/nothing.js"])
async def test_nothing_else_is_served(centre: Centre, path: str) -> None:
    assert (await centre.client.get(path)).status == 404


@pytest.mark.parametrize(
    "path", ["/supervisor", "/supervisor/queues", "/administrator/users/li", "/channels"]
)
async def test_every_page_of_the_desktop_is_the_same_document(centre: Centre, path: str) -> None:
    answer = await centre.client.get(path)
    assert await answer.read() == await (await centre.client.get("/")).read()
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_a_desktop_that_was_not_built_says_so() -> None:
    app = web.Application()
    desktop_page.add_desktop(app, None)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/")
        assert (answer.status, "make setup" in await answer.text()) == (503, True)


async def test_a_desktop_is_told_what_there_is_to_choose_from(centre: Centre) -> None:
    headers = await centre.headers("li")
    await centre.token("wang")

    lists = await (await centre.client.get("/api/v1/desktop", headers=headers)).json()

    assert lists["not_ready_reasons"] == ["lunch"]
    reasons = await (await centre.client.get("/api/v1/reasons", headers=headers)).json()
    assert reasons["not_ready"] == [{"id": "lunch", "labels": {"zh": "午餐", "en": "Lunch"}}]
    assert reasons["mask"][0] == {
        "id": "card_number",
        "labels": {"zh": "银行卡信息", "en": "Card details"},
    }
    assert lists["queues"] == ["sales"]
    assert lists["afterwards"] == ["office"]
    assert [(one["id"], one["state"]) for one in lists["colleagues"]] == [("wang", "not_ready")]
