"""Of which queues somebody may list, play and export recordings."""

import pytest

from config.recording import ProtectionSettings
from recording.access import Right, asks_again, reach

SALES, DESK = frozenset({"sales"}), frozenset({"desk"})


def test_of_whom_nothing_is_said_every_queue_is() -> None:
    assert reach(None, [], "play") is None
    assert reach(None, [None], "export") is None
    assert reach(None, [Right(listed=SALES), None], "list") is None


def test_what_is_not_listed_is_neither_played_nor_exported() -> None:
    right = Right(listed=SALES, played=SALES | DESK, exported=frozenset())

    assert reach(right, [], "list") == SALES
    assert reach(right, [], "play") == SALES
    assert reach(right, [], "export") == frozenset()
    assert reach(Right(listed=SALES), [], "play") == SALES
    assert reach(Right(played=DESK), [], "play") == DESK


def test_roles_add_up_and_what_is_said_of_the_user_counts_instead() -> None:
    roles = [Right(listed=SALES), Right(listed=DESK)]

    assert reach(None, roles, "list") == SALES | DESK
    assert reach(Right(), roles, "list") is None
    assert reach(Right(listed=frozenset()), roles, "list") == frozenset()


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({}, False),
        ({"confirm_play": True}, True),
        ({"confirm_play_roles": ("auditor",)}, True),
        ({"confirm_play_roles": ("supervisor",)}, False),
        ({"confirm_play_queues": ("sales",)}, True),
        ({"confirm_play_queues": ("desk",)}, False),
    ],
)
def test_the_password_is_asked_of_all_or_by_role_or_by_queue(
    said: dict[str, object], *, asked: bool
) -> None:
    protection = ProtectionSettings.model_validate(said)

    assert asks_again(protection, ["agent", "auditor"], "sales") is asked
