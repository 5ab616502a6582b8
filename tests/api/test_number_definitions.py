"""Our numbers are led elsewhere over HTTP, at once, and back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.numbers import NumberSettings
from cti_server.calls.dialled_numbers import DialledNumbers
from cti_server.number_book import NumberBook
from cti_server.refusals import StartFailed
from cti_server.store.routing_definitions import RoutingDefinitions
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import asking, told
from .conftest import NUMBERS, Centre, opened

__all__ = ["database_url", "postgres", "postgres_url"]

WHOLE = "numbers/%2B8675595588"
CALM = {"id": "calm", "settings": {"title": {"zh": "安静", "en": "Calm"}}}
TO_SALES = {"queue": "sales", "language": "en"}


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    """On each of the two databases in turn."""
    async with opened(tmp_path, database_url=database_url) as centre:
        yield centre


async def test_a_number_is_led_elsewhere_and_back(either: Centre) -> None:
    sun, numbers = asking(either, "sun"), either.parts.numbers
    before = (await sun("GET", WHOLE)).body
    assert (before["version"], before["origin"], before["in_force"]) == (1, "file", True)
    assert before["settings"]["flow"] == "office"  # as in /flows; the file calls it office.yaml
    assert numbers["+8675595588"].flow == "office.yaml"

    edited = await sun("PUT", WHOLE, {"version": 1, "settings": TO_SALES})
    assert (edited.body["version"], edited.body["origin"]) == (2, "edited")
    assert numbers["+8675595588"] == NumberSettings(queue="sales", language="en")
    late = await sun("PUT", WHOLE, {"version": 1, "settings": TO_SALES})
    assert (late.status, late.kind) == (409, "EditConflict")

    back = await sun("POST", f"{WHOLE}/roll-back", {"version": 2, "to": 1})
    assert back.body["settings"] == before["settings"]
    assert numbers["+8675595588"] == NUMBERS["+8675595588"]
    versions = (await sun("GET", f"{WHOLE}/versions")).body["items"]
    assert [(one["number"], one["action"]) for one in versions] == [
        (3, "rolled_back"),
        (2, "updated"),
        (1, "created"),
    ]


async def test_a_new_number_is_ours_until_it_is_taken_away(either: Centre) -> None:
    sun = asking(either, "sun")
    wanted = {"number": "1002", "settings": {"queue": "sales"}}
    made = await sun("POST", "numbers", wanted)
    assert (made.status, made.body["origin"], made.body["today"]["arrived"]) == (201, "edited", 0)
    assert (await sun("POST", "numbers", wanted)).status == 409
    assert "1002" in either.parts.numbers

    assert (await sun("DELETE", "numbers/1002", version="1")).status == 204

    assert "1002" not in either.parts.numbers
    assert (await sun("GET", "numbers/1002")).status == 404
    assert await told(either, record="number") == [
        *(("system", "created", "number", number) for number in NUMBERS),
        *(("sun", action, "number", "1002") for action in ("created", "deleted")),
    ]


async def test_the_same_number_is_not_defined_in_two_forms(centre: Centre) -> None:
    same = {"number": "075595588", "settings": TO_SALES}
    assert (await asking(centre, "sun")("POST", "numbers", same)).kind == "AlreadyThere"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"queue": "nowhere"}, "there is no queue 'nowhere'"),
        ({"flow": "nothing"}, "there is no flow 'nothing'"),
        ({"queue": "sales", "when": [{"caller": "+852", "flow": "x"}]}, "there is no flow 'x'"),
        ({"queue": "sales", "language": "fr"}, "settings.language"),
        ({"queue": "sales", "flow": "office"}, "a flow or a queue, and not both"),
        ({"queue": "sales", "tone": 1}, "settings.tone"),
    ],
)
async def test_what_leads_nowhere_is_refused(
    centre: Centre, settings: dict[str, object], problem: str
) -> None:
    refused = await asking(centre, "sun")("PUT", WHOLE, {"version": 1, "settings": settings})

    assert refused.status in {400, 422}
    assert problem in refused.body["detail"]
    assert centre.parts.numbers["+8675595588"] == NUMBERS["+8675595588"]


async def test_a_queue_stays_while_a_number_leads_there_that_calls_do_not_follow_yet(
    either: Centre,
) -> None:
    sun, here = asking(either, "sun"), either.parts
    assert (await sun("POST", "queue-definitions", CALM)).status == 201
    async with here.changes.begin("sun") as change:
        numbers = RoutingDefinitions(change.session, "number")
        await numbers.create("1002", {"queue": "calm"}, "sun", here.clock.now())
    assert "1002" not in here.numbers

    refused = await sun("DELETE", "queue-definitions/calm", version="1")

    assert (refused.status, refused.body["detail"]) == (
        409,
        "the queue 'calm' is named by number 1002",
    )
    assert "calm" in here.queues


async def test_no_number_is_led_to_a_queue_that_is_taken_away_in_the_same_moment(
    either: Centre,
) -> None:
    sun, here = asking(either, "sun"), either.parts
    assert (await sun("POST", "queue-definitions", CALM)).status == 201
    edit = {"version": 1, "settings": {"queue": "calm"}}

    async with asyncio.TaskGroup() as tasks, here.changes.begin("sun") as change:
        queues = RoutingDefinitions(change.session, "queue")
        calm = await queues.need_version("calm", 1, locked=True)
        led = tasks.create_task(sun("PUT", WHOLE, edit))
        await queues.remove(calm, "sun", here.clock.now())

    assert "calm" in here.queues  # the book is behind
    refused = led.result()
    assert (refused.status, "there is no queue 'calm'" in refused.body["detail"]) == (422, True)
    assert here.numbers["+8675595588"] == NUMBERS["+8675595588"]


async def test_who_may_only_look_changes_nothing(centre: Centre) -> None:
    zhao = asking(centre, "zhao")
    assert (await zhao("GET", WHOLE)).status == 200
    assert (await zhao("PUT", WHOLE, {"version": 1, "settings": TO_SALES})).status == 403


async def test_what_was_edited_counts_at_the_next_start_and_the_file_for_the_rest(
    centre: Centre,
) -> None:
    here = centre.parts
    await asking(centre, "sun")("PUT", WHOLE, {"version": 1, "settings": TO_SALES})
    file = {"+8675595588": NumberSettings(queue="gone"), "1003": NumberSettings(queue="sales")}

    again = _book(centre, file)
    await again.load(here.clock.now())

    assert dict(again) == {
        "+8675595588": NumberSettings(queue="sales", language="en"),
        "1003": NumberSettings(queue="sales"),
    }
    with pytest.raises(StartFailed, match=r"numbers\.1003\.queue: there is no queue 'gone'"):
        await _book(centre, {"1003": NumberSettings(queue="gone")}).load(here.clock.now())


async def test_calls_to_a_number_whose_queue_is_gone_are_turned_away(centre: Centre) -> None:
    await asking(centre, "sun")("PUT", WHOLE, {"version": 1, "settings": TO_SALES})
    dialled = DialledNumbers({}, "CN")
    book = _book(centre, {}, queues=[], dialled=dialled)

    await book.load(centre.parts.clock.now())

    assert "+8675595588" not in book
    assert dialled.leads_to("+8675595588", "", "") is None


async def test_a_number_that_another_release_defined_is_out_of_force_and_can_be_mended(
    either: Centre,
) -> None:
    sun, here = asking(either, "sun"), either.parts
    async with here.changes.begin("sun") as change:
        numbers = RoutingDefinitions(change.session, "number")
        await numbers.create("1002", {"bot": "x"}, "sun", here.clock.now())
        await numbers.create("1003", {"queue": "sales"}, "sun", here.clock.now())

    again = _book(either, NUMBERS)
    await again.load(here.clock.now())
    assert "1002" not in again
    assert again["1003"] == NumberSettings(queue="sales")
    assert (await sun("PUT", WHOLE, {"version": 1, "settings": TO_SALES})).status == 200
    found = {one["number"]: one for one in (await sun("GET", "numbers")).body}
    assert (found["1002"]["in_force"], found["1002"]["settings"]) == (False, None)
    assert found["1003"]["in_force"]
    assert (await sun("POST", "queue-definitions", CALM)).status == 201
    assert (await sun("DELETE", "queue-definitions/calm", version="1")).status == 204

    mended = await sun("PUT", "numbers/1002", {"version": 1, "settings": TO_SALES})

    assert (mended.body["in_force"], here.numbers["1002"].queue) == (True, "sales")


def _book(
    centre: Centre,
    configured: dict[str, NumberSettings],
    queues: list[str] | None = None,
    dialled: DialledNumbers | None = None,
) -> NumberBook:
    here = centre.parts
    return NumberBook(
        here.database,
        here.changes,
        configured,
        here.flows,
        list(here.queues) if queues is None else queues,
        dialled or DialledNumbers({}, "CN"),
    )
