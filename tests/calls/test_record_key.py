"""The keys by which agents begin and end a recording: which keys count, and what is heard then."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.calls.errors import NotInCall
from cti_server.calls.member import Member
from cti_server.calls.record_key import WITHIN, KeySequence, RecordKey
from cti_server.calls.recording_control import RecordingControl
from tests import virtual_time
from tests.fakes.media import FakeMedia

from .test_recording_told import Scene, discard

BEGINS, ENDS, REFUSED = ("recording-begins",), ("recording-ends",), ("recording-refused",)


@given(st.text("*15", max_size=12))
def test_keys_count_when_the_last_of_them_are_the_sequence(keys: str) -> None:
    sequence, found = KeySequence("*1"), 0
    for key in keys:
        found += sequence.completed_by(key, 1.0)

    assert found == keys.count("*1")


def test_a_key_that_comes_late_begins_anew() -> None:
    sequence = KeySequence("**1")

    pressed = [("*", 0.0), ("*", WITHIN), ("1", 2 * WITHIN + 0.1), ("*", 5.0), ("*", 6.0)]
    assert not any(sequence.completed_by(*one) for one in pressed)
    assert sequence.completed_by("1", 7.5)
    assert not sequence.completed_by("1", 7.6)


Act = Callable[[RecordKey, Member], None]


def by_phone(_: RecordKey, li: Member) -> None:
    for key in "*1":
        li.leg.digit(key, 100)


def by_desktop(keys: RecordKey, _: Member) -> None:
    for key in "*1":
        keys.send_digits("li", key, asked_by="li")


def at_once(keys: RecordKey, _: Member) -> None:
    keys.send_digits("li", "*1", asked_by="boss")


class Pressed:
    """What became of keys that li pressed while talking with a customer."""

    def __init__(self, mode: str, *acts: Act, told: bool = True) -> None:
        self.sent: list[str] = []
        self.states: list[str] = []
        self.heard: Sequence[tuple[str, ...]] = ()
        virtual_time.run(self._play(mode, acts, told=told))

    async def _play(self, mode: str, acts: Sequence[Act], *, told: bool) -> None:
        scene, tasks = Scene(mode), list[asyncio.Task[None]]()
        scene.contact.told_of_recording = told
        conversation = await scene.conversation()
        control = RecordingControl(scene.exchange, scene.contact, conversation, discard)
        keys = RecordKey(
            *(scene.exchange, conversation, control, self._send),
            lambda work: tasks.append(asyncio.create_task(work)),
        )
        li, _ = await scene.agent("li")
        conversation.join(li)
        for act in acts:
            act(keys, li)
            self.states.append(control.state)
            await asyncio.sleep(5)
        await asyncio.gather(*tasks)
        self.heard = cast(FakeMedia, li.leg.media).played

    def _send(self, agent_id: str, digits: str) -> None:
        if agent_id != "li":
            raise NotInCall("c1", agent_id)
        self.sent.append(digits)


@pytest.mark.parametrize("press", [by_phone, by_desktop, at_once])
def test_it_begins_and_ends_and_the_agent_hears_which(press: Act) -> None:
    pressed = Pressed("on_demand", press, press, press)

    assert pressed.states == ["on", "off", "on"]
    assert pressed.heard == [BEGINS, ENDS, BEGINS]


@pytest.mark.parametrize(("mode", "state"), [("never", "off"), ("always", "on")])
def test_where_a_rule_decides_the_agent_hears_that_nothing_came_of_it(
    mode: str, state: str
) -> None:
    pressed = Pressed(mode, by_phone)

    assert (pressed.states, pressed.heard) == ([state], [REFUSED])


def test_where_the_customer_is_told_first_no_tone_is_in_the_midst_of_that() -> None:
    assert Pressed("on_demand", by_phone, told=False).heard == []


def test_of_the_desktops_keys_those_go_on_that_do_not_complete_it() -> None:
    assert Pressed("on_demand", by_desktop).sent == ["*"]
    assert Pressed("on_demand", at_once).sent == []
    assert Pressed("on_demand", lambda keys, _: keys.send_digits("li", "5*17", "li")).sent == ["57"]
    assert Pressed("on_demand", lambda keys, _: keys.send_digits("li", "**", "li")).sent == ["**"]


def test_where_a_rule_decides_the_keys_are_for_whom_they_reach() -> None:
    """The menu of another centre, for one, which the agent called."""
    assert Pressed("never", by_desktop).sent == ["*", "1"]
    assert Pressed("always", at_once).sent == ["*1"]


def test_who_is_not_in_the_call_is_told_so() -> None:
    with pytest.raises(NotInCall):
        Pressed("on_demand", lambda keys, _: keys.send_digits("wang", "*1", "wang"))
