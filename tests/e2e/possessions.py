"""What a running server holds: calls, legs, ports, files, threads. Counted from outside."""

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

LISTENING = "0A"  # in /proc/net/tcp

HELD = (
    "hotline_calls_running",
    "hotline_media_legs",
    "hotline_media_captures",
    "hotline_sip_dialogs",
    "hotline_queues_waiting",
    "hotline_recordings_backlog",
)


def children(pid: int) -> list[int]:
    """Of all its threads: what a thread that ends meanwhile had is another's. None of one gone."""
    while runs(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            threads = Path(f"/proc/{pid}/task").iterdir()
            texts = [(thread / "children").read_text() for thread in threads]
            return sorted(int(child) for text in texts for child in text.split())
    return []


def command_line(pid: int) -> str:
    """Empty for one that has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def at_work_in(folder: Path) -> list[str]:
    """The command lines of all processes of this machine that name the folder."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [line for line in map(command_line, pids) if str(folder) in line]


def entries(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def workers(control: int) -> list[int]:
    """The media workers of that control process."""
    return [pid for pid in children(control) if "media.worker" in command_line(pid)]


def worker_at(control: int, port: int) -> int:
    """The media worker that has this RTP port."""
    for pid in workers(control):
        first, last = command_line(pid).partition("--ports ")[2].split()[0].split("-")
        if int(first) <= port <= int(last):
            return pid
    raise AssertionError(f"no worker has port {port}")


def of(control: int, api_port: int) -> dict[str, float]:
    """
    Open files and threads of a control process and of its media workers.

    Without the desktops' connections to the API: these open and close as the test asks.
    """
    desktops = _connections_to(api_port)
    pids = {"control": control}
    pids |= {f"worker {number}": pid for number, pid in enumerate(workers(control))}
    held: dict[str, float] = {}
    for name, pid in pids.items():
        held[f"{name}: files"] = sum(1 for link in _links(pid) if link not in desktops)
        held[f"{name}: threads"] = entries(Path(f"/proc/{pid}/task"))
    return held


def _links(pid: int) -> Iterator[str]:
    """What each open file of a process is."""
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield str(file.readlink())


def _connections_to(port: int) -> set[str]:
    """The accepted TCP connections of a port, as they stand among a process's files."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        f"socket:[{row[9]}]"
        for row in rows
        if int(row[1].partition(":")[2], 16) == port and row[3] != LISTENING
    }


def more(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """How much more there is now."""
    return {name: now[name] - had for name, had in before.items() if now.get(name, 0) > had}


def descendants(pid: int) -> list[int]:
    """The process and everything that it started."""
    return [pid, *(grandchild for child in children(pid) for grandchild in descendants(child))]


def cpu_seconds(pid: int) -> float:
    """Of the process and all that it started, also of those that have ended."""
    ticks = 0
    for each in descendants(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def runs(pid: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def kill(pid: int) -> None:
    """As the system does it that has run out of memory."""
    os.kill(pid, signal.SIGKILL)
