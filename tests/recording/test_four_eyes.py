"""What an approval is good for, and what has become of it."""

from datetime import UTC, datetime, timedelta

import pytest

from recording.four_eyes import WAITS, fingerprint, state_at

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_it_is_good_for_exactly_what_was_asked() -> None:
    wanted = {"format": "zip", "search": {"queue": "sales", "agent_id": "li"}}
    same = {"search": {"agent_id": "li", "queue": "sales"}, "format": "zip"}

    assert fingerprint("export", wanted) == fingerprint("export", same)
    for action, about in (
        ("lift_hold", wanted),
        ("export", wanted | {"format": "csv"}),
        ("export", wanted | {"search": {"queue": "sales"}}),
        ("export", {}),
    ):
        assert fingerprint(action, about) != fingerprint("export", wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("approved", "used", "passed", "state"),
    [
        (None, None, timedelta(), "waiting"),
        (None, None, WAITS - timedelta(seconds=1), "waiting"),
        (None, None, WAITS, "expired"),
        (False, None, timedelta(), "refused"),
        (False, None, 2 * WAITS, "refused"),
        (True, None, timedelta(), "approved"),
        (True, None, HOUR - timedelta(seconds=1), "approved"),
        (True, None, HOUR, "expired"),
        (True, NINE, timedelta(), "used"),
        (True, NINE, 2 * WAITS, "used"),
    ],
)
def test_what_has_become_of_it(
    approved: bool | None, used: datetime | None, passed: timedelta, state: str
) -> None:
    until = NINE + HOUR if approved else None

    found = state_at(
        NINE + passed, asked_at=NINE, approved=approved, valid_until=until, used_at=used
    )

    assert found == state
