"""An empty database of each kind for a benchmark, gone with the context."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.fakes.postgres import PostgresServer


@contextmanager
def both_databases() -> Iterator[tuple[str, str]]:
    """Their URLs: SQLite's, then that of a PostgreSQL of its own."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        server = PostgresServer()
        opened.callback(server.close)
        server.create("bench")
        yield f"sqlite:///{folder}/hotline.db", server.url("bench")
