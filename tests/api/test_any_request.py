"""
Whatever a client sends, nobody gets a 500, nor hears that the database is away: Schemathesis asks
every operation of the OpenAPI page, on both databases.

What it sends follows from the page, so a new route is asked without a word here. What one request
has made, later ones are about: half of them name the id of the last thing that was made there.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.control import SkipTest

from cti_server.api import openapi
from cti_server.api.server import ROUTES
from tests.fakes.databases import postgres, postgres_url
from tests.sizes import LONG

from .asking import asking
from .conftest import Centre, opened

__all__ = ["postgres", "postgres_url"]

ROLES = {"sun": [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], "li": [GenerationMode.POSITIVE]}
"""What requests each sends of every operation: such as the page allows, and others."""

if not LONG:  # what the page allows is asked on PostgreSQL then
    ROLES = {"sun": [GenerationMode.NEGATIVE]}


@schemathesis.serializer("text/csv", "application/octet-stream", "audio/wav")
def as_it_is(ctx: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@dataclass
class Client:
    """Sends what Schemathesis thinks of; every request has a session of its own."""

    url: str
    token: Callable[[], str]
    asked: int = 0
    wrongly: int = 0
    about_something: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    _made: dict[str, str] = field(default_factory=dict)  # the last id of each collection's path

    def ask(self, case: Any) -> None:
        if self.asked % 2:
            self._name_what_was_made(case)
        answer = case.call(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.token()}"},
            allow_redirects=False,
            timeout=30,
        )
        self.asked += 1
        self.wrongly += case.meta.generation.mode.is_negative
        self.statuses[answer.status_code] += 1
        if answer.status_code == 500 or b"DatabaseUnavailable" in answer.content:
            self.failed.append(case.as_curl_command())
        if answer.status_code == 201 and answer.content:
            made = answer.json()
            if isinstance(made, dict) and isinstance(made.get("id"), str):
                self._made[case.operation.path] = made["id"]

    def _name_what_was_made(self, case: Any) -> None:
        for name in case.path_parameters or {}:
            collection = case.operation.path.partition(f"/{{{name}}}")[0]
            if collection in self._made:
                case.path_parameters[name] = self._made[collection]
                self.about_something += 1


def ask_everything(client: Client, modes: list[GenerationMode]) -> None:
    page = openapi.page(ROUTES, "test")
    for operations in page["paths"].values():
        for described in operations.values():
            described.pop("security", None)  # or it would leave the token out, every other time
    schema = schemathesis.openapi.from_dict(page)
    for mode in modes:
        # Told so, it gives up at once where there is no such request, not after a hundred tries.
        schema.config.generation.update(modes=[mode])
        for result in schema.get_all_operations():
            operation: Any = result.ok()  # type: ignore[union-attr]
            quick: Any = settings(
                max_examples=1,
                derandomize=True,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            try:
                data = operation.as_strategy(generation_mode=mode)
                quick(given(data)(client.ask))()  # type: ignore[no-untyped-call]
            except (Unsatisfiable, SkipTest):
                continue  # there is no wrong way to ask for this


@pytest.mark.parametrize("agent_id", ROLES)
async def test_no_request_that_the_page_allows_or_forbids_makes_the_server_fail(
    centre: Centre, agent_id: str
) -> None:
    client = await asked(centre, agent_id, ROLES[agent_id])

    assert client.failed == []
    if GenerationMode.POSITIVE in ROLES[agent_id]:
        assert client.statuses[200] > 10
        assert client.about_something > 5
    if GenerationMode.NEGATIVE in ROLES[agent_id]:
        assert client.wrongly >= 200


async def test_nor_does_it_on_postgresql_which_cannot_keep_every_text_and_number(
    tmp_path: Path, postgres_url: str
) -> None:
    async with opened(tmp_path, database_url=postgres_url) as centre:
        client = await asked(centre, "sun", [GenerationMode.POSITIVE])

    assert client.failed == []
    assert client.statuses[200] > 10
    assert client.about_something > 5


async def asked(centre: Centre, agent_id: str, modes: list[GenerationMode]) -> Client:
    """What came of asking everything, as this agent."""
    url = str(centre.client.make_url("")).rstrip("/")
    client = Client(url, lambda: asking(centre, agent_id).token)
    await asyncio.to_thread(ask_everything, client, modes)
    return client
