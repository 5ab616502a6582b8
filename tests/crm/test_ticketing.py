"""Tickets on both databases: clocks, escalation, states, workflow, reminders."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from crm.errors import InvalidField
from crm.tickets import CallBackMissing, IllegalMove, serial_of
from crm.timeline import Place
from cti_server.store.database import Database
from cti_server.store.tasks import NEVER, Tasks, TaskViewer
from cti_server.store.ticket_clocks import TicketClock
from cti_server.store.ticket_figures import Counted, counts, outcomes
from cti_server.store.ticket_types import TicketTypes
from cti_server.store.tickets import TicketFilter, Tickets
from cti_server.store.work_orders import WorkOrders
from cti_server.tickets import clocks, field_repairs, moving, shipped, todo
from cti_server.tickets.reminders import locked_task
from tests.crm.bureau import MINUTE, Bureau, monday, opened


@pytest.fixture
async def bureau(database: Database, tmp_path: Path) -> AsyncIterator[Bureau]:
    async with opened(database, tmp_path) as bureau:
        yield bureau


async def test_tickets_opened_at_once_have_numbers_of_their_own(bureau: Bureau) -> None:
    tickets = await asyncio.gather(*(bureau.open("fault") for _ in range(5)))

    assert len({ticket.number for ticket in tickets}) == 5
    assert {serial_of(ticket.number) for ticket in tickets} == {t.serial for t in tickets}
    assert all(ticket.number.startswith("F-") for ticket in tickets)


async def test_the_clock_of_a_ticket_runs_in_opening_hours_only(bureau: Bureau) -> None:
    bureau.set(monday(17))  # one hour before the office closes

    ticket = await bureau.open()

    assert (await bureau.clock(ticket, "response")).due_at == monday(24 + 10)  # two hours
    assert (await bureau.clock(ticket)).due_at == monday(4 * 24 - 7)  # three days of nine hours


async def test_a_clock_pauses_where_the_state_says_so(bureau: Bureau) -> None:
    ticket = await bureau.open()
    bureau.set(monday(10))
    await bureau.move(ticket, "waiting")
    assert (await bureau.clock(ticket)).due_at is None

    bureau.set(monday(24 + 10))
    await bureau.move(ticket, "in_progress")

    assert (await bureau.clock(ticket)).due_at == monday(3 * 24 + 18)  # 26 hours of 27 left


async def test_what_was_promised_to_a_tier_or_priority_is_what_counts(bureau: Bureau) -> None:
    async with bureau.editing() as edit:
        found = await TicketTypes(edit.session).get("enquiry")
        assert found is not None
        targets = [{"response": 240}, {"tier": "gold", "response": 60}]
        found.definition = {**found.definition, "targets": targets}

    usual, gold = await bureau.open("enquiry"), await bureau.open("enquiry", customer_id="gu")
    assert (await bureau.clock(usual, "response")).target == 4 * 3600
    assert (await bureau.clock(gold, "response")).target == 3600

    urgent = await bureau.open()
    await bureau.change(urgent, priority="urgent")
    assert (await bureau.clock(urgent)).due_at == monday(18)


async def test_escalation_comes_at_its_moments_and_once(bureau: Bureau) -> None:
    ticket = await bureau.open(team="north")

    await bureau.pass_until(monday(24 * 7))

    assert await bureau.escalations(ticket) == [
        ("response", 0, monday(10.5), ["li"]),
        ("response", 1, monday(11), ["zhao"]),
        ("resolution", 2, monday(2 * 24 + 11.25), ["li"]),
        ("resolution", 3, monday(2 * 24 + 18), ["li", "zhao"]),
    ]
    assert await bureau.heard("ticket", "escalated") == ["li", "zhao", "li", "li", "zhao"]
    assert (await bureau.ticket(ticket)).priority == "high"
    assert (await bureau.clock(ticket)).breached
    assert await bureau.due_at() is None


async def test_what_fell_due_while_nobody_was_there_is_done_once_afterwards(
    bureau: Bureau,
) -> None:
    ticket = await bureau.open()
    bureau.set(monday(24 * 7))  # the server was down for a week

    await bureau.works[0].do(bureau.now())
    await bureau.works[0].do(bureau.now())

    assert [step for _, step, _, _ in await bureau.escalations(ticket)] == [0, 1, 2, 3]
    assert len(await bureau.heard("ticket", "escalated")) == 7


async def test_what_is_answered_in_time_is_not_escalated(bureau: Bureau) -> None:
    ticket = await bureau.open()
    bureau.set(monday(10))
    async with bureau.editing() as edit:
        await moving.respond(edit, *await moving.locked(edit, ticket.id))

    await bureau.pass_until(monday(24))

    assert await bureau.escalations(ticket) == []
    response = await bureau.clock(ticket, "response")
    assert (response.met_at, response.breached) == (monday(10), False)


async def test_a_holiday_that_is_declared_later_moves_what_is_due(bureau: Bureau) -> None:
    ticket = await bureau.open()
    async with bureau.editing() as edit:
        calendar = await TicketTypes(edit.session).calendar("office")
        assert calendar is not None
        holiday = {"date": "2026-11-24", "labels": {"zh": "休息", "en": "Closed"}}
        calendar.definition = {**calendar.definition, "holidays": [holiday]}
        await edit.session.flush()
        which = TicketClock.calendar_id == "office"
        await clocks.look_again(edit.session, edit.now, which)

    await bureau.pass_until(bureau.now())

    assert (await bureau.clock(ticket)).due_at == monday(3 * 24 + 18)


async def test_a_complaint_is_closed_only_when_the_complainant_was_called_back(
    bureau: Bureau,
) -> None:
    ticket = await bureau.open(reason_id="billing_wrong_amount")
    await bureau.call_back(ticket, reached=True)  # before the solution: that does not count
    bureau.set(monday(10))
    await bureau.move(ticket, "resolved")
    with pytest.raises(InvalidField, match="cause_id"):
        await bureau.move(ticket, "closed")
    await bureau.change(ticket, cause_id="system_data")
    with pytest.raises(CallBackMissing):
        await bureau.move(ticket, "closed")

    await bureau.call_back(ticket, reached=True)
    closed = await bureau.move(ticket, "closed")

    assert (closed.resolved_at, closed.closed_at) == (monday(10), monday(10))
    assert await bureau.due_at() is None


async def test_who_is_not_reached_three_times_does_not_keep_a_complaint_open(
    bureau: Bureau,
) -> None:
    ticket = await bureau.open(reason_id="billing")
    await bureau.change(ticket, cause_id="people")
    await bureau.move(ticket, "resolved")
    for _ in range(2):
        await bureau.call_back(ticket, reached=False)
    with pytest.raises(CallBackMissing):
        await bureau.move(ticket, "closed")

    await bureau.call_back(ticket, reached=False)

    assert (await bureau.move(ticket, "closed")).state == "closed"


async def test_a_re_opened_ticket_goes_on_where_its_clock_stood(bureau: Bureau) -> None:
    ticket = await bureau.open("fault")
    await bureau.change(ticket, cause_id="system_wear")
    bureau.set(monday(10))
    await bureau.move(ticket, "resolved")
    await bureau.move(ticket, "closed")
    bureau.set(monday(20))

    again = await bureau.move(ticket, "in_progress")

    assert (again.reopened, again.resolved_at, again.closed_at) == (1, None, None)
    assert (await bureau.clock(ticket)).due_at == monday(9 + 24 + 10)  # 24 hours, less one
    assert await bureau.heard("ticket", "reopened") == [None]


async def test_a_ticket_goes_only_where_its_flow_leads(bureau: Bureau) -> None:
    ticket = await bureau.open()

    with pytest.raises(IllegalMove, match="'new' cannot become 'closed'"):
        await bureau.move(ticket, "closed")
    with pytest.raises(InvalidField, match="there is no state"):
        await bureau.move(ticket, "lost")


async def test_the_next_step_of_a_workflow_begins_when_the_one_before_is_done(
    bureau: Bureau,
) -> None:
    usual, urgent = await bureau.open(), await bureau.open(priority="urgent", team="north")

    for ticket in (usual, urgent):
        [first] = await bureau.tasks(ticket)
        assert (first.step, first.assignee_id, first.due_at) == ("look_into", "li", monday(18))
        await end(bureau, first.id)

    assert [task.step for task in await bureau.tasks(usual)] == ["look_into", "call_back"]
    _, agree = await bureau.tasks(urgent)
    assert (agree.step, agree.role, agree.assignee_id, agree.team) == (
        *("agree_remedy", "supervisor", None),
        "north",
    )
    await end(bureau, agree.id, by="zhao")
    assert [task.step for task in await bureau.tasks(urgent)][-1] == "call_back"


async def test_a_workflow_goes_on_in_a_re_opened_ticket_and_begins_anew_in_one_that_was_closed(
    bureau: Bureau,
) -> None:
    ticket = await bureau.open(reason_id="billing")
    await bureau.change(ticket, cause_id="people")
    await bureau.move(ticket, "resolved")
    await bureau.move(ticket, "in_progress")
    [first] = await bureau.tasks(ticket)

    bureau.set(monday(10))
    await end(bureau, first.id)
    await bureau.move(ticket, "resolved")
    await bureau.call_back(ticket, reached=True)
    await bureau.move(ticket, "closed")
    bureau.set(monday(11))
    await bureau.move(ticket, "in_progress")

    assert [(task.step, task.state) for task in await bureau.tasks(ticket)] == [
        ("look_into", "done"),
        ("call_back", "cancelled"),
        ("look_into", "open"),
    ]


async def test_an_overdue_step_is_reminded_of_and_then_goes_to_somebody_else(
    bureau: Bureau,
) -> None:
    ticket = await bureau.open(team="north")

    await bureau.pass_until(monday(23))

    [task] = await bureau.tasks(ticket)
    assert await bureau.heard("task", "reminded") == ["li"]
    assert await bureau.heard("task", "overdue") == ["zhao"]
    assert (task.assignee_id, task.role, task.wake_at) == (None, "supervisor", None)


async def test_a_team_takes_its_tasks_in_turn(bureau: Bureau) -> None:
    async with bureau.editing() as edit:
        found = await TicketTypes(edit.session).get("enquiry")
        assert found is not None
        labels = {"zh": "处理", "en": "Handle"}
        step = {"name": "handle", "labels": labels, "who": {"rule": "team", "team": "north"}}
        found.definition = {**found.definition, "workflow": [step]}

    given = [(await bureau.tasks(await bureau.open("enquiry")))[0].assignee_id for _ in range(4)]

    assert given == ["li", "wang", "zhao", "li"]


async def test_closing_a_ticket_ends_what_was_to_do_for_it(bureau: Bureau) -> None:
    ticket = await bureau.open(reason_id="billing")
    await bureau.change(ticket, cause_id="people")
    await bureau.move(ticket, "resolved")
    await bureau.call_back(ticket, reached=True)
    await bureau.move(ticket, "closed")

    assert [task.state for task in await bureau.tasks(ticket)] == ["cancelled"]


async def test_a_reminder_is_heard_by_the_assignee_once(bureau: Bureau) -> None:
    async with bureau.editing("zhao") as edit:
        new = todo.NewTask(title="Call Mrs Chen", assignee_id="li", remind_at=monday(10))
        task = await todo.create(edit, new)

    await bureau.pass_until(monday(12))

    assert await bureau.heard("task", "reminded") == ["li"]
    async with bureau.editing() as edit:
        found = await locked_task(edit, task.id)
        assert found is not None
        await todo.change(edit, found, {"remind_at": monday(13)})
    await bureau.pass_until(monday(14))
    assert await bureau.heard("task", "reminded") == ["li", "li"]


async def test_what_is_done_is_not_reminded_of(bureau: Bureau) -> None:
    async with bureau.editing() as edit:
        new = todo.NewTask(title="Send the letter", remind_at=monday(10))
        task = await todo.create(edit, new)
    await end(bureau, task.id)

    assert await bureau.due_at() is None


async def test_the_open_tickets_of_a_customer_are_the_newest_first(bureau: Bureau) -> None:
    first = await bureau.open(customer_id="chen")
    bureau.set(monday(9) + MINUTE)
    second = await bureau.open("enquiry", customer_id="chen")
    gone = await bureau.open("suggestion", customer_id="chen", reason_id="service")
    await bureau.move(gone, "closed")
    await bureau.open(customer_id="gu")

    async with bureau.database.readers() as session:
        found = await Tickets(session).open_of(["chen"], 5)

    assert [ticket.id for ticket in found] == [second.id, first.id]


async def test_what_a_centre_made_of_the_shipped_types_stays(bureau: Bureau) -> None:
    """But the main flow's calendar comes to a database of before that flow looked at one."""
    async with bureau.editing("sun") as edit:
        types = TicketTypes(edit.session)
        for one in await types.all():
            if one.id != "complaint":
                await edit.session.delete(one)
        for calendar in await types.calendars():
            if calendar.id != "office":
                await edit.session.delete(calendar)

    for _ in range(2):
        await shipped.load(bureau.changes, bureau.now(), bureau.new_id)

    async with bureau.database.readers() as session:
        types = TicketTypes(session)
        assert [one.id for one in await types.all()] == ["complaint"]
        assert {one.id for one in await types.calendars()} == {"office", "hotline"}


async def test_lists_of_tickets_go_on_where_the_page_before_ended(bureau: Bureau) -> None:
    made = [await bureau.open(team=team) for team in ("north", "north", None, "south")]
    wanted = TicketFilter(teams=frozenset({"north"}), agent_id="wang")
    newest, urgent = [], []
    async with bureau.database.readers() as session:
        tickets, place = Tickets(session), None
        while page := await tickets.page(wanted, 2, place=place):
            newest += [one.id for one in page]
            place = Place(page[-1].opened_at, page[-1].id)
        place = None
        while pairs := await tickets.most_urgent(wanted, 2, place=place):
            urgent += [one.id for one, _ in pairs]
            place = Place(pairs[-1][1], pairs[-1][0].id)
        due = await tickets.most_urgent(wanted, 9, since=monday(9), until=monday(10))

    seen = sorted(one.id for one in made[:3])  # all at one moment: by their ids
    assert (newest, urgent, due) == (seen[::-1], seen, [])


async def test_tasks_are_listed_and_laid_out_for_whom_they_concern(bureau: Bureau) -> None:
    async with bureau.editing("zhao") as edit:
        times: dict[str, Any] = {"starts_at": monday(10), "due_at": monday(11)}
        visit = await todo.create(edit, todo.NewTask(title="Visit", assignee_id="li", **times))
        anybody = await todo.create(edit, todo.NewTask(title="Count", team="north"))
        await todo.create(edit, todo.NewTask(title="Other", team="south"))
    li = TaskViewer(agent_id="li", roles=("agent",), teams=frozenset({"north"}), any=False)

    async with bureau.database.readers() as session:
        tasks = Tasks(session)
        first = await tasks.page(li, 1, place=None)
        at = first[0].due_at or NEVER
        rest = await tasks.page(li, 9, place=Place(at, first[0].id), state="open")
        during = await tasks.between("li", li, monday(10.5), monday(12), 9)
        after = await tasks.between(None, li, monday(12), monday(13), 9)

    assert [one.id for one in (*first, *rest)] == [visit.id, anybody.id]
    assert ([one.id for one in during], list(after)) == ([visit.id], [])


async def test_tickets_are_counted_by_what_they_were_about(bureau: Bureau) -> None:
    for reason in ("billing_unclear", "billing_late_refund", "service_attitude", None):
        await bureau.open(reason_id=reason, queue="sales")

    def weeks(first: str, last: str, group: str) -> Counted:
        return Counted(first_week=first, last_week=last, group=group, teams=frozenset({"north"}))

    async with bureau.database.readers() as session:
        now, later = weeks("2026-W48", "2026-W48", "week"), weeks("2026-W48", "2026-W52", "queue")
        coarse = await counts(session, now, of="reason", level=1)
        fine = await counts(session, later, of="reason", level=2)
        before = weeks("2026-W01", "2026-W47", "type")
        none = await counts(session, before, of="cause", level=1)

    assert sorted(coarse, key=str) == [
        ("2026-W48", "billing", 2),
        ("2026-W48", "service", 1),
        ("2026-W48", None, 1),
    ]
    assert sorted(n for _, _, n in fine) == [1, 1, 1, 1]
    assert none == []


async def test_what_became_of_complaints_is_added_up(bureau: Bureau) -> None:
    kept, late, _ = [await bureau.open(reason_id="billing") for _ in range(3)]
    await bureau.change(kept, cause_id="people")
    await bureau.move(kept, "resolved")
    await bureau.call_back(kept, reached=True)
    await bureau.move(kept, "closed")
    await bureau.move(kept, "in_progress")
    bureau.set(monday(24 * 5))
    await bureau.move(late, "resolved")
    await bureau.pass_until(monday(24 * 5))

    async with bureau.database.readers() as session:
        counted = Counted(first_week="2026-W48", last_week="2026-W48", group="type")
        rows = await outcomes(session, counted)

    # tickets, resolved, closed, re-opened, late answers and solutions, heard back, (dis)satisfied
    assert rows == [("complaint", 3, 1, 0, 1, 2, 3, 1, 0, 0)]


async def test_work_orders_are_listed_to_whoever_sees_their_tickets(bureau: Bureau) -> None:
    made = []
    for team in ("north", "south"):
        ticket = await bureau.open("fault", team=team, owner_id=None)
        async with bureau.editing() as edit:
            found, kind = await moving.locked(edit, ticket.id)
            new = field_repairs.NewOrder(instructions="Look at the box")
            made.append(await field_repairs.order(edit, found, kind, new))

    async with bureau.database.readers() as session:
        orders = WorkOrders(session)
        states: dict[str, Any] = {"state": "sent", "open": True, "ticket_id": None}
        north: dict[str, Any] = {"teams": frozenset({"north"}), "agent_id": "li"}
        theirs = await orders.page(9, place=None, **states, **north)
        place = Place(made[0].created_at, made[0].id)
        rest = await orders.page(9, place=place, **states, teams=None, agent_id="sun")

    assert [one.id for one in theirs] == [made[0].id]
    assert [one.id for one in rest] == [made[1].id]


async def test_the_same_message_of_a_crew_at_once_counts_once(bureau: Bureau) -> None:
    ticket = await bureau.open("fault")
    async with bureau.editing() as edit:
        found, kind = await moving.locked(edit, ticket.id)
        new = field_repairs.NewOrder(instructions="Look at the box")
        order = await field_repairs.order(edit, found, kind, new)
    bureau.set(monday(11))

    async def report() -> None:
        async with bureau.editing("crew") as edit:
            said = field_repairs.Report(message_id="m-1", state="done", at=monday(10.5), note="OK")
            await field_repairs.report(edit, order.id, said)

    await asyncio.gather(*(report() for _ in range(4)))

    async with bureau.database.readers() as session:
        assert len(await WorkOrders(session).reports(order.id)) == 1
    after = await bureau.ticket(ticket)
    assert (after.state, after.resolved_at) == ("resolved", monday(11))


async def test_an_edit_and_an_escalation_at_once_leave_one_truth(bureau: Bureau) -> None:
    ticket = await bureau.open("problem", team="north")
    bureau.set(monday(15))  # both clocks are past several of their steps

    await asyncio.gather(
        bureau.works[0].do(bureau.now()), bureau.move(ticket, "resolved"), return_exceptions=True
    )
    await bureau.pass_until(monday(30))

    after = await bureau.ticket(ticket)
    steps = [(clock, step) for clock, step, _, _ in await bureau.escalations(ticket)]
    assert len(steps) == len(set(steps))
    assert after.state == "resolved"
    assert (await bureau.clock(ticket)).wake_at is None


async def end(bureau: Bureau, task_id: str, by: str = "li") -> None:
    async with bureau.editing(by) as edit:
        task = await locked_task(edit, task_id)
        assert task is not None
        await todo.end(edit, task, "done", None)
