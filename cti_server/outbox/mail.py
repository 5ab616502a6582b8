"""Mail out of the outbox: made in a job process, for it may be large, and handed to the server."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from datetime import timedelta

import msgspec

from config.mail import MailSettings
from cti_server.store.database import UNAVAILABLE
from cti_server.store.outbox import OutboxJob
from fax_sms_email.attempts import Pace, Patience
from fax_sms_email.errors import NotSent
from fax_sms_email.letters import Attachment, Document, Letter
from fax_sms_email.mime import Envelope, Part, mime
from fax_sms_email.smtp import Server, Smtp
from recording.pcm import as_pcm

EMAIL = "email"
LONGEST_WAIT = timedelta(hours=1)
_BASE64 = 1.4  # bytes of a mail for each of an attachment, at most


class MailSender:
    """A :class:`.outbox.Sender`: at least once, under one Message-ID for each job."""

    def __init__(
        self,
        settings: MailSettings,
        smtp: Smtp,
        sound_of: Callable[[str], Awaitable[bytes]],
        document_of: Callable[[Document], Awaitable[bytes]],
        jobs: Executor,
    ) -> None:
        """
        ``sound_of`` opens a recording by its file; FileNotFoundError if it is no more.
        ``document_of`` makes a PDF, or raises NotSent.
        """
        self.at_once = settings.at_once
        self.within = settings.timeout
        self.patience = Patience(Pace(settings.retry_after, LONGEST_WAIT), settings.give_up_after)
        self._settings = settings
        self._smtp = smtp
        self._sound_of = sound_of
        self._document_of = document_of
        self._jobs = jobs

    async def send(self, job: OutboxJob) -> None:
        settings = self._settings
        envelope = Envelope(
            id=f"{job.id}@{settings.domain}",
            at=job.created_at,
            sender=settings.sender,
            sender_name=settings.sender_name,
            recipient=job.recipient,
        )
        letter = msgspec.convert(job.content, Letter)
        try:
            contents = [await self._content_of(each) for each in letter.attachments]
            mail = await asyncio.get_running_loop().run_in_executor(
                self._jobs, made, letter, envelope, contents, settings.largest
            )
        except FileNotFoundError:
            raise NotSent("what was to be attached is not there any more", permanent=True) from None
        except (*UNAVAILABLE, BrokenExecutor) as error:
            reason = f"it could not be made: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error
        await self._smtp.send(envelope, mail)

    async def _content_of(self, attachment: Attachment) -> bytes:
        if attachment.document is not None:
            return await self._document_of(attachment.document)
        return await self._sound_of(attachment.recording)


def smtp_of(settings: MailSettings) -> Smtp:
    """Blocks. Raises OSError for files that cannot be read."""
    return Smtp(
        Server(
            host=settings.host,
            port=settings.port,
            tls=settings.tls,
            trust=settings.ca_file,
            username=settings.username,
            password=settings.secret(),
            timeout=settings.timeout.total_seconds(),
        )
    )


def made(letter: Letter, envelope: Envelope, contents: Sequence[bytes], largest: int) -> bytes:
    """
    In a job process. ``contents``: of its attachments, sounds as they are in the archive.

    What would make the mail larger than ``largest`` is left out, and said so.
    """
    parts: list[Part] = []
    left_out: list[str] = []
    room = largest / _BASE64
    for each, content in zip(letter.attachments, contents, strict=True):
        is_sound = each.document is None
        file = as_pcm(content) if is_sound else content
        room -= len(file)
        if room < 0:
            left_out.append(f"({each.name}: > {largest / 1e6:.0f} MB)\n")
        else:
            kind = "audio/wav" if is_sound else "application/pdf"
            parts.append(Part(each.name, kind, file))
    written = msgspec.structs.replace(letter, text="\n".join([letter.text, *left_out]))
    return mime(written, envelope, parts)
