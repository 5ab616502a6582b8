"""What one caller hears of a flow's prompts: the pieces, and the caller's own values between."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from cti_server.calls.flow_prompts import PATIENCE, FlowPrompts, Pieces, Sounds, SpokenValues
from cti_server.speech import saying
from cti_server.speech.errors import TextUnspeakable
from ivr.actions import Prompt
from ivr.flow import Flow, parse
from ivr.texts import SayAs, Slot, Value
from tests.virtual_time import VirtualTimeLoop

OWED = Prompt("owed", "en")
CALLED = Prompt("called", "en")
PIECES: Mapping[str, Mapping[Prompt, Pieces]] = {
    "main": {
        OWED: [Path("You owe"), Slot("debt", SayAs.MONEY), Path("please")],
        CALLED: [Slot("name", SayAs.TEXT), Path("is it you")],
    }
}
PLEASE = "please, by a person"
RECORDED = {Path("please"): Path(PLEASE), Path("one,"): Path("no value is")}
TEXT = "languages: [en]\nstart: person\nnodes:\n  person: {type: queue, queue: sales}\n"
FLOW = parse(TEXT, "main.yaml")


class Clips:
    """Each clip is a file of its name."""

    def said(self, value: Value, say_as: SayAs, language: str) -> list[Path]:
        return [Path(clip.text) for clip in saying.clips(value, say_as, language)]

    def sign_by_sign(self, value: Value, language: str) -> list[Path]:
        return [Path(clip.text) for clip in saying.sign_by_sign(value, language)]


class Voice:
    """Speaks words; knows which of them are still kept."""

    def __init__(self, seconds: float = 0.5) -> None:
        self.seconds = seconds
        self.kept: list[str] = []

    @asynccontextmanager
    async def spoken(self, text: str, language: str) -> AsyncIterator[Path]:
        if not text.isascii():
            raise TextUnspeakable("the voice said nothing")
        await asyncio.sleep(self.seconds)
        self.kept.append(text)
        try:
            yield Path(text)
        finally:
            self.kept.remove(text)


def heard(*prompts: Prompt, voice: Voice | None = None) -> tuple[Sounds, list[str], float]:
    """What is played, what was kept meanwhile, and after how many seconds."""
    speaker = voice or Voice()

    async def scenario() -> tuple[Sounds, list[str], float]:
        flows = FlowPrompts(
            SpokenValues(Clips(), speaker.spoken), lambda file: RECORDED.get(file, file)
        )
        flows.put(FLOW, PIECES)
        async with flows.sounds(FLOW, prompts) as sounds:
            return sounds, list(speaker.kept), asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        result = runner.run(scenario())
    assert speaker.kept == []
    return result


def owed(value: Value) -> Prompt:
    return Prompt("owed", "en", (value,))


def called(value: Value) -> Prompt:
    return Prompt("called", "en", (value,))


def names(sounds: Sounds) -> list[str]:
    return [file.name for file in sounds.files]


def test_an_amount_is_heard_between_the_words_around_it_at_once() -> None:
    sounds, _, seconds = heard(owed("3.50"))

    assert names(sounds) == ["You owe", "three,", "point,", "five,", "yuan,", PLEASE]
    assert not sounds.private
    assert seconds == 0


def test_words_are_spoken_for_this_caller_and_kept_no_longer() -> None:
    sounds, kept, _ = heard(called("Ada"), owed(1))

    assert names(sounds) == ["Ada", "is it you", "You owe", "one,", "yuan,", PLEASE]
    assert sounds.private
    assert kept == ["Ada"]


def test_words_that_take_too_long_are_left_out() -> None:
    sounds, _, seconds = heard(called("Ada"), called("Bob"), voice=Voice(seconds=60))

    assert names(sounds) == ["is it you", "is it you"]
    assert seconds == PATIENCE


def test_what_cannot_be_said_is_spelled_or_left_out_and_told_once_without_the_value() -> None:
    with structlog.testing.capture_logs() as logs:
        sounds, *_ = heard(owed("about 20"), owed("none"), owed(""), called("王芳"), called(""))

    assert names(sounds)[:9] == [
        "You owe",
        "A.",
        "B.",
        "O.",
        "U.",
        "T.",
        "two,",
        "zero,",
        "please, by a person",
    ]
    assert names(sounds)[-4:] == ["You owe", PLEASE, "is it you", "is it you"]
    assert [(log["prompt"], log["place"]) for log in logs] == [("owed", "debt"), ("called", "name")]
    assert not any(word in str(logs) for word in ("about", "20", "none", "王芳"))


def test_what_somebody_tries_out_takes_nothing_from_the_callers_of_the_same_version() -> None:
    """Two drafts are rendered as what would be version 2; one of them is published."""

    def draft() -> Flow:
        flow = parse(TEXT, "main.yaml")
        flow.published_as(2)
        return flow

    async def said(flow: Flow) -> list[str]:
        async with flows.sounds(flow, [OWED]) as sounds:
            return names(sounds)

    flows = FlowPrompts(SpokenValues(Clips(), Voice().spoken), lambda file: file)
    published, tried = draft(), draft()
    for flow, words in ((published, "published"), (tried, "tried")):
        flows.put(flow, {flow.edition: {OWED: [Path(words)]}})

    assert asyncio.run(said(published)) == ["published"]
    assert asyncio.run(said(tried)) == ["tried"]
    gone = weakref.ref(tried)
    del tried, flow
    gc.collect()
    assert gone() is None
    assert asyncio.run(said(published)) == ["published"]


def test_what_was_said_in_a_flow_is_forgotten_with_it() -> None:
    flows = FlowPrompts(SpokenValues(Clips(), Voice().spoken), lambda file: file)
    flow = parse(TEXT, "main.yaml")
    pieces = [Path("a prompt")]
    known = weakref.ref(prompts := Remembered({OWED: pieces}))
    flows.put(flow, {flow.edition: prompts})
    del prompts
    assert known() is not None
    del flow
    gc.collect()
    assert known() is None


class Remembered(dict[Prompt, Pieces]):
    """To see whether anybody still has it."""
