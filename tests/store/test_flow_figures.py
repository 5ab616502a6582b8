"""How callers fared in a flow, from what the log tells of them, on both databases."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import Executable, Result
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.database import Database
from cti_server.store.flow_figures import ENDS, Asked, of_flows, of_nodes
from cti_server.store.journal_files import Entry
from cti_server.store.records import Records
from cti_server.wire import events
from cti_server.wire.events import Event

from .stories import NINE, arrival, entries

SPAN = Asked(NINE, NINE + timedelta(hours=1))


def came(n: int, node: str, by: str | None = None, **more: object) -> Event:
    told = {"flow": "main", "version": 3, **more}
    return events.NodeEntered(contact_id=f"contact{n}", node=node, by=by, **told)  # type: ignore[arg-type]


def left(n: int, node: str, to: str = "", **more: object) -> Event:
    told = {"flow": "main", "version": 3, **more}
    return events.FlowLeft(contact_id=f"contact{n}", node=node, to=to, **told)  # type: ignore[arg-type]


def over(n: int, reason: str = "caller-hung-up", outcome: str = "abandoned") -> Event:
    return events.ContactEnded(contact_id=f"contact{n}", outcome=outcome, reason=reason)


def story() -> Iterator[Event]:
    """Callers, one after the other, an event a second."""
    # 1: two wrong keys, then to sales, by a part
    yield from [*arrival(1), came(1, "menu")]
    yield came(1, "hello", "1", flow="greeting", whole="main", asked=3, wrong=2)
    yield from [came(1, "sales", "back"), left(1, "sales", "queue", target="sales"), over(1)]
    # 2: hears the hours and hangs up, so was served
    yield from [*arrival(2), came(2, "menu"), came(2, "hours", "3", asked=1)]
    yield from [came(2, "menu", "then"), left(2, "menu", served=True), over(2)]
    # 3: says nothing, and hangs up
    yield from [*arrival(3), came(3, "menu"), left(3, "menu", asked=2, silent=2), over(3)]
    # 4: the flow comes to its end
    yield from [*arrival(4), came(4, "menu"), came(4, "bye", "0", asked=1)]
    yield from [left(4, "bye", "hang_up", reason="completed", served=True), over(4, "flow-ended")]
    # 5: goes round, and 6: the server dies
    yield from [*arrival(5), came(5, "menu"), left(5, "menu", "hang_up", reason="flow-loop")]
    yield from [over(5, "flow-loop"), *arrival(6), came(6, "menu"), over(6, "server-died")]
    # 7: from a closed queue back into the flow, and is there
    yield from [*arrival(7), came(7, "menu"), came(7, "sales", "1", asked=1)]
    yield from [left(7, "sales", "queue", target="sales"), came(7, "menu", "closed")]
    # 9: is let go without having been served
    yield from [*arrival(9), came(9, "menu"), left(9, "menu", "hang_up", reason="no"), over(9)]
    # 10: hangs up while leaving a message, 11: has left one
    yield from [*arrival(10), came(10, "menu"), left(10, "menu"), over(10, outcome="voicemail")]
    yield from [*arrival(11), came(11, "menu")]
    yield from [left(11, "menu", "hang_up", served=True), over(11, "flow-ended", "voicemail")]
    # 8: in a flow that nobody published, of which nothing is kept
    yield from [*arrival(8), came(8, "menu", version=None), over(8)]


async def written(database: Database) -> None:
    await database.upgrade()
    records = Records(database.engine.dialect)
    told = entries(story())
    for begin in range(0, len(told), 7):  # a batch may end anywhere
        write = partial(records.write, batch=told[begin : begin + 7])
        records.committed(await database.in_transaction(write))


async def test_each_walk_comes_to_one_end_and_the_figures_add_up(database: Database) -> None:
    await written(database)
    async with database.at_one_moment() as session:
        found = await of_flows(session, SPAN)
        later = await of_flows(session, Asked(SPAN.until, SPAN.until + timedelta(days=1)))
        other = await of_flows(session, Asked(SPAN.since, SPAN.until, "main", 2))

    (tally,) = found.values()
    assert list(found) == [("main", 3)]
    sums = dict(tally.sums)
    assert [sums[name] for name in ENDS] == [10, 2, 2, 1, 1, 1, 2, 1]
    assert sum(sums[name] for name in ENDS[1:]) == sums["entered"]
    assert [sums[name] for name in ("asked", "wrong", "silent")] == [8, 2, 2]
    assert (later, other) == ({}, {})


async def test_the_same_ends_are_told_by_the_channel_that_customers_came_by(
    database: Database,
) -> None:
    """One calls and is served; of two on a page, one leaves, and one is led to an agent."""
    await database.upgrade()
    told = [*arrival(1), came(1, "menu"), left(1, "menu", "hang_up", served=True), over(1)]
    for number in (2, 3):
        began = events.SelfServiceBegan(
            contact_id=f"contact{number}", channel="web", service="fault", language="zh"
        )
        told += [began, came(number, "menu")]
    told += [left(2, "menu"), over(2, "customer-left", "abandoned")]
    told += [left(3, "menu", "queue", target="sales")]
    records = Records(database.engine.dialect)
    await database.in_transaction(partial(records.write, batch=entries(told)))

    async with database.at_one_moment() as session:
        (tally,) = (await of_flows(session, SPAN)).values()

    assert tally.sums["entered"] == 3
    ends = {
        channel: [sums[name] for name in ("entered", "self_served", "transferred", "abandoned")]
        for channel, sums in tally.by_channel.items()
    }
    assert ends == {"voice": [1, 1, 0, 0], "web": [2, 0, 1, 1]}


async def test_the_time_in_a_queue_is_not_in_the_stay_of_who_came_back(database: Database) -> None:
    """One second at each of three nodes, and ten in the queue between the second and the third."""
    await database.upgrade()
    waited = [events.ContactAnnotated(contact_id="contact1", attributes={})] * 9
    told = [*arrival(1), came(1, "menu"), came(1, "sales", "1")]
    told += [left(1, "sales", "queue", target="sales"), *waited, came(1, "menu", "closed")]

    async def figures(story: list[Event], first: int) -> dict[int, float]:
        records = Records(database.engine.dialect)
        batch = entries(story, first)
        await database.in_transaction(partial(records.write, batch=batch))
        async with database.at_one_moment() as session:
            (tally,) = (await of_flows(session, SPAN)).values()
        return tally.quantiles

    assert await figures(told, 1) == {}  # the caller is still inside
    assert await figures([left(1, "menu"), over(1)], len(told) + 1) == {50: 3.0, 95: 3.0}


async def test_each_node_says_by_which_way_it_was_left_and_how_long_callers_stayed(
    database: Database,
) -> None:
    await written(database)
    async with database.at_one_moment() as session:
        found = await of_nodes(session, SPAN)

    assert {key[2:] for key in found} == {
        *(("main", node) for node in ("menu", "sales", "hours", "bye")),
        ("greeting", "hello"),
    }
    menu, sales = found["main", 3, "main", "menu"], found["main", 3, "main", "sales"]
    assert menu.ways == {"1": 2, "3": 1, "0": 1, "hang_up": 3}
    sums = menu.sums
    assert [sums[name] for name in ("entered", "abandoned", "inside")] == [12, 3, 1]
    assert [sums[name] for name in ("asked", "wrong", "silent")] == [8, 2, 2]
    assert menu.quantiles == {50: 1.0, 95: 1.0}
    assert sales.ways == {"queue": 1, "closed": 1}  # one was led back from there
    assert found["main", 3, "greeting", "hello"].ways == {"back": 1}


class Overtaken:
    """A session after whose first statement something else happens."""

    def __init__(self, session: AsyncSession, then: Callable[[], Awaitable[None]]) -> None:
        self._session = session
        self._then: Callable[[], Awaitable[None]] | None = then

    async def execute(self, statement: Executable) -> Result[Any]:
        found = await self._session.execute(statement)
        if self._then is not None:
            found = found.freeze()()
            then, self._then = self._then, None
            await then()
        return found


async def test_who_comes_while_it_is_added_up_is_not_in_it(database: Database) -> None:
    await written(database)
    late = list[Entry]()

    async def comes() -> None:
        records = Records(database.engine.dialect)
        await database.in_transaction(partial(records.write, batch=late))

    until = NINE + timedelta(days=1)
    for version, add_up in ((7, of_nodes), (8, of_flows)):
        more = (came(version, "shop", version=version), left(version, "shop", version=version))
        late = entries([*arrival(version), *more], first=version * 1000)
        async with database.at_one_moment() as session:
            overtaken = cast(AsyncSession, Overtaken(session, comes))
            found = await add_up(overtaken, Asked(NINE, until))
            assert ("main", 3) in {key[:2] for key in found}
            assert version not in {key[1] for key in found}
        async with database.at_one_moment() as session:
            found = await add_up(session, Asked(NINE, until))
            assert version in {key[1] for key in found}
