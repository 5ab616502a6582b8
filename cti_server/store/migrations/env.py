"""Alembic's environment: run by :mod:`cti_server.store.upgrade`, on its connection."""

from typing import Any, Literal

from alembic import context

from cti_server.store.base import UtcDateTime
from cti_server.store.tables import Base


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration stands for itself: it must not change when our types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
