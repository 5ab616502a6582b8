"""The event feed: complete, in order, by name, without polling, and masked."""

import asyncio
from datetime import timedelta

from cti_server.wire.events import CallArrived, ContactNoted, LegStarted, RecordChanged
from tests.store.logs import node, until

from .asking import asking
from .conftest import Centre

NUMBER = "+8613800138000"


def arrived(n: int) -> CallArrived:
    return CallArrived(
        call_id=f"call{n}",
        contact_id=f"contact{n}",
        sip_call_id="x",
        caller_number=NUMBER,
        dialled_number="95588",
        trunk="t",
    )


async def test_who_was_away_gets_everything_since_their_number_page_after_page(
    centre: Centre,
) -> None:
    since = centre.parts.log.last_sequence
    for n in range(250):
        centre.parts.log.append(node(n))
    sun, nodes = asking(centre, "sun"), []

    while True:
        page = await sun("GET", "events", since=str(since), limit="100", names="contact.*")
        if not page.body["items"]:
            break
        nodes += [item["data"]["node"] for item in page.body["items"]]
        since = page.body["next"]

    assert nodes == [str(n) for n in range(250)]
    assert page.body["next"] == page.body["last"]


async def test_names_choose_and_what_they_pass_over_is_passed_over_for_good(
    centre: Centre,
) -> None:
    since = centre.parts.log.last_sequence
    centre.parts.log.append(
        RecordChanged(
            change_id="c", record="ticket", record_id="t1", action="created", changed_by="li"
        )
    )
    for n in range(3):
        centre.parts.log.append(node(n))

    page = await asking(centre, "sun")("GET", "events", since=str(since), names="ticket.created")

    assert [item["name"] for item in page.body["items"]] == ["record.changed"]
    assert page.body["next"] == since + 4


async def test_a_waiting_question_is_answered_by_the_event_that_it_waits_for(
    centre: Centre,
) -> None:
    since = str(centre.parts.log.last_sequence)
    waiting = asyncio.create_task(
        asking(centre, "sun")("GET", "events", since=since, names="call.*", wait="30")
    )
    subscribers = centre.parts.log._subscribers  # noqa: SLF001 - that it listens is told nowhere
    await until(lambda: centre.parts.log._subscribers is not subscribers)  # noqa: SLF001
    centre.parts.log.append(node(1))
    centre.parts.log.append(arrived(1))

    page = await asyncio.wait_for(waiting, 5)

    assert [item["data"]["call_id"] for item in page.body["items"]] == ["call1"]


async def test_who_may_not_see_numbers_gets_none_of_them_nor_what_was_written_of_people(
    centre: Centre,
) -> None:
    since = centre.parts.log.last_sequence
    centre.parts.log.append(arrived(1))
    centre.parts.log.append(
        LegStarted(
            call_id="call1",
            leg_id="leg1",
            role="caller",
            party=NUMBER,
            address=f"sip:{NUMBER}@trunk.example",
        )
    )
    centre.parts.log.append(ContactNoted(contact_id="contact1", agent_id="li", text=f"at {NUMBER}"))

    answer = await asking(centre, "sun")("GET", "events", since=str(since))

    shown = str(answer.body)
    assert "8000" in shown
    assert NUMBER[3:] not in shown


async def test_a_key_that_may_see_numbers_sees_them_and_the_audit_trail_says_so(
    centre: Centre,
) -> None:
    made = await asking(centre, "sun")(
        "POST",
        "api-keys",
        {
            "name": "warehouse",
            "scopes": ["feed.read", "customers.reveal"],
            "expires_at": (centre.parts.clock.now() + timedelta(days=30)).isoformat(),
        },
    )
    assert made.status == 201, made.body
    since = centre.parts.log.last_sequence
    centre.parts.log.append(arrived(1))

    answer = await centre.client.get(
        "/api/v1/events",
        params={"since": str(since), "names": "call.*"},
        headers={"Authorization": f"Bearer {made.body['key']}"},
    )

    assert (await answer.json())["items"][0]["data"]["caller_number"] == NUMBER
    await centre.parts.log.stored()
    trail = await asking(centre, "qian")("GET", "audit", record="event")
    assert [item["actor"] for item in trail.body["items"]] == ["key:" + made.body["made"]["id"]]


async def test_a_pattern_that_is_none_is_refused(centre: Centre) -> None:
    answer = await asking(centre, "sun")("GET", "events", names="contact*,Ticket")

    assert answer.status == 422
