"""Flows are checked, published, compared and rolled back over HTTP while the server runs."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import QueuePool

from cti_server.cli import main
from cti_server.flow_book import FlowBook
from cti_server.refusals import StartFailed
from cti_server.store.database import Database
from ivr.walk import Walk
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import asking, told
from .conftest import OFFICE, Centre, opened
from .flow_drafts import FLOW, draft, office_hours

__all__ = ["database_url", "postgres", "postgres_url"]

GREETED = """
languages: [en]
start: greeting
nodes:
  greeting: {type: flow, flow: greeting, then: desk}
  desk: {type: queue, queue: sales}
"""
GREETING = """
languages: [en]
start: hello
prompts:
  hello: {en: {wav: sounds/hello.wav}}
nodes:
  hello: {type: play, prompt: hello, then: back}
  back: {type: return}
"""
NIGHT = """
languages: [en]
start: desk
nodes:
  desk: {type: queue, queue: sales}
"""
HELLO = base64.b64encode(b"RIFF hello").decode()


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    """On each of the two databases in turn."""
    async with opened(tmp_path, database_url=database_url) as centre:
        yield centre


def greeted(version: int, **sounds: str) -> dict[str, Any]:
    texts = {"office": GREETED, "greeting": GREETING}
    return {"version": version, "main": "office", "texts": texts, "sounds": sounds}


def book_of(centre: Centre, folder: Path) -> FlowBook:
    """What the server would have after a restart."""
    here = centre.parts
    sources = {"office.yaml": folder / "office.yaml"}
    return FlowBook(here.database, here.changes, sources, here.queues)


def now() -> datetime:
    return datetime.now(UTC)


async def test_a_flow_lives_from_its_file_through_its_versions(
    either: Centre, tmp_path: Path
) -> None:
    """A call stays in the version that it began in; a restart keeps what was published."""
    sun, flows = asking(either, "sun"), either.parts.flows
    await office_hours(sun)
    (shown,) = (await sun("GET", "flows")).body
    assert (shown["name"], shown["version"], shown["origin"]) == ("office", 1, "file")
    assert shown["sources"] == ["office.yaml"]
    caller = Walk(flows["office.yaml"])

    with_sound = greeted(1, **{"sounds/hello.wav": HELLO})
    made = await sun("POST", f"{FLOW}/publish", with_sound)
    assert (made.status, made.body["version"], made.body["origin"]) == (200, 2, "edited")
    assert (caller.whole.version, caller.flow.start) == (1, "hours")
    newer = Walk(flows["office.yaml"])
    assert (newer.whole.version, newer.flow.start) == (2, "greeting")
    assert newer.advance() is not None
    assert newer.visits == [("office", "greeting"), ("greeting", "hello")]
    said = await sun("GET", f"{FLOW}/versions/2")
    assert (said.body["texts"], said.body["main"]) == (with_sound["texts"], "office")

    slower = greeted(2)
    slower["texts"]["office"] = GREETED.replace("queue: sales", "queue: sales, priority: 5")
    assert (await sun("POST", f"{FLOW}/publish", slower)).body["version"] == 3
    stale = await sun("POST", f"{FLOW}/publish", slower)
    assert (stale.status, stale.kind) == (409, "EditConflict")
    differs = (await sun("GET", f"{FLOW}/difference", of="2")).body
    changed = [line for line in differs["difference"].splitlines() if line[1:3] == "  "]
    assert differs["to"] == 3
    assert [line for line in changed if line[0] in "+-"] == [
        "-  desk: {type: queue, queue: sales}",
        "+  desk: {type: queue, queue: sales, priority: 5}",
    ]
    sounds = (await sun("GET", f"{FLOW}/versions/3")).body["sounds"]
    assert sounds == said.body["sounds"]  # it was not sent again

    (tmp_path / "office.yaml").write_text(OFFICE.replace("[en]", "[zh]"))
    restarted = book_of(either, tmp_path)
    await restarted.load(now())
    found = restarted["office.yaml"]
    assert (found.version, found.languages) == (3, ["en"])
    assert (found.parts["greeting"].version, found.edition) == (3, "office@3/office")
    restarted.run(either_speaks := Spoken())
    assert either_speaks.editions == []

    back = await sun("POST", f"{FLOW}/roll-back", {"version": 3, "to": 1})
    assert (back.status, back.body["version"]) == (200, 4)
    assert flows["office.yaml"].start == "hours"
    await restarted.reload()  # as the other process is told to
    assert restarted["office.yaml"].start == "hours"
    assert either_speaks.editions == ["office@4/office"]
    again = await sun("POST", f"{FLOW}/roll-back", {"version": 4})  # the last other one
    assert (again.body["version"], flows["office.yaml"].start) == (5, "greeting")
    page = (await sun("GET", f"{FLOW}/versions", limit="2")).body
    rest = (await sun("GET", f"{FLOW}/versions", after=page["next"])).body
    history = [
        (one["number"], one["action"], one["changed_by"])
        for one in [*page["items"], *rest["items"]]
    ]
    assert history == [
        (5, "rolled_back", "sun"),
        (4, "rolled_back", "sun"),
        (3, "updated", "sun"),
        (2, "updated", "sun"),
        (1, "created", "system"),
    ]
    assert await told(either, record="flow") == [
        ("system", "created", "flow", "office"),
        *(("sun", action, "flow", "office") for action in ("updated", "updated")),
        *(("sun", action, "flow", "office") for action in ("rolled_back", "rolled_back")),
    ]


class Spoken:
    """Remembers what was rendered."""

    def __init__(self) -> None:
        self.editions: list[str] = []

    async def render(self, flow: Any) -> None:
        self.editions.append(flow.edition)


class Until:
    """Renders as long as nobody opens it."""

    def __init__(self) -> None:
        self.began, self.opened = asyncio.Event(), asyncio.Event()

    async def render(self, flow: Any) -> None:
        self.began.set()
        await self.opened.wait()


async def test_a_flow_is_made_without_a_file_led_to_and_kept_over_a_restart(
    either: Centre, tmp_path: Path
) -> None:
    sun, flows = asking(either, "sun"), either.parts.flows
    night = {"name": "night", "text": NIGHT, "note": "for the season"}
    assert (await asking(either, "li")("POST", "flows", night)).status == 403
    wrong = NIGHT.replace("queue: sales", "queue: shop")
    checked = await sun("POST", "flows/night/check", {"main": "night", "texts": {"night": wrong}})
    assert [one["node"] for one in checked.body["problems"]] == ["desk"]
    refused = await sun("POST", "flows", {**night, "text": wrong})
    assert (refused.status, refused.kind) == (422, "FlowInvalid")
    assert (await sun("POST", "flows", {**night, "name": "../night"})).status == 422
    for taken in ("office", "office.yaml"):
        again = await sun("POST", "flows", {**night, "name": taken})
        assert again.status in {409, 422}, again.body

    made = await sun("POST", "flows", night)
    assert made.status == 201, made.body
    assert {name: made.body[name] for name in ("version", "origin", "sources", "in_force")} == {
        "version": 1,
        "origin": "edited",
        "sources": [],
        "in_force": True,
    }
    assert (await sun("POST", "flows", night)).kind == "AlreadyThere"
    assert flows["night"].start == "desk"
    led = await sun("POST", "numbers", {"number": "4000", "settings": {"flow": "night"}})
    assert led.status == 201, led.body
    assert (led.body["in_force"], either.parts.numbers["4000"].flow) == (True, "night")

    vip = NIGHT.replace("queue: sales", "queue: sales, priority: 5")
    drafted = {"main": "night", "texts": {"night": vip}}
    differs = (await sun("POST", "flows/night/difference", drafted)).body
    assert (differs["of"], differs["to"]) == (1, None)
    assert "+  desk: {type: queue, queue: sales, priority: 5}" in differs["difference"]
    tried = await sun("POST", "flows/night/trial", {"draft": drafted})
    assert tried.status == 200, tried.body
    published = await sun(
        "POST", "flows/night/publish", {**drafted, "version": 1, "note": "guests first"}
    )
    assert (published.status, flows["night"].version) == (200, 2)
    back = {"version": 2, "to": 1, "note": "it was too much"}
    assert (await sun("POST", "flows/night/roll-back", back)).status == 200
    versions = (await sun("GET", "flows/night/versions")).body["items"]
    assert [(one["action"], one["note"]) for one in versions] == [
        ("rolled_back", "it was too much"),
        ("updated", "guests first"),
        ("created", "for the season"),
    ]

    restarted = book_of(either, tmp_path)
    await restarted.load(now())
    assert (restarted["night"].version, restarted.sources_of("night")) == (3, ["night"])


async def test_another_process_takes_over_a_flow_that_was_made_and_leaves_one_without_its_file(
    centre: Centre, tmp_path: Path
) -> None:
    sun = asking(centre, "sun")
    other = book_of(centre, tmp_path)
    await other.load(now())
    other.run(Spoken())
    made = await sun("POST", "flows", {"name": "night", "text": NIGHT})
    assert made.status == 201, made.body

    await other.reload()

    assert (other["night"].version, other.running) == (1, ["night", "office"])
    here = centre.parts
    without = FlowBook(here.database, here.changes, {}, here.queues)
    await without.load(now())
    assert without.running == ["night"]


async def test_a_queue_taken_away_meanwhile_keeps_a_flow_from_being_published(
    centre: Centre, tmp_path: Path
) -> None:
    """And one that is gone all the same is told at the start, which it does not keep back."""
    sun, flows = asking(centre, "sun"), centre.parts.flows
    await office_hours(sun)
    made = await sun("POST", "queue-definitions", {"id": "shop", "settings": {}})
    assert made.status == 201, made.body
    to_shop = OFFICE.replace("queue: sales", "queue: shop")
    flows.run(rendering := Until())
    publishing = asyncio.create_task(sun("POST", f"{FLOW}/publish", draft(to_shop, version=1)))
    await rendering.began.wait()
    gone = await sun("DELETE", "queue-definitions/shop", version=str(made.body["version"]))
    assert gone.status == 204, gone.body
    rendering.opened.set()
    refused = await publishing
    assert (refused.status, refused.kind) == (422, "FlowInvalid")
    assert "office.yaml:6: node 'desk': unknown queue 'shop'" in refused.body["detail"]
    assert (await sun("GET", FLOW)).body["version"] == 1

    published = await sun("POST", f"{FLOW}/publish", draft(OFFICE, version=1))
    assert published.status == 200, published.body
    here = centre.parts
    restarted = FlowBook(here.database, here.changes, {"office.yaml": tmp_path / "office.yaml"}, ())
    with structlog.testing.capture_logs() as logs:
        await restarted.load(now())
    assert restarted["office.yaml"].version == 2
    (told_of,) = (log for log in logs if log["event"] == "flow.published_unfit")
    assert (told_of["flow"], told_of["file"], told_of["node"], told_of["reason"]) == (
        "office",
        "office.yaml",
        "desk",
        "unknown queue 'sales'",
    )


async def test_nobody_keeps_a_connection_while_another_process_s_version_is_rendered(
    centre: Centre, tmp_path: Path
) -> None:
    sun, here = asking(centre, "sun"), centre.parts
    await office_hours(sun)
    readers = Database(here.database.url.render_as_string(hide_password=False))
    sources = {"office.yaml": tmp_path / "office.yaml"}
    other = FlowBook(readers, here.changes, sources, here.queues)
    await other.load(now())
    other.run(rendering := Until())
    published = await sun("POST", f"{FLOW}/publish", draft(OFFICE + "# new\n", version=1))
    assert published.status == 200, published.body

    reloading = asyncio.create_task(other.reload())
    await rendering.began.wait()
    assert cast(QueuePool, readers.engine.pool).checkedout() == 0
    rendering.opened.set()
    await reloading
    assert other["office.yaml"].version == 2
    await readers.close()


BAD: list[tuple[str, list[tuple[str, int, str | None, str]]]] = [
    (OFFICE.replace("queue: sales", "queue: shop"), [("office.yaml", 6, "desk", "shop")]),
    (
        OFFICE.replace("calendar: office", "calendar: moon"),
        [("office.yaml", 5, "hours", "there is no working calendar 'moon'")],
    ),
    (
        OFFICE.replace("open: desk", "open: riddle")
        + "  riddle: {type: ticket, ticket: riddle, subject: x, then: desk, failed: desk}\n",
        [("office.yaml", 7, "riddle", "there is no ticket type 'riddle'")],
    ),
    (OFFICE.replace("open: desk", "open: tree"), [("office.yaml", 5, "hours", "'tree'")]),
    ("name: shop\n" + OFFICE, [("office.yaml", 1, None, "its name is not 'office'")]),
    ("nodes: [", [("office.yaml", 1, None, "not YAML")]),
    (GREETED, [("office.yaml", 5, "greeting", "unknown flow 'greeting'")]),
    (
        OFFICE.replace("open: desk", "open: stars")
        + "  stars: {type: look_up, look_up: stars, then: desk, none: desk, failed: desk}\n",
        [("office.yaml", 7, "stars", "unknown look-up 'stars'")],
    ),
    (
        OFFICE.replace("open: desk", "open: fax")
        + "  fax: {type: fax, document: '102', then: desk, unknown: desk, bad_number: desk, "
        "failed: desk}\n",
        [("office.yaml", 7, "fax", "there is no document '102' to be faxed")],
    ),
    (
        OFFICE + "prompts: {unspeakable: {en: Hum}}\n",
        [("office.yaml", 7, None, "no voice speaks 'en'")],
    ),
]


async def test_a_bad_flow_never_replaces_a_good_one(centre: Centre, tmp_path: Path) -> None:
    """Each fault is told with its file, line and node, by the check as by the publication."""
    sun, flows = asking(centre, "sun"), centre.parts.flows
    await office_hours(sun)
    before = flows["office.yaml"]
    for text, expected in BAD:
        checked = await sun("POST", f"{FLOW}/check", draft(text))
        assert checked.status == 200, checked.body
        found = checked.body["problems"]
        for file, line, node, words in expected:
            assert any(
                (one["file"], one["line"], one["node"]) == (file, line, node)
                and words in one["message"]
                for one in found
            ), found
        refused = await sun("POST", f"{FLOW}/publish", draft(text, version=1))
        assert (refused.status, refused.kind) == (422, "FlowInvalid")
        for one in found:
            where = f"{one['file']}:{one['line']}: "
            assert where in refused.body["detail"]
            assert one["message"] in refused.body["detail"]
    for sounds in ({"../x.wav": HELLO}, {"office.yaml": HELLO}, {"/x.wav": HELLO}):
        refused = await sun("POST", f"{FLOW}/publish", draft(OFFICE, version=1, sounds=sounds))
        assert refused.status == 422, refused.body
    assert flows["office.yaml"] is before
    assert (await sun("GET", FLOW)).body["version"] == 1
    assert (await sun("GET", "flows/moon")).status == 404
    assert (await sun("GET", f"{FLOW}/versions/x")).status == 404
    assert (await sun("POST", f"{FLOW}/roll-back", {"version": 1})).status == 404
    li = asking(centre, "li")
    assert (await li("POST", f"{FLOW}/publish", draft(OFFICE, version=1))).status == 403

    (tmp_path / "office.yaml").write_text("nodes: [")
    with pytest.raises(StartFailed, match=r"office\.yaml:1: not YAML"):
        await book_of(centre, tmp_path).load(now())


async def test_a_file_speaks_until_somebody_publishes(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(OFFICE.replace("closed: desk", "closed: bye") + "  bye: {type: hang_up}\n")
    restarted = book_of(centre, tmp_path)
    await restarted.load(now())
    assert (restarted["office.yaml"].version, "bye" in restarted["office.yaml"].nodes) == (2, True)
    await restarted.load(now())
    assert restarted["office.yaml"].version == 2  # nothing was changed

    file.write_text(OFFICE.replace("queue: sales", "queue: shop"))
    with pytest.raises(StartFailed, match="unknown queue 'shop'"):
        await book_of(centre, tmp_path).load(now())
    await centre.parts.flows.reload()  # what another process has taken in
    sun = asking(centre, "sun")
    await office_hours(sun)
    assert (await sun("POST", f"{FLOW}/roll-back", {"version": 2})).status == 200
    overruled = book_of(centre, tmp_path)
    await overruled.load(now())  # what is wrong with a file that nobody asks hurts nobody
    assert "bye" not in overruled["office.yaml"].nodes


async def test_a_flow_is_published_and_rolled_back_on_the_command_line(
    centre: Centre, tmp_path: Path
) -> None:
    sun = asking(centre, "sun")
    await office_hours(sun)
    tomorrow = (now() + timedelta(days=1)).isoformat()
    wanted = {"name": "flows", "scopes": ["routing.manage"], "expires_at": tomorrow}
    key = await sun("POST", "api-keys", wanted)
    assert key.status == 201, key.body
    url = str(centre.client.make_url("")).rstrip("/")

    async def hotline(*words: str) -> tuple[int, str]:
        options = ("--server", url, "--key", key.body["key"])
        done = await asyncio.to_thread(CliRunner().invoke, main, ["flow", *words, *options])
        said = done.output.splitlines(keepends=True)
        return done.exit_code, "".join(line for line in said if "[0m" not in line)  # the server's

    mine = tmp_path / "mine"
    (mine / "sounds").mkdir(parents=True)
    (mine / "sounds" / "hello.wav").write_bytes(b"RIFF hello")
    (mine / "office.yaml").write_text(GREETED)
    (mine / "greeting.yaml").write_text(GREETING)
    file = str(mine / "office.yaml")

    assert await hotline("publish", file) == (0, "flow office: new calls begin in version 2\n")
    assert centre.parts.flows["office.yaml"].start == "greeting"
    assert await hotline("rollback", "office") == (0, "flow office: new calls begin in version 3\n")
    assert centre.parts.flows["office.yaml"].start == "hours"
    assert await hotline("rollback", "office", "2") == (
        0,
        "flow office: new calls begin in version 4\n",
    )
    code, said = await hotline("versions", "office")
    assert (code, [line.split("\t")[0] for line in said.splitlines()]) == (0, ["4", "3", "2", "1"])
    (mine / "office.yaml").write_text(GREETED.replace("queue: sales", "queue: shop"))
    code, said = await hotline("publish", file)
    assert (code, "office.yaml:6: node 'desk': unknown queue 'shop'" in said) == (1, True)
    (mine / "office.yaml").write_text(GREETED.replace("then: desk", "then: bench"))
    code, said = await hotline("publish", file)
    assert (code, f"{file}:5: node 'greeting': unknown target 'bench'" in said) == (1, True)
    code, said = await hotline("rollback", "moon")
    assert (code, said) == (1, "Error: there is no flow 'moon'\n")
