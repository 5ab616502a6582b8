"""Whose pages may talk to the server."""

import pytest
from aiohttp import WSServerHandshakeError

from .asking import asking, log_in
from .conftest import PASSWORD, Centre

STRANGE = ["https://evil.example", "null", "http://127.0.0.1:1", "", "https://crm.example.evil"]


@pytest.mark.parametrize("origin", STRANGE)
async def test_another_pages_log_in_and_changes_are_refused(centre: Centre, origin: str) -> None:
    body = {"agent_id": "li", "password": PASSWORD}
    headers = {"Origin": origin, "Authorization": f"Bearer {asking(centre, 'sun').token}"}

    answers = [
        await centre.client.post("/api/v1/sessions", json=body, headers=headers),
        await centre.client.patch("/api/v1/users/li", json={"version": 1}, headers=headers),
        await centre.client.delete("/api/v1/account/sessions", headers=headers),
    ]

    assert [answer.status for answer in answers] == [403] * 3
    assert (await answers[0].json())["type"] == "ForeignOrigin"


@pytest.mark.parametrize("origin", STRANGE)
async def test_another_pages_stream_is_refused_before_it_is_one(
    centre: Centre, origin: str
) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await centre.client.ws_connect("/api/v1/stream", origin=origin)

    assert refused.value.status == 403


async def test_our_own_page_a_named_one_and_programs_are_served(centre: Centre) -> None:
    own = str(centre.client.make_url("/")).rstrip("/")

    for origin in (own, own.replace("http://", "https://"), "https://crm.example", None):
        headers = {} if origin is None else {"Origin": origin}
        answer = await centre.client.post(
            "/api/v1/sessions", json={"agent_id": "li", "password": PASSWORD}, headers=headers
        )
        assert answer.status == 201, origin
        socket = await centre.client.ws_connect("/api/v1/stream", origin=origin)
        await socket.close()


async def test_a_password_in_the_name_field_of_a_foreign_page_counts_for_nobody(
    centre: Centre,
) -> None:
    for _ in range(10):
        await centre.client.post(
            "/api/v1/sessions",
            json={"agent_id": "li", "password": "wrong"},
            headers={"Origin": "https://evil.example"},
        )

    assert (await log_in(centre, "li", PASSWORD)).status == 201
