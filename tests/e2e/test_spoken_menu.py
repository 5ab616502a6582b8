"""
Menus by voice: what callers say, and the keys that they press instead; and what they are told, a
prompt of every kind of piece: a recording, a number, a day, a sum, words of the voice. What they
say to a mailbox arrives by mail, whatever becomes of the mail.
"""

import asyncio
import io
import sys
import wave
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from cti_server.media.g711 import decode
from cti_server.rendering import prepare
from cti_server.speech.library import SHIPPED_VOICES, PromptLibrary
from cti_server.speech.program_voice import ProgramVoice
from cti_server.speech.rendering import spoken
from cti_server.speech.studio import Studio, recording_id
from cti_server.speech.studio_editing import edited
from cti_server.speech.tts import Voice
from cti_server.speech.value_clips import ValueClips
from ivr.flow import load
from ivr.texts import SayAs
from simulator.audio import played
from tests.fakes.mail_server import PASSWORD, REFUSED, USERNAME, MailServer
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems
from tests.media.keypad import dialled, samples
from tests.running_server import PROMPT_CACHE
from tests.sentences import sentence
from tests.speech.wavs import wav
from tests.speech_recognition import said

from .centre import LI, Centre, centre, queue
from .people import Caller
from .sounds import beeped, is_in, joined_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBERS: dict[str, Any] = {
    "1000": {"flow": "speaking.yaml"},
    "1001": {"flow": "told.yaml"},
    "1002": {"flow": "mailbox.yaml"},
}
SAID = decode(sentence(), "PCMU")
TRUNK = {"name": "loopback", "addresses": ["127.0.0.1"], "inband_digits": True}
ENGINE = """
import io, sys
from hibari import Hibari, write_wav
sound, text = io.BytesIO(), sys.stdin.buffer.read().decode()
write_wav(sound, Hibari(voice="heart")(text, seed=0))
sys.stdout.buffer.write(sound.getvalue())
"""
"""Another engine, as an operator names one: a program."""
GERMAN = ProgramVoice("de", (sys.executable, "-c", ENGINE), "1")
RECORDED = "您的账户余额是，"
"""A piece that the studio has recorded: here a tone."""
IN_ENGLISH, IN_GERMAN = "13700000002", "13700000003"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post() -> AsyncIterator[MailServer]:
    """A mail server that is down."""
    server = MailServer()
    yield server
    await server.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(
    tmp_path_factory: pytest.TempPathFactory, post: MailServer, systems: OutsideSystems
) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("spoken")
    Studio(folder / "data" / "studio").keep(recording_id(RECORDED, "zh"), edited(wav()))
    stock = {
        "url": f"{systems.url}/warehouse",
        "headers": {"Authorization": TOKEN},
        "definition": "shipped:warehouse.yaml",
    }
    mail = {
        "host": "127.0.0.1",
        "port": post.port,
        "ca_file": str(post.trust),
        "username": USERNAME,
        "password": PASSWORD,
        "sender": "hotline@bank.example",
        "retry_after": 1,
    }
    async with centre(
        folder,
        LI,
        flows=("speaking.yaml", "told.yaml", "mailbox.yaml"),
        numbers=NUMBERS,
        queues=[queue("bills"), queue("support"), queue("service")],
        sip={"trunks": [TRUNK]},
        speech={
            "languages": ["en"],
            "cache": str(PROMPT_CACHE),
            "voices": {"de": {"program": list(GERMAN.program), "version": GERMAN.version}},
        },
        log={"level": "debug"},
        recognition={"answer_within": 30.0},
        connectors={"warehouse": {"timeout": 10, "settings": stock}},
        mail=mail,
        mailboxes={"bills": {"mail": ["desk@desk.example", REFUSED], "language": "zh"}},
    ) as it:
        yield it


async def asked(hotline: Centre) -> Caller:
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.happens("contact.node_entered", node="wish")
    await caller.call.audio_began()
    return caller


def says(caller: Caller, name: str) -> None:
    """In a voice that is not the server's, over its prompt."""
    caller.call.say(played(said.samples(name)))


async def says_it_in_chinese(hotline: Centre) -> str:
    caller = await asked(hotline)
    says(caller, "zh-bill")
    return str((await caller.happens("contact.queued", within=60)).data["queue"])


async def says_it_in_english_and_types_a_number_over_the_prompt(hotline: Centre) -> Any:
    caller = await asked(hotline)
    await caller.call.press("9")
    await caller.call.hears(600)
    says(caller, "en-support")
    await caller.happens("contact.node_entered", node="account", within=60)
    await caller.call.hears(900)
    await caller.call.press("1234#")  # not of the form that is asked for
    await caller.call.hears_silence()
    await caller.call.hears(900)
    await caller.call.press("7123#")
    queued = await caller.queued()
    annotated = await caller.happens("contact.annotated")
    return queued.data["queue"], annotated.data["attributes"]


async def says_something_else_and_then_lets_a_key_sound(hotline: Centre) -> str:
    caller = await asked(hotline)
    says(caller, "zh-password")
    await caller.call.hears(800, within=60)  # "pardon?": nobody is led astray
    await caller.call.hears(500)
    tones = samples(dialled("1", 120, 200))
    caller.call.say(played(tones))
    return str((await caller.queued()).data["queue"])


async def presses_by_info(hotline: Centre) -> str:
    caller = await asked(hotline)
    caller.call.press_by_info("1")
    return str((await caller.queued()).data["queue"])


async def says_what_for_and_leaves_a_message(hotline: Centre) -> Caller:
    caller = hotline.caller()
    await caller.dial("1002")
    await caller.happens("contact.node_entered", node="wish")
    await caller.call.audio_began()
    says(caller, "zh-bill")
    await caller.happens("contact.node_entered", node="message", within=60)
    await beeped(caller.call)
    caller.call.say(played(SAID))  # silence ends it
    await caller.over()
    return caller


async def outbox(hotline: Centre, *states: str) -> list[dict[str, Any]]:
    """What is in it, once each has been tried and is in one of these states."""
    page: dict[str, Any] = await hotline.chief.when(
        "/api/v1/outbox",
        lambda page: (
            sorted(one["state"] for one in page["items"]) == sorted(states)
            and all(one["attempts"] for one in page["items"])
        ),
        within=30,
    )
    return list(page["items"])


@pytest.mark.interop
@pytest.mark.req("IV-04")
async def test_a_message_waits_in_the_mailbox_and_arrives_by_mail_once_the_mail_server_is_back(
    hotline: Centre, post: MailServer, systems: OutsideSystems
) -> None:
    """By a flow that asks another system, and understands what is said."""
    caller = await says_what_for_and_leaves_a_message(hotline)

    assert ("/warehouse/products/rice/stock", {}) in systems.asked
    task = (await hotline.book.when("contact.received", address=caller.number)).data
    assert (task["channel"], task["queue"]) == ("task", "bills")
    jobs = await outbox(hotline, "waiting", "waiting")
    assert {job["contact_id"] for job in jobs} == {task["contact_id"]}
    assert all(job["failure"].startswith("no way to the server: ") for job in jobs)

    await post.start()
    jobs = await outbox(hotline, "sent", "dead")
    [mail] = await post.mails(1)

    assert mail["To"] == "desk@desk.example"
    assert mail["Subject"] == f"语音留言：{caller.number}（bills）"
    [sound] = mail.iter_attachments()
    with wave.open(io.BytesIO(sound.get_content())) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert is_in(heard, SAID)
    [dead] = [job for job in jobs if job["state"] == "dead"]
    assert (dead["recipient"], dead["failure"][:3]) == ("g***@desk.example", "550")
    figures = await hotline.figures()
    assert (figures["hotline_outbox_sent_total"], figures["hotline_outbox_dead"]) == (1, 1)
    assert len(post.received()) == 1


@pytest.mark.req("IV-03")
async def test_callers_speak_or_press_and_get_where_they_want(hotline: Centre) -> None:
    """Voice in two languages; keys by RFC 4733, by their sound and by SIP INFO; a number."""
    chinese, english, by_sound, by_info = await asyncio.gather(
        says_it_in_chinese(hotline),
        says_it_in_english_and_types_a_number_over_the_prompt(hotline),
        says_something_else_and_then_lets_a_key_sound(hotline),
        presses_by_info(hotline),
    )

    assert (chinese, by_sound, by_info) == ("bills", "bills", "bills")
    assert english == ("support", {"account_number": "7123"})
    hotline.everybody_hangs_up()

    log = str(hotline.server.log_lines)
    for words in ("查账单", "technical support", "密码"):
        assert words not in log


class InTurn(Executor):
    """Does each job at once, and remembers which."""

    def __init__(self) -> None:
        self.jobs: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.jobs.append(args[0].__name__)
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def rendered(library: PromptLibrary, language: str, *texts: str) -> list[Path]:
    found = [library.cached(text, language) for text in texts]
    return [library.studio.heard(file) for file in found if file is not None]


async def is_told(hotline: Centre, number: str) -> Any:
    """All that a caller with this number hears, to the end."""
    caller = hotline.caller(number=number)
    await caller.dial("1001")
    await caller.happens("contact.queued", within=60)
    heard = caller.call.heard.everything()
    caller.leave()
    await caller.over()
    return heard


@pytest.mark.req("IV-02")
async def test_a_prompt_is_joined_from_recordings_values_and_words_and_nothing_is_rendered_twice(
    hotline: Centre, tmp_path: Path
) -> None:
    """Mandarin with a take of the studio, English with a caller's own words, another engine."""
    at_start = jobs_done(hotline)
    zh, en, de, again = await asyncio.gather(
        is_told(hotline, "13700000001"),
        is_told(hotline, IN_ENGLISH),
        is_told(hotline, IN_GERMAN),
        is_told(hotline, "13700000004"),
    )
    assert jobs_done(hotline)[len(at_start) :] == ["spoken"], "the words for one caller, no more"

    folder = hotline.server.folder
    voices: Sequence[Voice] = (GERMAN, *SHIPPED_VOICES)
    studio, next_start = Studio(folder / "data" / "studio"), InTurn()
    library = PromptLibrary(PROMPT_CACHE, voices, jobs=next_start, studio=studio)
    clips = ValueClips(library, "CN")
    flow = load(folder / "flows" / "told.yaml")
    await prepare([flow], [], library, ["en"], clips)
    assert set(next_start.jobs) == {"spoken"}, "it warms up"

    tone = await library.import_wav(folder / "flows" / "tones" / "700.wav")

    def values(language: str) -> list[list[Path]]:
        kinds = {"36": SayAs.NUMBER, "2026-11-22": SayAs.DATE, "1234.56": SayAs.MONEY}
        return [clips.said(value, kind, language) for value, kind in kinds.items()]

    take = studio.find(recording_id(RECORDED, "zh"))
    words = tmp_path / "words.ulaw"
    words.write_bytes(spoken("Your courier is Wang Fang.", "en", SHIPPED_VOICES[0]))
    count, day, amount = values("zh")
    [until, following] = rendered(library, "zh", "截至，", "您是下一位，请稍候。")
    assert take is not None
    mandarin = [tone, *count, until, *day, take, *amount, following]
    assert joined_in(zh, mandarin)
    assert joined_in(again, mandarin)
    count, day, amount = values("en")
    [on, balance] = rendered(library, "en", "On,", "the balance of your account is,")
    assert joined_in(en, [tone, *count, on, *day, balance, *amount, words])
    assert joined_in(de, [tone, *rendered(library, "de", "Guten Tag, auf Wiederhören.") * 3])
    assert not joined_in(de, mandarin)


def jobs_done(hotline: Centre) -> list[str]:
    lines = hotline.server.log_lines
    return [str(line["job"]) for line in lines if line.get("event") == "speech.job_done"]
