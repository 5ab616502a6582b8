"""Whose packets a leg takes, with real sockets; the rule itself is in test_latch.py."""

import asyncio
from pathlib import Path

import pytest

from cti_server.media.plane import MediaLeg
from recording.capture import CALLER, HEADER_SIZE

from .conftest import Studio, prompt
from .phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")

ELSEWHERE = "127.0.0.9"


def words(number: int) -> bytes:
    return bytes([number + 1]) * 160


async def speak(phone: Phone, packets: int, first: int = 0) -> None:
    """At the pace of a phone."""
    for number in range(first, first + packets):
        phone.say(words(number))
        await asyncio.sleep(0.02)


def polled(pid: int) -> list[str]:
    """The file descriptors that a process waits for in epoll."""
    lines = []
    for file in Path(f"/proc/{pid}/fdinfo").iterdir():
        text = file.read_text()
        lines += [line.split()[1] for line in text.splitlines() if line.startswith("tfd:")]
    return sorted(lines)


async def rejected(leg: MediaLeg) -> int:
    return (await leg.close()).packets_rejected


async def test_a_stranger_who_speaks_first_gets_nothing_and_the_phone_all(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    stranger = studio.phone(leg, ELSEWHERE)
    stranger.say(words(0))
    await studio.obeyed()
    phone.say(words(1))
    await leg.play([prompt(tmp_path, "a", b"\x11" * 4800)])
    await phone.hears(30)

    assert stranger.heard == []
    assert await rejected(leg) == 1


async def test_a_stranger_who_goes_on_is_neither_heard_nor_recorded_nor_counted_as_digits(
    studio: Studio, tmp_path: Path
) -> None:
    (leg, phone, ears), (far_leg, far_phone, _) = await studio.leg(), await studio.leg()
    phone.call(leg)
    far_phone.call(far_leg)
    leg.bridge(far_leg)
    studio.plane.start_capture("strange", tmp_path / "c", leg, far_leg)
    stranger = studio.phone(leg, ELSEWHERE)
    await speak(stranger, 2)
    stranger.press(5, 320, ends=1)
    await studio.obeyed()
    phone.say(words(90))
    await speak(stranger, 10)
    phone.say(words(91))
    await far_phone.hears(2)
    far_phone.say(words(70))
    await phone.hears(1)
    await studio.plane.stop_capture("strange")

    assert far_phone.audio == words(90) + words(91)
    assert (tmp_path / "c" / CALLER).read_bytes()[HEADER_SIZE:].strip(b"\xff") == words(90) + words(
        91
    )
    assert (stranger.heard, ears.digits) == ([], [])
    assert await rejected(leg) == 14


async def test_a_phone_behind_nat_is_heard_and_answered_after_a_tenth_of_a_second(
    studio: Studio,
) -> None:
    (leg, phone, _), (far_leg, _, _) = await studio.leg(), await studio.leg()
    far_phone = studio.phone(far_leg, ELSEWHERE)
    phone.call(leg, host="192.0.2.9", port=4000)  # what its SDP thinks
    far_phone.call(far_leg, host="phone.invalid", port=9)  # not looked up
    leg.bridge(far_leg)
    await studio.obeyed()
    await asyncio.gather(speak(phone, 8), speak(far_phone, 8, first=100))
    await phone.until(lambda phone: phone.audio.endswith(words(107)))
    await far_phone.until(lambda phone: phone.audio.endswith(words(7)))

    # The fifth packet completes the proof, or a later one should the clock want it so.
    assert not set(far_phone.audio) & set(b"".join(map(words, range(4))))
    assert phone.heard


async def test_a_stranger_who_was_learned_is_dropped_when_the_phone_speaks(
    studio: Studio, tmp_path: Path
) -> None:
    (leg, phone, _), (far_leg, far_phone, _) = await studio.leg(), await studio.leg()
    phone.call(leg)
    far_phone.call(far_leg)
    leg.bridge(far_leg)
    stranger = studio.phone(leg, ELSEWHERE)
    await speak(stranger, 8)  # the phone is muted yet
    await far_phone.hears(1)
    far_phone.say(words(50))
    await stranger.hears(1)
    far_phone.heard.clear()
    phone.say(words(90))
    await far_phone.hears(1)
    await speak(stranger, 20, first=20)
    phone.say(words(91))
    far_phone.say(words(51))
    await phone.hears(1)
    await far_phone.hears(2)

    assert far_phone.audio == words(90) + words(91)
    assert phone.audio == words(51)
    assert stranger.audio == words(50)
    quality = await leg.close()
    assert quality.packets_rejected >= 24
    assert quality.packets_rejected + quality.packets_received == 30


async def test_a_new_host_in_the_sdp_is_learned_anew(studio: Studio) -> None:
    (leg, phone, _), (far_leg, far_phone, _) = await studio.leg(), await studio.leg()
    phone.call(leg)
    far_phone.call(far_leg)
    leg.bridge(far_leg)
    await studio.obeyed()
    phone.say(words(0))
    far_phone.say(words(50))
    await phone.hears(1)
    await far_phone.hears(1)
    moved = studio.phone(leg, ELSEWHERE)
    moved.call(leg, host=ELSEWHERE)
    await studio.obeyed()
    await speak(phone, 10, first=1)  # has not heard of it, and is the stranger now
    moved.say(words(60))
    await far_phone.hears(2)
    far_phone.say(words(51))
    await moved.hears(1)

    assert far_phone.audio == words(0) + words(60)
    assert (phone.audio, moved.audio) == (words(50), words(51))
    assert await rejected(leg) == 10


async def test_once_the_phone_is_settled_nobody_reads_what_strangers_send(studio: Studio) -> None:
    """The connected socket is polled and the listener is not: a flood costs no CPU time."""
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    await studio.obeyed()
    (pid,) = studio.plane.process_ids
    before = polled(pid)
    phone.say(words(0))
    await studio.obeyed()
    assert len(polled(pid)) == len(before)
    assert polled(pid) != before
    assert (await leg.close()).packets_received == 1
