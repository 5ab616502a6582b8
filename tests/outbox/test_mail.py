"""Mail that leaves, taken by a foreign server: Exim."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import pytest_asyncio

from config.mail import MailSettings
from cti_server.outbox.mail import MailSender, smtp_of
from cti_server.store.outbox import OutboxJob
from fax_sms_email.errors import NotSent
from fax_sms_email.fax_notice import instead_of_fax
from fax_sms_email.letters import Attachment, Document, Letter
from recording.laws import LEVELS
from recording.stereo import wav_header
from tests.fakes.mail_server import PASSWORD, POSTPONED, REFUSED, USERNAME, MailServer
from tests.store.stories import NINE

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

SAID = bytes(range(256)) * 40
LETTER = Letter(
    subject="语音留言：13800138000（客户服务）这一行很长，比一个编码词还要长得多",
    text="客户留言。\n.一行以点开头\n",
    attachments=(Attachment("语音留言 2026-11-22 09.00.wav", "said.wav"),),
    automatic=True,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[MailServer]:
    server = MailServer()
    try:
        await server.start()
        yield server
    finally:
        await server.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "said.wav").write_bytes(wav_header("PCMA", len(SAID), 1) + SAID)
    return tmp_path


def job(to: str = "desk@desk.example", letter: Letter = LETTER, job_id: str = "j-1") -> OutboxJob:
    return OutboxJob(
        id=job_id,
        key=job_id,
        channel="email",
        recipient=to,
        content=msgspec.to_builtins(letter),
        created_at=NINE,
        wanted_at=NINE,
        due_at=NINE,
    )


def settings_for(server: MailServer, **other: Any) -> MailSettings:
    usual = {
        "host": "127.0.0.1",
        "port": server.port,
        "ca_file": server.trust,
        "username": USERNAME,
        "password": PASSWORD,
        "sender": "hotline@bank.example",
        "sender_name": "客服中心",
        "timeout": 10,
    }
    return MailSettings.model_validate(usual | other)


async def sent(archive: Path, settings: MailSettings, what: OutboxJob) -> None:
    async def sound_of(file: str) -> bytes:
        return await asyncio.to_thread((archive / file).read_bytes)

    async def document_of(document: Document) -> bytes:
        return b"%PDF-1.7 " + document.title.encode()

    with ThreadPoolExecutor(1) as jobs:
        await MailSender(settings, smtp_of(settings), sound_of, document_of, jobs).send(what)


async def failure(archive: Path, settings: MailSettings, what: OutboxJob) -> NotSent:
    with pytest.raises(NotSent) as refused:
        await sent(archive, settings, what)
    return refused.value


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body()
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def sound_of(mail: EmailMessage) -> tuple[str | None, np.ndarray[Any, np.dtype[np.int16]]]:
    [part] = mail.iter_attachments()
    assert part.get_content_type() == "audio/wav"
    with wave.open(io.BytesIO(part.get_content())) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        return part.get_filename(), np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


async def test_a_document_is_made_when_the_mail_is(server: MailServer, archive: Path) -> None:
    document = Document(document="101", title="价目表", language="zh", number="+862155550001")
    before = len(server.received())
    await sent(archive, settings_for(server), job(letter=instead_of_fax(document), job_id="doc"))
    mail = (await server.mails(before + 1))[-1]
    [part] = mail.iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("application/pdf", "价目表.pdf")
    assert part.get_content() == "%PDF-1.7 价目表".encode()
    assert "+862155550001" in text_of(mail)


async def test_a_mail_arrives_as_it_was_written_with_its_sound_by_either_kind_of_tls(
    server: MailServer, archive: Path
) -> None:
    before = len(server.received())
    await sent(archive, settings_for(server), job())
    implicit = settings_for(server, port=server.tls_port, tls="implicit")
    await sent(archive, implicit, job())

    for mail in (await server.mails(before + 2))[before:]:
        assert mail["Subject"] == LETTER.subject
        assert mail["From"].addresses[0].display_name == "客服中心"
        assert mail["To"] == "desk@desk.example"
        assert mail["Message-ID"] == "<j-1@bank.example>"
        assert mail["Date"].datetime == NINE
        assert mail["Auto-Submitted"] == "auto-generated"
        assert text_of(mail) == LETTER.text
        name, heard = sound_of(mail)
        assert name == "语音留言 2026-11-22 09.00.wav"
        assert heard.tolist() == LEVELS["PCMA"][list(SAID)].tolist()
        assert "TLS1" in mail["Received"]


async def test_who_has_an_address_of_other_letters_gets_it_too(
    server: MailServer, archive: Path
) -> None:
    before = len(server.received())
    await sent(archive, settings_for(server), job("王伟@desk.example"))

    mail = (await server.mails(before + 1))[-1]
    assert mail["To"] == "王伟@desk.example"


async def test_what_is_refused_for_good_is_told_from_what_may_be_taken_later(
    server: MailServer, archive: Path
) -> None:
    settings = settings_for(server)
    unknown = await failure(archive, settings, job(REFUSED))
    assert (unknown.permanent, str(unknown)[:3]) == (True, "550")
    later = await failure(archive, settings, job(POSTPONED))
    assert (later.permanent, str(later)[:3]) == (False, "451")
    # Whatever is ours to mend is tried again: a password, a certificate, a server that is gone.
    stranger = await failure(archive, settings_for(server, password="wrong"), job())
    assert (stranger.permanent, str(stranger)[:3]) == (False, "535")
    distrusted = await failure(archive, settings_for(server, ca_file=None), job())
    assert not distrusted.permanent
    assert "certificate" in str(distrusted)
    nobody = await failure(archive, settings_for(server, port=1), job())
    assert not nobody.permanent
    assert PASSWORD not in f"{stranger} {distrusted} {nobody}"
    # The mail's own faults stay.
    (archive / "said.wav").unlink()
    erased = await failure(archive, settings, job())
    assert erased.permanent


async def test_a_sound_that_is_too_large_is_left_out_and_said_so(
    server: MailServer, archive: Path
) -> None:
    long = bytes(1_000_000)
    (archive / "said.wav").write_bytes(wav_header("PCMU", len(long), 1) + long)
    before = len(server.received())

    refused = await failure(archive, settings_for(server), job())
    assert (refused.permanent, str(refused)[:3]) == (True, "552")
    await sent(archive, settings_for(server, largest=900_000), job())

    mail = (await server.mails(before + 1))[-1]
    assert list(mail.iter_attachments()) == []
    assert text_of(mail).endswith("\n(语音留言 2026-11-22 09.00.wav: > 1 MB)\n")


async def test_a_server_that_took_the_mail_and_does_not_say_good_bye_has_it(
    server: MailServer, archive: Path
) -> None:
    """Else it would be sent again; by a server that goes away once the mail is in."""

    async def go_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        data = False
        while line := await reader.readline():
            if data:
                data = line != b".\r\n"
                if not data:
                    writer.write(b"250 taken\r\n")
            elif line.startswith(b"QUIT"):
                break
            else:
                data = line.startswith(b"DATA")
                writer.write(b"354 go\r\n" if data else b"250 x\r\n")
        writer.close()

    async with await asyncio.start_server(go_away, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        plain = settings_for(
            server, port=port, tls="none", ca_file=None, username=None, password=None
        )
        await sent(archive, plain, job())
