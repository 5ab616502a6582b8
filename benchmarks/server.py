"""``hotline serve`` with the bench profile for a benchmark, and what its processes cost."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import yaml

from tests.ports import free_port, port_range

HOST: Final = "127.0.0.1"
MEDIA_PORTS: Final = 3000  # how many
START_WITHIN: Final = 240.0  # seconds; the first start may render prompts
STOP_WITHIN: Final = 30.0
ROOT: Final = Path(__file__).parent.parent
PROMPTS: Final = ROOT / "var" / "prompts"
"""Kept between runs: speech is rendered once."""
_ANY_DISK: Final = {"warn": 0, "move": 0, "spare": 0, "refuse": 0, "warn_within": "PT0S"}
"""How full the machine is that measures is none of the server's faults."""
PASSWORD: Final = "correct-horse"  # noqa: S105 - of a server that is gone with the run
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Hire:
    """Somebody who logs in; ``phone`` as ``hotline agent add`` takes it."""

    id: str
    name: str
    number: str
    skills: dict[str, int]
    roles: tuple[str, ...]
    phone: str | None
    password: str = PASSWORD


class ServerFailed(Exception):
    """The server did not come up; the message has its last words."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds since a process began, by its part in the server."""

    control: float
    worker: float
    jobs: float

    @property
    def total(self) -> float:
        return self.control + self.worker + self.jobs

    def since(self, before: "Cost") -> "Cost":
        return Cost(
            self.control - before.control, self.worker - before.worker, self.jobs - before.jobs
        )


@dataclass(frozen=True, slots=True)
class _Ports:
    sip: int
    agents: int
    api: int
    media: tuple[int, int]  # the first and the last


@cache
def _ports() -> _Ports:
    """Of this process's servers, which run one after another."""
    return _Ports(free_port(), free_port(), free_port(), port_range(MEDIA_PORTS))


def agents_at() -> tuple[str, int]:
    """Where the agents' phones are, before there is a server, too."""
    return HOST, _ports().agents


class BenchServer:
    """A server of its own on ports and in a folder of its own; gone with the ``with`` block."""

    def __init__(
        self,
        workers: int = 1,
        seats: int | None = None,
        numbers: Mapping[str, Mapping[str, str]] | None = None,
        people: Sequence[Hire] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """
        ``seats``: how many agents there are who need no log-in; None for as many as the profile
        says.

        ``numbers`` are there beside the profile's, as are ``people``, who log in; ``settings`` take
        the place of the profile's.
        """
        self._numbers = numbers or {}
        self._people = people
        self._settings = settings or {}
        self._workers = workers
        self._seats = seats
        self._folder = tempfile.TemporaryDirectory(prefix="hotline-bench-")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "BenchServer":
        folder = Path(self._folder.name)
        config = folder / "bench.yaml"
        config.write_text(yaml.safe_dump(self._profile(folder)), encoding="utf-8")
        if self._people:
            self._hire(config)
        log = (folder / "log").open("wb")
        command = [sys.executable, "-m", "cti_server", "serve", "--config", str(config)]
        if not (ROOT / "cti_server" / "__main__.py").exists():
            command[1:3] = ["-c", "from cti_server.cli import main; main()"]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        log.close()
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            self._folder.cleanup()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self._folder.cleanup()

    def stop(self) -> None:
        """What it wrote stays until the end of the ``with`` block."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    @property
    def target(self) -> str:
        return self.uri("1000")

    def uri(self, number: str) -> str:
        return f"sip:{number}@{HOST}:{_ports().sip}"

    @property
    def data(self) -> Path:
        return Path(self._folder.name) / "data"

    @property
    def agents_at(self) -> tuple[str, int]:
        return agents_at()

    @property
    def api(self) -> str:
        return f"http://{HOST}:{_ports().api}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed("not started")
        return self._process.pid

    @property
    def log(self) -> str:
        return (Path(self._folder.name) / "log").read_text(errors="replace")

    def figures(self) -> dict[str, float]:
        """``/metrics``, by name."""
        with urllib.request.urlopen(f"http://{HOST}:{_ports().api}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        told = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in told}

    def cost(self) -> Cost:
        """Of all its processes, also those of its children that have ended."""
        root = self.pid
        seconds: defaultdict[str, float] = defaultdict(float)
        for pid, fields in _family(root):
            own = (int(fields[11]) + int(fields[12])) / _TICKS
            seconds[_part(pid, root)] += own
            if pid == root:
                seconds["jobs"] += (int(fields[13]) + int(fields[14])) / _TICKS
        return Cost(seconds["control"], seconds["worker"], seconds["jobs"])

    def _profile(self, folder: Path) -> dict[str, Any]:
        profile: dict[str, Any] = yaml.safe_load((ROOT / "config" / "bench.yaml").read_text())
        profile["data"] = str(folder / "data")
        for listen in profile["sip"]["listen"]:
            listen["port"] = _ports().sip
        profile["media"] = {"workers": self._workers, "ports": list(_ports().media)}
        profile["api"] = {"port": _ports().api}
        profile["numbers"] |= {number: dict(one) for number, one in self._numbers.items()}
        profile["speech"] = {"cache": str(PROMPTS)}
        profile["disk"] = dict(_ANY_DISK)
        for seats in profile["seats"]:
            seats["phone"] = seats["phone"].replace(":5080", f":{_ports().agents}")
            seats["last"] = self._seats or seats["last"]
        if self._seats == 0:
            profile["seats"] = []
        return profile | dict(self._settings)

    def _hire(self, config: Path) -> None:
        people = json.dumps([asdict(one) for one in self._people]).encode()
        command = [sys.executable, "-m", "benchmarks.hiring", str(config)]
        subprocess.run(command, input=people, check=True, cwd=ROOT)

    def _await_ready(self) -> None:
        until = time.monotonic() + START_WITHIN
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(
                    f"http://{HOST}:{_ports().api}/readyz", timeout=1
                ) as page:
                    if page.status == 200:
                        return
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        raise ServerFailed(f"hotline serve is not ready:\n{self.log[-2000:]}")


def _family(root: int) -> list[tuple[int, list[str]]]:
    """The process and its descendants, each with the fields of its stat after the name."""
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue  # gone meanwhile
            found[int(entry.name)] = text.rpartition(")")[2].split()
    family, grown = {root}, True
    while grown:
        children = {pid for pid, fields in found.items() if int(fields[1]) in family} - family
        family |= children
        grown = bool(children)
    return [(pid, found[pid]) for pid in sorted(family) if pid in found]


def _part(pid: int, root: int) -> str:
    if pid == root:
        return "control"
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return "jobs"
    return "worker" if b"cti_server.media.worker" in command else "jobs"
