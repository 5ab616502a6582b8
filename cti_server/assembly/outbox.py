"""The ways out for messages, what is sent by them, and callers' messages by mail."""

import asyncio
from concurrent.futures import Executor

from config.mail import MailSettings
from cti_server.outbox.ends import Aftermath
from cti_server.outbox.fax_documents import FaxDocuments
from cti_server.outbox.fax_ends import FaxEnds
from cti_server.outbox.faxes import FAX
from cti_server.outbox.mail import EMAIL, MailSender, smtp_of
from cti_server.outbox.outbox import Outbox, Sender
from cti_server.outbox.sms import SMS
from cti_server.outbox.sms_delivery import SmsEnds
from cti_server.outbox.voicemails import VoicemailMails
from cti_server.refusals import StartFailed
from cti_server.saved_queries import Queries

from .archive import RecordingsArchive
from .calling import Calling
from .directory import Directory
from .fax import fax_documents, fax_sender
from .ground import Ground
from .sms import SmsWays, sms_sender


async def open_outbox(
    ground: Ground,
    directory: Directory,
    kept: RecordingsArchive,
    calling: Calling,
    queries: Queries,
    ways: SmsWays,
    jobs: Executor,
) -> Outbox:
    """Raises StartFailed. Nothing is sent before :func:`.due_work.start_due_work`."""
    await _open_voicemail_mails(ground, directory)
    documents = fax_documents(ground, queries, jobs)
    senders = await _senders(ground, kept, calling, documents, jobs)
    aftermaths: dict[str, Aftermath] = {}
    if (texts := sms_sender(ground, ways)) is not None:
        senders[SMS], aftermaths[SMS] = texts, SmsEnds()
    by_mail = EMAIL in senders and ground.settings.fax.by_mail
    aftermaths[FAX] = FaxEnds(ground.new_id, ground.time_zone, by_mail=by_mail)
    outbox = Outbox(
        senders,
        ground.database,
        ground.changes,
        ground.clock,
        ground.due.wake,
        aftermaths=aftermaths,
    )
    await outbox.take_up()
    ground.due.add(outbox)
    ground.opening.push_async_callback(outbox.close)
    ground.metrics.add("outbox", outbox.figures)
    return outbox


async def _senders(
    ground: Ground,
    kept: RecordingsArchive,
    calling: Calling,
    documents: FaxDocuments,
    jobs: Executor,
) -> dict[str, Sender]:
    senders: dict[str, Sender] = {}
    if (mail := ground.settings.mail) is not None:
        senders[EMAIL] = await _mail_sender(mail, kept, documents, jobs)
    if (faxes := await fax_sender(ground, documents, calling, jobs)) is not None:
        senders[FAX] = faxes
    return senders


async def _mail_sender(
    settings: MailSettings, kept: RecordingsArchive, documents: FaxDocuments, jobs: Executor
) -> MailSender:
    try:
        smtp = await asyncio.to_thread(smtp_of, settings)
    except (OSError, UnicodeDecodeError) as error:
        raise StartFailed(f"mail: ca_file or password_file cannot be used: {error}") from error
    return MailSender(settings, smtp, kept.edited.of_file, documents.printed, jobs)


async def _open_voicemail_mails(ground: Ground, directory: Directory) -> None:
    boxes = ground.settings.mailboxes
    for queue in boxes:
        if queue not in directory.queues:
            raise StartFailed(f"mailboxes.{queue}: there is no such queue")
    mails = VoicemailMails(
        boxes,
        directory.queues,
        ground.database,
        ground.clock,
        ground.new_id,
        language=ground.settings.written_language,
        time_zone=ground.time_zone,
        due_changed=ground.due.wake,
    )
    ground.log.subscribe(mails.hear)
    await ground.log.stored()  # captures that a crash left may be in the archive by now
    await mails.take_up()
    ground.due.add(mails)
