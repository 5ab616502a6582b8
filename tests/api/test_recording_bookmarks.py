"""Bookmarks in recordings: by whom they are made and seen, and that they go with the recording."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cti_server.api.recording_bookmarks import MOST
from cti_server.privacy.recordings import forget
from cti_server.store.recording_bookmarks import RecordingBookmark, RecordingBookmarks
from cti_server.store.recordings import Recording
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, asking, told
from .conftest import NINE, Centre, opened
from .test_recording_edits import CHAT, FILE, MS, SOUND, WAV, put, sound
from .test_rest import CALL, log_all

__all__ = ["database_url", "postgres", "postgres_url"]

PATH = "recordings/r1/bookmarks"
HERE = {"from_ms": 80, "to_ms": 90, "text": {"zh": "这里他提到了退款", "en": "the refund"}}


@pytest.fixture
async def centre(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, database_url=database_url) as it:
        yield it


@pytest.fixture
async def recorded(centre: Centre) -> Centre:
    kept = await centre.archive.put("r1", FILE, WAV)
    row = {"file": FILE, "size": kept.size, "sha256": kept.sha256, "stores": ("local",)}
    told = row | {"duration": MS / 1000}
    await log_all(centre, [*CALL[:-1], msgspec.structs.replace(CALL[-1], **told)])
    return centre


async def marked(centre: Centre, who: str = "zhao", **changes: Any) -> dict[str, Any]:
    answer = await asking(centre, who)("POST", PATH, HERE | changes)
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def seen(centre: Centre, who: str) -> list[str]:
    answer = await asking(centre, who)("GET", PATH)
    assert answer.status == 200, answer.body
    return [each["text"]["en"] for each in answer.body]


async def test_a_place_is_marked_changed_and_removed_and_nothing_else_is_heard(
    recorded: Centre,
) -> None:
    zhao = asking(recorded, "zhao")
    made = await marked(recorded)
    point = await marked(recorded, from_ms=5, to_ms=None, text={"en": "greeting"})

    assert (made["text"], made["made_by"], made["shared"]) == (HERE["text"], "zhao", False)
    assert (point["from_ms"], point["to_ms"], point["text"]["zh"]) == (5, 5, None)
    assert await seen(recorded, "zhao") == ["greeting", "the refund"]
    change = {"from_ms": 1, "to_ms": 2, "text": {"en": "earlier"}, "version": made["version"]}
    changed = await zhao("PUT", f"{PATH}/{made['id']}", change)
    assert (changed.status, changed.body["from_ms"]) == (200, 1)
    assert (await zhao("PUT", f"{PATH}/{made['id']}", change)).kind == "EditConflict"
    version = str(point["version"])
    assert (await zhao("DELETE", f"{PATH}/{point['id']}", version=version)).status == 204
    assert await seen(recorded, "zhao") == ["earlier"]
    assert await sound(recorded) == SOUND
    edits = await zhao("GET", "recordings/r1/edits")
    assert edits.body["version"] == 0
    trail = await told(recorded, record="recording_bookmark")
    assert [each[1] for each in trail] == ["created", "created", "updated", "deleted"]


async def test_it_says_where_it_is_in_what_is_heard(recorded: Centre) -> None:
    await marked(recorded)
    await put(recorded, 0, CHAT)  # 25 ms before it are cut

    [shown] = (await asking(recorded, "zhao")("GET", PATH)).body

    assert (shown["from_ms"], shown["to_ms"]) == (80, 90)
    assert (shown["heard_from_ms"], shown["heard_to_ms"]) == (55, 65)


async def test_it_is_ones_own_unless_it_is_shared(recorded: Centre) -> None:
    own = await marked(recorded)
    shared = await marked(recorded, "qian", text={"en": "for all"}, shared=True)

    assert await seen(recorded, "zhao") == ["the refund", "for all"]
    assert await seen(recorded, "qian") == ["for all"]
    zhao, sun = asking(recorded, "zhao"), asking(recorded, "sun")
    change = HERE | {"version": shared["version"]}
    assert (await zhao("PUT", f"{PATH}/{shared['id']}", change)).status == 404
    for who, one, status in (
        (zhao, shared, 404), (sun, own, 404), (sun, shared, 204), (zhao, own, 204),
    ):  # fmt: skip
        gone = await who("DELETE", f"{PATH}/{one['id']}", version=str(one["version"]))
        assert gone.status == status
    other = await zhao("DELETE", "recordings/r2/bookmarks/x", version="1")
    assert other.status == 404


async def test_who_may_not_hear_it_marks_nothing_in_it(recorded: Centre) -> None:
    said = {"list": ["sales"], "play": []}
    assert (await asking(recorded, "sun")("PUT", "recording-rights/user/qian", said)).status == 200

    refused: list[Answer] = [
        await asking(recorded, who)("POST", PATH, HERE) for who in ("li", "sun", "qian")
    ]

    assert [each.status for each in refused] == [403, 403, 403]
    assert refused[-1].kind == "QueueNotPermitted"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"to_ms": 79}, "to_ms"),
        ({"to_ms": MS + 1}, "to_ms"),
        ({"from_ms": MS + 1, "to_ms": None}, "from_ms"),
        ({"from_ms": -1}, "from_ms"),
        ({"text": {}}, "text"),
        ({"text": {"de": "hier"}}, "text.de"),
        ({"text": {"en": " "}}, "text.en"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_nonsense_is_refused_by_its_field(
    recorded: Centre, changes: dict[str, Any], named: str
) -> None:
    refused = await asking(recorded, "zhao")("POST", PATH, HERE | changes)

    assert (refused.status, named in refused.body["detail"]) == (422, True)


async def test_a_recording_has_so_many_at_most(recorded: Centre) -> None:
    async with recorded.parts.database.sessions.begin() as session:
        session.add_all(
            RecordingBookmark(
                id=f"b{number}",
                recording_id="r1",
                from_ms=0,
                to_ms=0,
                made_by="wang",
                created_at=NINE,
                updated_at=NINE,
            )
            for number in range(MOST)
        )

    refused = await asking(recorded, "zhao")("POST", PATH, HERE)

    assert (refused.status, refused.kind) == (409, "NotNow")


async def test_bookmarks_go_with_the_recording_that_is_erased(recorded: Centre) -> None:
    made = await marked(recorded)
    database = recorded.parts.database
    await recorded.archive.archive.destroy("r1", FILE)
    async with database.sessions.begin() as session:
        await forget(session, [await session.get_one(Recording, "r1")], NINE)

    async with database.readers() as session:
        assert await RecordingBookmarks(session).seen_by("zhao", "r1") == []
    zhao = asking(recorded, "zhao")
    change = HERE | {"version": made["version"]}
    for answer in (
        await zhao("GET", PATH),
        await zhao("POST", PATH, HERE),
        await zhao("PUT", f"{PATH}/{made['id']}", change),
    ):
        assert answer.status == 404


async def test_of_a_running_recording_nothing_is_marked_yet(centre: Centre) -> None:
    await log_all(centre, CALL[:-1])

    assert (await asking(centre, "zhao")("POST", PATH, HERE)).status == 404
