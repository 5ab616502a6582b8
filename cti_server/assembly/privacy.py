"""What forgets people when they ask for it, and when their time has come."""

from dataclasses import dataclass

from crm.retention import in_quiet_hour
from cti_server.api.idempotency import forget_person
from cti_server.api.tokens import secret_of
from cti_server.api.unread_messages import UnreadMessages
from cti_server.privacy.certificates import ErasureCertificates
from cti_server.privacy.customer_files import CustomerFiles
from cti_server.privacy.erasures import ErasureRuns
from cti_server.privacy.recordings import SealedArchive
from cti_server.privacy.retention import RetentionWork
from cti_server.privacy.steps import Elsewhere
from cti_server.process_turns import answer_of
from cti_server.webhooks.couriers import Couriers

from .archive import RecordingsArchive
from .callers import Callers
from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    retention: RetentionWork
    erasures: ErasureRuns
    certificates: ErasureCertificates


def open_privacy(
    ground: Ground,
    kept: RecordingsArchive,
    callers: Callers,
    webhooks: Couriers,
    unread: UnreadMessages,
) -> Privacy:
    archive = SealedArchive(
        kept.keys,
        kept.stores,
        plain=kept.plain,
        spool=ground.data / "spool",
        peaks=ground.data / "peaks",
    )
    retention = RetentionWork(
        ground.database,
        ground.changes,
        ground.log,
        archive=archive,
        imports=ground.data / "imports",
        settings=ground.settings.privacy,
        zone=ground.time_zone,
        now=ground.clock.now,
        new_id=ground.new_id,
    )
    ground.due.add(retention)
    erasures = _erasures(ground, archive, callers, webhooks, unread)
    ground.run(erasures)
    return Privacy(
        retention=retention,
        erasures=erasures,
        certificates=ErasureCertificates(ground.database, kept.keys),
    )


def _erasures(
    ground: Ground,
    archive: SealedArchive,
    callers: Callers,
    webhooks: Couriers,
    unread: UnreadMessages,
) -> ErasureRuns:
    database, data, region = ground.database, ground.data, ground.region
    quiet_hour, zone = ground.settings.privacy.quiet_hour, ground.time_zone
    return ErasureRuns(
        database,
        ground.changes,
        ground.log,
        ground.clock,
        Elsewhere(
            archive=archive,
            files=CustomerFiles(database, data / "imports", data / "exports", answer_of, region),
            answers=lambda likeness: forget_person(database, ground.seal, likeness),
            numbers=callers.forget,
            undelivered=webhooks.read_anew,
            unread=unread.forget,
        ),
        region=region,
        proof_key=secret_of(data / "proof.key"),
        quiet=lambda now: in_quiet_hour(now, quiet_hour, zone),
        new_id=ground.new_id,
    )
