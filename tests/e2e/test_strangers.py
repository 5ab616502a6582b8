"""Who has no business here, and messages that make no sense: while calls go on undisturbed."""

import asyncio
import contextlib
import itertools
import random
import re
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from cti_server.media.g711 import encode
from cti_server.media.rtp import TICK_SAMPLES
from simulator.audio import tone
from simulator.phone import Phones
from simulator.phone_call import CallOver, PhoneCall
from tests.audio import seconds_of, stereo
from tests.running_server import PASSWORD

from .centre import LI, Centre, centre
from .people import Caller, passed
from .raw_sip import RawPhone, offer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
    },
    {"name": "hangzhou", "announce_agent": False, "wrap_up": 0},
    {"name": "unnamed", "skills": {"nobody": 1}},
    {"name": "diverted", "skills": {"nobody": 1}},
]
DID, AS_DIALLED = "+8675582001000", "075582001000"
NUMBERS: dict[str, Any] = {
    "1000": {"flow": "hotline.yaml"},
    "2000": {"queue": "service", "language": "en"},
    DID: {
        "queue": "service",
        "language": "en",
        "when": [
            {"caller": "+86571", "queue": "hangzhou", "language": "en"},
            {"caller": "withheld", "queue": "unnamed", "language": "en"},
            {"original": "+8675583", "queue": "diverted", "language": "en"},
        ],
    },
}
HANGZHOU, DIALLED_FIRST = "057187654321", "075583000000"
PAI = f'"Li Na" <sip:{HANGZHOU}@carrier.example>'
DIVERSION = f"<sip:075584000000@c>;reason=no-answer, <sip:{DIALLED_FIRST}@c>;reason=unconditional"
TRUNK = "127.0.0.2"
"""The carrier's address; everybody at 127.0.0.1 is a stranger."""
ACCOUNTS = [f"phone{number:03d}" for number in range(100)]
CALLS_PER_SECOND = 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    sip = {
        "trunks": [{"name": "carrier", "addresses": [TRUNK]}],
        "calls_per_second": CALLS_PER_SECOND,
    }
    folder = tmp_path_factory.mktemp("strangers")
    async with centre(
        folder, LI, accounts=ACCOUNTS, host=TRUNK, sip=sip, queues=QUEUES, numbers=NUMBERS
    ) as it:
        await it.warm_up()
        yield it


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(hotline: Centre) -> AsyncIterator[RawPhone]:
    async with RawPhone(hotline.server.sip_port) as phone:
        yield phone


@pytest_asyncio.fixture(loop_scope="module")
async def carrier(hotline: Centre) -> AsyncIterator[RawPhone]:
    """A peer at the trunk's address that sends what it likes."""
    async with RawPhone(hotline.server.sip_port, host=TRUNK) as phone:
        yield phone


async def refused(phone: RawPhone, invite: str) -> int:
    phone.send(invite)
    response = await phone.response("INVITE")
    phone.acknowledge(invite, response)
    return response.status


@contextlib.asynccontextmanager
async def conversation(hotline: Centre) -> AsyncIterator[tuple[Caller, PhoneCall]]:
    """Caller at 440 Hz, agent at 1000 Hz; both still hear one another at the end."""
    async with hotline.on_duty("li") as (li,):
        caller = hotline.caller()
        await caller.dial("2000")
        phone = await li.rung()
        caller.call.say(tone(440))
        phone.say(tone(1000))
        await caller.call.hears(1000)
        yield caller, phone
        await caller.call.hears(1000)
        await phone.hears(440)


# --- who may not call -----------------------------------------------------------------------------


async def test_a_stranger_is_refused_and_learns_nothing(
    hotline: Centre, stranger: RawPhone
) -> None:
    arrived = (await hotline.figures())["hotline_calls_arrived_total"]
    for number in ("1000", "9999"):
        assert await refused(stranger, stranger.invite("mallory", number)) == 403

    assert (await hotline.figures())["hotline_calls_arrived_total"] == arrived


async def test_a_trunks_name_in_from_is_no_proof(hotline: Centre, stranger: RawPhone) -> None:
    invite = stranger.request(
        "INVITE",
        "carrier",
        "1000",
        domain=TRUNK,
        headers=f"P-Asserted-Identity: <sip:1@{TRUNK}>\r\n",
        body=offer("127.0.0.1", 49_000),
    )

    assert await refused(stranger, invite) == 403


async def test_who_says_to_be_one_of_us_has_to_prove_it(
    hotline: Centre, stranger: RawPhone
) -> None:
    for name in ("li", "nobody"):
        invite = stranger.request(
            "INVITE", name, "1000", domain="hotline", body=offer("127.0.0.1", 49_000)
        )
        stranger.send(invite)
        response = await stranger.response("INVITE")
        stranger.acknowledge(invite, response)
        assert response.status == 401
        assert 'realm="hotline"' in (response.headers.get("WWW-Authenticate") or "")


async def test_a_phone_of_ours_calls_with_its_password_and_with_no_other(hotline: Centre) -> None:
    elsewhere = Phones()
    await elsewhere.start()
    try:
        caller = hotline.caller(elsewhere, number=ACCOUNTS[0])
        caller.phone.log_in("hotline", "wrong")
        await caller.dial("2000")
        with pytest.raises(CallOver) as over:
            await caller.call.answered()
        assert over.value.status in (401, 403)
        caller.phone.log_in("hotline", PASSWORD)
        await caller.dial("2000")
        await caller.queued()
        caller.call.hang_up()
        await caller.over()
    finally:
        await elsewhere.close()


# --- who calls, and what was dialled -------------------------------------------------------------


async def identified(hotline: Centre, caller: Caller, **headers: str) -> tuple[str, str, str]:
    """Who called, what was dialled at first, and the queue that the call was led to."""
    before = hotline.book.last
    told = [(name.replace("_", "-"), value) for name, value in headers.items()]
    await caller.dial(AS_DIALLED, headers=told)
    arrived = await hotline.book.when("call.arrived", after=before, dialled_number=AS_DIALLED)
    contact = arrived.data["contact_id"]
    queued = await hotline.book.when("contact.queued", after=before, contact_id=contact)
    caller.leave()
    await hotline.book.when("call.ended", after=before, contact_id=contact)
    said = arrived.data
    return said["caller_number"], said["original_number"], queued.data["queue"]


@pytest.mark.req("AC-12")
async def test_who_calls_and_what_was_dialled_is_read_routed_by_and_shown(hotline: Centre) -> None:
    """As a trunk asserts it; a phone's word for itself counts, and for others it does not."""
    caller = hotline.caller()
    me, history = caller.number, f"<sip:{DIALLED_FIRST}@c>;index=1, <sip:1@c>;index=1.1"
    remote_party = f"<sip:{HANGZHOU}@c>;party=calling;privacy"
    for headers, expected in (
        ({}, (me, "", "service")),
        ({"P_Asserted_Identity": PAI}, (HANGZHOU, "", "hangzhou")),
        ({"Remote_Party_ID": f"{remote_party}=off"}, (HANGZHOU, "", "hangzhou")),
        ({"Remote_Party_ID": f"{remote_party}=full"}, ("anonymous", "", "unnamed")),
        ({"P_Asserted_Identity": PAI, "Privacy": "id"}, ("anonymous", "", "unnamed")),
        ({"Diversion": DIVERSION}, (me, DIALLED_FIRST, "diverted")),
        ({"History_Info": history}, (me, DIALLED_FIRST, "diverted")),
    ):
        assert await identified(hotline, caller, **headers) == expected
    claims = {"P_Asserted_Identity": PAI, "Diversion": DIVERSION, "History_Info": history}
    elsewhere = Phones()
    await elsewhere.start()
    try:
        phone = hotline.caller(elsewhere, number=ACCOUNTS[0])
        phone.phone.log_in("hotline", PASSWORD)
        assert await identified(hotline, phone, **claims) == (ACCOUNTS[0], "", "service")
    finally:
        await elsewhere.close()

    async with hotline.on_duty("li") as (li,), li.desk.stream() as feed:
        told = [(name.replace("_", "-"), value) for name, value in claims.items()]
        await caller.dial(AS_DIALLED, headers=told)
        pop = (await feed.until("contact.offered"))["pop"]
        await li.rung()
    assert (pop["caller_number"], pop["caller_e164"]) == (HANGZHOU, "+8657187654321")
    assert (pop["dialled_number"], pop["original_number"]) == (AS_DIALLED, DIALLED_FIRST)
    assert pop["queue"] == "hangzhou"


async def test_a_stranger_cannot_end_or_change_a_call(hotline: Centre, stranger: RawPhone) -> None:
    """Without the dialog's tags there is no such dialog, whatever the Call-ID."""
    async with conversation(hotline) as (caller, _):
        arrived = await caller.happens("call.arrived")
        call_id = arrived.data["sip_call_id"]
        for method in ("BYE", "INFO", "UPDATE", "INVITE", "OPTIONS"):
            body = offer("127.0.0.1", 49_000) if method == "INVITE" else ""
            stranger.send(
                stranger.request(
                    method, caller.number, "2000", call_id=call_id, to_tag="guess", body=body
                )
            )
            assert (await stranger.response(method)).status == 481


# --- calls that cannot be -------------------------------------------------------------------------


async def test_an_unknown_number(carrier: RawPhone) -> None:
    assert await refused(carrier, carrier.invite("1", "4711")) == 404


@pytest.mark.parametrize(
    ("sdp", "headers", "status"),
    [
        (offer(TRUNK, 49_000, codecs="18"), "", 488),
        (offer(TRUNK, 0), "", 488),
        (offer(TRUNK, 49_000).replace("m=audio", "m=video"), "", 488),
        ("this is no SDP", "", 400),
        ("v=0\r\n", "", 488),
        (offer(TRUNK, 49_000), "Content-Encoding: gzip\r\n", 415),
        (offer(TRUNK, 49_000), "Require: 100rel\r\n", 420),
    ],
)
async def test_an_offer_that_cannot_be_answered(
    hotline: Centre, carrier: RawPhone, sdp: str, headers: str, status: int
) -> None:
    assert await refused(carrier, carrier.invite("1", "2000", sdp=sdp, headers=headers)) == status


async def test_no_common_codec_is_in_the_log_as_the_reason(
    hotline: Centre, carrier: RawPhone
) -> None:
    caller = hotline.caller()
    invite = carrier.invite(caller.number, "2000", sdp=offer(TRUNK, 49_000, codecs="18"))
    assert await refused(carrier, invite) == 488

    assert await caller.over() == ("failed", "no-common-codec")


async def test_an_invite_without_an_offer_gets_ours(hotline: Centre, carrier: RawPhone) -> None:
    """The ACK brings the answer, and only then the call goes on."""
    caller = hotline.caller()
    invite = carrier.invite(caller.number, "2000", sdp="")
    carrier.send(invite)
    answer = await carrier.response("INVITE")
    assert answer.status == 200
    assert b"m=audio" in answer.body
    await caller.arrived()
    assert "leg.answered caller" not in caller.story()
    carrier.acknowledge(invite, answer, body=offer(TRUNK, 49_000))
    await caller.queued()
    carrier.send(carrier.bye(invite, answer))

    assert (await carrier.response("BYE")).status == 200
    assert await caller.over() == ("abandoned", "caller-hung-up")


async def test_our_offer_is_left_without_an_answer(hotline: Centre, carrier: RawPhone) -> None:
    caller = hotline.caller()
    invite = carrier.invite(caller.number, "2000", sdp="")
    carrier.send(invite)
    carrier.acknowledge(invite, await carrier.response("INVITE"))

    outcome, reason = await caller.over()
    assert outcome == "failed"
    assert reason in ("session-gone", "no-common-codec")


async def test_an_invite_that_comes_twenty_times_is_one_call(
    hotline: Centre, carrier: RawPhone
) -> None:
    before = (await hotline.figures())["hotline_calls_arrived_total"]
    caller = hotline.caller()
    invite = carrier.invite(caller.number, "2000")
    carrier.send(*[invite] * 20)
    answer = await carrier.response("INVITE")
    carrier.acknowledge(invite, answer)
    await caller.queued()
    carrier.send(carrier.bye(invite, answer))

    assert await caller.over() == ("abandoned", "caller-hung-up")
    assert (await hotline.figures())["hotline_calls_arrived_total"] == before + 1


# --- what is no message ---------------------------------------------------------------------------


def nonsense(phone: RawPhone) -> Iterator[bytes]:
    """Noise, every kind of half INVITE, headers without end, numbers out of range."""
    chance = random.Random(7)
    for size in (1, 3, 20, 100, 1500, 20_000, 65_507):
        yield chance.randbytes(size)
    whole = phone.invite("1", "2000").encode()
    for end in range(0, len(whole), 7):
        yield whole[:end]
    head, _, body = whole.partition(b"\r\n\r\n")
    padded = head + b"\r\nX-Long: " + b"a" * 60_000
    yield padded + b"\r\n\r\n" + body
    yield head + b"\r\nX-Many: 1" * 5000 + b"\r\n\r\n" + body
    for old, new in (
        (rb"Content-Length: \d+", b"Content-Length: 99999999999999999999"),
        (rb"Content-Length: \d+", b"Content-Length: -1"),
        (rb"CSeq: 1 INVITE", b"CSeq: 99999999999999 INVITE"),
        (rb"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        (rb"SIP/2.0\r\n", b"SIP/9.9\r\n"),
        (rb"Max-Forwards: 70", b"Max-Forwards: many"),
        (rb"Via: [^\r]*", b"Via: nowhere"),
        (rb"INVITE sip:", b"INVITE \x00sip:"),
        (rb"v=0", b"v=" + b"0" * 30_000),
    ):
        yield re.sub(old, new, whole, count=1)


async def test_garbage_while_calls_go_on(
    hotline: Centre, stranger: RawPhone, carrier: RawPhone
) -> None:
    before = await hotline.figures()
    async with conversation(hotline) as (caller, _):
        for phone in (stranger, carrier):
            for number, datagram in enumerate(nonsense(phone)):
                phone.send(datagram)
                if number % 20 == 0:
                    await passed(caller.call, 0.02)
            phone.send(phone.request("OPTIONS", "1", "2000"))
            assert (await phone.response("OPTIONS")).status == 200

    after = await hotline.figures()
    malformed = "hotline_sip_messages_malformed_total"
    assert after[malformed] - before[malformed] > 100
    assert after["hotline_media_late_ticks_total"] - before["hotline_media_late_ticks_total"] < 50


async def test_a_caller_without_a_readable_address_is_a_caller_without_a_number(
    hotline: Centre, carrier: RawPhone
) -> None:
    """From is a trunk's business; some put the number elsewhere, or nowhere."""
    after = hotline.book.last
    invite = carrier.invite("1", "2000").replace("From: <sip:1@example.com>", "From: <<<>")
    carrier.send(invite)
    answer = await carrier.response("INVITE")
    carrier.acknowledge(invite, answer)
    arrived = await hotline.book.when("call.arrived", after=after)
    await hotline.book.when("contact.queued", after=arrived.sequence)
    carrier.send(carrier.bye(invite, answer))

    assert (await carrier.response("BYE")).status == 200
    await hotline.book.when("call.ended", call_id=arrived.data["call_id"])
    assert arrived.data["caller_number"] == ""


async def test_half_open_connections_are_closed_and_hold_up_nobody(hotline: Centre) -> None:
    """Silent ones, ones with half a message, ones that trickle: all are cut after ten seconds."""
    openings = [b"", b"INV", b"INVITE sip:2000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n"]
    loop = asyncio.get_running_loop()
    began = loop.time()
    connections = [
        await asyncio.open_connection("127.0.0.1", hotline.server.sip_port) for _ in range(30)
    ]
    try:
        for (_, writer), opening in zip(connections, itertools.cycle(openings), strict=False):
            writer.write(opening)
        async with conversation(hotline):
            async with asyncio.timeout(30):
                ends = await asyncio.gather(*(reader.read() for reader, _ in connections))
    finally:
        for _, writer in connections:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    assert loop.time() - began == pytest.approx(10, abs=3.5)
    assert not any(end.startswith(b"SIP/2.0 2") for end in ends)


async def test_a_connection_that_sends_no_sip_at_all_is_closed_at_once(hotline: Centre) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hotline.server.sip_port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"\x16\x03\x01" * 3000)
    async with asyncio.timeout(30):
        with contextlib.suppress(ConnectionError):
            await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


# --- media and keys out of place ------------------------------------------------------------------


def rtp(hz: float) -> Iterator[bytes]:
    """Packets of a tone that look right in every field but the source."""
    sound = tone(hz)
    for number in itertools.count():
        header = bytes([0x80, 0]) + (40_000 + number).to_bytes(2, "big")
        stamp = (number * TICK_SAMPLES & 0xFFFFFFFF).to_bytes(4, "big")
        yield header + stamp + b"\xde\xad\xbe\xef" + encode(next(sound), "PCMU")


@pytest.mark.parametrize("source", ["127.0.0.1", TRUNK, "127.0.0.9"])
async def test_rtp_from_strangers_is_neither_heard_nor_recorded(
    hotline: Centre, source: str
) -> None:
    """Even from the caller's own address, for its port is another one."""
    packets = rtp(2000)
    async with conversation(hotline) as (caller, phone):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            attacker.bind((source, 0))
            for end in (caller.call, phone):
                assert end.agreement is not None
            for _ in range(75):
                for end in (caller.call, phone):
                    assert end.agreement is not None
                    attacker.sendto(next(packets), (end.agreement.host, end.agreement.port))
                await passed(caller.call, 0.02)
        spoken = caller.call.heard.everything(), phone.heard.everything()
    stored = await caller.happens("recording.stored")
    await hotline.history(caller.contact_id)
    recorded = stereo(
        await hotline.chief.get_bytes(f"/api/v1/recordings/{stored.data['recording_id']}/audio")
    )

    for samples in (*spoken, *recorded):
        assert seconds_of(samples.astype(float), 2000, tolerance=40) == 0
    assert seconds_of(recorded[0], 440) > 1
    assert seconds_of(recorded[1], 1000) > 1


async def test_keys_where_nobody_asked_for_any(hotline: Centre) -> None:
    """In the queue, while the agent's phone rings, and in conversation: there they pass."""
    caller = hotline.caller()
    await caller.dial("2000")
    await caller.queued()
    await caller.call.press("123#*0")
    caller.call.press_by_info("99")
    async with hotline.on_duty("li") as (li,):
        phone = await li.rung()
        await caller.call.press("7")
        await caller.happens("interaction.started")
        await caller.call.press("58")
        await phone.hears_digits("58")
        await phone.press("4")
        await caller.call.hears_digits("4")
        caller.call.hang_up()

    assert await caller.over() == ("handled", "caller-hung-up")
    assert caller.story().count("contact.queued") == 1


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", 200),
        ("application/dtmf-relay", "Signal=hello\r\n", 400),
        ("application/dtmf-relay", "\x00\xff", 400),
        ("text/plain", "5", 415),
    ],
)
async def test_info_with_and_without_sense_in_a_dialog(
    hotline: Centre, carrier: RawPhone, kind: str, body: str, status: int
) -> None:
    caller = hotline.caller()
    invite = carrier.invite(caller.number, "2000")
    carrier.send(invite)
    answer = await carrier.response("INVITE")
    carrier.acknowledge(invite, answer)
    await caller.queued()
    info = carrier.bye(invite, answer).replace("BYE", "INFO").replace("z9hG4bKbye", "z9hG4bKinfo")
    head = info.partition("Content-Length")[0]
    size = len(body.encode())
    carrier.send(f"{head}Content-Type: {kind}\r\nContent-Length: {size}\r\n\r\n{body}")
    assert (await carrier.response("INFO")).status == status
    carrier.send(carrier.bye(invite, answer).replace("CSeq: 2", "CSeq: 3"))

    assert (await carrier.response("BYE")).status == 200
    assert await caller.over() == ("abandoned", "caller-hung-up")


async def test_info_without_a_dialog(stranger: RawPhone) -> None:
    stranger.send(stranger.request("INFO", "1", "2000"))

    assert (await stranger.response("INFO")).status == 481


# --- too much -------------------------------------------------------------------------------------


async def test_more_calls_than_allowed_are_refused_with_a_time_to_try_again(
    hotline: Centre, carrier: RawPhone
) -> None:
    """The numbers do not exist, so who is let in gets a 404; a running call does not notice."""
    async with conversation(hotline):
        invites = [carrier.invite("1", f"9{number:03d}") for number in range(150)]
        carrier.send(*invites)
        responses = [await carrier.response("INVITE") for _ in invites]
        by_number = {response.to.uri.user: response for response in responses}
        for number, invite in enumerate(invites):
            carrier.acknowledge(invite, by_number[f"9{number:03d}"])

    statuses = [response.status for response in responses]
    assert set(statuses) == {404, 503}
    assert statuses.count(404) <= 3 * CALLS_PER_SECOND
    for response in responses:
        if response.status == 503:
            assert 1 <= int(response.headers.get("Retry-After") or "") <= 30


async def test_a_hundred_phones_register_at_once(hotline: Centre) -> None:
    before = (await hotline.figures())["hotline_sip_bindings"]
    together = Phones()
    await together.start()
    try:
        phones = [together.add(name) for name in ACCOUNTS]
        home = f"sip:127.0.0.1:{hotline.server.sip_port}"
        async with asyncio.timeout(30):
            await asyncio.gather(*(phone.register(home, PASSWORD) for phone in phones))
        assert (await hotline.figures())["hotline_sip_bindings"] == before + len(ACCOUNTS)
    finally:
        await together.close()
    assert (await hotline.figures())["hotline_sip_bindings"] == before
