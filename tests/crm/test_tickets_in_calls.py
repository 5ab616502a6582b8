"""Tickets that flows open, on both databases: wholly or not at all, and in time or not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from cti_server.store.database import Database
from cti_server.store.ticket_types import NumberSeries
from cti_server.store.tickets import Ticket, TicketContact
from cti_server.tickets.in_calls import TicketsInCalls
from cti_server.tickets.opening import NewTicket
from tests.crm.bureau import Bureau, opened


@pytest.fixture
async def bureau(database: Database, tmp_path: Path) -> AsyncIterator[Bureau]:
    async with opened(database, tmp_path) as bureau:
        yield bureau


async def tickets_of(bureau: Bureau) -> list[Ticket]:
    async with bureau.database.readers() as session:
        return list(await session.scalars(select(Ticket)))


def wanted(type: str = "fault", **form: str) -> NewTicket:
    return NewTicket(type=type, subject="No line", form=form, contact_id="k1", recording_ids=["r1"])


async def test_a_ticket_is_bound_to_the_contact_and_has_what_was_said(bureau: Bureau) -> None:
    tickets = TicketsInCalls(bureau.changes, bureau, bureau.new_id)
    number = await tickets.open(wanted(account="4711", fault_code="12"))

    [ticket] = await tickets_of(bureau)
    assert (ticket.number, ticket.opened_by) == (number, "system")
    assert ticket.form == {"account": "4711", "fault_code": "12"}
    assert ticket.recording_ids == ["r1"]
    async with bureau.database.readers() as session:
        [link] = await session.scalars(select(TicketContact))
    assert (link.ticket_id, link.contact_id) == (ticket.id, "k1")


@pytest.mark.parametrize(
    ("type", "form", "kept"),
    [
        ("problem", {"loss": "12.5", "public": "true"}, {"loss": 12.5, "public": True}),
        ("problem", {"loss": "a lot"}, None),
        ("fault", {"fault_code": "?!"}, None),
        ("fault", {"colour": "red"}, None),
        ("nonsense", {}, None),
    ],
)
async def test_what_its_form_refuses_is_not_opened(
    bureau: Bureau, type: str, form: dict[str, str], kept: dict[str, Any] | None
) -> None:
    tickets = TicketsInCalls(bureau.changes, bureau, bureau.new_id)
    number = await tickets.open(wanted(type, **form))

    assert (number is None) is (kept is None)
    assert [one.form for one in await tickets_of(bureau)] == ([] if kept is None else [kept])


async def test_a_ticket_that_takes_too_long_is_not_waited_for_and_not_torn(bureau: Bureau) -> None:
    """Nor is one whose caller hangs up meanwhile."""
    await bureau.open("fault")
    tickets = TicketsInCalls(bureau.changes, bureau, bureau.new_id, in_time=0.05)
    async with bureau.database.sessions() as session, session.begin():
        await session.execute(update(NumberSeries).values(last=NumberSeries.last))
        assert await tickets.open(wanted(account="4711")) is None
        hangs_up = asyncio.create_task(tickets.open(wanted(account="4712")))
        await asyncio.sleep(0)
        hangs_up.cancel()
        await asyncio.wait([hangs_up])
    await tickets.close()

    accounts = {one.form.get("account") for one in await tickets_of(bureau)}
    assert accounts == {None, "4711", "4712"}
