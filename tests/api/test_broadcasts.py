"""Messages for callers over REST: put on, shown with the queue, withdrawn, over, refused."""

from datetime import timedelta
from typing import Any

import pytest

from cti_server.broadcast_book import BroadcastBook, Render
from cti_server.calls.broadcasts import Broadcasts
from cti_server.speech.errors import VoiceMissing
from cti_server.speech.studio import recording_id

from .asking import Asking, asking, told
from .conftest import Centre

ALL = "broadcasts"
STORM: dict[str, Any] = {
    "queues": ["sales"],
    "numbers": ["3000"],
    "texts": {"en": " The lines are down. "},
}


@pytest.fixture
def zhao(centre: Centre) -> Asking:
    return asking(centre, "zhao")


async def test_one_is_on_until_it_is_withdrawn_and_stays_on_record(
    centre: Centre, zhao: Asking
) -> None:
    made = await zhao("POST", ALL, STORM)

    assert made.status == 201, made
    broadcast_id = made.body["id"]
    assert (made.body["texts"], made.body["published_by"]) == (
        {"en": "The lines are down."},
        "zhao",
    )
    assert centre.library.cached("The lines are down.", "en") is not None
    [sales] = (await asking(centre, "li")("GET", "queues")).body
    shown = {"id": broadcast_id, "texts": made.body["texts"], "expires_at": None}
    assert sales["broadcasts"] == [shown]
    assert (await zhao("GET", f"{ALL}/{broadcast_id}")).body == made.body

    assert (await zhao("DELETE", f"{ALL}/{broadcast_id}")).status == 204
    assert (await zhao("DELETE", f"{ALL}/{broadcast_id}")).kind == "NotNow"
    [sales] = (await zhao("GET", "queues")).body
    assert sales["broadcasts"] == []
    assert (await zhao("GET", ALL, on="true")).body["items"] == []
    [over] = (await zhao("GET", ALL)).body["items"]
    assert (over["outcome"], over["ended_by"]) == ("withdrawn", "zhao")
    assert [one[:3] for one in await told(centre, record="broadcast")] == [
        ("zhao", "published", "broadcast"),
        ("zhao", "withdrawn", "broadcast"),
    ]


async def test_one_is_over_by_itself_and_those_that_are_on_survive_a_restart(
    centre: Centre, zhao: Asking
) -> None:
    book, now = centre.parts.broadcasts, centre.parts.clock.now()
    short = (await zhao("POST", ALL, STORM | {"seconds": 60})).body["id"]
    kept = (await zhao("POST", ALL, STORM)).body["id"]
    assert [one.id for one in book.in_queue("sales")] == [short, kept]
    due = await book.earliest()
    assert due is not None
    assert now < due < now + timedelta(minutes=10)

    again, later = Broadcasts(lambda: due - timedelta(seconds=1), str), Broadcasts(lambda: due, str)
    for on in (again, later):
        await _another(centre, on).load()
    assert [one.id for one in again.in_queue("sales")] == [short, kept]
    assert [one.id for one in again.of_number("3000")] == [short, kept]
    assert [one.id for one in later.in_queue("sales")] == [kept]

    await book.do(due)
    assert await book.earliest() is None
    assert [one.id for one in book.in_queue("sales")] == [kept]
    over = (await zhao("GET", f"{ALL}/{short}")).body
    assert (over["outcome"], over["ended_by"]) == ("expired", "system")


async def test_one_that_no_voice_can_say_after_a_restart_is_over(
    centre: Centre, zhao: Asking
) -> None:
    lost = (await zhao("POST", ALL, STORM)).body["id"]
    kept = (await zhao("POST", ALL, STORM | {"texts": {"en": "We are back."}})).body["id"]

    async def render(text: str, language: str) -> object:
        if text == STORM["texts"]["en"].strip():
            raise VoiceMissing(language)
        return await centre.library.render(text, language)

    again = Broadcasts(centre.parts.clock.now, str)
    await _another(centre, again, render).load()

    assert [one.id for one in again.in_queue("sales")] == [kept]
    assert [one["id"] for one in (await zhao("GET", ALL, on="true")).body["items"]] == [kept]
    over = (await zhao("GET", f"{ALL}/{lost}")).body
    assert (over["outcome"], over["ended_by"]) == ("unspoken", "system")


def _another(centre: Centre, on: Broadcasts, render: Render | None = None) -> BroadcastBook:
    """The book of the server's next life."""
    here = centre.parts
    return BroadcastBook(
        here.database,
        here.changes,
        on,
        render=render or centre.library.render,
        now=here.clock.now,
        new_id=here.new_id,
        queues=here.queues,
        ours=lambda number: True,
        line=str,
    )


async def test_a_prompt_that_there_is_can_be_put_on(centre: Centre, zhao: Asking) -> None:
    greeting = recording_id("Hello.", "en")
    made = await zhao("POST", ALL, {"queues": ["sales"], "prompts": [greeting]})

    assert made.body["texts"] == {"en": "Hello."}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"queues": ["nowhere"]}, "queues: there is no queue 'nowhere'"),
        ({"numbers": ["110"]}, "numbers: '110'"),
        ({"queues": [], "numbers": []}, "queues: "),
        ({"texts": {}}, "texts: "),
        ({"texts": {"en": " ... "}}, "has nothing that could be said"),
        ({"texts": {"fr": "Bonjour"}}, "texts.fr"),
        ({"texts": {"en": "x" * 501}}, "texts.en"),
        ({"texts": {}, "prompts": ["nothing"]}, "prompts: there is no prompt 'nothing'"),
        ({"seconds": 0}, "seconds: "),
    ],
)
async def test_what_cannot_be_put_on_is_refused_by_its_name(
    zhao: Asking, changes: dict[str, Any], word: str
) -> None:
    refused = await zhao("POST", ALL, STORM | changes)

    assert (refused.status, word in refused.body["detail"]) == (422, True), refused.body
    assert (await zhao("GET", ALL)).body["items"] == []
