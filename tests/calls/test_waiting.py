"""What a caller hears while waiting: first what has to be said, then music, then the place."""

import asyncio
from pathlib import Path
from typing import cast

from cti_server.calls import termination
from cti_server.calls.leg import Leg
from cti_server.calls.prompts import Prompts
from cti_server.calls.waiting import start_entertaining
from cti_server.media.plane import MediaPlane
from tests.fakes.media import FakeMedia, FakePlane
from tests.virtual_time import run


class Announced:
    """Stands for :class:`cti_server.speech.announcements.Announcements`: files by their words."""

    def agent(self, number: str, language: str) -> list[Path]:
        return [Path(f"agent {number}")]

    async def rehearse(self, numbers: object) -> None: ...

    def position(self, place: int, language: str) -> list[Path]:
        return [Path(f"place {place}")]

    def cut_off(self, language: str) -> list[Path]:
        return [Path(f"cut off, in {language}")]


PROMPTS = Prompts({}, Announced(), Path("music"), Path("ringing"), Path("beep"))


def heard(*, first: list[Path], every: float | None, seconds: float) -> tuple[list[str], list[str]]:
    """What was said and how often music began in that time; each file lasts a second."""

    async def scenario() -> FakeMedia:
        media = FakeMedia()
        leg = Leg(leg_id="l", call_id="c", hung_up=termination.CALLER_HUNG_UP, append=print)
        await leg.open_media(cast(MediaPlane, FakePlane(media)))
        waiting = start_entertaining(
            leg, PROMPTS, language="en", every=every, position=lambda: 2, first=first
        )
        await asyncio.sleep(seconds)
        waiting.cancel()
        await asyncio.wait([waiting])
        return media

    media = run(scenario())
    said = [name for names in media.played for name in names]
    assert [name for names in media.cut for name in names] in ([], said[-1:])
    return said, media.music


def test_music_plays_until_somebody_comes() -> None:
    assert heard(first=[], every=None, seconds=60) == ([], ["music"])


def test_now_and_then_the_caller_is_told_the_place() -> None:
    said, music = heard(first=[], every=10, seconds=25)

    assert said == ["place 2", "place 2"]
    assert music == ["music"] * 3


def test_who_was_cut_off_is_told_so_before_the_music() -> None:
    excuse = PROMPTS.cut_off("en")

    assert heard(first=excuse, every=None, seconds=0.5) == (["cut off, in en"], [])
    assert heard(first=excuse, every=None, seconds=2) == (["cut off, in en"], ["music"])
