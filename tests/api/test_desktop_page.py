"""The agents' page as it is served: whole, from here only, and with nothing written into it."""

import re
from html.parser import HTMLParser

import pytest

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


PAGES = pytest.mark.parametrize("path", ["/", "/channels"])


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
            imports = re.findall(r'from "\./([\w.]+)"', await answer.text())
            waiting |= {f"/desktop/{name}" for name in imports} - seen

    needed = {"/": {"main.js", "softphone.js"}, "/channels": {"channels.js", "stream.js"}}[path]
    assert {f"/desktop/{name}" for name in {*needed, "style.css"}} <= seen


async def test_what_the_browser_has_already_is_not_sent_again(centre: Centre) -> None:
    first = await centre.client.get("/desktop/main.js")
    again = await centre.client.get(
        "/desktop/main.js", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("path", ["/desktop/", "/desktop/../__init__.py", "/desktop/nothing.js"])
async def test_nothing_else_is_served(centre: Centre, path: str) -> None:
    assert (await centre.client.get(path)).status == 404


async def test_both_languages_have_the_same_words(centre: Centre) -> None:
    words = await (await centre.client.get("/desktop/words.js")).text()
    chinese, _, english = words.partition("\n  en: {")
    keys = re.compile(r'(?:^|[\s,{])(?:"([\w.-]+)"|(\w+)):\s+"')

    def spelt(text: str) -> set[str]:
        return {quoted or plain for quoted, plain in keys.findall(text)}

    assert spelt(chinese) == spelt(english)
    assert len(spelt(english)) > 100


async def test_a_desktop_is_told_what_there_is_to_choose_from(centre: Centre) -> None:
    headers = await centre.headers("li")
    await centre.token("wang")

    lists = await (await centre.client.get("/api/v1/desktop", headers=headers)).json()

    assert lists["not_ready_reasons"] == ["lunch"]
    assert lists["queues"] == ["sales"]
    assert [(one["id"], one["state"]) for one in lists["colleagues"]] == [("wang", "not_ready")]
