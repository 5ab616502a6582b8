"""A POST with an idempotency key is done once, whatever its caller's network does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cti_server.store.customers import Customer
from cti_server.store.idempotent_requests import KEPT, ExpiredRequests, IdempotentRequest

from .asking import Answer, asking
from .conftest import Centre


async def post(
    centre: Centre, key: str, body: Any, *, agent_id: str = "zhao", path: str = "customers"
) -> Answer:
    headers = {
        "Authorization": f"Bearer {asking(centre, agent_id).token}",
        "Idempotency-Key": key,
    }
    answer = await centre.client.post(f"/api/v1/{path}", json=body, headers=headers)
    return Answer(answer.status, await answer.json(content_type=None), answer.headers)


async def customers(centre: Centre) -> int:
    async with centre.parts.database.readers() as session:
        return await session.scalar(select(func.count()).select_from(Customer)) or 0


async def test_the_same_request_again_is_answered_as_the_first_was_and_done_once(
    centre: Centre,
) -> None:
    first = await post(centre, '"8e03978e-40d5"', {"name": "Li Na"})
    again = await post(centre, "8e03978e-40d5", {"name": "Li Na"})

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await customers(centre) == 1


async def test_another_request_with_the_same_key_is_refused(centre: Centre) -> None:
    await post(centre, "k", {"name": "Li Na"})

    other = await post(centre, "k", {"name": "Wang Wei"})
    elsewhere = await post(centre, "k", {"name": "Li Na"}, path="tickets")

    assert (other.status, other.kind) == (422, "KeyReused")
    assert (elsewhere.status, elsewhere.kind) == (422, "KeyReused")
    assert await customers(centre) == 1


async def test_a_key_is_its_callers_own(centre: Centre) -> None:
    await post(centre, "k", {"name": "Li Na"})

    other = await post(centre, "k", {"name": "Wang Wei"}, agent_id="sun")

    assert (other.status, other.body["name"]) == (201, "Wang Wei")


async def test_of_twenty_at_once_one_is_done_and_the_others_wait_or_get_its_answer(
    centre: Centre,
) -> None:
    answers = await asyncio.gather(*(post(centre, "k", {"name": "Li Na"}) for _ in range(20)))

    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    assert {a.headers["Retry-After"] for a in answers if a.status == 409} <= {"1"}
    assert await customers(centre) == 1


async def test_what_was_refused_may_be_tried_again_with_the_same_key(centre: Centre) -> None:
    refused = await post(centre, "k", {"name": ""})
    corrected = await post(centre, "k", {"name": "Li Na"})

    assert (refused.status, corrected.status) == (422, 201)


async def test_a_request_that_a_crash_cut_is_not_done_a_second_time(centre: Centre) -> None:
    await post(centre, "k", {"name": "Li Na"})
    async with centre.parts.database.sessions.begin() as session:
        await session.execute(update(IdempotentRequest).values(answer=None))

    again = await post(centre, "k", {"name": "Li Na"})

    assert (again.status, again.kind) == (409, "NotAnsweredYet")
    assert await customers(centre) == 1


async def test_after_a_day_key_and_answer_are_forgotten(centre: Centre) -> None:
    await post(centre, "k", {"name": "Li Na"})
    work, now = ExpiredRequests(centre.parts.database), centre.parts.clock.now()

    due = await work.earliest()
    await work.do(now)
    early = await post(centre, "k", {"name": "Wang Wei"})
    await work.do(now + KEPT + timedelta(minutes=1))
    late = await post(centre, "k", {"name": "Wang Wei"})

    assert due is not None
    assert abs(due - now - KEPT) < timedelta(minutes=1)
    assert (early.status, late.status) == (422, 201)


async def test_a_secret_that_was_shown_once_is_not_in_the_database_in_the_clear(
    centre: Centre,
) -> None:
    key = {
        "name": "warehouse",
        "scopes": ["customers.read"],
        "expires_at": (centre.parts.clock.now() + timedelta(days=30)).isoformat(),
    }
    first = await post(centre, "k", key, agent_id="sun", path="api-keys")
    again = await post(centre, "k", key, agent_id="sun", path="api-keys")

    assert again.body["key"] == first.body["key"]
    async with centre.parts.database.readers() as session:
        kept = await session.scalar(select(IdempotentRequest.answer))
    assert kept is not None
    assert first.body["key"].split("_", 2)[2] not in kept


@pytest.mark.parametrize("key", ["", "x" * 256, "Schlüssel", "a b"])
async def test_a_key_that_is_none_is_refused(centre: Centre, key: str) -> None:
    answer = await post(centre, key, {"name": "Li Na"})

    assert answer.status == 422
    assert await customers(centre) == 0
