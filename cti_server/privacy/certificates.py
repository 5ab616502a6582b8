"""
Certificates of what was erased: which recordings, when, by whom, and what the chain has of it.

Whoever has one can show it to somebody else, and hold it against the archive later. Nothing of the
person is in it, nor of what was said: of each recording the hash that the archive's chain has.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.erasure import STEPS
from crm.errors import NotNow, UnknownRecord
from cti_server.file_keys import FileKeys
from cti_server.store.archive_entries import ArchiveEntries, ArchiveEntry
from cti_server.store.database import Database
from cti_server.store.erased_recordings import ErasedRecording, ErasedRecordings
from cti_server.store.erasures import Erasure, Erasures
from cti_server.store.recordings import ERASED, Recordings
from recording.certificates import SIGNATURE, fault_of, signed_bytes

KIND = "hotline: recordings erased"
_BEFORE = STEPS[: STEPS.index("recordings") + 1]
"""Steps at which not all recordings are destroyed yet."""
_ENTRY = ("sequence", "at", "action", "content", "previous_hash", "hash")


class ErasureCertificates:
    """Made of what is stored, whenever one is asked for; and checked against it."""

    def __init__(self, database: Database, keys: FileKeys) -> None:
        self._database = database
        self._keys = keys

    async def of(self, erasure_id: str, now: datetime) -> dict[str, Any]:
        """
        Signed, as JSON has it.

        Raises UnknownRecord, and NotNow for an erasure whose recordings are not all destroyed yet.
        """
        async with self._database.readers() as session:
            erasure = await Erasures(session).get(erasure_id)
            if erasure is None:
                raise UnknownRecord(Erasure.__tablename__, erasure_id)
            if erasure.step in _BEFORE:
                raise NotNow(f"the erasure {erasure_id!r} is at the step {erasure.step!r}")
            erased = await ErasedRecordings(session).of(erasure_id)
            if erasure.done.get("recording", 0) > len(erased):
                raise NotNow("its recordings were destroyed before certificates were kept")
            entries = ArchiveEntries(session)
            chain = await entries.of([one.recording_id for one in erased])
            head = await entries.head()
        told = {
            "kind": KIND,
            "erasure_id": erasure.id,
            "customer_ids": sorted(erasure.customer_ids),
            "reason": erasure.reason,
            "requested_by": erasure.requested_by,
            "requested_at": _moment(erasure.requested_at),
            "ended_at": None if erasure.ended_at is None else _moment(erasure.ended_at),
            "recordings": [_recording(one, chain.get(one.recording_id, ())) for one in erased],
            "chain_head": head,
            "issued_at": _moment(now),
        }
        return told | {SIGNATURE: self._keys.sign(signed_bytes(told)).as_told()}

    async def faults(self, certificate: Mapping[str, Any]) -> list[str]:
        """What is not as the certificate says, in words."""
        fault = fault_of(certificate, self._keys.public_keys())
        if fault is not None:
            return [fault]
        if certificate.get("kind") != KIND:
            return ["it is no certificate of recordings that were erased"]
        found = []
        for told in certificate["recordings"]:
            found += await self._faults(told)
        return found

    async def _faults(self, told: Mapping[str, Any]) -> list[str]:
        recording_id = told["id"]
        async with self._database.readers() as session:
            chain = (await ArchiveEntries(session).of([recording_id])).get(recording_id, ())
            row = await Recordings(session).get(recording_id)
        now = [_entry(each) for each in chain]
        found = [
            f"recording {recording_id}: entry {each['sequence']} of the chain is another one"
            for each in told["chain"]
            if each not in now
        ]
        if row is not None and row.state != ERASED:
            found.append(f"recording {recording_id}: is there")
        if await self._keys.each([recording_id]):
            found.append(f"recording {recording_id}: has a key")
        return found


def in_words(certificate: Mapping[str, Any]) -> str:
    """For people to read; what is signed is the JSON."""
    recordings = certificate["recordings"]
    signature = certificate[SIGNATURE]
    lines = [
        "Certificate of erasure: recordings",
        "",
        f"Erasure      {certificate['erasure_id']}",
        f"Customer     {', '.join(certificate['customer_ids'])}",
        f"Asked for    {certificate['requested_at']} by {certificate['requested_by']}",
        f"Reason       {certificate['reason']}",
        f"Done         {certificate['ended_at'] or 'not yet: other records are being erased'}",
        f"Issued       {certificate['issued_at']}",
        f"Chain        {certificate['chain_head']}",
        "",
        f"{len(recordings)} recordings were destroyed: each one's key, and its file in each store",
        "that is named.",
    ]
    for one in recordings:
        stores = ", ".join(one["stores"]) or "no store"
        lines += ["", f"Recording    {one['id']}", f"  destroyed  {one['destroyed_at']} ({stores})"]
        lines += [
            f"  {each['action']:<9}  entry {each['sequence']} of {each['at']}, {each['hash']}"
            for each in one["chain"]
        ]
    lines += [
        "",
        f"Signed       {signature['algorithm']}, key {signature['key']}, {signature['public_key']}",
        f"             {signature['value']}",
    ]
    return "\n".join(lines) + "\n"


def _recording(erased: ErasedRecording, chain: Sequence[ArchiveEntry]) -> dict[str, Any]:
    return {
        "id": erased.recording_id,
        "stores": erased.stores,
        "destroyed_at": _moment(erased.destroyed_at),
        "chain": [_entry(each) for each in chain],
    }


def _entry(entry: ArchiveEntry) -> dict[str, Any]:
    told = {name: getattr(entry, name) for name in _ENTRY}
    return told | {"at": _moment(entry.at)}


def _moment(at: datetime) -> str:
    return at.isoformat()
