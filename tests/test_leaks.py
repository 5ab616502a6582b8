import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.leaks import leaks

PIN = "753190"
ID = f"5dd58841{PIN}437abda18d1e1388e5ee5d"[:32]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (PIN, [PIN]),
        (f"they typed {PIN}.", [f"they typed {PIN}."]),
        (f"8274{PIN}97508642", [f"8274{PIN}97508642"]),
        (f"x{PIN}y", [f"x{PIN}y"]),
        (int(PIN), [PIN]),
        ({"digits": [{"typed": ("1", PIN)}]}, [PIN]),
        ({PIN: 1}, [PIN]),
        ({"a": {PIN}, "b": [f"pin={PIN}"]}, [PIN, f"pin={PIN}"]),
        (f"2026-11-22T18:21:43.000000Z {PIN}", [f"2026-11-22T18:21:43.000000Z {PIN}"]),
        (f"2026-11-22 18:21:43.000000{PIN}", [f"2026-11-22 18:21:43.000000{PIN}"]),
        (f"sip:{PIN}@{ID}", [f"sip:{PIN}@{ID}"]),
        (json.dumps({"pin": PIN, "at": "2026-11-22T18:21:43Z"}).encode(), None),
        (ValueError(f"no account has {PIN}"), [f"no account has {PIN}"]),
    ],
)
def test_a_secret_is_found_wherever_it_stands(told: Any, found: list[str] | None) -> None:
    assert leaks(PIN, told) == (found or [told.decode()])


def test_a_secret_that_is_no_number_is_found_as_well() -> None:
    assert leaks("密码", [{"said": "我忘了密码"}, "密 码".encode()]) == ["我忘了密码"]
    assert leaks("密码", "说:密码".encode()) == ["说:密码"]


@pytest.mark.parametrize(
    "told",
    [
        f"2026-11-22T18:21:43.{PIN}Z",
        datetime(2026, 11, 22, 18, 21, 43, int(PIN), UTC),
        {"contact_id": ID, "file": f"2026/11/22/{ID}.wav"},
        hashlib.sha256(b"").hexdigest()[:20] + PIN + hashlib.sha256(b"").hexdigest()[26:],
        str(uuid.UUID(ID)),
        {"port": 1 + int(PIN) * 10, "seconds": 43.753190, "bytes": int(f"1{PIN}")},
        [True, None, b"753 190", "75319"],
    ],
)
def test_a_moment_an_id_or_another_number_that_has_its_digits_is_none(told: Any) -> None:
    assert leaks(PIN, told) == []


def test_digits_that_are_found_everywhere_are_not_looked_for() -> None:
    with pytest.raises(ValueError, match="everywhere"):
        leaks("7531", "")
