"""The menu as the caller meets it: prompts, keys, silence, on virtual time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import pytest

from crm.pop import UNAVAILABLE, CustomerSummary, OpenTicket, Pop
from cti_server.calls import termination
from cti_server.calls.around import recognised
from cti_server.calls.flow_prompts import Sounds
from cti_server.calls.leg import Leg
from cti_server.calls.menu import Menu
from cti_server.calls.prompts import Prompts
from cti_server.media.plane import MediaPlane
from cti_server.media.worker_reports import SpeechEnded
from cti_server.speech_recognition.recogniser import Heard as Understood
from cti_server.speech_recognition.recogniser import Utterance
from cti_server.wire.events import ContactAnnotated, FlowLeft, NodeEntered
from ivr.actions import Enqueue, HangUp, Prompt, Transfer
from ivr.flow import Flow, parse
from ivr.inquiries import (
    Answered,
    AskSystem,
    CalendarSays,
    FirstRow,
    Inquiry,
    LookAtCalendar,
    LookUp,
    Recognise,
    Reply,
)
from ivr.vocabulary import Vocabulary
from ivr.walk import Walk
from tests.fakes.media import FakeMedia, FakePlane
from tests.virtual_time import VirtualTimeLoop

FLOW = """
languages: [en]
start: menu
prompts:
  menu: {en: Press one for sales.}
  account: {en: Your account number.}
  wrong: {en: That was wrong.}
nodes:
  menu:
    type: menu
    prompt: menu
    invalid: wrong
    no_input: wrong
    timeout: 5
    attempts: 2
    choices: {"1": account, "0": person, "5": who, "6": asked, "7": told, "9": pin}
    otherwise: bye
  account:
    type: collect
    prompt: account
    attribute: account
    min_digits: 4
    max_digits: 4
    timeout: 5
    inter_digit_timeout: 3
    attempts: 2
    then: person
    otherwise: person
  pin:
    type: collect
    prompt: account
    attribute: pin
    secret: true
    min_digits: 4
    max_digits: 4
    timeout: 5
    attempts: 2
    then: person
    otherwise: person
  asked:
    type: look_up
    look_up: slow
    values: {text: hello}
    keep: {seconds: seconds}
    within: 30
    then: kept
    none: bye
    failed: bye
  told:
    type: request
    connector: far
    operation: away
    prompt: wrong
    then: person
    refused: bye
    failed: bye
  kept: {type: queue, queue: sales, attributes: {seconds: "{seconds}"}}
  who: {type: customer, known: hours, unknown: bye}
  hours: {type: calendar, calendar: office, open: greeted, closed: bye}
  greeted:
    type: branch
    cases: [{when: 'customer_tickets > 1 && customer_tier == "gold"', go_to: person}]
    otherwise: bye
  person: {type: queue, queue: sales}
  bye: {type: hang_up, reason: no-choice}
"""

Key = tuple[float, str]
SPOKEN_FLOW = """
languages: [en]
start: wish
prompts:
  wish: {en: Say what you want.}
  bill: {en: Say yes if you want that.}
  wrong: {en: I did not understand.}
  silence: {en: I heard nothing.}
nodes:
  wish:
    type: speech
    prompt: wish
    invalid: wrong
    no_input: silence
    timeout: 5
    attempts: 3
    choices:
      bill: {go_to: person, key: "1", confirm: bill, phrases: {en: [my bill, billing]}}
      end: {go_to: bye, key: "9", confirm: bill, phrases: {en: [goodbye]}}
    otherwise: bye
  person: {type: queue, queue: billing}
  bye: {type: hang_up, reason: no-choice}
"""
NEVER: Final = "…"
SPEAKS: Final = 1.0
"""Seconds, and the silence after it, until a word is told."""


class Line(FakeMedia):
    """Remembers when it was masked and unmasked."""

    def __init__(self) -> None:
        super().__init__()
        self.masks: list[tuple[float, bool]] = []

    def begin(self) -> None:
        """The caller begins to speak: the worker stops the prompt."""
        if self.listenings:
            self.listenings[-1].begun.set()

    def said(self, words: str) -> None:
        if self.listenings and self.listenings[-1].begun.is_set():
            ended = SpeechEnded(leg="l1", listening=0, codec="PCMU", audio=words.encode())
            self.listenings[-1].over(ended)

    def mask(self, on: bool) -> None:
        self.masks.append((asyncio.get_running_loop().time(), on))


class Heard:
    """What a run of the menu came to."""

    def __init__(self) -> None:
        self.media = Line()
        self.events: list[Any] = []
        self.action: Enqueue | Transfer | HangUp | None = None
        self.seconds = 0.0
        self.tasks = 0


class NamedPrompts:
    music = Path("music")

    @contextlib.asynccontextmanager
    async def of_flow(self, flow: Flow, prompts: Sequence[Prompt]) -> AsyncIterator[Sounds]:
        yield Sounds([Path(prompt.name) for prompt in prompts])


class Office:
    """Where a calendar is open or not, and callers are recognised or not."""

    def __init__(self, pop: Pop, *, is_open: bool, takes: float) -> None:
        self._pop = pop
        self._takes = takes
        self._is_open = is_open

    async def reply(self, inquiry: Inquiry) -> Reply:
        match inquiry:
            case LookAtCalendar(calendar):
                return CalendarSays(self._is_open and calendar == "office")
            case Recognise():
                return recognised(self._pop)
            case LookUp(values={"text": "hello"}):
                await asyncio.sleep(self._takes)
                return FirstRow({"seconds": self._takes})
            case AskSystem():
                await asyncio.sleep(self._takes)
                return Answered({})
        raise AssertionError(inquiry)

    async def understood(self, utterance: Utterance, vocabulary: Vocabulary) -> Understood | None:
        """The audio is the words; a "?" in it makes it a guess, a "~" takes ten seconds."""
        words = utterance.audio.decode()
        if "~" in words:
            await asyncio.sleep(10.0)
        for label, phrase in vocabulary.phrases:
            if phrase == words.strip("?~"):
                return Understood(label, "?" not in words, words)
        return None


GOLD = CustomerSummary(id="c7", kind="person", name="王芳", tier="gold")
TICKET = OpenTicket(
    ticket_id="t1",
    number="T-1",
    type="fault",
    state="open",
    subject="No line",
    priority="high",
    opened_at=datetime(2026, 11, 1, tzinfo=UTC),
)


def menu_with(
    keys: Sequence[Key],
    pop: Pop = UNAVAILABLE,
    *,
    is_open: bool = True,
    takes: float = 0.0,
    flow: str = FLOW,
    words: Sequence[Key] = (),
    hangs_up: float | None = None,
) -> Heard:
    """Let a caller press keys and say words at these seconds; other systems take their own."""
    heard = Heard()

    async def scenario() -> None:
        leg = Leg(
            leg_id="l1",
            call_id="c1",
            hung_up=termination.CALLER_HUNG_UP,
            append=heard.events.append,
        )
        await leg.open_media(cast("MediaPlane", FakePlane(heard.media)))
        loop = asyncio.get_running_loop()
        for at, key in keys:
            loop.call_at(at, leg.digit, key, 100)
        for at, said in words:
            loop.call_at(at, heard.media.begin)
            if said != NEVER:
                loop.call_at(at + SPEAKS, heard.media.said, said)
        tree = parse(flow, "test.yaml")
        menu = Menu(
            Walk(tree),
            leg,
            cast("Prompts", NamedPrompts()),
            Office(pop, is_open=is_open, takes=takes),
            contact_id="k1",
            append=heard.events.append,
        )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(hangs_up):
                heard.action = await menu.run()
        heard.seconds = loop.time()
        await asyncio.sleep(0.1)
        heard.tasks = len(asyncio.all_tasks())
        await asyncio.sleep(10.0)  # what was to follow has followed

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())
    return heard


def test_a_key_during_the_prompt_cuts_it_and_leads_on() -> None:
    heard = menu_with([(0.4, "0")])

    assert isinstance(heard.action, Enqueue)
    assert heard.action.queue == "sales"
    assert heard.media.cut == [("menu",)]
    assert heard.seconds == 0.4


def test_silence_is_told_after_the_time_out_and_asked_again() -> None:
    heard = menu_with([])

    assert heard.action == HangUp("no-choice", node="bye")
    assert [names for names in heard.media.played if "menu" in names] != []
    assert heard.seconds >= 1.0 + 5.0 + 2.0 + 5.0  # prompt, time-out, told and asked, time-out


def test_a_wrong_key_is_told_and_the_right_one_still_counts() -> None:
    heard = menu_with([(0.5, "7"), (2.0, "0")])

    assert isinstance(heard.action, Enqueue)
    assert any("wrong" in names for names in heard.media.played)


def test_keys_typed_ahead_answer_the_next_question_before_it_is_asked() -> None:
    heard = menu_with([(0.1, "1"), (0.2, "1"), (0.3, "2"), (0.4, "3"), (0.5, "4")])

    assert isinstance(heard.action, Enqueue)
    assert heard.seconds == 0.5
    assert ContactAnnotated(contact_id="k1", attributes={"account": "1234"}) in heard.events


def test_a_caller_who_stops_typing_is_asked_again() -> None:
    heard = menu_with(
        [(0.1, "1"), (2.0, "1"), (2.5, "2"), (8.0, "9"), (8.1, "8"), (8.2, "7"), (8.3, "6")]
    )

    assert heard.seconds == 8.3
    assert ContactAnnotated(contact_id="k1", attributes={"account": "9876"}) in heard.events


def test_the_nodes_are_told_in_the_order_entered() -> None:
    heard = menu_with([(0.1, "1"), (0.2, "1"), (0.3, "2"), (0.4, "3"), (0.5, "4")])

    nodes = [event.node for event in heard.events if isinstance(event, NodeEntered)]
    assert nodes == ["menu", "account", "person"]


def test_how_each_node_was_left_is_told_and_never_what_was_typed() -> None:
    heard = menu_with(
        [(0.5, "3"), (1.0, "9"), *((2.0 + n / 2, key) for n, key in enumerate("7351"))]
    )

    told = [
        (event.node, event.by, event.asked, event.wrong, event.silent)
        for event in heard.events
        if isinstance(event, NodeEntered)
    ]
    assert told == [
        ("menu", None, 0, 0, 0),
        ("pin", "9", 2, 1, 0),
        ("person", "then", 1, 0, 0),
    ]
    (left,) = [event for event in heard.events if isinstance(event, FlowLeft)]
    assert (left.node, left.to, left.target) == ("person", "queue", "sales")
    assert not any("7351" in str(event) for event in heard.events)


def test_a_secret_is_masked_from_its_question_until_its_last_key_has_sounded() -> None:
    heard = menu_with([(0.5, "9"), *((2.0 + n / 2, key) for n, key in enumerate("7351"))])

    assert isinstance(heard.action, Enqueue)
    assert heard.media.masks == [(0.5, True), (4.0, False)]
    assert not any("7351" in str(event) for event in heard.events)


def test_a_secret_asked_twice_is_not_unmasked_between() -> None:
    heard = menu_with([(0.5, "9"), (3.0, "7"), (12.0, "7")])

    assert [on for _, on in heard.media.masks] == [True, False]


@pytest.mark.parametrize(
    ("takes", "music", "seconds"), [(0.5, [], 0.9), (1.9, [], 2.3), (9.0, ["music"], 9.4)]
)
def test_a_caller_waits_for_another_system_and_after_two_seconds_with_music(
    takes: float, music: list[str], seconds: float
) -> None:
    heard = menu_with([(0.4, "6")], takes=takes)

    assert heard.action == Enqueue("sales", attributes={"seconds": f"{takes:g}"}, node="kept")
    assert heard.media.music == music
    assert heard.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("takes", "music", "seconds"), [(0.1, [], 1.4), (2.9, [], 3.3), (5.0, ["music"], 5.4)]
)
def test_what_is_said_meanwhile_is_heard_whole_and_does_not_make_the_wait_longer(
    takes: float, music: list[str], seconds: float
) -> None:
    heard = menu_with([(0.4, "7")], takes=takes)

    assert heard.action == Enqueue("sales", node="person")
    assert heard.media.played[1:] == [("wrong",)]
    assert heard.media.cut == [("menu",)]
    assert heard.media.music == music
    assert heard.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(("key", "at"), [("6", 1.0), ("6", 4.0), ("7", 1.0), ("7", 5.0)])
def test_whoever_hangs_up_while_a_system_is_asked_leaves_nothing_behind(
    key: str, at: float
) -> None:
    heard = menu_with([(0.4, key)], takes=20.0, hangs_up=at)

    assert heard.action is None
    assert heard.seconds == at
    assert heard.tasks == 1


def test_what_is_no_secret_is_not_masked() -> None:
    heard = menu_with([(0.5, "1"), *((2.0 + n / 2, key) for n, key in enumerate("7351"))])

    assert heard.media.masks == []


@pytest.mark.parametrize(
    ("pop", "is_open", "queued"),
    [
        (Pop.of([GOLD], 1.0, open_tickets=[TICKET, TICKET]), True, True),
        (Pop.of([GOLD], 1.0, open_tickets=[TICKET]), True, False),
        (Pop.of([GOLD], 1.0, open_tickets=[TICKET, TICKET]), False, False),
        (Pop.of([GOLD, GOLD], 0.5), True, False),
        (UNAVAILABLE, True, False),
    ],
)
def test_who_calls_and_when_decide_where_the_caller_gets(
    pop: Pop, is_open: bool, queued: bool
) -> None:
    heard = menu_with([(0.4, "5")], pop, is_open=is_open)

    assert isinstance(heard.action, Enqueue if queued else HangUp)
    nodes = [event.node for event in heard.events if isinstance(event, NodeEntered)]
    assert nodes[:2] == ["menu", "who"]
    assert nodes[-1] == ("person" if queued else "bye")


def spoken_with(words: Sequence[Key], keys: Sequence[Key] = ()) -> Heard:
    return menu_with(keys, flow=SPOKEN_FLOW, words=words)


def test_who_says_what_they_want_gets_there_as_soon_as_it_is_understood() -> None:
    heard = spoken_with([(0.5, "my bill")])

    assert heard.action == Enqueue("billing", node="person")
    assert heard.seconds == 0.5 + SPEAKS


def test_who_presses_instead_is_served_as_well_and_nobody_listens_any_more() -> None:
    heard = spoken_with([], [(0.4, "1")])

    assert heard.action == Enqueue("billing", node="person")
    assert [one.begun.is_set() for one in heard.media.listenings] == [True]  # it is over


def test_a_key_while_it_is_judged_what_was_said_goes_before_it() -> None:
    heard = spoken_with([(0.5, "goodbye~")], [(3.0, "1")])

    assert heard.action == Enqueue("billing", node="person")
    assert heard.seconds == 3.0


def test_the_time_for_an_answer_does_not_run_out_on_who_is_speaking() -> None:
    heard = spoken_with([(5.9, "billing")])  # the prompt lasts a second, the patience five

    assert heard.action == Enqueue("billing", node="person")


def test_what_is_not_understood_is_told_and_asked_again() -> None:
    heard = spoken_with([(0.5, "the weather"), (3.0, "billing")])

    assert ("wrong", "wish") in heard.media.played
    assert heard.action == Enqueue("billing", node="person")


def test_a_guess_is_asked_about_and_only_a_clear_yes_leads_there() -> None:
    yes = spoken_with([(0.5, "billing?"), (3.0, "yes")])
    perhaps = spoken_with([(0.5, "billing?"), (3.0, "yes?"), (6.0, "goodbye")])
    by_key = spoken_with([(0.5, "billing?")], [(3.0, "1")])

    assert ("bill",) in yes.media.played
    assert yes.action == by_key.action == Enqueue("billing", node="person")
    assert perhaps.action == HangUp("no-choice", node="bye")


def test_a_worker_that_never_tells_the_end_is_not_waited_for_for_ever() -> None:
    heard = menu_with([], flow=SPOKEN_FLOW, words=[(0.5, NEVER)])

    assert ("wrong", "wish") in heard.media.played
    assert heard.action == HangUp("no-choice", node="bye")
