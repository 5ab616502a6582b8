"""Recorded conversations of which much is known, and asking for them as bytes."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from simulator.audio import tone
from tests.running_server import PASSWORD, Desktop

from .centre import Centre
from .centre import queue as usual_queue
from .people import Caller, passed
from .talking import CUSTOMER_HZ, LI_HZ, WANG_HZ, hears, speak, tries

QUEUES = [
    usual_queue("service", skills={"desk": 1}, record=True, survey="after_call", ring_for=20),
    usual_queue("second", skills={"second": 1}, record=True, ring_for=20),
]
NUMBERS: dict[str, Any] = {
    "3000": {"flow": "hotline.yaml"},
    "2001": {"queue": "second", "language": "en"},
}
SECOND = 16_000
"""Bytes of a second's sound, of both sides."""
HEAD = 58
"""Bytes of a WAV file before its sound."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the log says of a recording; ``ticket``: the number of the one that was opened."""

    id: str
    contact_id: str
    number: str
    sha256: str
    started_at: str
    duration: float
    ticket: str = ""

    @property
    def path(self) -> str:
        return f"/api/v1/recordings/{self.id}"


async def complained(hotline: Centre) -> Recorded:
    """A customer went through the menu and talked with li, who noted all there is, and rated it."""
    li, caller = hotline.agents["li"], hotline.caller()
    li.on_ring(speak(LI_HZ))
    await caller.dial("3000")
    await caller.call.hears(600)
    await caller.call.press("2")
    at_li = await li.rung()
    caller.call.say(tone(CUSTOMER_HZ))
    await hears(caller.call, LI_HZ)
    await hears(at_li, CUSTOMER_HZ)
    started = (await caller.happens("interaction.started")).data
    noted, _ = await tries(li.desk, caller, "notes", text="wants the invoice once more")
    assert noted == 204
    status, ticket = await li.desk.post(
        "/api/v1/tickets",
        type="complaint",
        subject="No invoice came",
        contact_id=caller.contact_id,
        form={"wish": "an invoice"},
    )
    assert status == 201, ticket
    await li.desk.put(
        f"/api/v1/interactions/{started['interaction_id']}/disposition", code="answered"
    )
    await passed(caller.call, 2)
    caller.call.say(None)
    at_li.hang_up()
    await caller.happens("survey.started")
    await caller.call.hears(700)
    await caller.call.press("5")
    await caller.over()
    return await _stored(caller, ticket["number"])


async def asked_briefly(hotline: Centre) -> Recorded:
    """A customer of the other queue talked with wang for a moment."""
    wang, caller = hotline.agents["wang"], hotline.caller()
    wang.on_ring(speak(WANG_HZ))
    await caller.dial("2001")
    at_wang = await wang.rung()
    caller.call.say(tone(CUSTOMER_HZ))
    await hears(at_wang, CUSTOMER_HZ)
    await passed(caller.call, 0.5)
    caller.call.hang_up()
    await caller.over()
    return await _stored(caller)


async def _stored(caller: Caller, ticket: str = "") -> Recorded:
    told = (await caller.happens("recording.stored")).data
    names = ("contact_id", "sha256", "started_at", "duration")
    known = {name: told[name] for name in names}
    return Recorded(id=told["recording_id"], number=caller.number, ticket=ticket, **known)


async def ask(
    desk: Desktop, method: str, path: str, body: dict[str, Any] | None = None, **headers: str
) -> tuple[int, bytes]:
    """Status and bytes, whatever they are."""
    headers |= {"Authorization": f"Bearer {desk.token}"}
    async with (
        aiohttp.ClientSession(desk.api, headers=headers) as session,
        session.request(method, path, json=body) as answer,
    ):
        return answer.status, await answer.read()


async def confirm(desk: Desktop, purpose: str) -> None:
    """Give the password once more."""
    path = "/api/v1/account/confirmations"
    status, answered = await desk.post(path, purpose=purpose, password=PASSWORD)
    assert status == 201, answered


async def found(desk: Desktop, **search: object) -> list[str]:
    """The ids of recordings that are meant, the latest first."""
    query = "&".join(f"{name}={value}" for name, value in search.items())
    page = await desk.get(f"/api/v1/recording-search?{query}")
    return [one["id"] for one in page["items"]]
