"""A private PostgreSQL 15 on a unix socket: real, empty, and gone when the tests are."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")
OPTIONS = (
    "-c listen_addresses= -c fsync=off -c full_page_writes=off "
    "-c shared_buffers=32MB -c max_connections=60 -c autovacuum=off"
)


class PostgresServer:
    """
    One server process group. It refuses to run as root, so root lends it to ``postgres``.

    Where the binaries are missing this raises FileNotFoundError: the run fails, nothing is skipped.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-pg-", dir="/tmp"))
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        self._run(
            "initdb", "--pgdata", str(data), "--username=hotline", "--auth=trust",
            "--encoding=UTF8", "--no-locale", "--no-sync",
        )  # fmt: skip
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://hotline@/{database}?host={self._folder}"

    def create(self, database: str) -> str:
        """Make an empty database; return its URL."""
        self.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> None:
        self._run(
            "psql", "--host", str(self._folder), "--username=hotline", "--quiet",
            "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command", statement, database,
        )  # fmt: skip

    def start(self) -> None:
        """Return when it takes connections."""
        options = f"-k {self._folder} {OPTIONS}"
        self._control("start", "--options", options, "--log", str(self._folder / "log"))

    def stop(self) -> None:
        """Cut every connection, as a crash would."""
        self._control("stop", "--mode=immediate")

    def freeze(self) -> None:
        """Answer nothing from now on, with every connection open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        self.thaw()
        self.stop()
        shutil.rmtree(self._folder)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self._folder / "data"), "--wait", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        lent = self._user is not None
        done = subprocess.run(
            [BINARIES / program, *arguments],
            cwd=self._folder,
            user=self._user,
            group=self._user,
            extra_groups=[] if lent else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def _signal(self, number: signal.Signals) -> None:
        parent = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(parent, number)  # first, so that it has no more children
        for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), number)
