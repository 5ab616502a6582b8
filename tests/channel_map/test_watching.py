"""Who watches the channel map, and what they are sent: on virtual time, with rows as values."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cti_server.channel_map.rows import Account, CallRows
from cti_server.channel_map.watching import EVERY, FIRST_LOOK, LEASE, ChannelMap, Sight
from cti_server.media.worker_reports import LegAccount, LegLevel, LevelsHeard
from cti_server.wire.channels import ChannelView
from tests.fakes.meters import FakeMeters
from tests.virtual_time import run

EVERYTHING = Sight(teams=None, whole=True, listeners=True)
NORTH = Sight(teams=frozenset({"north"}), whole=True, listeners=True)
MASKED = Sight(teams=None, whole=False, listeners=True)
TEAMS = {"chen": "north", "lin": "south", "li": None}
NUMBER = "+8613800138000"


def row(leg: str, **changes: Any) -> ChannelView:
    return ChannelView(
        **{
            "leg_id": leg,
            "contact_id": "c1",
            "call_id": "k1",
            "role": "customer",
            "direction": "inbound",
            "number": NUMBER,
            "party": None,
            "queue": "sales",
            "state": "waiting",
            "muted": False,
            "began_at": datetime(2026, 11, 1, tzinfo=UTC),
            "codec": "PCMU",
            "recording": "none",
            "listeners": [],
            **changes,
        }
    )


def call(*rows: ChannelView, staff: tuple[str, ...] = (), known: bool = False) -> CallRows:
    return CallRows(rows, frozenset(staff), known)


class Watched:
    """A map of calls that a test changes, and one who watches it."""

    def __init__(self, *calls: CallRows) -> None:
        self.calls = list(calls)
        self.meters = FakeMeters()
        self.told: list[dict[str, Any]] = []
        self.map = ChannelMap(self._look, self.meters, TEAMS.get)

    def _look(self, account: Account) -> list[CallRows]:
        return [
            CallRows(
                tuple(
                    one.model_copy(update={"mos": found.mos})
                    if (found := account(one.leg_id))
                    else one
                    for one in each.rows
                ),
                each.staff,
                each.known,
            )
            for each in self.calls
        ]

    def put(self, message: bytes) -> None:
        self.told.append(json.loads(message))

    def took(self) -> list[dict[str, Any]]:
        taken, self.told = self.told, []
        return taken

    def legs(self, sight: Sight) -> dict[str, str]:
        """Whose numbers are seen, from the first message to somebody new."""
        told: list[bytes] = []
        self.map.join(told.append, sight)
        self.map.leave(told.append, sight)
        rows = json.loads(told[0])["channels"]
        return {leg: one["number"] for leg, one in rows.items()}


def test_all_of_it_comes_at_once_and_then_what_has_changed() -> None:
    async def scenario() -> None:
        it = Watched(call(row("a")))
        it.map.join(it.put, EVERYTHING)
        [first] = it.took()
        await asyncio.sleep(3 * EVERY)
        assert it.took() == []  # nothing changed

        it.calls = [call(row("a", state="talking"), row("b", role="agent"), staff=("li",))]
        await asyncio.sleep(EVERY)
        [changed] = it.took()
        it.calls = []
        await asyncio.sleep(EVERY)

        assert first["type"] == "channels"
        assert first["channels"]["a"]["state"] == "waiting"
        assert changed["type"] == "channels.changed"
        assert changed["patch"]["a"] == {"state": "talking"}
        assert changed["patch"]["b"]["role"] == "agent"
        assert it.took() == [{"type": "channels.changed", "patch": {"a": None, "b": None}}]
        it.map.close()

    run(scenario())


def test_who_wants_no_levels_gets_the_map_without_them() -> None:
    async def scenario() -> None:
        it, meters = Watched(call(row("a"))), list[dict[str, Any]]()
        with_meters = lambda message: meters.append(json.loads(message))  # noqa: E731 - compared
        it.map.join(with_meters, EVERYTHING)
        it.map.join(it.put, EVERYTHING, levels=False)
        it.meters.tell(LevelsHeard(levels={"a": LegLevel(-20, -127)}, accounts={}))
        it.calls = [call(row("a", state="talking"))]
        await asyncio.sleep(2 * EVERY)

        assert [each["type"] for each in it.took()] == ["channels", "channels.changed"]
        assert [each["type"] for each in meters] == [
            "channels",
            "channels.levels",
            "channels.changed",
        ]
        it.map.close()

    run(scenario())


def test_levels_are_passed_on_as_they_come_and_told_to_who_comes_later() -> None:
    async def scenario() -> None:
        it = Watched(call(row("a")))
        it.map.join(it.put, EVERYTHING)
        it.took()
        levels = {"a": LegLevel(-20, -127), "elsewhere": LegLevel(-3, -3)}
        it.meters.tell(LevelsHeard(levels=levels, accounts={"a": LegAccount(0.0, 1.0, 4.4)}))

        assert it.took() == [{"type": "channels.levels", "levels": {"a": [-20, -127]}}]
        later: list[bytes] = []
        it.map.join(later.append, EVERYTHING)
        assert json.loads(later[0])["levels"] == {"a": [-20, -127]}
        await asyncio.sleep(EVERY)
        assert it.took() == [{"type": "channels.changed", "patch": {"a": {"mos": 4.4}}}]
        it.map.close()

    run(scenario())


def test_a_leg_whose_level_is_known_before_the_leg_is_shown_with_it() -> None:
    async def scenario() -> None:
        it = Watched()
        it.map.join(it.put, EVERYTHING)
        it.took()
        it.meters.tell(LevelsHeard(levels={"a": LegLevel(-20, -127)}, accounts={}))
        await asyncio.sleep(EVERY)
        assert it.took() == []

        it.calls = [call(row("a"))]
        await asyncio.sleep(EVERY)
        [changed, levels] = it.took()
        assert changed["patch"].keys() == {"a"}
        assert levels == {"type": "channels.levels", "levels": {"a": [-20, -127]}}
        it.calls = []
        await asyncio.sleep(3 * EVERY)
        it.took()
        it.calls = [call(row("a"))]
        await asyncio.sleep(EVERY)
        assert len(it.took()) == 1  # the level went with the leg
        it.map.close()

    run(scenario())


def test_workers_measure_while_somebody_watches_and_are_told_when_nobody_does() -> None:
    async def scenario() -> None:
        it = Watched(call(row("a")))
        assert it.meters.asked == []
        it.map.join(it.put, EVERYTHING)
        await asyncio.sleep(10)
        renewals = it.meters.asked
        assert set(renewals) == {LEASE}
        assert len(renewals) * LEASE > 2 * 10  # one that is late costs nothing

        it.map.leave(it.put, EVERYTHING)
        await asyncio.sleep(EVERY)
        assert renewals[-1] == 0
        count = len(renewals)
        await asyncio.sleep(60)
        assert len(renewals) == count

        late = LevelsHeard(levels={"a": LegLevel(-20, -20)}, accounts={})
        it.meters.tell(late)  # was on its way
        it.took()
        it.map.join(it.put, EVERYTHING)
        assert renewals[-1] == LEASE
        assert it.took()[0]["levels"] == {}
        it.map.close()

    run(scenario())


def test_who_asks_once_waits_for_levels_and_who_asks_again_does_not() -> None:
    async def scenario() -> None:
        it = Watched(call(row("a")))
        loop = asyncio.get_running_loop()
        loop.call_later(
            1, it.meters.tell, LevelsHeard(levels={"a": LegLevel(-9, None)}, accounts={})
        )
        began = loop.time()
        looks = [
            *await asyncio.gather(it.map.now(EVERYTHING), it.map.now(EVERYTHING)),
            await it.map.now(EVERYTHING),
        ]

        assert loop.time() - began == pytest.approx(FIRST_LOOK)
        assert [[(one.said, one.heard) for one in look] for look in looks] == 3 * [[(-9, None)]]
        await asyncio.sleep(2 * LEASE)
        assert it.meters.asked[-1] == 0
        it.map.close()

    run(scenario())


def test_calls_are_seen_by_the_teams_of_their_agents_and_numbers_of_nobodys_customers() -> None:
    async def scenario() -> None:
        it = Watched(
            call(row("of-chen"), staff=("chen",), known=True),
            call(row("of-lin"), staff=("lin",)),
            call(row("of-both"), staff=("lin", "chen")),
            call(row("of-li"), staff=("li",)),
            call(row("of-nobody-yet"), known=True),
            call(row("of-a-stranger")),
        )
        assert it.legs(NORTH) == {
            "of-chen": NUMBER,
            "of-both": NUMBER,
            "of-li": NUMBER,
            "of-nobody-yet": it.legs(MASKED)["of-nobody-yet"],
            "of-a-stranger": NUMBER,
        }
        assert set(it.legs(EVERYTHING).values()) == {NUMBER}
        masked = it.legs(MASKED)
        assert len(masked) == 6
        assert NUMBER not in masked.values()
        it.map.close()

    run(scenario())


def test_an_experts_number_is_masked_where_the_customers_is_and_an_agents_id_is_not() -> None:
    async def scenario() -> None:
        expert = row("e", role="expert", party="+8613900139000")
        it = Watched(call(expert, row("a", role="agent", party="li"), staff=("li",)))
        whole = await it.map.now(EVERYTHING)
        masked = await it.map.now(MASKED)
        assert [one.party for one in whole] == ["+8613900139000", "li"]
        assert [one.party for one in masked] == ["**********9000", "li"]
        it.map.close()

    run(scenario())


def test_who_listens_is_shown_to_who_may_know_it_only() -> None:
    async def scenario() -> None:
        it = Watched(
            call(
                row("c", listeners=["boss"]),
                row("s", role="supervisor", party="boss", listeners=["boss"]),
            )
        )
        found = await it.map.now(EVERYTHING)
        assert [(one.leg_id, one.listeners) for one in found] == [("c", ["boss"]), ("s", ["boss"])]
        found = await it.map.now(Sight(teams=None, whole=True, listeners=False))
        assert [(one.leg_id, one.listeners) for one in found] == [("c", [])]
        it.map.close()

    run(scenario())


def test_who_leaves_is_told_nothing_more_and_others_are() -> None:
    async def scenario() -> None:
        it, other = Watched(call(row("a"))), list[bytes]()
        it.map.join(it.put, EVERYTHING)
        it.map.join(other.append, EVERYTHING)
        it.map.leave(it.put, EVERYTHING)
        it.took()
        it.calls = [call(row("a", state="talking"))]
        await asyncio.sleep(EVERY)

        assert it.took() == []
        assert json.loads(other[-1])["patch"] == {"a": {"state": "talking"}}
        it.map.close()

    run(scenario())
