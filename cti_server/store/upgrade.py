"""Alembic, driven from inside: the schema's version and the way to the newest one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from .errors import DatabaseTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 4_688_546_301  # any number that nobody else takes; one per application


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; migrations run on the connection and inside its transaction."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection) -> None:
    """
    Migrate to the newest revision. Raises DatabaseTooNew.

    The caller's transaction makes it all or nothing. Two at once queue up: on PostgreSQL by
    an advisory lock, on SQLite because the transaction already holds the write lock.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    settings = config(connection)
    known = ScriptDirectory.from_config(settings)
    if (revision := _revision(connection)) is not None:
        try:
            known.get_revision(revision)
        except CommandError as error:
            raise DatabaseTooNew(revision) from error
    command.upgrade(settings, "head")


def is_current(connection: Connection) -> bool:
    """Whether the schema is exactly this release's."""
    return _revision(connection) == ScriptDirectory.from_config(config()).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
