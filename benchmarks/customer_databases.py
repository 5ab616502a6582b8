"""Where a benchmark keeps its customers: a file, or a PostgreSQL as one would run it."""

import os
import shutil
import subprocess
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")
OPTIONS = (
    "-c listen_addresses= -c shared_buffers=6GB -c effective_cache_size=16GB -c max_wal_size=8GB "
    "-c random_page_cost=1.1"
)
"""A quarter of the memory, on an SSD; all else, fsync too, as it is shipped."""


class Postgres:
    """A server whose data stay in the folder, until the folder goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = "postgres" if os.geteuid() == 0 else None
        self._data = folder / "data"
        new = not self._data.exists()
        if new:
            folder.mkdir(parents=True)
            if self._user is not None:
                shutil.chown(folder, self._user)
            self._run(
                "initdb", "--pgdata", str(self._data), "--username=hotline", "--auth=trust",
                "--encoding=UTF8", "--no-locale",
            )  # fmt: skip
        self._control("start", "--options", f"-k {folder} {OPTIONS}", "--log", str(folder / "log"))

    def create(self, database: str) -> str:
        """Its URL; an empty one if it was not there."""
        made = self._folder / f"made-{database}"
        if not made.exists():
            self._run("createdb", "--host", str(self._folder), "--username=hotline", database)
            made.touch()
        return f"postgresql+asyncpg://hotline@/{database}?host={self._folder}"

    def drop(self, database: str) -> None:
        there = ("--if-exists", "--force", "--host", str(self._folder), "--username=hotline")
        self._run("dropdb", *there, database)
        (self._folder / f"made-{database}").unlink(missing_ok=True)

    @property
    def cpu(self) -> float:
        """Seconds that its processes have used, those that have ended too."""
        parent = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return sum(map(_cpu, [parent, *map(int, children)]))

    def close(self) -> None:
        self._control("stop", "--mode=fast")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self._data), "--wait", "--timeout=300", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [BINARIES / program, *arguments],
            cwd=self._folder,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _cpu(process: int) -> float:
    """Its own and its dead children's (proc(5), fields 14 to 17)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
