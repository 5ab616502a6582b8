"""Tasks and the calendar of activities over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import msgspec

from cti_server.api.desks import Desk
from cti_server.due import DueTimer
from cti_server.store.customers import Customer
from cti_server.tickets import shipped
from cti_server.tickets.reminders import Reminders

from .asking import Asking, asking
from .conftest import Centre


def later(**given: float) -> str:
    return (datetime.now(UTC) + timedelta(**given)).isoformat()


async def create(who: Asking, **given: Any) -> dict[str, Any]:
    answer = await who("POST", "tasks", {"title": "Call Mr Gu", **given})
    assert answer.status == 201, answer.body
    task: dict[str, Any] = answer.body
    return task


async def act(who: Asking, task: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
    answer = await who("POST", f"tasks/{task['id']}/{verb}", {"version": task["version"], **body})
    assert answer.status == 200, answer.body
    after: dict[str, Any] = answer.body
    return after


async def test_a_task_is_made_done_and_taken_up_again(centre: Centre) -> None:
    li = asking(centre, "li")
    task = await create(li, due_at=later(days=1))
    assert (task["assignee_id"], task["state"]) == ("li", "open")

    done = await act(li, task, "done", outcome="Reached at home")
    assert (done["state"], done["ended_by"], done["outcome"]) == ("done", "li", "Reached at home")
    again = await li("POST", f"tasks/{task['id']}/done", {"version": done["version"]})
    assert (again.status, again.kind) == (409, "IllegalTaskStep")

    opened = await act(li, done, "reopen")
    assert (opened["state"], opened["outcome"]) == ("open", None)
    stale = await li("DELETE", f"tasks/{task['id']}", version="1")
    assert (stale.status, stale.kind) == (409, "EditConflict")
    assert (await li("DELETE", f"tasks/{task['id']}", version=str(opened["version"]))).status == 204
    assert (await li("GET", f"tasks/{task['id']}")).status == 404


async def test_whose_tasks_one_sees_and_gives(centre: Centre) -> None:
    li, wang, zhao = (asking(centre, who) for who in ("li", "wang", "zhao"))
    lin = asking(centre, "lin")  # of the team south
    own, for_wang = await create(li), await create(zhao, assignee_id="wang")
    for_north, for_south = await create(zhao, team="north"), await create(zhao, team="south")

    async def seen(who: Asking) -> set[str]:
        return {each["id"] for each in (await who("GET", "tasks")).body["items"]}

    assert await seen(zhao) == {each["id"] for each in (own, for_wang, for_north, for_south)}
    assert await seen(wang) == {each["id"] for each in (for_wang, for_north, for_south)}
    assert await seen(lin) == {for_south["id"]}
    assert (await wang("GET", f"tasks/{own['id']}")).status == 404
    assert (await li("POST", "tasks", {"title": "Yours", "assignee_id": "wang"})).status == 403
    given = {"version": own["version"], "assignee_id": "wang"}
    assert (await li("PATCH", f"tasks/{own['id']}", given)).status == 403

    taken = await act(lin, for_south, "take")
    assert taken["assignee_id"] == "lin"
    too_late = await zhao("POST", f"tasks/{for_south['id']}/take", {"version": taken["version"]})
    assert (too_late.status, too_late.kind) == (409, "NotNow")


async def test_tasks_are_listed_by_their_due_moment_page_by_page(centre: Centre) -> None:
    li = asking(centre, "li")
    sometime = await create(li)
    last, first = await create(li, due_at=later(days=2)), await create(li, due_at=later(days=1))

    pages = [(await li("GET", "tasks", limit="2")).body]
    pages.append((await li("GET", "tasks", limit="2", after=pages[0]["next"])).body)

    ids = [each["id"] for page in pages for each in page["items"]]
    assert ids == [first["id"], last["id"], sometime["id"]]
    assert pages[1]["next"] is None


async def test_a_bad_task_is_refused_by_its_field(centre: Centre) -> None:
    li = asking(centre, "li")
    for given, complaint in (
        ({"title": ""}, "title"),
        ({"due_at": "2026-11-23T10:00:00"}, "due_at"),
        ({"due_at": "0001-01-01T00:00:00+14:00"}, "due_at"),
        ({"starts_at": later(days=1)}, "due_at"),
        ({"due_at": later(days=1), "remind_at": later(days=2)}, "remind_at"),
        ({"customer_id": "nobody"}, "customer_id"),
        ({"ticket_id": "nothing"}, "ticket"),
    ):
        answer = await li("POST", "tasks", {"title": "Call", **given})
        assert answer.status in {404, 422}, given
        assert complaint in answer.body["detail"]


async def test_the_calendar_has_appointments_tasks_and_tickets_that_are_due(
    centre: Centre,
) -> None:
    now = centre.parts.clock.now()
    await shipped.load(centre.parts.changes, now, centre.parts.new_id)
    async with centre.parts.database.sessions.begin() as session:
        session.add(Customer(id="gu", name="顾", created_at=now, updated_at=now))
    li, zhao = asking(centre, "li"), asking(centre, "zhao")
    visit = await create(
        li, title="拜访 Visit", starts_at=later(hours=1), due_at=later(hours=2), customer_id="gu"
    )
    call = await create(li, due_at=later(hours=3), remind_at=later(hours=2))
    await create(li, title="Next year", due_at=later(days=300))
    ticket = (
        await li("POST", "tickets", {"type": "fault", "subject": "Dead", "owner_id": "li"})
    ).body

    calendar = (await li("GET", "calendar")).body

    entries = [(each["kind"], each["id"]) for each in calendar["entries"]]
    assert entries == [("appointment", visit["id"]), ("task", call["id"]), ("ticket", ticket["id"])]
    assert calendar["complete"] is True
    assert (await zhao("GET", "calendar")).body["entries"] == []
    assert (await zhao("GET", "calendar", agent_id="li")).body["entries"] == calendar["entries"]
    assert len((await zhao("GET", "calendar", agent_id="any")).body["entries"]) == 3
    assert (await li("GET", "calendar", agent_id="wang")).status == 403
    assert (await li("GET", "calendar", since=later(), until=later(days=-1))).status == 422
    assert (await li("GET", "calendar", since="today")).status == 422


async def test_the_calendar_is_read_by_others_programs(centre: Centre) -> None:
    li = asking(centre, "li")
    visit = await create(
        li,
        title="拜访; Visit, with\\notes " + "长" * 60,
        starts_at=later(hours=1),
        due_at=later(hours=2),
    )
    call = await act(li, await create(li, due_at=later(hours=3), remind_at=later(hours=2)), "done")

    answer = await centre.client.get(
        "/api/v1/calendar.ics", headers={"Authorization": f"Bearer {li.token}"}
    )
    text = await answer.read()

    assert answer.content_type == "text/calendar"
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))  # RFC 5545 §3.1
    read = icalendar.Calendar.from_ical(text)
    assert isinstance(read, icalendar.Calendar)
    [event], [to_do] = read.events, read.todos
    assert (str(event.uid), str(event.summary)) == (f"{visit['id']}@hotline", visit["title"])
    assert event.start == datetime.fromisoformat(visit["starts_at"]).replace(microsecond=0)
    assert (str(to_do.uid), str(to_do.status)) == (f"{call['id']}@hotline", "COMPLETED")
    [alarm] = to_do.walk("VALARM")
    assert isinstance(alarm, icalendar.Alarm)
    assert datetime.fromisoformat(call["remind_at"]).replace(microsecond=0) == alarm.TRIGGER


async def test_a_reminder_comes_to_the_desktop_of_its_assignee_at_its_moment(
    centre: Centre,
) -> None:
    parts = centre.parts
    timer = DueTimer(parts.clock)
    timer.add(Reminders(parts.database, parts.changes, parts.new_id))
    parts.log.subscribe(timer.hear)
    timer.start()
    desk = Desk("wang", floor=False)
    parts.desks.join(desk)
    try:
        at = datetime.now(UTC) + timedelta(milliseconds=300)
        task = await create(asking(centre, "zhao"), assignee_id="wang", remind_at=at.isoformat())

        async with asyncio.timeout(30):
            heard = [msgspec.json.decode(await desk.inbox.get()) for _ in range(2)]

        told = [(each["data"]["action"], each["data"]["record_id"]) for each in heard]
        assert told == [("created", task["id"]), ("reminded", task["id"])]
        assert datetime.fromisoformat(heard[1]["at"]) >= at
    finally:
        await timer.close()
