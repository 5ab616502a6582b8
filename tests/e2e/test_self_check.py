"""
A server in the test's own process: faults are planted in it, found within seconds, and put right.

Every other server of these tests looks at itself as well, and must find nothing (:mod:`.centre`).
"""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection, Engine, event

from config.settings import load
from cti_server.app import Hotline
from cti_server.calls.conversation import Conversation
from cti_server.sip.session import DEAF
from simulator.phone import Phones, answer

from .book import Book
from .centre import CHIEF, LI, define, planned
from .people import Agent, Caller

MOST_STATEMENTS = 310
"""Of a first start, which takes in what is shipped, with what begins and ends transactions on
SQLite; it has nothing to do with load."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Inside:
    """One agent and one caller, and the server's own parts."""

    def __init__(
        self,
        hotline: Hotline,
        statements: int,
        book: Book,
        li: Agent,
        chief: Agent,
        caller: Caller,
    ) -> None:
        self.hotline = hotline
        self.statements = statements
        """How often the start asked the database."""
        self.book = book
        self.li = li
        self.chief = chief
        self.caller = caller

    async def talk(self) -> None:
        """The caller is with li."""
        await self.li.desk.set_state("ready")
        await self.caller.dial("2001")
        await self.caller.happens("interaction.started")

    async def incident(self, kind: str) -> dict[str, str]:
        """It is found and put right; what the list says of it."""
        found = await self.book.when("incident.found", after=self.caller.after, kind=kind)
        one = {"incident_id": found.data["incident_id"]}
        await self.book.when("incident.healed", after=found.sequence, **one)
        page = await self.chief.desk.when(
            f"/api/v1/incidents?kind={kind}",
            lambda page: page["items"] and page["items"][0]["healed_at"],
        )
        view: dict[str, str] = page["items"][0]
        return view


@contextlib.contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that come to any database of this process meanwhile."""
    statements: list[str] = []

    def hear(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


@contextlib.asynccontextmanager
async def inside(folder: Path) -> AsyncIterator[Inside]:
    async with contextlib.AsyncExitStack() as stack:
        server = planned(folder)
        await define(server, [LI, CHIEF])
        hotline = Hotline(load(server.config_file))
        with counted() as statements:
            await hotline.start()
        stack.push_async_callback(hotline.stop, "test")
        phones = Phones("127.0.0.1", 0)
        await phones.start()
        stack.push_async_callback(phones.close)
        people = []
        for hire in (LI, CHIEF):
            phone = phones.add(hire.id)
            await phone.register(f"sip:127.0.0.1:{server.sip_port}", "correct-horse")
            people.append(Agent(await server.log_in(hire.id), phone))
            stack.push_async_callback(people[-1].desk.close)
        li, chief = people
        book = Book(server.api, chief.desk.token)
        await book.open()
        stack.push_async_callback(book.close)
        li.on_ring(answer())
        caller = Caller(server, book, phones.add("13900139000"))
        yield Inside(hotline, len(statements), book, li, chief, caller)
        caller.leave()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def it(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    async with inside(tmp_path_factory.mktemp("self_check")) as server:
        yield server


async def test_a_start_asks_the_database_as_often_as_it_has_to(it: Inside) -> None:
    """Each question costs a restarted server's callers time, a round trip on another machine."""
    assert it.statements < MOST_STATEMENTS, it.statements


def leaves_unheard(conversation: Conversation) -> None:
    """Nobody is told any more who leaves the call."""
    conversation._left = lambda member: None  # noqa: SLF001 - the fault that is planted


async def test_an_agent_whose_end_was_never_told_is_ready_again_and_a_leg_without_dialog_goes(
    it: Inside,
) -> None:
    await it.talk()
    call = it.hotline.switchboard.call_of(it.caller.contact_id)
    leaves_unheard(call.conversation)
    (await it.li.rung()).hang_up()
    healed = await it.incident("talking_without_leg")
    await it.li.is_in("ready")

    assert (healed["action"], healed["agent_id"]) == ("end_interaction", "li")
    assert healed["contact_id"] == it.caller.contact_id
    figures = (await it.hotline.metrics.page()).decode()
    assert "hotline_self_check_incidents_found_total 1.0" in figures
    assert "hotline_self_check_incidents_healed_total 1.0" in figures
    it.caller.leave()
    await it.caller.over()

    it.caller.after, it.caller.contact_id = it.book.last, ""
    await it.talk()
    (leg,) = it.hotline.switchboard.call_of(it.caller.contact_id).legs.live_of("li")
    sessions = [one for one in it.hotline.user_agent.sessions if one.owns_call_id]
    sessions[-1].listener = DEAF  # the leg will not hear of the BYE
    (await it.li.rung()).hang_up()
    healed = await it.incident("leg_without_dialog")

    assert (healed["action"], healed["leg_id"]) == ("let_go", leg.id)
    again = await it.caller.happens("contact.queued", ahead=0)
    assert again.data["contact_id"] == it.caller.contact_id, "the caller keeps the place"
    await it.li.is_in("not_ready")

    explained = await it.li.desk.get("/api/v1/agents/li/explanation?minutes=8")
    states = [stretch["state"] for stretch in explained["stretches"]]
    assert states[-1] == "not_ready"
    assert {"ringing", "talking", "ready"} <= set(states)
    why = await it.chief.desk.get(f"/api/v1/contacts/{it.caller.contact_id}/explanation")
    kinds = [phase["kind"] for phase in why["phases"]]
    assert kinds[:4] == ["menu", "waiting", "offer", "talking"]
    assert "incident" in kinds
    assert why["now"]["position"] == 1
    assert why["now"]["qualified"] == [{"agent_id": "li", "state": "not_ready"}]


async def test_a_supervisor_releases_an_agent_and_the_customer_waits_again(it: Inside) -> None:
    it.caller.leave()
    await it.caller.over()
    it.caller.after, it.caller.contact_id = it.book.last, ""
    await it.talk()
    status, view = await it.chief.desk.post("/api/v1/agents/li/release")

    assert (status, view["state"], view["reason"]) == (200, "not_ready", "released")
    again = await it.caller.happens("contact.queued", ahead=0)
    assert again.data["contact_id"] == it.caller.contact_id
    ended = await it.caller.happens("leg.ended", reason="agent-released")
    assert ended.data["call_id"] == it.caller.call_id
    await it.li.desk.set_state("ready")
    await it.caller.happens("interaction.started", agent_id="li")
