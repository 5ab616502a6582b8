"""What is read to a customer, portion by portion; rows of queries by their templates."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.errors import InvalidField, UnknownRecord
from cti_server.calls.aloud import PATIENCE, Aloud, Reading, Said
from cti_server.calls.flow_prompts import SpokenValues
from cti_server.calls.member import Requeue
from cti_server.calls.read_out import HeardOut
from cti_server.saved_queries_spoken import (
    KEPT_FOR,
    MOST_KEPT,
    KeptResults,
    SpokenResult,
    check_spoken,
)
from ivr.actions import Enqueue, Ways
from ivr.flow import parse
from ivr.texts import SayAs
from tests.virtual_time import VirtualTimeLoop

from .test_flow_prompts import TEXT, Clips

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
SPOKEN: Any = {
    "zh": "单号{number:letters}，{opened:date}",
    "en": "Number {number:letters}, {opened:date}.",
}


class Studio:
    """Speaks at so many characters a second; knows what it was asked for, and when."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self.asked: list[tuple[str, float]] = []
        self.prepared: list[str] = []
        self.kept: list[str] = []

    async def prepare(self, languages: Iterable[str]) -> None:
        self.prepared += languages

    async def lasting(self, text: str, language: str) -> Path:
        await self._speak(text)
        return Path(text)

    @asynccontextmanager
    async def spoken(self, text: str, language: str) -> AsyncIterator[Path]:
        await self._speak(text)
        self.kept.append(text)
        try:
            yield Path(text)
        finally:
            self.kept.remove(text)

    async def _speak(self, text: str) -> None:
        self.asked.append((text, asyncio.get_running_loop().time()))
        await asyncio.sleep(self.seconds)

    @property
    def aloud(self) -> Aloud:
        values = SpokenValues(Clips(), self.spoken)
        return Aloud(
            values,
            prepare=self.prepare,
            lasting=self.lasting,
            spoken=self.spoken,
            heard=lambda file: file,
        )


def read(studio: Studio, reading: Reading, each: float = 3.0) -> list[tuple[list[str], float]]:
    """What is heard, and when it was there to be heard; each portion lasts so many seconds."""

    async def scenario() -> list[tuple[list[str], float]]:
        heard = []
        async with studio.aloud.sounds(reading, "en") as portions:
            async for sounds in portions:
                now = asyncio.get_running_loop().time()
                heard.append(([str(file) for file in sounds.files], now))
                await asyncio.sleep(each)
        return heard

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(scenario())


def test_the_first_sentence_is_heard_while_the_next_one_is_spoken() -> None:
    studio = Studio(seconds=2.0)

    heard = read(studio, Reading.of_text("One 1.5. Two! …\n三。四", "en"), each=3.0)

    assert [files for files, _ in heard] == [["One 1.5."], ["Two!"], ["三。"], ["四"]]
    assert [at for _, at in heard] == [2.0, 5.0, 8.0, 11.0]
    assert [at for _, at in studio.asked] == [0.0, 2.0, 5.0, 8.0]
    assert studio.kept == []


def test_a_voice_that_takes_too_long_is_waited_for_no_longer() -> None:
    with pytest.raises(TimeoutError):
        read(Studio(seconds=PATIENCE + 1), Reading.of_text("Too much.", "en"))
    assert read(Studio(), Reading.of_text("…", "en")) == []


def result(*rows: dict[str, Any], revealed: bool = False) -> SpokenResult:
    return SpokenResult(
        query="tickets",
        contact="c1",
        spoken=SPOKEN,
        rows=rows,
        revealed=revealed,
        zone=ZoneInfo("Asia/Shanghai"),
    )


def test_a_row_is_said_by_its_template_in_the_customers_language_and_the_centres_day() -> None:
    rows = ({"number": "F-12", "opened": NOW}, {"number": None, "opened": NOW})

    english = result(*rows).reading([1, 0], "en-GB")
    chinese = result(*rows).reading([0], "zh")
    other = result(*rows).reading([0], "fr")

    day = Said("2026-11-23", SayAs.DATE)  # it is half past midnight in Shanghai
    assert english.portions == (
        ("Number,", day),  # what is not known, or was masked, is left out
        ("Number,", Said("F-12", SayAs.LETTERS), day),
    )
    assert chinese.portions == (("单号，", Said("F-12", SayAs.LETTERS), day),)
    assert (other.language, other.portions) == ("zh", chinese.portions)
    assert (english.rows, english.query, english.lasting) == (2, "tickets", True)
    with pytest.raises(InvalidField, match="rows"):
        result(*rows).reading([2], "en")


def test_known_words_of_a_row_are_kept_and_its_values_are_clips() -> None:
    studio = Studio()
    reading = result({"number": "A1", "opened": "2026-11-22"}).reading([0], "en")

    [(files, at)] = read(studio, reading)

    assert (files[0], studio.prepared, at) == ("Number,", ["en"], 1.0)
    assert len(files) > 3
    assert [text for text, _ in studio.asked] == ["Number,"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("You owe {amount:money}", "there is no column 'amount'"),
        ("On {number:dates}", "'dates' is no way to say a value"),
        ("…", "nothing to say"),
    ],
)
def test_a_template_that_could_not_be_said_is_refused(text: str, rule: str) -> None:
    with pytest.raises(InvalidField, match=rule):
        check_spoken({"en": text}, ["number"])


def test_who_could_not_be_told_waits_again_and_others_go_where_the_agent_said() -> None:
    wish, flow = Enqueue("sales"), parse(TEXT, "main.yaml")
    from_a_flow = replace(wish, back=Ways(full=True))  # which is over: nothing leads back into it

    assert HeardOut("failed", "li", flow).way_on(from_a_flow) == Requeue(wish, "li", cut_off=True)
    assert HeardOut("failed", "li", flow).way_on(None) is flow  # we called them
    assert HeardOut("finished", "li", flow).way_on(wish) is flow
    assert HeardOut("stopped", "li").way_on(wish) is None


def test_a_result_is_for_who_was_shown_it_and_this_contact_and_some_minutes() -> None:
    kept = KeptResults()
    kept.keep("li", "r1", result(), NOW)

    assert kept.need("li", "r1", "c1", NOW).query == "tickets"
    for agent, name, contact, at in (
        ("wang", "r1", "c1", NOW),
        ("li", "r2", "c1", NOW),
        ("li", "r1", "c2", NOW),
        ("li", "r1", "c1", NOW + KEPT_FOR),
    ):
        with pytest.raises(UnknownRecord):
            kept.need(agent, name, contact, at)
    for number in range(MOST_KEPT):
        kept.keep("wang", f"w{number}", result(), NOW + timedelta(seconds=1))
    with pytest.raises(UnknownRecord):
        kept.need("li", "r1", "c1", NOW)
