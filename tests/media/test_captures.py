import asyncio
from pathlib import Path

import pytest

from cti_server.media.g711 import A_TO_MU
from cti_server.media.plane import MediaLeg
from cti_server.media.worker_reports import CaptureClosed, CaptureFailed, CaptureHeard
from recording.capture import AGENT, CALLER, HEADER_SIZE, read
from tests.sentences import sentence

from .conftest import Ears, Studio
from .phone import Phone, packet

pytestmark = pytest.mark.asyncio(loop_scope="module")

Party = tuple[MediaLeg, Phone, Ears]


def words(number: int) -> bytes:
    """A packet that is told from every other and from silence."""
    return bytes([1 + (number >> 7), number & 0x7F] * 80)


def samples(folder: Path, name: str) -> bytes:
    return (folder / name).read_bytes()[HEADER_SIZE:]


def speech(channel: bytes, silence: bytes = b"\xff") -> bytes:
    return channel.strip(silence)


async def parties(studio: Studio, codec: str = "PCMU") -> tuple[Party, Party]:
    caller = await studio.leg()
    agent = await studio.leg(beside=caller[0])
    for leg, phone, _ in (caller, agent):
        phone.call(leg, codec=codec)  # type: ignore[arg-type]
    return caller, agent


class Counted:
    """Counts what the worker receives from now on."""

    def __init__(self, studio: Studio, received: int) -> None:
        self._studio = studio
        self._received = received

    @classmethod
    async def begin(cls, studio: Studio) -> "Counted":
        (now,) = await studio.plane.statistics()
        return cls(studio, now.packets_received)

    async def until(self, packets: int) -> None:
        async with asyncio.timeout(30):
            while True:
                (now,) = await self._studio.plane.statistics()
                if now.packets_received - self._received >= packets:
                    return


@pytest.mark.parametrize("bridged", [True, False])
async def test_each_side_is_on_its_own_file_sample_by_sample(
    studio: Studio, tmp_path: Path, bridged: bool
) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio)
    if bridged:
        caller.bridge(agent)
    folder = tmp_path / "capture"
    studio.plane.start_capture("exact", folder, caller, agent)
    count = await Counted.begin(studio)
    for number in range(30):
        phone.say(words(number))
        far_phone.say(words(number + 200))
    await count.until(60)
    result = await studio.plane.stop_capture("exact")

    assert isinstance(result, CaptureClosed)
    assert speech(samples(folder, CALLER)) == b"".join(words(n) for n in range(30))
    assert speech(samples(folder, AGENT)) == b"".join(words(n + 200) for n in range(30))
    channels = read(folder / CALLER), read(folder / AGENT)
    assert [channel.codec for channel in channels] == ["PCMU", "PCMU"]
    assert [channel.samples for channel in channels] == [result.samples] * 2


async def test_loss_disorder_and_copies_do_not_move_what_follows(
    studio: Studio, tmp_path: Path
) -> None:
    (caller, phone, _), (agent, _, _) = await parties(studio)
    folder = tmp_path / "capture"
    studio.plane.start_capture("order", folder, caller, agent)
    count = await Counted.begin(studio)
    order = [0, 1, 3, 2, 2, 6, 5, 9, 9, 8]  # 4 and 7 never come
    for number in order:
        phone.send(packet(words(number), 500 + number, 9000 + 160 * number))
    await count.until(len(order))
    await studio.plane.stop_capture("order")

    expected = [words(n) if n in order else b"\xff" * 160 for n in range(10)]
    assert speech(samples(folder, CALLER)) == b"".join(expected)
    assert speech(samples(folder, AGENT)) == b""


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_a_capture_that_begins_in_the_middle_of_a_bridge_misses_nothing_after_that(
    studio: Studio, tmp_path: Path, codec: str
) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio, codec)
    caller.bridge(agent)
    await studio.obeyed()
    count = await Counted.begin(studio)
    folder = tmp_path / "capture"
    for number in range(40):
        phone.say(words(number))
        far_phone.say(words(number + 200))
        if number == 20:  # no pause: packets are on their way while the command is
            studio.plane.start_capture("late", folder, caller, agent)
        if number == 30:
            await studio.obeyed()
    await count.until(80)
    await studio.plane.stop_capture("late")
    await phone.hears(40)
    await far_phone.hears(40)

    silence = b"\xd5" if codec == "PCMA" else b"\xff"
    for name, first in ((CALLER, 0), (AGENT, 200)):
        said = speech(samples(folder, name), silence)
        everything = b"".join(words(first + number) for number in range(40))
        assert everything.endswith(said)  # whole packets, without a hole
        assert len(said) >= 160 * 9  # at least what was said after it had begun


@pytest.mark.parametrize("size", [80, 240, 320, 480])
async def test_packets_of_any_length_are_recorded_sample_by_sample(
    studio: Studio, tmp_path: Path, size: int
) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio)
    caller.bridge(agent)
    folder = tmp_path / "capture"
    studio.plane.start_capture(f"of-{size}", folder, caller, agent)
    await studio.obeyed()
    said = [bytes([1 + number]) * size for number in range(20)]
    for payload in said:
        phone.say(payload)
    await far_phone.hears(20)
    await studio.plane.stop_capture(f"of-{size}")

    assert speech(samples(folder, CALLER)) == b"".join(said)


async def test_equal_positions_are_equal_times(studio: Studio, tmp_path: Path) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio)
    caller.bridge(agent)
    await studio.obeyed()
    phone.say(words(0))
    far_phone.say(words(0))
    await phone.hears(1)
    folder = tmp_path / "capture"
    studio.plane.start_capture("times", folder, caller, agent)
    await studio.obeyed()
    far_phone.heard.clear()
    for number in range(1, 20):  # the agent answers each packet as soon as it is heard
        phone.say(words(number))
        await far_phone.hears(number)
        far_phone.say(words(number))
    await phone.hears(20)
    await studio.plane.stop_capture("times")

    start = samples(folder, CALLER).index(words(1))
    assert 0 <= samples(folder, AGENT).index(words(1)) - start < 800


async def test_a_message_is_of_one_leg_and_what_of_it_is_speech_is_told(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    told: list[CaptureHeard | CaptureFailed] = []
    folder = tmp_path / "message"
    studio.plane.start_capture("message", folder, leg, None, told.append, speech=True)
    await studio.obeyed()
    count = await Counted.begin(studio)
    said = sentence()[: 160 * 40]
    for start in range(0, len(said), 160):
        phone.say(said[start : start + 160])
    await count.until(40)
    closed = await studio.plane.stop_capture("message")

    assert isinstance(closed, CaptureClosed)
    assert [file.name for file in folder.iterdir()] == [CALLER]
    assert said in samples(folder, CALLER)
    last = told[-1]
    assert isinstance(last, CaptureHeard)
    assert 0.4 < last.spoken <= last.spoken_until <= last.seconds == closed.samples / 8000


async def test_a_message_that_the_disk_refuses_is_told_at_once(
    studio: Studio, tmp_path: Path
) -> None:
    leg, _, _ = await studio.leg()
    (tmp_path / "full").write_text("no folder")
    failed: asyncio.Future[CaptureHeard | CaptureFailed] = (
        asyncio.get_running_loop().create_future()
    )
    studio.plane.start_capture("lost", tmp_path / "full" / "m", leg, None, failed.set_result)

    assert isinstance(await asyncio.wait_for(failed, 5), CaptureFailed)
    assert isinstance(await studio.plane.stop_capture("lost"), CaptureFailed)


async def test_keys_are_never_audible_in_a_recording(studio: Studio, tmp_path: Path) -> None:
    (caller, phone, ears), (agent, _, _) = await parties(studio)
    folder = tmp_path / "capture"
    studio.plane.start_capture("keys", folder, caller, agent)
    await studio.plane.statistics()  # the worker has begun
    phone.say(words(0))
    at, sequence = phone.timestamp, phone.sequence
    for step in range(5):  # this phone sends the tone as well as the event
        phone.event(5, 160 * (step + 1), end=step == 4, marker=step == 0)
        tone = packet(words(90), phone.sequence, at + 160 * step)
        phone.send(tone)
        phone.sequence += 1
    phone.timestamp = at + 800
    phone.say(words(1))
    assert phone.sequence == sequence + 11
    await ears.until(lambda ears: ears.keys == "5")
    count = await Counted.begin(studio)
    phone.say(words(2))
    await count.until(1)
    await studio.plane.stop_capture("keys")

    expected = words(0) + b"\xff" * 800 + words(1) + words(2)
    assert speech(samples(folder, CALLER)) == expected


async def test_an_a_law_call_is_kept_in_a_law(studio: Studio, tmp_path: Path) -> None:
    (caller, phone, _), (agent, _, _) = await parties(studio, "PCMA")
    folder = tmp_path / "capture"
    studio.plane.start_capture("a-law", folder, caller, agent)
    count = await Counted.begin(studio)
    for number in range(4):
        phone.say(words(number))
    await count.until(4)
    await studio.plane.stop_capture("a-law")

    assert read(folder / CALLER).codec == "PCMA"
    assert speech(samples(folder, CALLER), b"\xd5") == b"".join(words(n) for n in range(4))


async def test_a_change_of_law_goes_on_in_the_law_of_the_file(
    studio: Studio, tmp_path: Path
) -> None:
    (caller, phone, _), (agent, _, _) = await parties(studio)
    folder = tmp_path / "capture"
    studio.plane.start_capture("change", folder, caller, agent)
    count = await Counted.begin(studio)
    phone.say(words(0))
    await count.until(1)
    phone.call(caller, codec="PCMA")
    await studio.obeyed()
    phone.say(words(1))
    phone.say(words(2))
    await count.until(3)
    await studio.plane.stop_capture("change")

    expected = words(0) + (words(1) + words(2)).translate(A_TO_MU)
    assert speech(samples(folder, CALLER)) == expected


async def test_strangers_are_not_recorded(studio: Studio, tmp_path: Path) -> None:
    (caller, phone, _), (agent, _, _) = await parties(studio)
    folder = tmp_path / "capture"
    studio.plane.start_capture("strangers", folder, caller, agent)
    count = await Counted.begin(studio)
    phone.say(words(0))
    await count.until(1)
    stranger = studio.phone(caller)
    stranger.ssrc, stranger.sequence = phone.ssrc, phone.sequence
    stranger.timestamp = phone.timestamp
    stranger.say(words(99))
    phone.say(words(1))
    await count.until(2)
    await studio.plane.stop_capture("strangers")

    assert speech(samples(folder, CALLER)) == words(0) + words(1)


async def test_closing_both_legs_closes_the_capture_too(studio: Studio, tmp_path: Path) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio)
    folder = tmp_path / "capture"
    studio.plane.start_capture("both", folder, caller, agent)
    count = await Counted.begin(studio)
    phone.say(words(0))
    await count.until(1)
    await caller.close()
    far_phone.say(words(1))
    await count.until(2)
    await agent.close()

    assert isinstance(await studio.plane.stop_capture("both"), CaptureClosed)
    assert speech(samples(folder, CALLER)) == words(0)
    assert speech(samples(folder, AGENT)) == words(1)


async def test_captures_that_cannot_be_say_so_and_harm_no_audio(
    studio: Studio, tmp_path: Path
) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio)
    caller.bridge(agent)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    studio.plane.start_capture("no-folder", blocked, caller, agent)
    await studio.obeyed()
    phone.say(words(0))
    far_phone.say(words(0))
    await phone.hears(1)

    result = await studio.plane.stop_capture("no-folder")
    assert isinstance(result, CaptureFailed)
    assert result.reason
    phone.say(words(1))
    await far_phone.until(lambda phone: phone.audio.endswith(words(1)))
    unknown = await studio.plane.stop_capture("never-started")
    assert unknown == CaptureFailed(capture="never-started", reason="there is no such capture")


async def test_an_older_capture_is_never_written_over(studio: Studio, tmp_path: Path) -> None:
    (caller, _, _), (agent, _, _) = await parties(studio)
    (tmp_path / CALLER).write_bytes(b"evidence")
    studio.plane.start_capture("again", tmp_path, caller, agent)

    assert isinstance(await studio.plane.stop_capture("again"), CaptureFailed)
    assert (tmp_path / CALLER).read_bytes() == b"evidence"


async def test_what_is_said_is_on_disk_within_a_second(studio: Studio, tmp_path: Path) -> None:
    (caller, phone, _), (agent, _, _) = await parties(studio)
    folder = tmp_path / "capture"
    studio.plane.start_capture("soon", folder, caller, agent)
    loop = asyncio.get_running_loop()
    count = await Counted.begin(studio)
    for number in range(50):
        phone.say(words(number))
        await count.until(number + 1)
    said = loop.time()
    async with asyncio.timeout(30):
        while words(30) not in samples(folder, CALLER):
            await studio.obeyed()

    assert loop.time() - said < 2.0  # one second, and room for a busy machine
    await studio.plane.stop_capture("soon")


@pytest.mark.parametrize("side", [CALLER, AGENT])
async def test_of_one_side_alone_nothing_else_is_written(
    studio: Studio, tmp_path: Path, side: str
) -> None:
    (caller, phone, _), (agent, far_phone, _) = await parties(studio)
    caller.bridge(agent)
    folder = tmp_path / "one"
    one, other = (caller, None) if side == CALLER else (None, agent)
    told: list[CaptureHeard | CaptureFailed] = []
    studio.plane.start_capture(f"alone-{side}", folder, one, other, told.append)
    await studio.obeyed()
    count = await Counted.begin(studio)
    for number in range(20):
        phone.say(words(number))
        far_phone.say(words(number + 500))
    await count.until(40)
    closed = await studio.plane.stop_capture(f"alone-{side}")

    assert isinstance(closed, CaptureClosed)
    assert [file.name for file in folder.iterdir()] == [side]
    assert words(19 if side == CALLER else 519) in samples(folder, side)
    assert words(519 if side == CALLER else 19) not in samples(folder, side)
    assert not any(isinstance(report, CaptureHeard) for report in told)  # it is no message
