"""A leg in several captures at once: a customer whom two agents of a conference talk with."""

from pathlib import Path

import pytest
import pytest_asyncio

from cti_server.media.g711 import A_TO_MU
from cti_server.media.plane import MediaLeg
from cti_server.media.worker_reports import CaptureClosed
from recording.capture import AGENT, CALLER

from .conftest import Studio
from .phone import Phone, packet
from .test_captures import Counted, samples, speech, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, SECOND = "first", "second"


class Trio:
    """A customer and two agents, and the captures of the customer with each of them."""

    def __init__(self, studio: Studio, folder: Path, *people: tuple[MediaLeg, Phone]) -> None:
        (self.customer, self.phone), *agents = people
        self.agents = dict(zip((FIRST, SECOND), (leg for leg, _ in agents), strict=True))
        self.agent_phones = dict(zip((FIRST, SECOND), (phone for _, phone in agents), strict=True))
        self.studio = studio
        self.folder = folder
        self._said = 0

    async def start(self, which: str) -> None:
        self.studio.plane.start_capture(
            self._id(which), self.folder / which, self.customer, self.agents[which]
        )
        await self.studio.obeyed()

    async def stop(self, which: str) -> None:
        assert isinstance(await self.studio.plane.stop_capture(self._id(which)), CaptureClosed)

    def _id(self, which: str) -> str:
        return f"{self.folder.name}-{which}"

    async def all_say(self, count: int) -> range:
        """Each of them ``count`` packets, which the worker has taken in; their numbers."""
        received = await Counted.begin(self.studio)
        numbers = range(self._said, self._said + count)
        for number in numbers:
            self.phone.say(words(number))
            self.agent_phones[FIRST].say(words(number + 100))
            self.agent_phones[SECOND].say(words(number + 200))
        self._said += count
        await received.until(3 * count)
        return numbers

    def customer_in(self, which: str) -> bytes:
        return speech(samples(self.folder / which, CALLER))

    def agent_in(self, which: str) -> bytes:
        return speech(samples(self.folder / which, AGENT))


def said(*numbers: range, shift: int = 0) -> bytes:
    return b"".join(words(number + shift) for each in numbers for number in each)


@pytest_asyncio.fixture(loop_scope="module", params=["apart", "relayed", "conference"])
async def trio(studio: Studio, tmp_path: Path, request: pytest.FixtureRequest) -> Trio:
    made = await three(studio, tmp_path)
    customer, *agents = made.customer, *made.agents.values()
    if request.param == "relayed":
        customer.bridge(agents[0])
    if request.param == "conference":
        legs = [customer, *agents]
        studio.plane.connect({leg: [one for one in legs if one is not leg] for leg in legs})
    await studio.obeyed()
    return made


async def three(studio: Studio, folder: Path) -> Trio:
    people: list[tuple[MediaLeg, Phone]] = []
    for _ in range(3):
        leg, phone, _ = await studio.leg(beside=people[0][0] if people else None)
        phone.call(leg)
        people.append((leg, phone))
    return Trio(studio, folder, *people)


@pytest.mark.parametrize("ends_first", [FIRST, SECOND])
async def test_each_has_every_sample_from_its_own_start_to_its_own_end(
    trio: Trio, ends_first: str
) -> None:
    ends_last = SECOND if ends_first == FIRST else FIRST
    await trio.start(FIRST)
    alone = await trio.all_say(12)
    await trio.start(SECOND)
    both = await trio.all_say(12)
    await trio.stop(ends_first)
    left = await trio.all_say(12)
    await trio.stop(ends_last)
    await trio.all_say(2)

    heard = {FIRST: [alone, both], SECOND: [both]}
    heard[ends_last].append(left)
    for which, shift in ((FIRST, 100), (SECOND, 200)):
        assert trio.customer_in(which) == said(*heard[which])
        assert trio.agent_in(which) == said(*heard[which], shift=shift)


async def test_a_masked_or_muted_customer_is_silent_in_all_of_them_for_as_long(trio: Trio) -> None:
    await trio.start(FIRST)
    before = await trio.all_say(5)
    trio.customer.mask(True)
    await trio.studio.obeyed()
    hidden = await trio.all_say(5)
    await trio.start(SECOND)  # what begins in the middle of it is silent, too
    hidden_from_both = await trio.all_say(5)
    trio.customer.mask(False)
    await trio.studio.obeyed()
    between = await trio.all_say(5)
    trio.customer.mute(True)
    await trio.studio.obeyed()
    muted = await trio.all_say(5)
    trio.customer.mute(False)
    await trio.studio.obeyed()
    after = await trio.all_say(5)
    await trio.stop(FIRST)
    await trio.stop(SECOND)

    def silence(*numbers: range) -> bytes:
        return b"\xff" * 160 * sum(map(len, numbers))

    ending = said(between) + silence(muted) + said(after)
    assert trio.customer_in(FIRST) == said(before) + silence(hidden, hidden_from_both) + ending
    assert trio.customer_in(SECOND) == ending
    assert trio.agent_in(SECOND) == said(hidden_from_both, between, muted, after, shift=200)


async def test_keys_are_audible_in_none_of_them(studio: Studio, tmp_path: Path) -> None:
    trio = await three(studio, tmp_path)
    await trio.start(FIRST)
    await trio.start(SECOND)
    before = await trio.all_say(2)
    phone, count = trio.phone, await Counted.begin(studio)
    at = phone.timestamp
    for step in range(5):  # this phone sends the tone as well as the event
        phone.event(5, 160 * (step + 1), end=step == 4, marker=step == 0)
        phone.send(packet(words(90), phone.sequence, at + 160 * step))
        phone.sequence += 1
    phone.timestamp = at + 800
    await count.until(10)
    after = await trio.all_say(2)
    await trio.stop(FIRST)
    await trio.stop(SECOND)

    for which in (FIRST, SECOND):
        assert trio.customer_in(which) == said(before) + b"\xff" * 800 + said(after)


async def test_loss_disorder_and_another_stream_are_the_same_in_all_of_them(
    studio: Studio, tmp_path: Path
) -> None:
    trio = await three(studio, tmp_path)
    await trio.start(FIRST)
    await trio.start(SECOND)
    count = await Counted.begin(studio)
    order = [0, 1, 3, 2, 2, 6, 5, 9, 9, 8]  # 4 and 7 never come
    for number in order:
        trio.phone.send(packet(words(number), 500 + number, 9000 + 160 * number))
    for number in range(10, 15):  # from another source, with numbers of its own
        trio.phone.send(packet(words(number), number, 77 + 160 * number, ssrc=0x1234))
    await count.until(len(order) + 5)
    await trio.stop(FIRST)
    await trio.stop(SECOND)

    expected = [words(n) if n in order else b"\xff" * 160 for n in range(10)]
    for which in (FIRST, SECOND):
        assert trio.customer_in(which) == b"".join(expected) + said(range(10, 15))


async def test_a_leg_that_closes_ends_those_that_have_no_other_leg_left(
    studio: Studio, tmp_path: Path
) -> None:
    trio = await three(studio, tmp_path)
    await trio.start(FIRST)
    await trio.start(SECOND)
    together = await trio.all_say(3)
    await trio.agents[FIRST].close()
    await trio.customer.close()
    count = await Counted.begin(studio)
    trio.agent_phones[SECOND].say(words(203))
    await count.until(1)
    await trio.stop(FIRST)
    await trio.stop(SECOND)

    assert trio.customer_in(FIRST) == trio.customer_in(SECOND) == said(together)
    assert trio.agent_in(FIRST) == said(together, shift=100)
    assert trio.agent_in(SECOND) == said(range(4), shift=200)


async def test_another_law_from_now_on_is_translated_in_all_of_them(
    studio: Studio, tmp_path: Path
) -> None:
    trio = await three(studio, tmp_path)
    await trio.start(FIRST)
    await trio.start(SECOND)
    before = await trio.all_say(2)
    trio.phone.call(trio.customer, codec="PCMA")
    await studio.obeyed()
    after = await trio.all_say(2)
    await trio.stop(FIRST)
    await trio.stop(SECOND)

    for which in (FIRST, SECOND):
        assert trio.customer_in(which) == said(before) + said(after).translate(A_TO_MU)
