"""What a caller hears and can do while waiting: music, place, time, keys, the queue's rules."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from acd.estimate import Estimate
from acd.prospects import Prospect
from config.floor import QueueSettings
from cti_server.calls import termination
from cti_server.calls.aloud import Aloud
from cti_server.calls.broadcasts import Broadcast, Broadcasts
from cti_server.calls.contact import Contact
from cti_server.calls.exchange import Exchange
from cti_server.calls.flow_prompts import FlowPrompts
from cti_server.calls.leg import Leg
from cti_server.calls.prompts import Prompts, Speaker
from cti_server.calls.termination import Over
from cti_server.calls.waiting import QueueWait
from cti_server.calls.ways_out import WayOut, WaysOut
from cti_server.media.plane import MediaPlane
from cti_server.wire.events import (
    BroadcastHeard,
    CallBackWanted,
    ContactDiverted,
    ContactTurnedAway,
    Event,
)
from ivr.actions import Enqueue, Ways
from tests.fakes.loop_clock import LoopClock
from tests.fakes.media import FakeMedia, FakePlane
from tests.virtual_time import run

NUMBER = "13800138000"


class Announced:
    """Stands for :class:`cti_server.speech.announcements.Announcements`: files by their words."""

    def agent(self, number: str, language: str) -> list[Path]:
        return [Path(f"agent {number}")]

    async def rehearse(self, numbers: object) -> None: ...

    def position(self, place: int, language: str) -> list[Path]:
        return [Path(f"place {place}")]

    def cut_off(self, language: str) -> list[Path]:
        return [Path(f"cut off, in {language}")]

    def wait(self, minutes: int, language: str, *, more: bool) -> list[Path]:
        return [Path(f"{'more than ' if more else ''}{minutes} min")]

    def sentence(self, about: str, language: str) -> list[Path]:
        return [Path(about)]


class Library:
    """Stands for :class:`cti_server.speech.library.PromptLibrary`: all is rendered."""

    def need_voice(self, language: str) -> None: ...

    def cached(self, text: str, language: str) -> Path | None:
        return Path(text)


LIBRARY = Library()
SPEAKER = Speaker(LIBRARY.need_voice, cast("Aloud", None), LIBRARY.cached)
PROMPTS = Prompts(
    cast("FlowPrompts", None),
    Announced(),
    Path("music"),
    Path("ringing"),
    Path("beep"),
    speaker=SPEAKER,
)


class Scene:
    """A caller in a queue, and what the rest of the server would say and hear."""

    def __init__(self, number: str = NUMBER, **settings: Any) -> None:
        self.queue = QueueSettings.model_validate(
            {"name": "sales", "announce_position_every": None, **settings}
        )
        self.estimate: Estimate | None = None
        self.place: int | None = 2
        self.there = 1
        self.open = True
        self.log: list[Event] = []
        self.promised: list[datetime] = []
        self.left: list[WayOut] = []
        self.media = FakeMedia()
        self.number = number

    async def begin(self) -> "Scene":
        self.clock = LoopClock()
        self.broadcasts = Broadcasts(self.clock.now, str)
        estimates = SimpleNamespace(
            of=lambda contact_id: self.estimate,
            by=lambda found, comes=False: self.estimate,
            promised=lambda contact_id, until, now: self.promised.append(until),
        )
        floor = SimpleNamespace(
            position=lambda contact_id: self.place,
            estimates=estimates,
            prospect=lambda queue, contact_id=None: Prospect(
                queue, self.place or 1, self.there, self.there, 0, {}, {}
            ),
        )
        exchange = SimpleNamespace(
            clock=self.clock,
            floor=floor,
            prompts=PROMPTS,
            append=self.log.append,
            region="CN",
            is_open=lambda calendar_id, now: self.open,
            broadcasts=self.broadcasts,
        )
        contact = SimpleNamespace(
            id="c1",
            language="en",
            caller_number=self.number,
            queued_at=self.clock.now(),
            wish=Enqueue("sales", priority=3, requirements={"english": 2}),
            call_back=None,
            broadcasts_heard=set(),
            priority=8,
        )
        self.leg = Leg(leg_id="l", call_id="c", hung_up=termination.CALLER_HUNG_UP, append=print)
        await self.leg.open_media(cast("MediaPlane", FakePlane(self.media)))
        self.contact = contact
        them = cast("Exchange", exchange), cast("Contact", contact), self.leg
        self.ways = WaysOut(*them)
        self.wait = QueueWait(*them, self.queue, self.ways, self.left.append)
        return self

    async def pass_time(self, seconds: float, first: list[Path] | None = None) -> None:
        """Wait so long, or until the contact has left the queue."""
        waiting = self.wait.start(first or [])
        await asyncio.wait([waiting], timeout=seconds)
        waiting.cancel()
        await asyncio.wait([waiting])

    def press(self, key: str, after: float) -> None:
        asyncio.get_running_loop().call_later(after, self.leg.digits.put_nowait, key)

    @property
    def said(self) -> list[str]:
        return [name for names in self.media.played for name in names]


def waited(
    seconds: float,
    prepare: Callable[[Scene], object] = lambda scene: None,
    *,
    first: list[Path] | None = None,
    **settings: Any,
) -> Scene:
    """A caller who waited so long; each file that is played lasts a second."""

    async def scenario() -> Scene:
        scene = await Scene(**settings).begin()
        prepare(scene)
        await scene.pass_time(seconds, first)
        return scene

    return run(scenario())


# --- what is heard ----------------------------------------------------------------------------


def test_music_plays_until_somebody_comes() -> None:
    scene = waited(60)

    assert (scene.said, scene.media.music) == ([], ["music"])


def test_now_and_then_the_caller_is_told_the_place() -> None:
    scene = waited(25, announce_position_every=10)

    assert scene.said == ["place 2", "place 2"]
    assert scene.media.music == ["music"] * 3


def test_nothing_is_announced_while_an_agent_is_rung() -> None:
    scene = waited(25, lambda scene: setattr(scene, "place", None), announce_position_every=10)

    assert scene.said == []


def test_who_was_cut_off_is_told_so_before_the_music() -> None:
    excuse = PROMPTS.cut_off("en")

    scene = waited(0.5, first=excuse)
    assert (scene.said, scene.media.music) == (["cut off, in en"], [])
    scene = waited(2, first=excuse)
    assert (scene.said, scene.media.music) == (["cut off, in en"], ["music"])


def test_the_time_left_is_said_with_the_place_once_it_is_known() -> None:
    def known(scene: Scene) -> None:
        asyncio.get_running_loop().call_later(
            15, setattr, scene, "estimate", Estimate(100, 170, 200)
        )

    scene = waited(22.5, known, announce_position_every=10)
    assert scene.said == ["place 2", "place 2", "3 min"]
    assert len(scene.promised) == 1
    scene = waited(22.5, known, announce_position_every=10, announce_wait=False)
    assert scene.said == ["place 2", "place 2"]


# --- broadcasts -------------------------------------------------------------------------------


def put_on(scene: Scene, name: str = "storm", after: float = 0, **changes: Any) -> None:
    """A broadcast for the queue, so many seconds from now on."""

    def put() -> None:
        facts = {
            "id": name,
            "queues": frozenset({"sales"}),
            "numbers": frozenset[str](),
            "texts": {"en": name},
            "to_waiting": True,
            "published_at": scene.clock.now(),
            "expires_at": None,
        }
        scene.broadcasts.put(Broadcast(**{**facts, **changes}))

    if after:
        asyncio.get_running_loop().call_later(after, put)
    else:
        put()


def heard(scene: Scene) -> list[tuple[str, bool]]:
    told = [event for event in scene.log if isinstance(event, BroadcastHeard)]
    assert {(one.contact_id, one.queue) for one in told} <= {("c1", "sales")}
    return [(one.broadcast_id, one.whole) for one in told]


def test_who_enters_hears_what_is_on_once_after_the_greeting_and_before_the_offers() -> None:
    scene = waited(60, put_on, first=[Path("welcome")], exits=CALL_ME)

    assert scene.said == ["welcome", "storm", "press 1 for a call"]
    assert scene.media.music == ["music"]
    assert heard(scene) == [("storm", True)]


def test_who_waits_hears_it_once_and_not_in_the_midst_of_something_else() -> None:
    def soon(scene: Scene) -> None:
        put_on(scene, after=10.5)  # the place is being said
        put_on(scene, "not for them", after=15, to_waiting=False)
        put_on(scene, "elsewhere", after=15, queues=frozenset({"service"}))

    scene = waited(19, soon, announce_position_every=10)

    assert scene.said == ["place 2", "storm"]
    assert scene.media.cut == []
    assert scene.media.music == ["music"] * 3
    assert heard(scene) == [("storm", True)]


def test_who_is_rung_for_hears_it_when_that_has_come_to_nothing() -> None:
    def rung(scene: Scene) -> None:
        scene.place = None
        put_on(scene, after=2)
        asyncio.get_running_loop().call_later(8, setattr, scene, "place", 1)

    assert waited(7.5, rung).said == []
    scene = waited(20, rung)
    assert (scene.said, scene.media.music) == (["storm"], ["music"] * 2)


def test_what_is_cut_off_was_not_heard_whole_and_is_heard_in_the_next_wait() -> None:
    scene = waited(0.5, put_on)

    assert heard(scene) == [("storm", False)]
    assert scene.contact.broadcasts_heard == set()


def test_what_has_expired_or_is_withdrawn_is_not_heard() -> None:
    def over(scene: Scene) -> None:
        put_on(scene, "expired", expires_at=scene.clock.now())
        put_on(scene, "withdrawn")
        scene.broadcasts.remove("withdrawn")

    assert waited(20, over).said == []


# --- keys -------------------------------------------------------------------------------------

CALL_ME = {"1": {"then": "call_back", "offer": {"en": "press 1 for a call"}}}


def test_a_key_leads_out_of_the_queue_while_music_plays() -> None:
    scene = waited(60, lambda scene: scene.press("1", after=20), exits=CALL_ME)

    assert scene.said == ["press 1 for a call"]
    assert [(way.reason, way.then) for way in scene.left] == [("key", "call_back")]


def test_a_key_that_means_nothing_and_one_typed_before_lead_nowhere() -> None:
    def typed(scene: Scene) -> None:
        scene.leg.digits.put_nowait("1")
        scene.press("7", after=20)

    scene = waited(60, typed, exits=CALL_ME)

    assert scene.left == []
    assert scene.leg.digits.empty()


def test_in_a_queue_without_exits_keys_are_left_to_others() -> None:
    scene = waited(60, lambda scene: scene.press("1", after=20))

    assert scene.leg.take_digits() == ["1"]


def test_who_has_no_number_is_told_so_and_waits_on() -> None:
    scene = waited(60, lambda scene: scene.press("1", after=20), exits=CALL_ME, number="anonymous")

    assert scene.said == ["press 1 for a call", "no_call_back"]
    assert scene.left == []


# --- rules ------------------------------------------------------------------------------------


def test_who_has_waited_long_enough_leaves_at_that_moment() -> None:
    rule = {"when": "waited", "time": 30, "then": "queue:others"}
    assert waited(29.9, overflow=[rule]).left == []
    scene = waited(30.1, overflow=[rule])
    assert [(way.reason, way.then) for way in scene.left] == [("waited", "queue:others")]


def test_when_the_last_agent_logs_out_those_who_wait_leave_within_seconds() -> None:
    rule = {"when": "nobody_there", "then": "hang_up"}

    def logged_out(scene: Scene) -> None:
        asyncio.get_running_loop().call_later(12, setattr, scene, "there", 0)

    assert waited(12, logged_out, overflow=[rule]).left == []
    assert [way.reason for way in waited(17.1, logged_out, overflow=[rule]).left] == [
        "nobody_there"
    ]


def test_whom_an_agent_is_rung_for_a_rule_takes_away_when_that_came_to_nothing() -> None:
    rule = {"when": "waited", "time": 30, "then": "queue:others"}

    def rung(scene: Scene, until: float) -> None:
        scene.place = None
        asyncio.get_running_loop().call_later(until, setattr, scene, "place", 1)

    assert waited(60, lambda scene: rung(scene, until=61), overflow=[rule]).left == []
    freed = waited(65.1, lambda scene: rung(scene, until=61), overflow=[rule])
    assert [way.reason for way in freed.left] == ["waited"]


# --- back into the flow -----------------------------------------------------------------------


def led_by(back: Ways) -> Callable[[Scene], None]:
    """The caller came from a flow that has these ways back."""
    return lambda scene: setattr(scene.contact, "wish", replace(scene.contact.wish, back=back))


def test_a_key_of_the_flow_goes_before_the_queues_own_and_the_queues_others_still_hold() -> None:
    exits = {**CALL_ME, "2": {"then": "queue:others", "offer": {"en": "press 2 for others"}}}

    def pressing(key: str) -> Scene:
        def prepare(scene: Scene) -> None:
            led_by(Ways(frozenset("1*")))(scene)
            scene.press(key, after=20)

        return waited(60, prepare, exits=exits)

    scene = pressing("1")
    assert scene.said == ["press 2 for others"]
    assert [(way.reason, way.to_flow) for way in scene.left] == [("key", "1")]
    assert [way.to_flow for way in pressing("*").left] == ["*"]
    assert [(way.then, way.to_flow) for way in pressing("2").left] == [("queue:others", None)]


@pytest.mark.parametrize(
    ("back", "overflow", "left"),
    [
        (Ways(waited=30), [], ("waited", "waited")),
        (
            Ways(waited=30),
            [{"when": "waited", "time": 20, "then": "hang_up"}],
            ("waited", "waited"),
        ),
        (Ways(nobody=True), [], ("nobody_there", "nobody")),
        (
            Ways(nobody=True, waited=60),
            [{"when": "nobody_there", "then": "queue:others"}],
            ("nobody_there", "nobody"),
        ),
        (Ways(closed=True), [{"when": "nobody_there", "then": "hang_up"}], ("nobody_there", None)),
    ],
)
def test_what_the_flow_says_goes_before_the_queues_rules(
    back: Ways, overflow: list[Any], left: tuple[str, str | None]
) -> None:
    def logged_out(scene: Scene) -> None:
        led_by(back)(scene)
        asyncio.get_running_loop().call_later(25, setattr, scene, "there", 0)

    assert waited(24.9, logged_out, overflow=overflow).left == []
    scene = waited(35, logged_out, overflow=overflow)
    assert [(way.reason, way.to_flow) for way in scene.left] == [left]


@pytest.mark.parametrize(
    ("back", "facts", "came_back"),
    [
        (Ways(closed=True), {"open": False}, "closed"),
        (Ways(nobody=True), {"open": False}, None),
        (Ways(closed=True, nobody=True), {"open": False, "there": 0}, "closed"),
        (Ways(nobody=True), {"there": 0}, "nobody"),
        (Ways(full=True), {"place": 6}, "full"),
        (Ways(closed=True), {"place": 6}, None),
    ],
)
def test_who_is_not_let_in_comes_back_to_the_flow_that_has_a_way_for_it(
    back: Ways, facts: dict[str, Any], came_back: str | None
) -> None:
    async def scenario() -> WayOut | None:
        rule = {"when": "size", "size": 5, "then": "hang_up"}
        scene = await Scene(overflow=[rule], hours="office").begin()
        led_by(back)(scene)
        for name, value in facts.items():
            setattr(scene, name, value)
        return scene.ways.on_arrival(scene.queue)

    way = run(scenario())
    assert way is not None
    assert way.to_flow == came_back
    assert came_back is not None or way.then == "hang_up"


# --- going ------------------------------------------------------------------------------------


def gone(
    then: str, when: str, say: Mapping[str, str], number: str = NUMBER, **facts: Any
) -> tuple[Scene, Any]:
    """A caller whom this rule leads away on arrival, and where to, or why the call ends."""

    async def scenario() -> tuple[Scene, Any]:
        rule = {"when": when, "then": then, "say": say}
        scene = await Scene(number, overflow=[rule], hours="office").begin()
        for name, value in facts.items():
            setattr(scene, name, value)
        way = scene.ways.on_arrival(scene.queue)
        assert way is not None
        try:
            return scene, await scene.ways.go(way)
        except Over as over:
            return scene, over.termination

    return run(scenario())


def test_to_another_queue_the_contact_goes_with_its_first_moment_priority_and_skills() -> None:
    scene, there = gone("queue:others", "closed", {"en": "one moment"}, open=False)

    assert there == Enqueue("others", priority=3, requirements={"english": 2})
    assert scene.said == ["one moment"]
    (event,) = scene.log
    assert isinstance(event, ContactDiverted)
    assert (event.reason, event.to, event.target) == ("closed", "queue", "others")


def test_a_call_back_is_wanted_with_the_first_moment_and_the_call_ends_politely() -> None:
    scene, why = gone("call_back", "nobody_there", {}, there=0)

    diverted, wanted = scene.log
    assert scene.contact.call_back is wanted
    assert why is termination.CALL_BACK_PROMISED
    assert scene.said == ["call_back"]
    assert isinstance(wanted, CallBackWanted)
    assert isinstance(diverted, ContactDiverted)
    assert wanted.queued_at == diverted.queued_at
    assert (wanted.reason, wanted.number, wanted.queue) == ("asked", NUMBER, "sales")
    assert (wanted.priority, wanted.requirements) == (8, {"english": 2})


@pytest.mark.parametrize(
    ("then", "when", "say", "facts", "heard", "why"),
    [
        ("hang_up", "closed", {}, {"open": False}, "closed", termination.QUEUE_CLOSED),
        ("hang_up", "closed", {"en": "bye"}, {"open": False}, "bye", termination.QUEUE_CLOSED),
        ("hang_up", "closed", {"zh": "再见"}, {"open": False}, "再见", termination.QUEUE_CLOSED),
        ("hang_up", "nobody_there", {}, {"there": 0}, "turned_away", termination.OVERFLOWED),
    ],
)
def test_who_is_turned_away_hears_why(
    then: str,
    when: str,
    say: dict[str, str],
    facts: dict[str, Any],
    heard: str,
    why: termination.Termination,
) -> None:
    scene, ended = gone(then, when, say, **facts)

    assert (ended, scene.said) == (why, [heard])
    assert scene.log == [ContactTurnedAway(contact_id="c1", queue="sales", reason=when)]


def test_a_closed_queue_turns_callers_away_if_no_rule_of_its_own_does_more() -> None:
    """A call-back to nobody's number is none."""
    scene, ended = gone("call_back", "closed", {}, open=False, number="anonymous")

    assert (ended, scene.said) == (termination.QUEUE_CLOSED, ["closed"])


def test_an_outside_number_is_where_the_customer_is_led() -> None:
    scene, there = gone("number:+861069445566", "nobody_there", {}, there=0)

    assert there == "+861069445566"
    assert [type(event) for event in scene.log] == [ContactDiverted]


def test_a_number_that_nobody_reached_is_not_tried_again_and_the_next_rule_counts() -> None:
    async def scenario() -> list[str | None]:
        rules = [{"when": "nobody_there", "then": then} for then in (f"number:{NUMBER}", "hang_up")]
        scene = await Scene(overflow=rules).begin()
        scene.there, found = 0, list[str | None]()
        for _ in range(2):
            way = scene.ways.on_arrival(scene.queue)
            assert way is not None
            found.append(way.number)
            assert not scene.ways.not_reached(way).let_in
        return found

    assert run(scenario()) == [NUMBER, None]


def test_who_has_waited_and_is_not_answered_outside_is_no_new_arrival() -> None:
    """The queue may have closed meanwhile."""
    rule = {"when": "waited", "time": 180, "then": f"number:{NUMBER}"}
    scene = waited(181, overflow=[rule])
    (way,) = scene.left
    back = scene.ways.not_reached(way)

    assert (back.let_in, back.wish) == (True, scene.contact.wish)
