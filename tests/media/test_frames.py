import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.errors import BadFrame
from cti_server.media.frames import LONGEST, Frames, frame


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=8), st.data())
def test_frames_come_out_however_the_stream_is_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(frame(body) for body in bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    frames, found = Frames(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += frames.receive(stream[start:stop])

    assert found == bodies


def test_a_frame_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(BadFrame):
        Frames().receive((LONGEST + 1).to_bytes(4, "big"))
