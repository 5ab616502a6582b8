"""Other PBXs send their calls here to be recorded (SIPREC), and what may go wrong with that."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cti_server.sip.message import Response
from cti_server.sip.sdp import Sdp
from tests.recording_client import (
    METADATA,
    MIXED,
    WITHIN,
    Speaker,
    body,
    captured,
    heard_in,
    offer,
    sides,
    until,
)

from . import possessions
from .centre import Centre, centre
from .next_life import bury, risen
from .raw_sip import RawPhone

SIPREC: dict[str, Any] = {
    "clients": [{"name": "branch", "addresses": ["127.0.0.1"], "agents": ["10"]}]
}
MEDIA: dict[str, Any] = {"workers": 1, "ports": [30000, 32999]}
REPORTS = ("queues", "calls", "trunks", "numbers", "menu-paths", "channels", "dispositions")

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><recording>&i;</recording>"
)


class Branch:
    """A recording session by hand: an agent in the first stream, a customer in the second."""

    def __init__(self, it: Centre, phone: RawPhone) -> None:
        self._it = it
        self.phone = phone
        self.agent, self.customer = Speaker(1), Speaker(2)
        self._invite = ""
        self._answer: Response | None = None

    def invitation(self, metadata: str = METADATA) -> str:
        described = body(offer(self.agent.port, self.customer.port), metadata)
        made = self.phone.request(
            "INVITE", "src", "archive", headers="Require: siprec\r\n", body=described
        )
        return made.replace("Content-Type: application/sdp", f"Content-Type: {MIXED}", 1)

    async def begin(self) -> None:
        self._invite = self.invitation()
        self.phone.send(self._invite)
        answer = self._answer = await self.phone.response("INVITE", within=WITHIN)
        assert answer.status == 200, answer.reason
        self.phone.acknowledge(self._invite, answer)
        streams = Sdp.parse(answer.body).media
        for speaker, stream in zip((self.agent, self.customer), streams, strict=True):
            speaker.speak(stream.port)
        self.worker = possessions.worker_at(self._it.control_pid, streams[0].port)

    async def is_captured(self) -> None:
        """Wait until two seconds of both are on the disk."""
        data = self._it.server.data

        def written() -> bool:
            left, right = captured(data)
            return all(
                len(each.said) > 100 and each.said[100].sound in side
                for each, side in ((self.agent, right), (self.customer, left))
            )

        await until(written)

    async def running(self) -> dict[str, Any]:
        """Its recording, while it goes on."""
        [row] = await self._it.chief.when("/api/v1/recordings?state=running", bool, WITHIN)
        return dict(row)

    async def end(self) -> None:
        assert self._answer is not None
        await self.silence()
        self.phone.send(self.phone.bye(self._invite, self._answer))
        assert (await self.phone.response("BYE", within=WITHIN)).status == 200

    async def silence(self) -> None:
        await self.agent.stop()
        await self.customer.stop()


@asynccontextmanager
async def branch(it: Centre, host: str = "127.0.0.1") -> AsyncIterator[Branch]:
    async with RawPhone(it.server.sip_port, host=host) as phone:
        pbx = Branch(it, phone)
        try:
            yield pbx
        finally:
            await pbx.silence()


async def stored(it: Centre, recording_id: str) -> tuple[dict[str, Any], bytes, bytes]:
    """The row, and both sides of the sound."""
    path = f"/api/v1/recordings/{recording_id}"
    row = await it.chief.when(path, lambda found: found["state"] == "stored", WITHIN)
    return (row, *sides(await it.chief.get_bytes(row["audio"])))


def is_there_from_the_beginning(side: bytes, speaker: Speaker) -> None:
    """For more than two seconds, without a hole."""
    heard = heard_in(side, speaker.said)
    assert heard == list(range(len(heard)))
    assert len(heard) > 100


async def counted(it: Centre) -> dict[str, Any]:
    """What reports and live figures say of calls."""
    reports = {name: (await it.chief.get(f"/api/v1/reports/{name}"))["rows"] for name in REPORTS}
    figures = await it.figures()
    centre = (await it.chief.get("/api/v1/figures/centre"))["centre"]
    return {
        **reports,
        "calls now": centre["calls"],
        "trunks now": centre["trunks"],
        "arrived": figures["hotline_calls_arrived_total"],
        "contacts": await it.chief.get("/api/v1/contacts"),
    }


async def test_it_is_seen_while_it_goes_on_and_no_report_counts_it(tmp_path: Path) -> None:
    one = SIPREC | {"sessions": 1}
    async with centre(tmp_path, siprec=one, media=MEDIA) as it, branch(it) as pbx:
        before = await counted(it)
        await pbx.begin()
        running = await pbx.running()
        await pbx.is_captured()
        meanwhile = await counted(it)
        async with branch(it) as another:  # one too many
            another.phone.send(another.invitation())
            refused = await another.phone.response("INVITE", within=WITHIN)
        await pbx.end()
        row, left, right = await stored(it, running["id"])
        after = await counted(it)

    assert (running["kind"], running["caller_number"], running["dialled_number"]) == (
        *("siprec", "13800138000", "1001"),
    )
    assert running["foreign"] == row["foreign"]
    assert running["foreign"] == {
        "client": "branch",
        "session_id": "hVpd7YQgRW2nD22h7q60JQ==",
        "calls": ["ab30317f;remote=47755a9d"],
        "agent_aor": "sip:1001@pbx.example",
        "agent_name": "Li",
    }
    assert heard_in(left, pbx.customer.said) == list(range(len(pbx.customer.said)))
    assert heard_in(right, pbx.agent.said) == list(range(len(pbx.agent.said)))
    assert (refused.status, bool(refused.headers.get("Retry-After"))) == (503, True)
    assert before == meanwhile == after
    assert (after["contacts"], after["arrived"]) == ([], 0)


async def test_what_makes_no_sense_is_answered_and_the_next_is_recorded(tmp_path: Path) -> None:
    wrong = {
        LAUGHS: "recording",
        "<recording/>": "recording",
        METADATA.replace("complete", "some"): "datamode",
        METADATA.replace("<label>96</label>", ""): "label",
        METADATA.replace("<send>of-li", "<send>nobody"): "participantstreamassoc",
    }
    async with centre(tmp_path, siprec=SIPREC, media=MEDIA) as it:
        answers = [await answer_to(it, metadata) for metadata in wrong]
        unknown = await answer_to(it, METADATA, "127.0.0.2")
        too_much = await over_tcp(it, METADATA.replace("<name>Li", f"<name>{'Li' * 40_000}"))
        async with branch(it) as pbx:
            await pbx.begin()
            running = await pbx.running()
            await pbx.is_captured()
            await pbx.end()
            await stored(it, running["id"])

    assert answers == [(400, f"Bad Recording Metadata ({name})") for name in wrong.values()]
    assert unknown == (403, "Forbidden")
    assert too_much.startswith("SIP/2.0 413 ")


async def answer_to(it: Centre, metadata: str, host: str = "127.0.0.1") -> tuple[int, str]:
    async with branch(it, host) as pbx:
        invite = pbx.invitation(metadata)
        pbx.phone.send(invite)
        answer = await pbx.phone.response("INVITE", within=WITHIN)
        pbx.phone.acknowledge(invite, answer)
    return answer.status, answer.reason


async def over_tcp(it: Centre, metadata: str) -> str:
    """The first line that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", it.server.sip_port)
    async with branch(it) as pbx:
        writer.write(pbx.invitation(metadata).replace("SIP/2.0/UDP", "SIP/2.0/TCP").encode())
    async with asyncio.timeout(WITHIN):
        line = await reader.readline()
    writer.close()
    return line.decode()


async def test_what_the_server_dies_in_is_archived_by_its_next_life(tmp_path: Path) -> None:
    async with centre(tmp_path, siprec=SIPREC, media=MEDIA) as it, branch(it) as pbx:
        await pbx.begin()
        running = await pbx.running()
        await pbx.is_captured()
        family = possessions.descendants(it.control_pid)
        possessions.kill(it.control_pid)
        await bury(it.server, *family)
        await pbx.silence()
        async with risen(it) as again:
            row, left, right = await stored(again, running["id"])
            found = await again.chief.get("/api/v1/recording-search?foreign=47755a9d")

    assert (row["recovered"], row["kind"], row["foreign"]) == (True, "siprec", running["foreign"])
    assert [one["id"] for one in found["items"]] == [running["id"]]
    is_there_from_the_beginning(left, pbx.customer)
    is_there_from_the_beginning(right, pbx.agent)


async def test_a_media_worker_that_dies_ends_the_session_and_another_takes_the_next(
    tmp_path: Path,
) -> None:
    def allowed(line: Mapping[str, Any]) -> bool:
        return "media.worker" in str(line) or line.get("reason") == "the media worker died"

    async with centre(tmp_path, siprec=SIPREC, media=MEDIA, allowed=allowed) as it:
        async with branch(it) as pbx:
            await pbx.begin()
            running = await pbx.running()
            await pbx.is_captured()
            possessions.kill(pbx.worker)
            ended = await it.server.logged("siprec.session_ended")
            row, left, right = await stored(it, running["id"])
        await it.replaced(pbx.worker)
        async with branch(it) as following:
            await following.begin()
            next_one = await following.running()
            await following.is_captured()
            await following.end()
            await stored(it, next_one["id"])

    assert ended["reason"] == "media-lost"
    assert row["foreign"] == running["foreign"]
    is_there_from_the_beginning(left, pbx.customer)
    is_there_from_the_beginning(right, pbx.agent)


async def test_a_session_in_which_nothing_comes_any_more_is_ended(tmp_path: Path) -> None:
    media = MEDIA | {"rtp_timeout": 5}
    async with centre(tmp_path, siprec=SIPREC, media=media) as it, branch(it) as pbx:
        await pbx.begin()
        running = await pbx.running()
        await pbx.is_captured()
        await pbx.silence()
        ended = await it.server.logged("siprec.session_ended")
        _, left, _ = await stored(it, running["id"])

    assert ended["reason"] == "rtp-timeout"
    is_there_from_the_beginning(left, pbx.customer)
