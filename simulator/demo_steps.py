"""What the demonstration shows: each step puts a call through the server and says what it saw."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import click
import numpy as np
import numpy.typing as npt

from cti_server.media.g711 import decode
from cti_server.media.protocol import Codec

from .audio import frequency, tone
from .demo_outside import ACCOUNT, PIN
from .demo_server import DemoServer, Desk, ServerFailed
from .page_caller import page_caller
from .phone import Softphone, answer
from .phone_call import CallOver

KNOWN, UNKNOWN = "13800138000", "02151234567"
CALLER_HZ, AGENT_HZ = 440.0, 1000.0
TALK = 3.0  # seconds
FAX_NUMBER = "075512341019"
WAYS = {"t38": "T.38", "audio": "audio"}


class NotSeen(Exception):
    """What a step was to show did not show; the message says what did."""


def expect(seen: bool, instead: str) -> None:
    if not seen:
        raise NotSeen(instead)


@dataclass
class Demo:
    """What the steps work with."""

    server: DemoServer
    password: str
    desks: dict[str, Desk]
    phones: dict[str, Softphone]
    failures: int = 0

    async def step(self, title: str, work: Callable[["Demo"], Awaitable[str]]) -> None:
        """Do it and say what was seen; a failed step does not stop the next."""
        try:
            async with asyncio.timeout(90):
                seen = await work(self)
        except (
            NotSeen,
            ServerFailed,
            CallOver,
            TimeoutError,
            OSError,
            aiohttp.ClientError,
        ) as error:
            self.failures += 1
            click.echo(f"  ✗ {title}: {error or type(error).__name__}")
        else:
            click.echo(f"  ✓ {title}: {seen}")


async def chinese_call(demo: Demo) -> str:
    """A known customer presses 1 in the Mandarin menu and is served, announced and recorded."""
    desk, agent = demo.desks["li"], demo.phones["li"]
    agent.on_ring = answer(after=0.5)
    loop = asyncio.get_running_loop()
    async with desk.stream() as stream:
        await desk.set_state("ready")
        call = await demo.phones[KNOWN].call(demo.server.uri("1000"))
        await call.answered()
        await call.audio_began()
        call.say(tone(CALLER_HZ))
        await call.press("1")
        pop = await _popped(stream)
        popped_at = loop.time()
        theirs = await agent.incoming(within=20)
        expect(popped_at <= theirs.began_at, "the phone rang before the record was on the screen")
        theirs.say(tone(AGENT_HZ))
        await theirs.answered()
        await call.hears(AGENT_HZ, within=20)
        await theirs.hears(CALLER_HZ)
        await asyncio.sleep(TALK)
        call.hang_up()
        await theirs.ended()
    names = [customer["name"] for customer in pop["customer"]["customers"]]
    expect(names != [], "the caller was not recognised")
    return (
        f"{names[0]} ({pop['customer']['customers'][0]['tier']}) on the screen before the phone "
        f"rang, agent 8026 announced, {AGENT_HZ:g} Hz heard one way and {CALLER_HZ:g} Hz the other"
    )


async def english_call(demo: Demo) -> str:
    """An unknown caller presses 9 for English, 2 for faults, and types an account number."""
    desk, agent = demo.desks["wang"], demo.phones["wang"]
    agent.on_ring = answer(after=0.2)
    async with desk.stream() as stream:
        await desk.set_state("ready")
        call = await demo.phones[UNKNOWN].call(demo.server.uri("1000"))
        await call.answered()
        await call.press("9")
        await call.press("2")
        await call.press("12345678#")
        pop = await _popped(stream)
        theirs = await agent.incoming(within=20)
        theirs.say(tone(AGENT_HZ))
        await call.hears(AGENT_HZ, within=30)
        theirs.hang_up()
        await call.ended()
    expect(pop["attributes"].get("account_number") == "12345678", f"saw {pop['attributes']}")
    expect(pop["language"] == "en", f"the call was in {pop['language']}")
    return f"menu path {' → '.join(pop['menu_path'])}, account 12345678 on the screen, in English"


async def balance(demo: Demo) -> str:
    """Nobody serves this caller but the machine: account and PIN by keys, the sum by voice."""
    call = await demo.phones[UNKNOWN].call(demo.server.uri("1012"))
    await call.answered()
    await call.audio_began()
    await call.press(f"9{ACCOUNT}{PIN}")
    desk = demo.desks["zhao"]
    await asyncio.sleep(TALK)
    call.hang_up()
    rows = await desk.when(
        "/api/v1/contacts",
        lambda rows: any(row["outcome"] == "self_served" and row["ended_at"] for row in rows),
    )
    contact = next(row for row in rows if row["outcome"] == "self_served")
    whole = await desk.get(f"/api/v1/contacts/{contact['id']}")
    path = whole["contact"]["menu_path"]
    expect("told" in path, f"the way was {' → '.join(path)}")
    expect(PIN not in str(whole), "the PIN is in the records")
    return f"account {ACCOUNT}, the PIN in no record, way {' → '.join(path)}"


async def fax(demo: Demo) -> str:
    """A caller has the price list faxed, to the machine at our other number, where it arrives."""
    desk = demo.desks["zhao"]
    call = await demo.phones[KNOWN].call(demo.server.uri("1018"))
    await call.answered()
    await call.audio_began()
    for keys in ("9", "2", f"{FAX_NUMBER}#", "1", "101#"):
        await call.press(keys)
        await asyncio.sleep(1)
    call.hang_up()
    page = await desk.when(
        "/api/v1/outbox?channel=fax",
        lambda page: any(job["state"] != "waiting" and job["ended_at"] for job in page["items"]),
        within=80,
    )
    (job,) = page["items"]
    expect(job["state"] == "sent", f"it was {job['state']}: {job['failure']}")
    attempts = await desk.when(
        f"/api/v1/outbox/{job['id']}/fax-attempts",
        lambda rows: any(row["ended_at"] for row in rows),  # the records follow the job's word
    )
    rows = await desk.when(
        "/api/v1/contacts", lambda rows: any(row["channel"] == "fax" for row in rows)
    )
    contact = next(row for row in rows if row["channel"] == "fax")
    came = await desk.get(f"/api/v1/contacts/{contact['id']}/fax")
    expect(came["pages"] == attempts[-1]["pages"], f"{came['pages']} pages came")
    return (
        f"{came['pages']} page of the price list by {WAYS[came['way']]} at "
        f"{attempts[-1]['bit_rate']} bit/s, each confirmed; it waits for an agent, as a contact"
    )


async def call_from_page(demo: Demo) -> str:
    """A customer calls by WebRTC, as a browser does it, and talks with an agent at a telephone."""
    desk, agent = demo.desks["li"], demo.phones["li"]
    agent.on_ring = answer(after=0.2)
    async with desk.stream() as stream, page_caller(demo.server.api) as page:
        await desk.set_state("ready")
        await page.dials("1000")
        page.say(tone(CALLER_HZ))
        page.phone.press("1")
        pop = await _popped(stream)
        theirs = await agent.incoming(within=20)
        theirs.say(tone(AGENT_HZ))
        await page.phone.hears(AGENT_HZ, within=20)
        await theirs.hears(CALLER_HZ, within=20)
        await page.says(type="hang_up")
        reason = await page.ended()
        await theirs.ended()
    names = [customer["name"] for customer in pop["customer"]["customers"]]
    expect(len(names) == 1, f"the caller was taken for {names}")
    expect(reason == "caller-hung-up", f"the page was told {reason}")
    return f"{names[0]} on the screen, heard both ways through ICE, DTLS and SRTP"


async def recording(demo: Demo) -> str:
    """Both conversations are in the archive, each party on a channel of its own."""
    desk = demo.desks["zhao"]
    rows = await desk.when("/api/v1/recordings", lambda rows: len(rows) >= 2)
    row = next(row for row in rows if row["caller_number"] == KNOWN)
    left, right = _channels(await desk.download(row["audio"]))
    middle = slice(len(left) // 2 - 4000, len(left) // 2 + 4000)
    heard = frequency(left[middle]), frequency(right[middle])
    expect(
        abs((heard[0] or 0) - CALLER_HZ) < 10 and abs((heard[1] or 0) - AGENT_HZ) < 10,
        f"the channels hold {heard}",
    )
    return (
        f"{row['duration']:.1f} s, caller {heard[0]:.0f} Hz left, agent {heard[1]:.0f} Hz right, "
        f"{row['size']} bytes, sha256 {row['sha256'][:12]}…"
    )


async def history(demo: Demo) -> str:
    """The contact's record has its legs, its offer with the reason, and who talked when."""
    desk = demo.desks["zhao"]
    rows = await desk.when(
        "/api/v1/contacts", lambda rows: sum(row["outcome"] == "handled" for row in rows) >= 2
    )
    contact = next(
        row for row in rows if row["caller_number"] == KNOWN and row["outcome"] == "handled"
    )
    whole = await desk.get(f"/api/v1/contacts/{contact['id']}")
    caller = next(leg for leg in whole["legs"] if leg["role"] == "caller")
    why = whole["interactions"][0]["why"]
    return (
        f"outcome {contact['outcome']}, waited {contact['wait_seconds']:.1f} s, "
        f"offered by {why['policy']} among {why['candidates']}, MOS {caller['quality']['mos']:.1f}"
    )


async def refusals(demo: Demo) -> str:
    """A number that leads nowhere is refused, and the server does not mind."""
    call = await demo.phones[KNOWN].call(demo.server.uri("9999"))
    end = await call.ended()
    expect(end.status == 404, f"the answer was {end}")
    return "number 9999 answered 404"


STEPS = (
    ("A known customer calls, presses 1", chinese_call),
    ("An unknown caller, in English, with an account number", english_call),
    ("A caller asks the machine for the balance of an account", balance),
    ("A customer calls from the page", call_from_page),
    ("A caller has a document faxed", fax),
    ("The recordings", recording),
    ("The records", history),
    ("A wrong number", refusals),
)


async def _popped(stream: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """Wait for an offer on the desktop: what the agent sees."""
    while True:
        message = await stream.receive_json(timeout=30)
        if message["data"]["event"] == "contact.offered":
            pop: dict[str, Any] = message["pop"]
            return pop


def _channels(wav: bytes) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Left and right of one of our recordings."""
    body = wav[wav.index(b"data") + 8 :]
    codec: Codec = "PCMU" if wav[20] == 7 else "PCMA"  # the format tag
    return decode(body[0::2], codec), decode(body[1::2], codec)
