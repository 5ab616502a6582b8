"""What a client is told of a fault that nobody foresaw."""

import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from cti_server.api.origins import only_from
from cti_server.api.problems import problems

PART = b"x" * 100


async def broken(request: web.Request) -> web.Response:
    raise KeyError("the password of li")


async def broken_midway(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(PART)
    raise KeyError("the password of li")


def served() -> TestClient[web.Request, web.Application]:
    app = web.Application(middlewares=[problems, only_from([])])
    app.router.add_get("/broken", broken)
    app.router.add_get("/broken/{ticket}", broken)
    app.router.add_get("/broken-midway", broken_midway)
    return TestClient(TestServer(app))


async def test_a_fault_of_ours_is_a_problem_document_that_tells_nothing_of_the_inside() -> None:
    async with served() as client:
        answer = await client.get("/broken")
        told = await answer.json(content_type="application/problem+json")

    assert (answer.status, told["type"], told["status"]) == (500, "ServerFault", 500)
    assert "li" not in told["detail"]
    assert "KeyError" not in told["detail"]


async def test_an_answer_that_breaks_off_is_not_continued_by_a_problem() -> None:
    async with served() as client:
        answer = await client.get("/broken-midway")
        got = await answer.content.readexactly(len(PART))
        with pytest.raises(ClientPayloadError):  # it ended before the 1000 bytes that were promised
            await answer.content.readany()

    assert (answer.status, got) == (200, PART)


async def test_the_log_names_the_route_and_nothing_of_a_path_that_is_a_secret() -> None:
    async with served() as client:
        with capture_logs() as told:
            await client.get("/broken/s3cret")
            for path in ("/broken/s3cret", "/nowhere/s3cret"):
                await client.post(path, headers={"Origin": "https://evil.example"})

    assert [(one["event"], one["path"]) for one in told] == [
        ("api.failed", "/broken/{ticket}"),
        ("api.origin_refused", ""),
        ("api.origin_refused", ""),
    ]
    assert "s3cret" not in str(told)
