"""One real call, told as it happens: what ``hotline call`` does."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cti_server.media.digits import KEYS
from cti_server.media.rtp import CLOCK_RATE
from cti_server.sip.errors import SipParseError
from cti_server.sip.message import Request, Response
from cti_server.sip.uri import Uri

from .audio import Sound, write_wav
from .errors import PlanInvalid
from .line import address_towards
from .phone import Phones
from .phone_call import CallOver, PhoneCall

LONGEST: Final = 3600.0  # seconds
USUAL_PORT: Final = 5060


@dataclass(frozen=True, slots=True)
class Press:
    keys: str


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


Step = Press | Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCall:
    """What to do in the call. Times in seconds."""

    target: Uri
    caller: str = "hotline-call"
    steps: Sequence[Step] = ()
    keys_by_info: bool = False
    lasts: float = 10.0  # after the answer
    rings_for: float = 60.0  # at most, until the answer
    sound: Sound | None = None
    save: Path | None = None
    credentials: tuple[str, str] | None = None


def read_target(text: str) -> Uri:
    """``sip:1000@host:port``, ``1000@host`` or ``1000`` (on this machine). Raises PlanInvalid."""
    whole = text if ":" in text.partition("@")[0] else f"sip:{text}"
    if "@" not in whole:
        whole += f"@127.0.0.1:{USUAL_PORT}"
    try:
        uri = Uri.parse(whole)
    except SipParseError:
        uri = None
    transports = ("", "udp", "tcp")
    if uri is None or uri.scheme != "sip" or not uri.host or not uri.user:
        raise PlanInvalid(f"{text!r} is no number or SIP URI, as 1000 or sip:1000@127.0.0.1:5060")
    if (uri.param("transport") or "").lower() not in transports:
        raise PlanInvalid(f"{text!r}: the transport can be udp or tcp")
    return uri


def read_steps(text: str) -> list[Step]:
    """``1,wait2,30#``: keys, and seconds to wait before the next ones. Raises PlanInvalid."""
    steps: list[Step] = []
    for word in text.split(","):
        word = word.strip()
        if word.lower().startswith("wait"):
            steps.append(Wait(_seconds(word[4:], word)))
        elif word and all(key in KEYS for key in word.upper()):
            steps.append(Press(word.upper()))
        else:
            raise PlanInvalid(f"{word!r} is neither keys ({KEYS}) nor a wait, as wait2 or wait0.5")
    return steps


def _seconds(text: str, word: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST:
        raise PlanInvalid(f"{word!r}: wait how many seconds? As wait2 or wait0.5")
    return seconds


class Teller:
    """Says what happens, each line with the seconds since the call began."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._trying = False

    def tell(self, what: str, at: float | None = None) -> None:
        seconds = (self._loop.time() if at is None else at) - self._began
        self._say(f"{seconds:8.3f}  {what}")

    def message(self, message: Request | Response) -> None:
        """The first 100: phones do not hear of it otherwise."""
        if isinstance(message, Response) and message.status == 100 and not self._trying:
            self._trying = True
            self.tell("trying (100)")


async def make(plan: TrialCall, say: Callable[[str], None]) -> int:
    """Place the call; the exit code: 0 if it was answered and something was heard, else 1."""
    teller = Teller(say)
    host, port = plan.target.host, plan.target.port or USUAL_PORT
    try:
        own = address_towards(host.strip("[]"), port)
    except OSError as error:
        teller.tell(f"cannot reach {host}: {error.strerror or error}")
        return 1
    transport = (plan.target.param("transport") or "udp").lower()
    together = Phones(own, transport=transport, on_message=teller.message)
    await together.start()
    try:
        phone = together.add(plan.caller)
        if plan.credentials is not None:
            phone.log_in(host, plan.credentials[1], user=plan.credentials[0])
        teller.tell(f"calling {plan.target}")
        return await _follow(plan, await phone.call(str(plan.target)), teller, say)
    finally:
        await together.close()


async def _follow(
    plan: TrialCall, call: PhoneCall, teller: Teller, say: Callable[[str], None]
) -> int:
    try:
        if not await _connected(plan, call, teller):
            return 1
        async with asyncio.TaskGroup() as group:
            group.create_task(_report_audio(call, teller, plan.lasts))
            await _talk(plan, call, teller)
    finally:
        if call.answered_at is not None:
            _summarise(plan, call, say)
    return 0 if call.figures.received else 1


async def _connected(plan: TrialCall, call: PhoneCall, teller: Teller) -> bool:
    try:
        async with asyncio.timeout(plan.rings_for):
            await call.rings(plan.rings_for)
            if call.ring_status is not None:
                teller.tell(f"ringing ({call.ring_status})", call.rang_at)
            await call.answered(plan.rings_for)
    except CallOver as over:
        teller.tell(f"not answered: {over.end}")
        return False
    except TimeoutError:
        call.hang_up()
        teller.tell(f"given up: no answer within {plan.rings_for:g} s")
        return False
    agreed = call.agreement
    media = f"{agreed.codec} with {agreed.host}:{agreed.port}" if agreed else "no media"
    teller.tell(f"answered (200), {media}", call.answered_at)
    return True


async def _report_audio(call: PhoneCall, teller: Teller, within: float) -> None:
    try:
        teller.tell("audio begins", await call.audio_began(within))
    except (TimeoutError, CallOver):
        teller.tell("no sound was heard" if call.figures.received else "no RTP came at all")


async def _talk(plan: TrialCall, call: PhoneCall, teller: Teller) -> None:
    call.say(plan.sound)
    try:
        async with asyncio.timeout_at((call.answered_at or 0.0) + plan.lasts):
            for step in plan.steps:
                match step:
                    case Press(keys):
                        await _press(plan, call, keys)
                        teller.tell(f"keys sent: {keys}")
                    case Wait(seconds):
                        await _pause(call, seconds)
            await call.ended(LONGEST)
    except TimeoutError:
        call.hang_up()
    except CallOver:
        teller.tell("over before all keys were sent")
    if call.end is not None:
        teller.tell(f"ended: {call.end}", call.ended_at)


async def _press(plan: TrialCall, call: PhoneCall, keys: str) -> None:
    events = call.agreement is not None and call.agreement.dtmf_payload_type is not None
    if plan.keys_by_info or not events:
        call.press_by_info(keys)
    else:
        await call.press(keys)


async def _pause(call: PhoneCall, seconds: float) -> None:
    """Wait; raises CallOver if they hang up meanwhile."""
    try:
        end = await call.ended(seconds)
    except TimeoutError:
        return
    raise CallOver(end, "the next key")


def _summarise(plan: TrialCall, call: PhoneCall, say: Callable[[str], None]) -> None:
    figures = call.figures
    say(
        f"RTP: {figures.sent} packets sent, {figures.received} received, {figures.lost} lost, "
        f"{figures.out_of_order} out of order, jitter {figures.jitter_ms:.1f} ms"
    )
    if call.late_ticks:
        say(f"this machine was busy: {call.late_ticks} packets left 5 ms or more too late")
    if plan.save is not None:
        samples = call.heard.everything()
        write_wav(plan.save, samples)
        say(f"{plan.save}: {len(samples) / CLOCK_RATE:.1f} s of what was heard")
