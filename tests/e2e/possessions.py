"""What a running server holds: calls, legs, ports, files, threads. Counted from outside."""

from collections.abc import Mapping
from pathlib import Path

HELD = (
    "hotline_calls_running",
    "hotline_media_legs",
    "hotline_media_captures",
    "hotline_sip_dialogs",
    "hotline_queues_waiting",
    "hotline_recordings_backlog",
)


def children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (thread / "children").read_text().split())
    return sorted(found)


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def entries(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def workers(control: int) -> list[int]:
    """The media workers of that control process."""
    return [pid for pid in children(control) if "media.worker" in command_line(pid)]


def of(control: int) -> dict[str, float]:
    """Open files and threads of a control process and of its media workers."""
    pids = {"control": control}
    pids |= {f"worker {number}": pid for number, pid in enumerate(workers(control))}
    return {
        f"{name}: {what}": float(entries(Path(f"/proc/{pid}/{folder}")))
        for name, pid in pids.items()
        for what, folder in (("files", "fd"), ("threads", "task"))
    }


def more(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """How much more there is now."""
    return {name: now[name] - had for name, had in before.items() if now.get(name, 0) > had}
