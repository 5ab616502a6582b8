from pathlib import Path

import pytest

from recording.archive import unfinished
from recording.rejected import is_rejected, throw_away

from .captures import capture
from .test_archive_crashes import FailingDisk, PowerCut

STEPS = 5  # of a folder with two channels: a name, two files, the name, the folder


def test_nothing_is_left_of_what_is_thrown_away(tmp_path: Path) -> None:
    folder = capture(tmp_path)

    throw_away(folder, FailingDisk(STEPS))
    throw_away(folder)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("steps", range(1, STEPS))
def test_a_crash_at_any_step_leaves_what_is_thrown_away_all_the_same(
    tmp_path: Path, steps: int
) -> None:
    folder = capture(tmp_path)
    with pytest.raises(PowerCut):
        throw_away(folder, FailingDisk(steps))

    assert all(is_rejected(left) for left in unfinished(tmp_path))
    throw_away(folder)
    assert list(tmp_path.iterdir()) == []
