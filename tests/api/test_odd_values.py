"""What no database can keep is refused in one place, before anybody looks at it."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.api.paging import cursor
from cti_server.wire.storable import fault_of
from tests.fakes.databases import database_url, postgres, postgres_url
from tests.sizes import examples

from .asking import Answer, asking
from .conftest import Centre, opened

__all__ = ["database_url", "postgres", "postgres_url"]

HALF = "\ud83d"
KEPT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=examples(50), deadline=None)
@given(KEPT)
def test_whatever_json_can_say_in_characters_and_64_bits_is_kept(value: Any) -> None:
    assert fault_of(value, "body") is None
    assert msgspec.json.encode(value)  # raises for what cannot be said


@pytest.mark.parametrize(
    "value",
    ["a\0", HALF, 2**63, -(2**63) - 1, float("nan"), float("-inf"), datetime(2026, 1, 1)],  # noqa: DTZ001
)
def test_one_value_that_cannot_be_kept_is_found_wherever_it_is(value: Any) -> None:
    assert str(fault_of(value, "body")).startswith("body: has ")
    assert str(fault_of({"a": [1, {"b": (value,)}]}, "body")).startswith("body.a.b: has ")
    if isinstance(value, str):
        assert str(fault_of({"a": {value: 1}}, "")).startswith("a: has ")


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, database_url=database_url) as centre:
        yield centre


async def test_odd_values_get_the_same_refusal_on_both_databases(either: Centre) -> None:
    sun = asking(either, "sun")
    places = [("x" * 4000,), (2**80,), (2**80, "a", "b"), ("a\0",), ("2026-11-22T09:00:00", "a")]
    refused = [
        await sun("GET", "contacts", queue="a\0b"),
        await sun("GET", "customer-search", q="\0"),
        *[
            await sun("GET", path, after=cursor(*place))
            for path in ("users", "webhooks", "customers", "orders")
            for place in places
        ],
        *[
            await sent(either, sun.token, text)
            for text in (
                '{"name": "a\\u0000b"}',
                '{"name": "\\ud83d"}',
                '{"name": "Li", "attributes": {"\\u0000": 1}}',
                '{"name": "Li", "attributes": {"points": 1180591620717411303424}}',
                '{"name": "Li", "attributes": {"points": NaN}}',
                '{"name": "Li", "attributes": {"points": 1e999}}',
            )
        ],
    ]
    nowhere = [await sun("GET", f"customers/a%00b{end}") for end in ("", "/timeline")]
    taken = await sent(either, sun.token, '{"name": "\\ud83d\\ude00 \U0001f600"}')

    assert [(each.status, each.body) for each in refused if each.status != 422] == []
    assert {answer.status for answer in nowhere} == {404}
    assert (taken.status, taken.body["name"]) == (201, "\U0001f600 \U0001f600")


async def sent(centre: Centre, token: str, body: str) -> Answer:
    answer = await centre.client.post(
        "/api/v1/customers",
        data=body.encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    return Answer(answer.status, await answer.json(), answer.headers)
