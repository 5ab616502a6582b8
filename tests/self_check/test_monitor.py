"""Faults planted in a floor and its calls are found at a second look, put right, and on record."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from acd.invariants import Breach, Fault
from acd.model import AgentId, Channel, ContactId, OfferId, Purpose, WaitingContact
from acd.router import Router
from cti_server.calls.call import Call
from cti_server.calls.errors import NoSuchCall
from cti_server.calls.leg import Leg
from cti_server.calls.sip_session import SipSession
from cti_server.calls.termination import AGENT_HUNG_UP, SESSION_GONE
from cti_server.floor.floor import Floor
from cti_server.media.media_leg import MediaLeg, MediaListener
from cti_server.media.worker_reports import LegQuality
from cti_server.self_check.calls import CallFault
from cti_server.self_check.destinations import Destinations
from cti_server.self_check.everything import ENDING, PUTTING_AWAY, rounds_of
from cti_server.self_check.monitor import MOST_OPEN, Monitor
from cti_server.self_check.ports import WorkerPorts
from cti_server.self_check.remedies import Remedies
from cti_server.self_check.rounds import Round
from cti_server.sip.invite_session import InviteSession
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import SessionRefused
from cti_server.wire.events import Event, IncidentFound, IncidentHealed
from tests import virtual_time
from tests.acd.build import at, contact, counting
from tests.acd.test_invariants import LATER, PLANTED, Scene


class Hands:
    """A clock whose hands are moved."""

    def __init__(self) -> None:
        self.moment = at(5)

    def now(self) -> datetime:
        return self.moment


@dataclass
class Search:
    """A call's wait for the ACD, as far as the self-check sees it."""

    waiting: bool = True
    waits_again: Callable[[], None] = lambda: None

    def wait_again(self) -> None:
        self.waiting = False
        self.waits_again()


@dataclass
class Control:
    searching: Search | None = None


@dataclass
class Legs:
    legs: list[Leg] = field(default_factory=list)

    def __iter__(self) -> Iterator[Leg]:
        return iter(self.legs)

    def live_of(self, agent_id: str) -> list[Leg]:
        return [one for one in self.legs if one.agent_id == agent_id and not one.over.is_set()]


@dataclass
class RunningCall:
    legs: Legs = field(default_factory=Legs)
    control: Control = field(default_factory=Control)


class Calls:
    """Every contact of the scene is in a call: who waits searches, who talks has a live leg."""

    def __init__(self) -> None:
        self.calls: dict[str, RunningCall] = {}

    @property
    def contact_ids(self) -> list[str]:
        return list(self.calls)

    def call_of(self, contact_id: str) -> Call:
        call = self.calls.get(contact_id)
        if call is None:
            raise NoSuchCall(contact_id)
        return cast(Call, call)


@dataclass
class Signalling:
    sessions: list[InviteSession] = field(default_factory=list)


@dataclass
class Media:
    legs: list[tuple[MediaLeg, MediaListener]] = field(default_factory=list)

    async def surplus(self) -> dict[int, int]:
        return {}


class NoQueues(frozenset[str]):
    def named_by(self, name: str) -> list[str]:
        return []


class Server:
    """A floor in the midst of work (:class:`Scene`), its calls, and the monitor over both."""

    def __init__(self) -> None:
        self.router = Scene.begin().router
        self.clock, self.log = Hands(), list[Event]()
        self.floor = Floor(self.router, self.clock, self.log.append)
        self.calls, self.signalling, self.media = Calls(), Signalling(), Media()
        for name in ("two", "four"):
            self.calls.calls[name] = RunningCall(control=Control(Search()))
        self.calls.calls["one"] = RunningCall(legs=Legs([self.leg("ann")]))
        rounds = rounds_of(
            *(self.floor.books, self.calls, self.signalling, self.media, WorkerPorts(self.media)),
            Destinations({}, NoQueues()),
        )
        remedies = Remedies(self.floor, self.calls)
        self.monitor = Monitor(rounds, remedies, self.log.append, self.clock, counting("incident"))

    def leg(self, agent_id: str | None) -> Leg:
        leg = Leg(
            leg_id=f"leg-{agent_id}", call_id="c", hung_up=AGENT_HUNG_UP, append=self.log.append
        )
        leg.agent_id = agent_id
        return leg

    def look(self, times: int = 1) -> None:
        """A second between two looks."""
        for _ in range(times):
            self.clock.moment += timedelta(seconds=1)
            self.monitor.look()

    @property
    def found(self) -> list[str]:
        return [one.kind for one in self.log if isinstance(one, IncidentFound)]

    @property
    def healed(self) -> list[tuple[str, str]]:
        return [(one.kind, one.action) for one in self.log if isinstance(one, IncidentHealed)]


def in_time(test: Callable[[], None]) -> None:
    """Legs have events of asyncio's, and the floor a timer: they want a loop."""

    async def run() -> None:
        test()

    virtual_time.run(run())


def test_where_all_is_in_order_nothing_is_found() -> None:
    def test() -> None:
        server = Server()
        server.look(15)
        assert server.found == []
        assert server.monitor.looks == 15

    in_time(test)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_fault_of_the_books_becomes_an_incident_that_is_put_right(
    plant: Callable[[Router], Fault],
) -> None:
    def test() -> None:
        server = Server()
        fault = plant(server.router)
        if fault is Fault.RESERVATION_EXPIRED:
            server.clock.moment = at(LATER)
        server.look()
        assert server.found == [], "a moment's race is no breach"
        server.look(4)

        assert fault.value in server.found
        assert sorted(server.found) == sorted(kind for kind, _ in server.healed)
        assert all(action for kind, action in server.healed if kind == fault)
        before = len(server.found)
        server.look(5)
        assert len(server.found) == before, "it is over"

    in_time(test)


def test_an_agent_whose_legs_end_was_never_told_is_freed() -> None:
    def test() -> None:
        server = Server()
        server.calls.calls["one"].legs.legs[0].end(SESSION_GONE)
        server.look(ENDING - 1)
        assert server.found == [], "its call may be about to end"
        server.look(2)

        assert server.healed == [(CallFault.TALKING_WITHOUT_LEG, "end_interaction")]
        assert server.router.agent(AgentId("ann")).state == "wrap_up"

    in_time(test)


def test_an_interaction_and_a_wait_without_a_call_are_ended() -> None:
    def test() -> None:
        server = Server()
        del server.calls.calls["one"], server.calls.calls["four"]
        server.look(ENDING + 1)

        assert sorted(server.healed) == [
            (CallFault.INTERACTION_WITHOUT_CALL, "end_interaction"),
            (CallFault.WAITING_WITHOUT_CALL, "withdraw"),
        ]
        assert server.router.position(ContactId("four")) is None

    in_time(test)


def test_a_customer_who_was_called_back_in_a_call_that_is_gone_keeps_no_agent() -> None:
    def test() -> None:
        server = Server()
        server.floor.withdraw("four")
        del server.calls.calls["four"]
        server.floor.log_in("dot")
        server.floor.set_ready("dot")
        server.floor.enqueue(replace(contact("six", 5), channel=Channel.CALLBACK))
        server.look(ENDING + 1)
        assert server.found == [], "who is to be called back is in no call"
        server.floor.accept(server.floor.books.seats["dot"].offer_id or "")
        server.look(ENDING + 1)

        assert server.healed == [(CallFault.INTERACTION_WITHOUT_CALL, "end_interaction")]
        assert server.router.agent(AgentId("dot")).state == "wrap_up"

    in_time(test)


def test_a_call_that_waits_and_that_the_acd_does_not_know_takes_its_place_again() -> None:
    def test() -> None:
        server = Server()
        server.floor.withdraw("four")
        search = server.calls.calls["four"].control.searching
        assert search is not None
        search.waits_again = lambda: server.floor.enqueue(contact("four", 4), returning=True)
        server.look(3)

        assert server.healed == [(CallFault.CALL_WAITS_NOWHERE, "wait_again")]
        assert server.router.position(ContactId("four")) == 1

    in_time(test)


class Dialog:
    """A SIP dialog that is over, or not."""

    def __init__(self, *, over: bool) -> None:
        self.over = over

    def hang_up(self, reason: str | None = None) -> None: ...

    async def reinvite(self, offer: Sdp) -> Sdp:
        raise SessionRefused(481, "Session Is Over")

    def send_info_digit(self, digit: str, duration_ms: int = 250) -> None: ...


def test_a_leg_whose_dialog_is_over_is_let_go() -> None:
    def test() -> None:
        server = Server()
        (leg,) = server.calls.calls["one"].legs.legs
        SipSession(leg, 1).attach(Dialog(over=True))
        server.look(3)

        assert (CallFault.LEG_WITHOUT_DIALOG, "let_go") in server.healed
        assert leg.termination is SESSION_GONE

    in_time(test)


class Established(InviteSession):
    """A session that goes on, with nobody left on our side."""

    def __init__(self, listener: SipSession) -> None:
        self.listener = listener
        self.hung_up = False

    @property
    def confirmed(self) -> bool:
        return not self.hung_up

    def hang_up(self, reason: str | None = None) -> None:
        self.hung_up = True


def test_a_dialog_that_outlives_its_leg_is_hung_up_but_not_at_once() -> None:
    def test() -> None:
        server = Server()
        leg = server.leg(None)
        leg.end(SESSION_GONE)
        session = Established(SipSession(leg, 1))
        server.signalling.sessions.append(session)
        server.look(4)
        assert not session.hung_up
        server.look(3)
        assert server.healed == [(CallFault.DIALOG_WITHOUT_LEG, "hang_up")]

    in_time(test)


def test_media_that_are_not_closed_with_their_leg_are_closed_when_that_had_its_time() -> None:
    async def test() -> None:
        server, told = Server(), list[Any]()
        link = type("Link", (), {"number": 0, "send": lambda self, command: told.append(command)})()
        leg = server.leg(None)
        media = MediaLeg(leg.id, "127.0.0.1", 4000, link)
        server.media.legs.append((media, leg))
        server.look(PUTTING_AWAY)
        leg.end(SESSION_GONE)
        server.look(PUTTING_AWAY - 1)
        assert CallFault.MEDIA_WITHOUT_LEG not in server.found
        server.look(2)
        assert CallFault.MEDIA_WITHOUT_LEG in server.found
        await asyncio.sleep(0)
        assert [type(one).__name__ for one in told] == ["CloseLeg"]
        media.closed(LegQuality())
        await asyncio.sleep(0)
        server.media.legs.clear()
        server.look()
        assert (CallFault.MEDIA_WITHOUT_LEG, "close_media") in server.healed

    virtual_time.run(test())


def test_what_cannot_be_put_right_stays_open_and_is_tried_again() -> None:
    def test() -> None:
        tried: list[str] = []

        class Helpless(Remedies):
            def apply(self, breach: Breach, item: object) -> str:
                tried.append(breach.subject)
                return ""

        server = Server()
        broken = [True]

        def check(item: str, now: datetime) -> Iterator[Breach]:
            if broken:
                yield Breach("planted", item)

        rounds = [Round(lambda: ["thing"], check)]
        helpless = Helpless(server.floor, server.calls)
        monitor = Monitor(rounds, helpless, server.log.append, server.clock, counting("i"))
        for _ in range(25):
            monitor.look()
        assert server.found == ["planted"]
        assert tried == ["thing"] * 3, "at once, and now and then"
        broken.clear()
        monitor.look()
        assert server.healed == [("planted", "")]

    in_time(test)


def test_a_flood_of_breaches_is_bounded_and_everybody_is_looked_at_in_turn() -> None:
    def test() -> None:
        server, seen = Server(), list[int]()

        def check(item: int, now: datetime) -> Iterator[Breach]:
            seen.append(item)
            yield Breach("planted", str(item))

        rounds = [Round(lambda: range(1000), check, at_once=100)]
        monitor = Monitor(
            rounds,
            Remedies(server.floor, server.calls),
            server.log.append,
            server.clock,
            counting("i"),
        )
        for _ in range(10):
            monitor.look()
        assert set(seen) == set(range(1000))
        assert len(server.found) == MOST_OPEN

    in_time(test)


class Planted:
    """A thing with a fault for as long as it is broken, and a monitor that runs by itself."""

    def __init__(self) -> None:
        self.broken, self.looked_at = True, list[float]()
        self.server = Server()
        self.loop = cast(virtual_time.VirtualTimeLoop, asyncio.get_running_loop())
        self.monitor = Monitor(
            [Round(lambda: ["thing"], self._check)],
            Remedies(self.server.floor, self.server.calls),
            self.server.log.append,
            self.server.clock,
            counting("i"),
        )
        self.monitor.start()

    def _check(self, item: str, now: datetime) -> Iterator[Breach]:
        self.looked_at.append(self.loop.time())
        if self.broken:
            yield Breach("planted", item)

    async def turns(self, number: int, seconds: float) -> None:
        """The loop has so much to do that it comes round so slowly, so many times."""
        for _ in range(number):
            self.loop.stall(seconds)
            await asyncio.sleep(0)


@pytest.mark.parametrize("turn", [0.3, 0.9, 1.5, 6.0])
def test_what_takes_several_turns_of_a_late_loop_is_no_incident(turn: float) -> None:
    async def test() -> None:
        planted = Planted()
        await planted.turns(8, turn)
        planted.broken = False
        await asyncio.sleep(5)
        assert planted.server.found == []
        assert len(planted.looked_at) > 2
        assert planted.monitor.late_looks > 1
        await planted.monitor.close()

    virtual_time.run(test())


def test_what_outlasts_the_lateness_is_an_incident_two_looks_in_time_later() -> None:
    async def test() -> None:
        planted = Planted()
        await planted.turns(4, 2.0)
        late = planted.loop.time()
        await asyncio.sleep(1.5)
        assert planted.server.found == []
        await asyncio.sleep(1.6)
        assert planted.server.found == ["planted"]
        assert planted.loop.time() < late + 4
        await planted.monitor.close()

    virtual_time.run(test())


def test_a_stall_between_two_looks_begins_the_suspicion_anew() -> None:
    async def test() -> None:
        planted = Planted()
        await asyncio.sleep(1.5)
        planted.loop.stall(0.4)  # the second look comes in its time
        await asyncio.sleep(0.7)
        assert len(planted.looked_at) >= 2
        assert planted.server.found == []
        await asyncio.sleep(2)
        assert planted.server.found == ["planted"]
        await planted.monitor.close()

    virtual_time.run(test())


def test_of_many_things_as_many_are_looked_at_as_time_allows() -> None:
    clock, seen = [0.0], list[int]()

    def check(item: int, now: datetime) -> Iterator[Breach]:
        clock[0] += 0.001
        seen.append(item)
        yield from ()

    few = Round(lambda: range(100), check, at_once=2, budget=0.01, time=lambda: clock[0])
    list(few.look(at(1)))
    assert len(seen) == 10
    few.budget = 0.0
    list(few.look(at(2)))
    assert len(seen) == len(set(seen)) == 12


def test_an_adviser_who_is_waited_for_is_no_second_owner() -> None:
    def test() -> None:
        server = Server()
        advice = WaitingContact(ContactId("one"), "sales", at(5), purpose=Purpose.CONSULT)
        server.floor.enqueue(advice)
        server.calls.calls["one"].control.searching = Search()
        server.look(4)
        assert server.found == []
        assert server.floor.books.offers.served[
            OfferId(server.floor.books.seats["ann"].offer_id or "")
        ]

    in_time(test)
