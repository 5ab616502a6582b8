import pytest

from cti_server.media.latch import Address, Latch, Verdict

PHONE: Address = ("192.0.2.1", 4000)
NAT: Address = ("198.51.100.7", 61_000)
STRANGER: Address = ("203.0.113.9", 5)

LEARNED, HEARD, REFUSED = Verdict.LEARNED, Verdict.HEARD, Verdict.REFUSED


def latch(host: str | None = PHONE[0]) -> Latch:
    latch = Latch()
    latch.expect(host, PHONE[1], 0.0)
    return latch


def spoken(
    latch: Latch, source: Address, start: float = 0.0, *, count: int = 5, first: int = 65_533
) -> list[Verdict]:
    """What becomes of a stream of 20 ms packets; its sequence wraps."""
    return [latch.receive(source, (first + n) & 0xFFFF, 7, start + 0.02 * n) for n in range(count)]


@pytest.mark.parametrize("port", [PHONE[1], 61_000], ids=["its port", "a symmetric NAT's port"])
def test_the_host_of_the_sdp_is_learned_at_its_first_packet_and_for_good(port: int) -> None:
    leg = latch()

    assert spoken(leg, (PHONE[0], port), count=2) == [LEARNED, HEARD]
    assert leg.settled(0.02)
    assert spoken(leg, STRANGER, 0.1, count=50) == [REFUSED] * 50
    assert spoken(leg, (PHONE[0], port + 2), 2.0) == [REFUSED] * 5


@pytest.mark.parametrize("host", [PHONE[0], None], ids=["private", "a name"])
@pytest.mark.parametrize("start", [0.0, 1234.567, 98_765.4321])
def test_a_phone_that_sends_from_another_host_is_learned_within_100_ms(
    host: str | None, start: float
) -> None:
    leg = latch(host)

    assert spoken(leg, NAT, start) == [REFUSED] * 4 + [LEARNED]
    assert leg.address == NAT
    assert spoken(leg, NAT, start + 0.1, first=65_538) == [HEARD] * 5


def test_a_burst_proves_nothing_before_80_ms() -> None:
    leg = latch()

    assert [leg.receive(NAT, n, 7, 0.01 * n) for n in range(9)] == [REFUSED] * 8 + [LEARNED]


@pytest.mark.parametrize(
    "packets",
    [
        [(1, 7), (2, 7), (3, 7), (5, 7), (6, 7), (7, 7), (8, 7)],
        [(1, 7), (2, 7), (3, 7), (4, 7), (5, 8), (6, 8), (7, 8), (8, 8)],
        [(1, 7)] * 20,
    ],
    ids=["a gap", "another SSRC", "the same packet"],
)
def test_what_is_not_one_stream_in_sequence_proves_nothing(packets: list[tuple[int, int]]) -> None:
    leg = latch()
    verdicts = [leg.receive(STRANGER, *packet, 0.02 * n) for n, packet in enumerate(packets)]

    assert set(verdicts) == {REFUSED}
    assert leg.address is None


def test_a_phone_that_speaks_before_a_strangers_proof_is_complete_has_the_leg() -> None:
    leg = latch()
    spoken(leg, STRANGER, count=4)

    assert spoken(leg, PHONE, 0.07, count=1) == [LEARNED]
    assert leg.receive(STRANGER, 65_537 & 0xFFFF, 7, 0.08) is REFUSED
    assert leg.address == PHONE


@pytest.mark.parametrize("port", [PHONE[1], 61_000])
def test_the_sdps_host_takes_the_leg_back_from_a_stranger_in_the_first_5_seconds(port: int) -> None:
    leg = latch()
    assert spoken(leg, STRANGER)[-1] is LEARNED
    assert not leg.settled(5.07)

    assert leg.receive((PHONE[0], port), 9, 9, 5.07) is LEARNED
    assert leg.settled(5.07)
    assert spoken(leg, STRANGER, 5.1, count=100) == [REFUSED] * 100
    assert leg.address == (PHONE[0], port)


def test_after_5_seconds_of_probation_the_source_stays_as_it_is() -> None:
    leg = latch()
    spoken(leg, NAT)

    assert leg.settled(5.08)
    assert spoken(leg, PHONE, 5.08) == [REFUSED] * 5
    assert leg.address == NAT


def test_of_two_strangers_who_race_the_first_with_a_whole_proof_is_learned() -> None:
    leg = latch()
    for number in range(4):
        assert leg.receive(STRANGER, 100 + 2 * number, 1, 0.02 * number) is REFUSED  # never in row
        assert leg.receive(NAT, 500 + number, 2, 0.02 * number + 0.001) is REFUSED
    assert leg.receive(STRANGER, 108, 1, 0.08) is REFUSED

    assert leg.receive(NAT, 504, 2, 0.081) is LEARNED
    assert spoken(leg, STRANGER, 0.1, count=20) == [REFUSED] * 20


def test_a_flood_of_made_up_senders_keeps_no_phone_out() -> None:
    leg = latch()
    verdicts = []
    for number in range(5):
        verdicts.append(leg.receive(NAT, number, 7, 0.02 * number))
        for port in range(20):
            source = ("203.0.113.9", 1024 + 20 * number + port)
            assert leg.receive(source, port, 1, 0.02 * number + 0.0009 * port) is REFUSED

    assert verdicts == [REFUSED] * 4 + [LEARNED]


def test_a_new_sdp_begins_anew_and_shuns_the_old_source_for_a_second() -> None:
    leg = latch()
    spoken(leg, PHONE)
    leg.expect("192.0.2.50", 4000, 10.0)

    assert leg.address is None
    assert spoken(leg, PHONE, 10.0, count=20) == [REFUSED] * 20
    assert spoken(leg, ("192.0.2.50", 4000), 10.5, count=1) == [LEARNED]


def test_a_new_sdp_that_says_where_the_phone_was_found_shuns_nobody() -> None:
    leg = latch()
    spoken(leg, NAT)
    leg.expect(*NAT, 1.0)

    assert leg.receive(NAT, 9, 9, 1.01) is LEARNED
    assert leg.settled(1.01)
