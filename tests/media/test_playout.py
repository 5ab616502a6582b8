from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.playout import Playout


def all_of(playout: Playout) -> list[bytes]:
    packets = []
    while (packet := playout.next()) is not None:
        packets.append(packet)
    return packets


@settings(deadline=None)
@given(st.lists(st.binary(max_size=500), max_size=5))
def test_files_join_without_a_gap_and_end_in_silence(files: list[bytes]) -> None:
    packets = all_of(Playout(files, repeat=False, silence=0xFF))
    whole = b"".join(files)

    assert {len(packet) for packet in packets} <= {160}
    assert b"".join(packets) == whole + b"\xff" * (-len(whole) % 160)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4))
def test_music_starts_over_without_a_gap(files: list[bytes]) -> None:
    playout = Playout(files, repeat=True, silence=0xD5)
    heard = b"".join(playout.next() or b"" for _ in range(20))
    whole = b"".join(files)

    assert heard == (whole * (3200 // len(whole) + 1))[:3200]


def test_nothing_repeated_is_nothing() -> None:
    assert all_of(Playout([], repeat=True, silence=0xFF)) == []
    assert all_of(Playout([b"", b""], repeat=True, silence=0xFF)) == []
