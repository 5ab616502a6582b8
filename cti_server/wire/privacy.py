"""Erasures, legal holds and retention: what a client may send, and what it gets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.retention import LONGEST

from .resource import Identifier, Line, Moment, Page, Resource, Version


class ErasureWanted(Resource):
    """``reason`` is kept with the proof: nothing of the person belongs into it."""

    reason: Line


class ErasureExpected(Resource):
    """What an erasure would empty or delete, by table; nothing was done."""

    customer_id: str
    expected: dict[str, int]
    shared_contacts: int


class ErasureView(Resource):
    """
    An erasure. ``expected``: rows by table when it began; ``done``: what the steps did so far.

    ``step`` is the one that is next, ``waiting_for`` why it waits.
    """

    id: str
    customer_id: str
    customer_ids: list[str]
    reason: str
    requested_by: str
    requested_at: datetime
    state: Literal["running", "done"]
    step: str
    waiting_for: str | None
    expected: dict[str, int]
    done: dict[str, int]
    ended_at: datetime | None


class ErasurePage(Page[ErasureView]):
    """Erasures, the newest first."""


class CertifiedEntry(Resource):
    """What the archive's chain has of a recording; ``content``: the hash of its row as it was."""

    sequence: int
    at: datetime
    action: str
    content: str
    previous_hash: str
    hash: str


class CertifiedRecording(Resource):
    """``destroyed_at``: when its key was gone, and its file in each of the ``stores``."""

    id: str
    stores: list[str]
    destroyed_at: datetime
    chain: list[CertifiedEntry]


class CertificateSignature(Resource):
    """
    ``value``: of all other fields as JSON in UTF-8, names in order, without spaces; in base64.

    ``key``: the master key of the archive that the signing key comes from.
    """

    algorithm: Literal["Ed25519"]
    key: str
    public_key: str
    value: str


class ErasureCertificate(Resource):
    """Which recordings an erasure has destroyed. ``chain_head``: the chain's last entry then."""

    kind: str
    erasure_id: str
    customer_ids: list[str]
    reason: str
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    recordings: list[CertifiedRecording]
    chain_head: str
    issued_at: datetime
    signature: CertificateSignature


class HoldWanted(Resource):
    """Without ``until`` it holds until it is released."""

    record: Literal["customer", "contact", "recording"]
    record_id: Identifier
    reason: Line
    until: Moment | None = None


class HoldView(Resource):
    id: str
    record: str
    record_id: str
    reason: str
    placed_by: str
    placed_at: datetime
    until: datetime | None
    released_at: datetime | None
    released_by: str | None
    in_force: bool


class HoldPage(Page[HoldView]):
    """Legal holds, the newest first."""


Days = Annotated[int, Field(ge=1, le=LONGEST)]
RecordingKind = Literal["conversation", "message", "menu", "siprec"]


class RetentionEdit(Resource):
    """``days``: null for good."""

    version: Version
    days: Days | None


class RetentionView(Resource):
    """A class of data. ``minimum``: the fewest days, ``because`` of what."""

    id: str
    days: int | None
    minimum: int
    because: str
    swept_until: datetime | None
    version: int
    updated_at: datetime


class RecordingRetentionWanted(Resource):
    """Of a queue, a kind or both; ``days``: null for good."""

    queue: Identifier | None = None
    kind: RecordingKind | None = None
    days: Days | None


class RecordingRetentionView(Resource):
    """``queue`` and ``kind``: null for any. Of several that fit the one that says more decides."""

    id: str
    queue: str | None
    kind: str | None
    days: int | None
    swept_until: datetime | None
    version: int
    updated_at: datetime


class PreviewWanted(Resource):
    """A rule that is not made yet, or as it would be: its queue, its kind, its days."""

    queue: Identifier | None = None
    kind: RecordingKind | None = None
    days: Days | None = None


class RecordingsGoing(Resource):
    """
    What the next run would destroy by one rule; ``rule_id`` is null of what the class says.

    ``held``: those that stay under a legal hold, not among the ``recordings``. ``bytes`` of sound.
    """

    rule_id: str | None
    queue: str | None
    kind: str | None
    days: int | None
    recordings: int
    bytes: int
    held: int
    oldest: datetime | None


class RetentionRules(Resource):
    """``fixed``: what is kept for as long as it has to be, which nobody edits."""

    rules: list[RetentionView]
    fixed: dict[str, str]
    next_run: datetime


class RunWanted(Resource):
    """A dry run counts what would go."""

    dry: bool = True


class RetentionRunView(Resource):
    """``counts``: rows or files that went (or would), ``held``: those that stay under a hold."""

    id: str
    dry: bool
    asked_by: str
    state: Literal["running", "done"]
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
    held: dict[str, int]


class RetentionRunPage(Page[RetentionRunView]):
    """Retention's runs, the newest first."""
