"""What a fax machine hears of RTP."""

import random

from cti_server.fax.hearing import HELD_BACK, Heard, Hearing, Lost, Silent

SSRC = 7


def packet(number: int, size: int = 160) -> tuple[int, int, int, bytes]:
    return SSRC, (65_530 + number) & 0xFFFF, number * size, bytes([number & 0xFF]) * size


def heard(hearing: Hearing, numbers: list[int]) -> list[Heard]:
    return [one for number in numbers for one in hearing.receive(*packet(number))]


def test_what_comes_in_order_is_heard_at_once() -> None:
    assert heard(Hearing(), [0, 1]) == [packet(0)[3], packet(1)[3]]


def test_what_is_overtaken_is_put_in_order_over_the_turn_of_the_numbers() -> None:
    chance = random.Random(1)
    order = sorted(range(1, 200), key=lambda number: number + chance.uniform(0, 1.9))
    found = heard(Hearing(), [0, *order])
    assert found == [packet(number)[3] for number in range(200)]


def test_a_copy_is_heard_once() -> None:
    assert heard(Hearing(), [0, 0, 1, 1, 0]) == [packet(0)[3], packet(1)[3]]


def test_what_is_lost_is_a_hole_of_its_length() -> None:
    hearing = Hearing()
    found = heard(hearing, [0, 3, 4, 5, 6])
    assert found == [packet(0)[3], Lost(320), *(packet(number)[3] for number in (3, 4, 5, 6))]
    assert hearing.lost == 2
    assert HELD_BACK == 4  # so many were there before it was given up


def test_silence_that_is_not_sent_is_no_loss() -> None:
    hearing = Hearing()
    hearing.receive(SSRC, 1, 0, bytes(160))
    assert hearing.receive(SSRC, 2, 800, bytes(160)) == [Silent(640), bytes(160)]
    assert hearing.lost == 0


def test_time_that_was_made_up_is_not_heard_twice() -> None:
    hearing = Hearing()
    hearing.receive(SSRC, 1, 0, bytes(160))
    assert hearing.pass_time(160) == Silent(160)
    assert hearing.pass_time(160) == Silent(160)
    assert hearing.receive(SSRC, 2, 800, bytes(160)) == [Silent(320), bytes(160)]


def test_another_stream_begins_anew() -> None:
    hearing = Hearing()
    hearing.receive(SSRC, 1, 0, bytes(160))
    assert hearing.receive(8, 40_000, 99, b"\1" * 160) == [b"\1" * 160]
    assert hearing.receive(8, 40_001, 259, b"\2" * 160) == [b"\2" * 160]
