"""Several desktops, one phone: who has the audio, and what makes the agent unfit."""

import asyncio
from datetime import UTC, datetime

import pytest

from cti_server.calls.errors import NoSuchLine, NotTheAudio
from cti_server.calls.handset import AUDIO_KEPT, Handset
from cti_server.floor.fitness import StreamHealth
from cti_server.wire.phone import Answer, AudioMoved, Ended, Media, PhoneCall, PhoneTold
from tests.virtual_time import run


class Desktop:
    """A desktop with a memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.shown: list[PhoneTold] = []

    def show(self, message: PhoneTold) -> None:
        self.shown.append(message)


class Talking:
    """A call that goes on."""

    id = "leg1"

    def view(self) -> PhoneCall:
        nine = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        return PhoneCall(id=self.id, contact_id="k1", state="talking", since=nine, audio=True)

    def screen_changed(self, *, there: bool) -> None: ...

    def answer(self) -> None: ...

    def put_down(self) -> None: ...

    async def media(self, said: Media) -> Answer:
        raise NotImplementedError


class Office:
    """One agent's handset, and what the floor was told of it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.handset = Handset("li", self.tell)

    def tell(self, agent_id: str, unfit: tuple[str, ...]) -> None:
        assert agent_id == "li"
        if self.told[-1:] != [unfit]:
            self.told.append(unfit)

    def desktop(self, name: str, *, well: bool = True) -> Desktop:
        desktop = Desktop(name)
        self.handset.join(desktop)
        if well:
            self.handset.reported(desktop, "live", "untested")
        return desktop


def audio(office: Office, *desktops: Desktop) -> list[str]:
    return [office.handset.view(desktop).audio for desktop in desktops]


async def test_the_first_desktop_has_the_audio_and_a_newer_one_does_not_steal_it() -> None:
    office = Office()
    first, second = office.desktop("first"), office.desktop("second")

    assert audio(office, first, second) == ["here", "elsewhere"]
    assert office.handset.screen is first
    with pytest.raises(NotTheAudio):
        office.handset.need_audio(second)


async def test_the_audio_is_taken_explicitly_and_the_loser_is_told() -> None:
    office = Office()
    first, second = office.desktop("first"), office.desktop("second")

    office.handset.take_audio(second)

    assert first.shown == [AudioMoved(owner="elsewhere")]
    assert second.shown == [AudioMoved(owner="here")]
    assert office.handset.screen is second


async def test_taking_what_one_has_tells_nobody() -> None:
    office = Office()
    first = office.desktop("first")

    office.handset.take_audio(first)

    assert first.shown == []


async def test_a_reload_finds_the_audio_where_it_was() -> None:
    office = Office()
    first, second = office.desktop("first"), office.desktop("second")

    office.handset.leave(first)
    assert audio(office, second) == ["nowhere"]
    again = office.desktop("first")

    assert audio(office, again, second) == ["here", "elsewhere"]


async def test_a_stream_that_replaces_one_of_the_same_desktop_keeps_the_audio() -> None:
    office = Office()
    first = office.desktop("first")
    again = Desktop("first")

    assert office.handset.join(again) is first
    office.handset.leave(first)  # its end is noticed late, and means nothing any more

    assert office.handset.screen is again
    assert office.told[-1] == ()


async def test_without_a_call_the_next_desktop_that_comes_has_the_audio_at_once() -> None:
    office = Office()
    first, second = office.desktop("first"), office.desktop("second")

    office.handset.leave(first)
    third = office.desktop("third")

    assert audio(office, second, third) == ["elsewhere", "here"]


def test_in_a_call_a_desktop_that_stays_away_loses_the_audio_to_the_next_that_comes() -> None:
    async def story() -> list[str]:
        office = Office()
        first, second = office.desktop("first"), office.desktop("second")
        office.handset.add(Talking())
        office.handset.leave(first)
        early = office.desktop("early")
        await asyncio.sleep(AUDIO_KEPT)
        late = office.desktop("late")
        return audio(office, second, early, late)

    # The second one was there before: the audio comes to nobody who did not ask for it.
    assert run(story()) == ["elsewhere", "elsewhere", "here"]


async def test_the_floor_hears_why_nothing_can_ring_and_when_it_can_again() -> None:
    office = Office()
    first = office.desktop("first", well=False)
    office.handset.reported(first, "live", "untested")
    office.handset.reported(first, "denied", "failed")
    office.handset.reported(first, "live", "connected")
    office.handset.measured(first, StreamHealth(0.1, 2))
    office.handset.measured(first, StreamHealth(0.1, 0))
    office.handset.leave(first)

    assert office.told == [
        ("microphone-unasked",),
        (),
        ("microphone-denied", "media-path-failed"),
        (),
        ("stream-silent",),
        (),
        ("desktop-away",),
    ]


async def test_only_the_desktop_with_the_audio_counts() -> None:
    office = Office()
    first, second = office.desktop("first"), office.desktop("second", well=False)

    office.handset.take_audio(second)
    office.handset.leave(second)
    office.handset.take_audio(first)

    assert office.told[-4:] == [(), ("microphone-unasked",), ("audio-not-taken",), ()]


async def test_what_happens_is_shown_on_every_desktop_of_the_agents() -> None:
    office = Office()
    first, second = office.desktop("first"), office.desktop("second")

    office.handset.show(Ended(id="leg", reason="released"))

    assert first.shown == second.shown == [Ended(id="leg", reason="released")]


async def test_a_call_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(NoSuchLine, match="gone"):
        Office().handset.line("gone")
