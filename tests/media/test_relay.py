import asyncio
import struct
from pathlib import Path

import pytest

from cti_server.media.g711 import A_TO_MU, MU_TO_A
from cti_server.media.plane import MediaLeg
from cti_server.media.rtcp import Report, compose, parse

from .conftest import Ears, Studio, prompt
from .phone import Phone, packet

pytestmark = pytest.mark.asyncio(loop_scope="module")


def words(number: int, size: int = 160) -> bytes:
    return bytes((number * 31 + i) % 251 for i in range(size))


class Bridge:
    """Two phones that hear one another."""

    def __init__(
        self, one: tuple[MediaLeg, Phone, Ears], other: tuple[MediaLeg, Phone, Ears]
    ) -> None:
        self.leg, self.phone, self.ears = one
        self.far_leg, self.far_phone, self.far_ears = other

    async def settle(self) -> None:
        """Both sides have been heard by the other, so both addresses are learned."""
        self.phone.say(b"\x00" * 160)
        self.far_phone.say(b"\x00" * 160)
        await self.phone.hears(1)
        await self.far_phone.hears(1)
        self.phone.heard.clear()
        self.far_phone.heard.clear()


async def bridge(studio: Studio, codec: str = "PCMU", far_codec: str = "PCMU") -> Bridge:
    one = await studio.leg()
    other = await studio.leg(beside=one[0])
    one[1].call(one[0], codec=codec)  # type: ignore[arg-type]
    other[1].call(other[0], codec=far_codec, dtmf=96)  # type: ignore[arg-type]
    one[0].bridge(other[0])
    await studio.obeyed()
    return Bridge(one, other)


async def test_what_one_says_the_other_hears_octet_by_octet_both_ways(studio: Studio) -> None:
    both = await bridge(studio)
    for number in range(50):
        both.phone.say(words(number))
        both.far_phone.say(words(number + 100))
    await both.phone.hears(50)
    await both.far_phone.hears(50)

    assert both.far_phone.audio == b"".join(words(number) for number in range(50))
    assert both.phone.audio == b"".join(words(number + 100) for number in range(50))


async def test_each_leg_has_numbers_of_its_own_that_follow_the_senders(studio: Studio) -> None:
    both = await bridge(studio)
    for number in range(60):  # the sender's sequence and timestamp wrap in here
        if number in (20, 21, 40):
            both.phone.skip()  # lost on the way to us
        else:
            both.phone.say(words(number))
    await both.far_phone.hears(57)

    first = both.far_phone.heard[0]
    assert first.sequence < 0x8000
    assert first.ssrc != both.phone.ssrc
    sent = [number for number in range(60) if number not in (20, 21, 40)]
    assert [heard.sequence - first.sequence for heard in both.far_phone.heard] == sent
    assert [(h.timestamp - first.timestamp) & 0xFFFFFFFF for h in both.far_phone.heard] == [
        160 * number for number in sent
    ]
    assert [heard.marker for heard in both.far_phone.heard] == [True] + [False] * 56
    quality = await both.leg.close()
    assert (quality.packets_received, quality.packets_lost) == (57, 3)


async def test_late_packets_are_passed_on_as_late_and_copies_are_not(studio: Studio) -> None:
    both = await bridge(studio)
    order = [0, 2, 1, 3, 3, 5, 4, 4, 6]
    for number in order:
        both.phone.send(packet(words(number), 1000 + number, 160 * number))
    await both.far_phone.hears(7)

    first = both.far_phone.heard[0]
    assert [h.sequence - first.sequence for h in both.far_phone.heard] == [0, 2, 1, 3, 5, 4, 6]
    assert [h.payload for h in both.far_phone.heard] == [words(n) for n in (0, 2, 1, 3, 5, 4, 6)]
    quality = await both.leg.close()
    assert (quality.packets_out_of_order, quality.packets_lost) == (2, 0)


@pytest.mark.parametrize(
    ("codec", "far_codec", "table"), [("PCMU", "PCMA", MU_TO_A), ("PCMA", "PCMU", A_TO_MU)]
)
async def test_two_laws_are_translated_by_table(
    studio: Studio, codec: str, far_codec: str, table: bytes
) -> None:
    both = await bridge(studio, codec, far_codec)
    every = bytes(range(256))
    for start in range(0, 2560, 160):
        both.phone.say((every * 11)[start : start + 160])
    await both.far_phone.hears(16)

    assert both.far_phone.audio == (every * 10).translate(table)
    assert {h.payload_type for h in both.far_phone.heard} == {8 if far_codec == "PCMA" else 0}


@pytest.mark.parametrize("size", [80, 160, 240, 320, 480])
async def test_ten_to_sixty_milliseconds_a_packet_are_passed_on_as_they_are(
    studio: Studio, size: int
) -> None:
    both = await bridge(studio)
    for number in range(10):
        both.phone.say(words(number, size))
    await both.far_phone.hears(10)

    first = both.far_phone.heard[0]
    assert [heard.payload for heard in both.far_phone.heard] == [words(n, size) for n in range(10)]
    assert (both.far_phone.heard[9].timestamp - first.timestamp) & 0xFFFFFFFF == 9 * size


async def test_digits_over_a_bridge_arrive_with_the_other_legs_number_and_are_reported(
    studio: Studio,
) -> None:
    both = await bridge(studio)  # 101 here, 96 there
    both.phone.say(words(0))
    both.phone.press(9)
    both.phone.say(words(1))
    await both.far_phone.hears(9)
    await both.ears.until(lambda ears: ears.keys == "9")

    assert [h.payload_type for h in both.far_phone.heard] == [0] + [96] * 7 + [0]
    events = both.far_phone.heard[1:8]
    assert [struct.unpack("!BBH", h.payload)[2] for h in events] == [160, 320, 480, 640, *[800] * 3]
    assert len({heard.timestamp for heard in events}) == 1
    numbers = [heard.sequence for heard in both.far_phone.heard]
    assert numbers == list(range(numbers[0], numbers[0] + 9))
    assert both.ears.digits == [("9", 100)]
    assert both.far_ears.digits == []


async def test_digits_that_the_other_leg_has_no_number_for_leave_no_hole(studio: Studio) -> None:
    both = await bridge(studio)
    both.far_phone.call(both.far_leg, dtmf=None)
    await studio.obeyed()
    await both.settle()
    both.phone.press(3)
    both.phone.say(words(0))
    both.phone.say(words(1))
    await both.far_phone.hears(2)
    await both.ears.until(lambda ears: ears.keys == "3")

    heard = both.far_phone.heard
    assert [h.payload for h in heard] == [words(0), words(1)]
    assert heard[1].sequence == heard[0].sequence + 1


async def test_comfort_noise_is_tolerated_and_leaves_no_hole(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    both.phone.say(words(0))
    both.phone.send(packet(b"\x40", both.phone.sequence, both.phone.timestamp, payload_type=13))
    both.phone.sequence += 1
    both.phone.timestamp += 1600
    both.phone.say(words(1), marker=True)
    both.phone.say(words(2))
    await both.far_phone.hears(3)

    heard = both.far_phone.heard
    assert [h.sequence - heard[0].sequence for h in heard] == [0, 1, 2]
    assert (heard[1].timestamp - heard[0].timestamp) & 0xFFFFFFFF == 1600 + 160
    assert heard[1].marker
    quality = await both.leg.close()
    assert (quality.packets_rejected, quality.packets_lost) == (0, 0)


async def test_comfort_noise_goes_on_to_who_has_agreed_on_it_unless_it_is_muted(
    studio: Studio,
) -> None:
    both = await bridge(studio)
    both.far_phone.call(both.far_leg, dtmf=96, comfort_noise=True)
    await studio.obeyed()
    await both.settle()
    both.phone.say(words(0))
    for level in (b"\x40", b"\x41"):
        both.phone.send(packet(level, both.phone.sequence, both.phone.timestamp, payload_type=13))
        both.phone.sequence += 1
        both.phone.timestamp += 800
    both.phone.say(words(1), marker=True)
    await both.far_phone.hears(4)
    both.leg.mute(True)
    await studio.obeyed()
    both.phone.send(packet(b"\x42", both.phone.sequence, both.phone.timestamp, payload_type=13))
    both.phone.sequence += 1
    both.phone.say(words(2))
    await both.far_phone.hears(5)

    heard = both.far_phone.heard
    assert [(h.payload_type, h.payload) for h in heard[:4]] == [
        (0, words(0)), (13, b"\x40"), (13, b"\x41"), (0, words(1)),
    ]  # fmt: skip
    assert heard[4].payload_type == 0
    assert [h.sequence - heard[0].sequence for h in heard] == [0, 1, 2, 3, 4]
    assert [(h.timestamp - heard[0].timestamp) & 0xFFFFFFFF for h in heard[:4]] == [
        0, 160, 960, 1760,
    ]  # fmt: skip
    assert [h.marker for h in heard[1:4]] == [False, False, True]


async def test_prompt_bridge_and_prompt_are_one_stream_for_the_phone(
    studio: Studio, tmp_path: Path
) -> None:
    both = await bridge(studio)
    both.leg.unbridge()
    await studio.obeyed()
    file = prompt(tmp_path, "a", b"\x11" * 1600)
    await both.leg.play([file])
    both.leg.bridge(both.far_leg)
    await studio.obeyed()
    for number in range(10):
        both.far_phone.say(words(number))
    await both.phone.hears(20)
    both.leg.unbridge()
    await both.leg.play([file])
    await both.phone.hears(30)

    heard = both.phone.heard
    assert len({h.ssrc for h in heard}) == 1
    assert [h.sequence - heard[0].sequence for h in heard] == list(range(30))
    assert [number for number, h in enumerate(heard) if h.marker] == [0, 10, 20]
    times = [(h.timestamp - heard[0].timestamp) & 0xFFFFFFFF for h in heard]
    assert times == sorted(set(times))  # always forward
    assert times[-1] < 8000 * 5


async def test_a_prompt_on_a_bridged_leg_is_heard_instead_of_the_other_side(
    studio: Studio, tmp_path: Path
) -> None:
    both = await bridge(studio)
    await both.settle()
    playing = asyncio.ensure_future(both.leg.play([prompt(tmp_path, "a", b"\x11" * 800)]))
    await both.phone.hears(1)
    both.far_phone.say(b"\x22" * 160)
    both.phone.say(b"\x33" * 160)
    await both.far_phone.hears(1)  # the other direction goes on
    await playing
    both.far_phone.say(b"\x44" * 160)
    await both.phone.hears(6)

    assert both.phone.audio == b"\x11" * 800 + b"\x44" * 160
    numbers = [heard.sequence for heard in both.phone.heard]
    assert numbers == list(range(numbers[0], numbers[0] + 6))


async def test_after_unbridge_and_on_hold_nothing_is_passed_on(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    both.far_phone.call(both.far_leg, direction="inactive", dtmf=96)
    await studio.obeyed()
    both.phone.press(1, ends=1)
    await both.ears.until(lambda ears: ears.keys == "1")
    both.far_phone.call(both.far_leg, direction="sendrecv", dtmf=96)
    await studio.obeyed()
    both.phone.say(words(1))
    await both.far_phone.hears(1)
    both.leg.unbridge()
    await studio.obeyed()
    both.phone.press(2, ends=1)
    await both.ears.until(lambda ears: ears.keys == "12")

    assert [heard.payload for heard in both.far_phone.heard] == [words(1)]


async def test_a_new_source_on_a_leg_goes_on_in_the_same_stream(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    both.phone.say(words(0))
    both.phone.ssrc, both.phone.sequence, both.phone.timestamp = 0x9999, 40_000, 77
    both.phone.say(words(1))
    both.phone.say(words(2))
    await both.far_phone.hears(3)

    heard = both.far_phone.heard
    assert len({h.ssrc for h in heard}) == 1
    assert [h.sequence - heard[0].sequence for h in heard] == [0, 1, 2]
    assert [h.marker for h in heard] == [False, True, False]


async def test_strangers_are_neither_heard_nor_followed_but_counted(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    stranger = studio.phone(both.leg)
    for number in range(5):
        stranger.say(words(number))
    stranger.press(1)
    both.phone.say(b"\x77" * 160)
    await both.far_phone.hears(1)
    both.far_phone.say(b"\x66" * 160)
    await both.phone.hears(1)
    quality = await both.leg.close()

    assert both.far_phone.audio == b"\x77" * 160
    assert stranger.heard == []
    assert both.ears.digits == []
    assert quality.packets_rejected == 12
    assert quality.packets_received == 2


async def test_a_new_address_in_the_sdp_is_learned_anew(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    moved = studio.phone(both.leg)
    moved.call(both.leg)
    await studio.obeyed()
    both.far_phone.say(words(1))
    await moved.hears(1)  # before it has said anything
    both.phone.say(b"\x01" * 160)  # still under way from the old place
    moved.say(b"\x02" * 160)
    moved.say(b"\x03" * 160)
    await both.far_phone.hears(2)

    assert both.far_phone.audio == b"\x02" * 160 + b"\x03" * 160
    assert both.phone.heard == []
    assert (await both.leg.close()).packets_rejected == 1


async def test_the_same_address_again_changes_codec_without_losing_the_phone(
    studio: Studio,
) -> None:
    both = await bridge(studio)
    await both.settle()
    both.phone.call(both.leg, codec="PCMA")
    await studio.obeyed()
    both.phone.say(words(0))
    await both.far_phone.hears(1)
    both.far_phone.say(words(1))
    await both.phone.hears(1)

    assert both.far_phone.audio == words(0).translate(A_TO_MU)
    assert (both.phone.audio, both.phone.heard[0].payload_type) == (words(1).translate(MU_TO_A), 8)


MALFORMED = [
    b"",
    b"\x80",
    b"\x80\x00" + bytes(10),  # no payload
    b"\x00" * 172,  # version 0
    packet(words(0), 9, 9, payload_type=77 & 0x7F),  # unknown payload types
    packet(words(0), 9, 9, payload_type=18),
    b"\x8f" + packet(words(0, 20), 9, 9)[1:],  # more sources than packet
    packet(words(0, 1700), 9, 9),  # far too long
    packet(words(0, 4000), 9, 9),  # longer than the buffer
]


async def test_malformed_packets_are_counted_and_harm_nothing(studio: Studio) -> None:
    both = await bridge(studio)
    for broken in MALFORMED:  # before anything is known of the phone
        both.phone.send(broken)
    await both.settle()
    for broken in MALFORMED:
        both.phone.send(broken)
    both.phone.event(5, 0)  # fine, and then events that are too short
    both.phone.send(packet(b"\x01", both.phone.sequence, 5, payload_type=101))
    both.phone.sequence += 1
    both.phone.say(words(1))
    await both.far_phone.until(lambda phone: phone.audio == words(1))

    assert (await both.leg.close()).packets_rejected == 2 * len(MALFORMED)


@pytest.mark.parametrize("muxed", [False, True], ids=["on its own port", "muxed with RTP"])
async def test_what_the_phone_reports_is_in_the_quality(studio: Studio, muxed: bool) -> None:
    both = await bridge(studio)
    await both.settle()
    for number in range(9):
        both.far_phone.say(words(number))
    await both.phone.hears(9)
    first, last = both.phone.heard[0], both.phone.heard[-1]
    report = struct.pack("!BBHI", 0x81, 201, 7, 1) + struct.pack(
        "!IIIIII", first.ssrc, (64 << 24) | 2, last.sequence, 0, 0, 0
    )
    (both.phone.send if muxed else both.phone.report)(report)
    stranger = studio.phone(both.leg)
    stranger.report(report[:12] + bytes(20))
    await studio.obeyed()
    both.phone.say(words(1))
    await both.far_phone.hears(1)

    quality = await both.leg.close()
    assert quality.remote_loss == pytest.approx(0.2)  # two of the ten that were sent
    assert quality.packets_rejected == 0
    assert quality.mos is not None
    assert quality.mos > 4.3


async def test_the_phone_gets_reports_and_a_goodbye(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    for number in range(10):
        both.far_phone.say(words(number))
        if number != 5:
            both.phone.say(words(number))
        else:
            both.phone.skip()
    await both.phone.hears(10)
    await both.far_phone.hears(9)
    await both.leg.close()
    await both.phone.until(lambda phone: bool(phone.reports))

    packet = both.phone.reports[-1]
    (report,) = parse(packet)
    assert report.ssrc == both.phone.heard[0].ssrc
    assert report.sender is not None
    assert (report.sender.packets, report.sender.octets) == (11, 11 * 160)
    age = (report.sender.timestamp - both.phone.heard[-1].timestamp) & 0xFFFFFFFF
    assert age < 8000 * 5
    (block,) = report.blocks
    assert (block.ssrc, block.lost) == (both.phone.ssrc, 1)
    assert block.highest & 0xFFFF == (both.phone.sequence - 1) & 0xFFFF
    assert packet[-8:] == struct.pack("!BBHI", 0x81, 203, 1, report.ssrc)


async def test_a_leg_that_falls_silent_is_told_and_its_return_too(studio: Studio) -> None:
    both = await bridge(studio)
    await both.settle()
    both.far_phone.call(both.far_leg, direction="sendonly", dtmf=96)  # need not say anything
    await both.ears.until(lambda ears: bool(ears.silences), within=6)
    assert both.ears.proofs == 0
    both.phone.report(compose(Report(both.phone.ssrc, None, ()), "x"))
    await both.ears.until(lambda ears: ears.proofs == 1)
    both.phone.say(words(1))
    await both.ears.until(lambda ears: ears.resumed == 1)

    assert both.ears.silences[0] == pytest.approx(3.1, abs=0.6)
    assert both.far_ears.silences == []
