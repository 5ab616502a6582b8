"""Who watches the waiting list, and what they are sent and see of whom: on virtual time."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from acd.estimate import Estimate
from acd.model import ContactId, Offer, WaitingContact
from acd.waits import QueueWaits, Wait
from crm.numbers import mask
from crm.pop import CustomerSummary, Pop
from cti_server.waiting_list.rows import Known, Sight
from cti_server.waiting_list.watching import EVERY, EXPECTED_FOR, WaitingList
from tests.virtual_time import run

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
NUMBER = "+8613800138000"
EVERYTHING = Sight(teams=None, numbers=True, customers=True)
NORTH = Sight(teams=frozenset({"north"}), numbers=True, customers=True)
FIGURES_ONLY = Sight(teams=None, numbers=False, customers=False)
TEAMS = {"chen": "north", "lin": "south"}


def somebody(team: str | None) -> Known:
    wang = CustomerSummary(id="c7", kind="person", name="王芳", tier="gold", team=team)
    return Known(NUMBER, Pop.of([wang], 1.0), "zh")


def wait(contact_id: str, place: int | None = 1, rung: str | None = None) -> Wait:
    offer: Any = None
    if rung is not None:
        offer = Offer(
            id=contact_id,  # type: ignore[arg-type]
            contact_id=ContactId(contact_id),
            agent_id=rung,  # type: ignore[arg-type]
            queue="sales",
            queued_at=NINE,
            made_at=NINE,
            expires_at=NINE,
            why=None,  # type: ignore[arg-type]
        )
    return Wait(WaitingContact(ContactId(contact_id), "sales", NINE), place, (), None, offer)


class Watched:
    """A queue that a test changes, and the list of it."""

    def __init__(self, *waits: Wait, **about: Known) -> None:
        self.waiting = list(waits)
        self.about = about
        self.expected = Estimate(30.2, 60.4, 90.6)
        self.asked = 0
        self.told: list[dict[str, Any]] = []
        self.list = WaitingList(self, self.about.get, TEAMS.get)

    def queue_names(self) -> Iterable[str]:
        return ["sales"]

    def waits(self, queue: str, most: int) -> QueueWaits:
        offered = sum(one.offer is not None for one in self.waiting)
        return QueueWaits(len(self.waiting) - offered, offered, self.waiting[:most])

    def expected_wait(self, contact_id: str) -> Estimate | None:
        self.asked += 1
        return self.expected

    def put(self, message: bytes) -> None:
        self.told.append(json.loads(message))

    def took(self) -> list[dict[str, Any]]:
        taken, self.told = self.told, []
        return taken

    def seen_by(self, sight: Sight) -> dict[str, tuple[str, Any]]:
        rows = self.list.now("sales", sight, 10).contacts
        return {row.contact_id: (row.number, row.customer and row.customer.name) for row in rows}


def test_all_of_it_comes_at_once_and_then_what_has_changed() -> None:
    async def scenario() -> None:
        it = Watched(wait("a"), wait("b", 2), a=somebody(None), b=Known("wei@example.com"))
        it.list.join(it.put, EVERYTHING)
        [first] = it.took()
        await asyncio.sleep(3 * EVERY)
        assert it.took() == []  # nothing changed

        it.waiting = [wait("a", None, rung="chen"), wait("b", 1)]
        await asyncio.sleep(EVERY)
        [changed] = it.took()
        it.waiting = [wait("b", 1)]
        await asyncio.sleep(EVERY)
        [gone] = it.took()

        assert first["type"] == "waiting"
        sales = first["queues"]["sales"]
        assert (sales["waiting"], sales["offered"]) == (2, 0)
        assert sales["contacts"]["a"]["customer"] == {"id": "c7", "name": "王芳", "tier": "gold"}
        assert sales["contacts"]["a"]["expected_wait"] == {"p50": 30, "p80": 60, "p90": 91}
        assert sales["contacts"]["b"]["number"] == "wei@example.com"
        assert changed["type"] == "waiting.changed"
        sales = changed["patch"]["sales"]
        assert (sales["waiting"], sales["offered"]) == (1, 1)
        assert sales["contacts"]["a"]["offered_to"] == "chen"
        assert sales["contacts"]["a"]["place"] is None
        assert sales["contacts"]["b"] == {"place": 1}
        assert gone["patch"] == {"sales": {"offered": 0, "contacts": {"a": None}}}
        it.list.close()

    run(scenario())


def test_an_expected_wait_is_asked_for_now_and_then_and_nothing_while_nobody_watches() -> None:
    async def scenario() -> None:
        it = Watched(wait("a"))
        it.list.join(it.put, EVERYTHING)
        it.took()
        it.expected = Estimate(20, 40, 60)
        await asyncio.sleep(EXPECTED_FOR - EVERY / 2)
        assert it.took() == []
        await asyncio.sleep(EVERY)
        [changed] = it.took()
        expected = changed["patch"]["sales"]["contacts"]["a"]["expected_wait"]
        assert expected == {"p50": 20, "p80": 40, "p90": 60}

        it.list.leave(it.put, EVERYTHING)
        asked = it.asked
        it.waiting = []
        await asyncio.sleep(3 * EXPECTED_FOR)
        assert (it.took(), it.asked) == ([], asked)
        it.list.close()

    run(scenario())


def test_those_who_see_the_same_get_the_same_bytes_and_others_their_own() -> None:
    async def scenario() -> None:
        it = Watched(a=somebody("south"))
        told: dict[str, list[bytes]] = {"one": [], "two": [], "masked": []}
        it.list.join(told["one"].append, EVERYTHING)
        it.list.join(told["two"].append, EVERYTHING)
        it.list.join(told["masked"].append, NORTH)
        it.waiting = [wait("a")]
        await asyncio.sleep(EVERY)

        assert told["one"][1] is told["two"][1]
        shown = json.loads(told["masked"][1])["patch"]["sales"]["contacts"]["a"]
        assert shown["number"].endswith("8000")
        assert NUMBER not in shown["number"]
        assert "customer" not in shown or shown["customer"] is None
        it.list.close()

    run(scenario())


def test_who_sees_whose_number_and_name() -> None:
    whole, hidden = (NUMBER, "王芳"), (mask(NUMBER), None)
    ours, others, nobodys = somebody("north"), somebody("south"), somebody(None)
    several = Known(NUMBER, Pop.of([*ours.customer.customers, *others.customer.customers], 1.0))
    stranger = Known(NUMBER, Pop(match="none"))
    it = Watched(
        *(wait(name) for name in ("ours", "others", "nobodys", "several", "stranger", "unknown")),
        wait("rung", None, rung="chen"),
        wait("away", None, rung="lin"),
        ours=ours,
        others=others,
        nobodys=nobodys,
        several=several,
        stranger=stranger,
        unknown=Known(NUMBER),
        rung=others,
        away=others,
    )

    assert it.seen_by(NORTH) == {
        "ours": whole,
        "others": hidden,
        "nobodys": whole,
        "several": (NUMBER, None),
        "stranger": (NUMBER, None),
        "unknown": hidden,
        "rung": whole,  # for an agent of theirs
    }
    assert it.seen_by(EVERYTHING)["away"] == whole
    assert set(it.seen_by(FIGURES_ONLY).values()) == {hidden}
