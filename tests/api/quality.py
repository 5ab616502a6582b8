"""Recorded calls that are reviewed, and who takes each step, for tests of quality management."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cti_server import shipped_quality
from cti_server.wire.events import Event
from tests.crm.quality.cards import DEFINITION, GOOD
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, asking
from .conftest import Centre, opened
from .test_rest import CALL, log_all

__all__ = ["database_url", "postgres", "postgres_url"]

LABELS = {"zh": "每周", "en": "weekly"}


@pytest.fixture
async def centre(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, database_url=database_url) as it:
        await shipped_quality.load(it.parts.changes, it.parts.clock.now())
        made = await asking(it, "zhao")(
            "POST",
            "quality/scorecards",
            {"id": "card", "labels": {"zh": "表", "en": "Card"}, "definition": DEFINITION},
        )
        assert made.status == 201, made.body
        yield it


def call(number: int, agent: str = "li", *, at: Any = None, **stored: Any) -> list[Event]:
    """A recorded one of this agent's."""
    ids = {"c1": f"c{number}", "k1": f"k{number}", "i1": f"i{number}", "r1": f"r{number}"}
    events = []
    for event in CALL:
        names = {
            name: ids.get(getattr(event, name), getattr(event, name))
            for name in ("call_id", "contact_id", "interaction_id", "recording_id")
            if hasattr(event, name)
        }
        if hasattr(event, "agent_id"):
            names["agent_id"] = agent
        events.append(msgspec.structs.replace(event, **names))
    more = {} if at is None else {"started_at": at}
    events[-1] = msgspec.structs.replace(events[-1], **more, **stored)
    return events


async def recorded(centre: Centre, *numbers: int, agent: str = "li", **stored: Any) -> None:
    stored = {"at": centre.parts.clock.now()} | stored
    for number in numbers:
        await log_all(centre, call(number, agent, **stored))


class Reviewed:
    """One review, and those who take its steps, each by the version that it is at."""

    def __init__(self, centre: Centre, body: Mapping[str, Any]) -> None:
        self.centre = centre
        self.body = body

    @property
    def path(self) -> str:
        return f"quality/reviews/{self.body['id']}"

    async def take(self, who: str, step: str, **body: Any) -> Answer:
        version = {"version": self.body["version"]}
        method = "PUT" if step == "answers" else "POST"
        answer = await asking(self.centre, who)(method, f"{self.path}/{step}", version | body)
        if answer.status == 200:
            self.body = answer.body
        return answer

    async def seen_by(self, who: str) -> int:
        return (await asking(self.centre, who)("GET", self.path)).status

    async def submitted(self, by: str = "zhao", **answers: Any) -> "Reviewed":
        assert (await self.take(by, "answers", answers=given(**answers))).status == 200
        assert (await self.take(by, "submit")).status == 200
        return self


def given(errors: Mapping[str, str] | None = None, **changed: Any) -> list[dict[str, Any]]:
    errors = errors or {}
    return [
        {"question": name, "value": value} | ({"error": errors[name]} if name in errors else {})
        for name, value in (GOOD | changed).items()
    ]


async def review_of(centre: Centre, recording: str = "r1", by: str = "zhao") -> Reviewed:
    made = await asking(centre, by)(
        "POST", "quality/reviews", {"recording_id": recording, "scorecard_id": "card"}
    )
    assert made.status == 201, made.body
    return Reviewed(centre, made.body)
