"""What rounds and drills come upon is told as incidents, each open for as long as it is so."""

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum

from cti_server.store.database import Database
from cti_server.store.incidents import Incident, Incidents
from cti_server.wire.events import Event, IncidentFound, IncidentHealed
from recording.rereading import Finding

_MOST = 1000  # open incidents of a kind that are known to be told


class BackupFault(StrEnum):
    """The kinds of incidents that the archive's care tells of."""

    COPY_BROKEN = "copy_broken"  # of one recording, in one store
    DRILL_FAILED = "drill_failed"


class BackupIncidents:
    """Tells of each once, however often it is come upon."""

    def __init__(
        self, database: Database, append: Callable[[Event], object], new_id: Callable[[], str]
    ) -> None:
        self._database = database
        self._append = append
        self._new_id = new_id

    async def copies(self, findings: Sequence[Finding], read: Collection[str]) -> None:
        """Of these recordings: which copies are broken, were brought again, or are so no more."""
        open_ones = {each.subject: each for each in await self._open(BackupFault.COPY_BROKEN)}
        silent = {_subject(each) for each in findings if not each.broken}
        for each in (each for each in findings if each.broken):
            subject = _subject(each)
            known = open_ones.pop(subject, None)
            incident_id = self._new_id() if known is None else known.id
            if known is None:
                detail = "; ".join(filter(None, (each.fault, each.reason)))
                self._found(incident_id, BackupFault.COPY_BROKEN, subject, detail)
            if each.mended:
                self._healed(incident_id, BackupFault.COPY_BROKEN, "brought_again")
        for subject, known in open_ones.items():
            if subject.partition(" ")[0] in read and subject not in silent:
                self._healed(known.id, BackupFault.COPY_BROKEN, "")

    async def drill(self, run_id: str, fault: str) -> None:
        """``fault``: why it failed, empty if it did not, which ends what failed before."""
        if fault:
            self._found(self._new_id(), BackupFault.DRILL_FAILED, run_id, fault)
            return
        for each in await self._open(BackupFault.DRILL_FAILED):
            self._healed(each.id, BackupFault.DRILL_FAILED, "drilled_again")

    async def _open(self, kind: BackupFault) -> Sequence[Incident]:
        async with self._database.readers() as session:
            return await Incidents(session).page(_MOST, kind=kind, only_open=True)

    def _found(self, incident_id: str, kind: BackupFault, subject: str, detail: str) -> None:
        self._append(
            IncidentFound(incident_id=incident_id, kind=kind, subject=subject, detail=detail)
        )

    def _healed(self, incident_id: str, kind: BackupFault, action: str) -> None:
        self._append(IncidentHealed(incident_id=incident_id, kind=kind, action=action))


def _subject(finding: Finding) -> str:
    return f"{finding.recording_id} in {finding.store}"
