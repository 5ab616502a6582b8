"""What the command line does to the database, with a running server told of it."""

import os
import random
import re
import signal
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from argon2 import PasswordHasher
from sqlalchemy.exc import IntegrityError

from config.settings import Settings
from crm.importing import ImportProblem, read_customers
from recording import keys
from recording.errors import KeysRefused, RecordingError
from recording.stores.opening import open_stores

from . import archive_checking
from .api.permissions import PERMISSIONS
from .backup.published_heads import note_head
from .clock import SystemClock
from .file_keys import FileKeys
from .floor.profile import BROWSER_PHONE
from .pid_file import running_server
from .refusals import CommandRefused
from .sip.digest import ha1
from .store import warehouse_rows
from .store.agents import Agent, Agents, SipAccount, SipAccounts
from .store.audit_trail import AuditTrail, Verdict
from .store.customer_imports import CustomerImports, Imported
from .store.database import UNAVAILABLE, Database
from .store.errors import StoreError
from .store.routing_definitions import RoutingDefinitions
from .warehouse.loading import Loader

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}")
LEVELS = range(1, 11)
_SCHEMES = ("sip:", "sips:", "tel:")


class AgentRefused(CommandRefused):
    """The agent cannot be defined so; the message names the field and the rule."""


class NotedEntryInvalid(CommandRefused):
    """What was noted of the audit trail is no entry's number and hash."""


class ArchiveRefused(CommandRefused):
    """The archive's keys cannot be used, or a question about it is none; the message says why."""


class DatabaseUnusable(CommandRefused):
    """The database does not answer, or cannot be brought up to date; the message says why."""


@dataclass(frozen=True, slots=True)
class NewAgent:
    id: str
    name: str
    number: str
    skills: dict[str, int]
    roles: tuple[str, ...]
    phone: str | None
    password: str

    @classmethod
    def of(
        cls,
        agent_id: str,
        name: str,
        number: str,
        skills: Sequence[str],
        roles: Sequence[str],
        phone: str | None,
        password: str,
    ) -> Self:
        """From the command line's words; raises AgentRefused."""
        if not _ID.fullmatch(agent_id):
            raise AgentRefused("agent_id: letters, digits, '.', '_' and '-', 64 at most")
        if not (number.isascii() and number.isdigit() and len(number) <= 10):
            raise AgentRefused("number: 1 to 10 digits, for they are spoken to callers")
        for role in roles:
            if role not in PERMISSIONS:
                raise AgentRefused(f"role: {role!r} is none of {', '.join(sorted(PERMISSIONS))}")
        if phone not in {None, BROWSER_PHONE} and not str(phone).startswith(_SCHEMES):
            raise AgentRefused(
                "phone: must be a SIP URI like sip:1001@192.0.2.1, a number like "
                f"tel:+8675526588888, or {BROWSER_PHONE!r}"
            )
        if not password:
            raise AgentRefused("password: must not be empty")
        levels = dict(_skill(skill) for skill in skills)
        return cls(agent_id, name, number, levels, tuple(roles), phone, password)


def _skill(text: str) -> tuple[str, int]:
    name, _, level = text.partition(":")
    if not name or (level and not level.isdigit()) or int(level or 1) not in LEVELS:
        raise AgentRefused(f"skill: {text!r} is not NAME or NAME:LEVEL with a level of 1 to 10")
    return name, int(level or 1)


async def administer(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """
    Do something with the configured database, its tables brought up to date first.

    Raises DatabaseUnusable where it does not answer, or is none of ours.
    """
    database = Database(settings.database)
    try:
        await database.upgrade()
        return await work(database)
    except (*UNAVAILABLE, StoreError) as error:
        reason = getattr(error, "orig", None) or error
        raise DatabaseUnusable(f"the database cannot be used: {reason}") from error
    finally:
        await database.close()


async def defined_queues(settings: Settings) -> list[str]:
    """The queues that were defined over REST; none where no server has run yet, or none answers."""
    if settings.database_url is None and not (settings.data / "hotline.db").exists():
        return []
    database = Database(settings.database)
    try:
        async with database.readers() as session:
            return [one.id for one in await RoutingDefinitions(session, "queue").all()]
    except UNAVAILABLE:
        return []
    finally:
        await database.close()


async def add_agent(
    database: Database, settings: Settings, new: NewAgent, hasher: PasswordHasher | None = None
) -> None:
    """Define or change the agent and the SIP account of the same name."""
    realm = settings.sip.realm
    account = SipAccount(
        username=new.id,
        ha1_md5=ha1(new.id, realm, new.password, "MD5"),
        ha1_sha256=ha1(new.id, realm, new.password, "SHA-256"),
    )
    password_hash = (hasher or PasswordHasher()).hash(new.password)
    try:
        async with database.sessions.begin() as session:
            agent = await Agents(session).get(new.id)
            if agent is None:
                agent = Agent(id=new.id, name=new.name, number=new.number)
                Agents(session).add(agent)
            agent.name, agent.number, agent.phone = new.name, new.number, new.phone
            agent.skills, agent.roles = dict(new.skills), list(new.roles)
            agent.password_hash = password_hash
            await SipAccounts(session).put(account)
    except IntegrityError as error:
        raise AgentRefused(f"number: {new.number} is another agent's") from error


async def agents(database: Database) -> Sequence[Agent]:
    async with database.readers() as session:
        return await Agents(session).all()


def noted_entry(text: str | None) -> tuple[int, str] | None:
    """SEQUENCE:HASH as ``hotline audit verify`` prints it; raises NotedEntryInvalid."""
    if text is None:
        return None
    sequence, _, head = text.partition(":")
    if not (sequence.isascii() and sequence.isdigit() and _HASH.fullmatch(head)):
        raise NotedEntryInvalid("noted: must be a number, a colon and 64 hexadecimal digits")
    return int(sequence), head


async def verify_audit(database: Database, noted: tuple[int, str] | None) -> Verdict:
    async with database.readers() as session:
        return await AuditTrail(session).verify(noted)


def add_archive_key(settings: Settings) -> str:
    """The new key's id; raises ArchiveRefused."""
    try:
        return keys.add(settings.archive_keys, datetime.now(UTC))
    except (KeysRefused, OSError) as error:
        raise ArchiveRefused(str(error)) from error


async def rotate_archive_keys(database: Database, settings: Settings) -> int:
    """How many keys were below another master key than the active one; raises ArchiveRefused."""
    try:
        return await (await file_keys_of(database, settings)).rotate()
    except RecordingError as error:
        raise ArchiveRefused(str(error)) from error


def number_of_files(text: str) -> int | None:
    """None for all; raises ArchiveRefused."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()):
        raise ArchiveRefused("files: must be a number, or 'all'")
    return int(text)


async def verify_archive(
    database: Database, settings: Settings, files: int | None, noted: tuple[int, str] | None
) -> archive_checking.Verdict:
    """Raises ArchiveRefused for master keys that cannot be used."""
    check = archive_checking.ArchiveCheck(
        database,
        await file_keys_of(database, settings),
        open_stores(settings.archive_stores),
        files=files,
        chance=random.SystemRandom(),
    )
    return await check.run(noted)


def publish_head(file: Path, head: str) -> None:
    """Add a line; raises ArchiveRefused."""
    try:
        note_head(file, head, datetime.now(UTC))
    except OSError as error:
        raise ArchiveRefused(f"{file}: {error.strerror}") from error


async def file_keys_of(database: Database, settings: Settings) -> FileKeys:
    """Raises ArchiveRefused."""
    path, active = settings.archive_keys, settings.archive.active_key
    try:
        return await FileKeys.open(database, path, active, now=datetime.now(UTC), own=False)
    except RecordingError as error:
        raise ArchiveRefused(str(error)) from error


async def with_warehouse(
    settings: Settings, work: Callable[[Database, Database], Awaitable[T]]
) -> T:
    """Do something with the database that has the log and the one that has the warehouse."""

    async def with_both(source: Database) -> T:
        target = Database(settings.warehouse_database)
        try:
            await target.upgrade()
            return await work(source, target)
        finally:
            await target.close()

    return await administer(settings, with_both)


async def rebuild(source: Database, target: Database) -> int:
    """Make the warehouse anew, also beside a running server; return the event that it is up to."""
    await target.in_transaction(warehouse_rows.empty)
    loader, loaded = Loader(source, target, SystemClock(), batch=1000), 1
    while loaded:
        try:
            loaded = await loader.load_some()
        except warehouse_rows.ElsewhereLoaded:
            continue  # the server brought some in
    return loader.position


async def import_customers(
    database: Database, settings: Settings, data: bytes
) -> tuple[Imported, list[ImportProblem]]:
    read = read_customers(data, settings.crm.default_region)
    async with database.sessions.begin() as session:
        done = await CustomerImports(session).take_in(
            read.customers, new_id=lambda: uuid.uuid4().hex, now=datetime.now(UTC)
        )
    return done, read.problems


def tell_server(settings: Settings) -> bool:
    """Have a running server read its definitions again (SIGHUP); whether there is one."""
    pid = running_server(settings.data)
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGHUP)
    except (ProcessLookupError, PermissionError):
        return False
    return True
