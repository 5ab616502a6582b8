"""A recording is heard by a URL alone: in ranges, for a session, a recording and some minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from cti_server.api.audio_tickets import HOLDS, MOST, AudioTickets
from cti_server.api.errors import NotLoggedIn
from cti_server.api.permissions import Identity
from cti_server.wire.events import RecordingPlayed

from .asking import asking
from .conftest import Centre
from .test_opus_recordings import file

__all__ = ["file"]

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WAY = "recordings/r1/audio-tickets"


def test_a_ticket_is_of_one_recording_and_holds_some_minutes_and_no_longer_than_its_session() -> (
    None
):
    tickets, hour = AudioTickets(), NOW + timedelta(hours=1)
    who = Identity("qian", ("auditor",), "t1", NOW, hour)
    secret, until = tickets.issue(who, "r1", NOW)

    assert tickets.need(secret, "r1", until - timedelta(seconds=1)).who == who
    for recording_id, at in (("r2", NOW), ("r1", until)):
        with pytest.raises(NotLoggedIn):
            tickets.need(secret, recording_id, at)
    assert until == NOW + HOLDS
    first, _ = tickets.issue(who, "r1", NOW)
    for _ in range(MOST):
        last, _ = tickets.issue(who, "r1", NOW)
    with pytest.raises(NotLoggedIn):
        tickets.need(first, "r1", NOW)
    assert tickets.need(last, "r1", NOW).recording_id == "r1"
    assert tickets.issue(who, "r1", hour - timedelta(seconds=5))[1] == hour


async def test_a_player_hears_it_in_ranges_without_a_token_until_the_session_is_closed(
    centre: Centre, file: bytes
) -> None:
    token = await centre.headers("qian")
    issued = await centre.client.post(f"/api/v1/{WAY}", headers=token)
    url = (await issued.json())["url"]
    not_theirs = await asking(centre, "li")("POST", WAY)

    first = await centre.client.get(url, headers={"Range": "bytes=0-99"})
    second = await centre.client.get(url, headers={"Range": "bytes=100-"})
    heard = await first.read() + await second.read()
    forged = await centre.client.get(url[:-4] + "AAAA")
    of_another = await centre.client.get(url.replace("r1", "r2"))
    await centre.client.delete("/api/v1/sessions/current", headers=token)
    closed = await centre.client.get(url)

    assert (issued.status, not_theirs.status) == (201, 403)
    assert (first.status, second.status) == (206, 206)
    assert heard == file
    assert (forged.status, of_another.status, closed.status) == (401, 401, 401)
    told = [one.event for one in await centre.parts.log.since(0, 1000)]
    assert len([one for one in told if isinstance(one, RecordingPlayed)]) == 1
