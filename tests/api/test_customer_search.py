from http import HTTPStatus

import pytest

from .conftest import Centre


async def create(centre: Centre, agent_id: str, name: str, number: str) -> str:
    answer = await centre.client.post(
        "/api/v1/customers",
        json={"name": name, "numbers": [{"number": number}]},
        headers=await centre.headers(agent_id),
    )
    assert answer.status == HTTPStatus.CREATED, await answer.text()
    return str((await answer.json())["id"])


async def found(centre: Centre, agent_id: str, text: str) -> list[str]:
    answer = await centre.client.get(
        "/api/v1/customer-search", params={"q": text}, headers=await centre.headers(agent_id)
    )
    assert answer.status == HTTPStatus.OK, await answer.text()
    return [customer["id"] for customer in (await answer.json())["items"]]


async def test_who_was_made_edited_and_merged_over_rest_is_found_as_they_are_now(
    centre: Centre,
) -> None:
    one = await create(centre, "zhao", "王小明", "13800138000")
    other = await create(centre, "zhao", "李雷", "13900139000")
    headers = await centre.headers("zhao")
    assert await found(centre, "li", "wxm") == [one]

    edited = await centre.client.patch(
        f"/api/v1/customers/{one}", json={"version": 1, "name": "赵云"}, headers=headers
    )
    assert (await found(centre, "li", "wxm"), await found(centre, "li", "zhaoyun")) == ([], [one])

    merged = await centre.client.post(
        f"/api/v1/customers/{one}/merge",
        json={
            "merged_id": other,
            "version": (await edited.json())["version"],
            "merged_version": 1,
        },
        headers=headers,
    )
    assert merged.status == HTTPStatus.OK, await merged.text()
    assert await found(centre, "li", "13900139000") == [one]
    assert await found(centre, "li", "lilei") == []


async def test_a_team_does_not_find_the_customers_of_another(centre: Centre) -> None:
    await create(centre, "chen", "王小明", "13800138000")  # the north's

    assert await found(centre, "lin", "王小明") == []
    assert len(await found(centre, "huang", "王小明")) == 1
    assert len(await found(centre, "li", "王小明")) == 1


async def test_what_is_found_is_masked(centre: Centre) -> None:
    await create(centre, "zhao", "王小明", "13800138000")

    answer = await centre.client.get(
        "/api/v1/customer-search", params={"q": "8000"}, headers=await centre.headers("li")
    )
    [customer] = (await answer.json())["items"]

    assert [number["number"] for number in customer["numbers"]] == ["**********8000"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 201])
async def test_a_search_for_nothing_or_for_a_novel_is_refused(centre: Centre, text: str) -> None:
    answer = await centre.client.get(
        "/api/v1/customer-search", params={"q": text}, headers=await centre.headers("li")
    )

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
