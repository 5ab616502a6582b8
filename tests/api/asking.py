"""What tests of access ask the API, and as whom."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cti_server.api.tokens import Opened

from .conftest import Centre


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def kind(self) -> str | None:
        """The problem's, if it is one."""
        return self.body.get("type") if isinstance(self.body, dict) else None


class Asking:
    """Somebody who asks the API with one token."""

    def __init__(self, centre: Centre, token: str, id: str = "") -> None:
        self._centre = centre
        self.token = token
        self.id = id

    async def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self._centre.client.request(
            method, f"/api/v1/{path}", json=body, headers=headers, params=query
        )
        text = await answer.text()
        read = await answer.json(content_type=None) if text else None
        return Answer(answer.status, read, answer.headers)


async def log_in(centre: Centre, agent_id: str, password: str, **more: str) -> Answer:
    answer = await centre.client.post(
        "/api/v1/sessions", json={"agent_id": agent_id, "password": password, **more}
    )
    return Answer(answer.status, await answer.json(), answer.headers)


def asking(centre: Centre, agent_id: str) -> Asking:
    """With a session that was opened without a log-in."""
    opened: Opened = centre.parts.sessions.open(agent_id, centre.parts.clock.now())
    return Asking(centre, opened.token, opened.id)


def written_in(folder: Path) -> bytes:
    """Everything that the server has written there."""
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


async def told(centre: Centre, **wanted: str) -> list[tuple[str, str, str, str]]:
    """The audit trail, oldest first: who did what to which record, but for its own readings."""
    await centre.parts.log.stored()
    answer = await asking(centre, "qian")("GET", "audit", **wanted)
    assert answer.status == 200, answer.body
    return [
        (each["actor"], each["action"], each["record"], each["record_id"])
        for each in reversed(answer.body["items"])
        if each["record"] != "audit"
    ]
