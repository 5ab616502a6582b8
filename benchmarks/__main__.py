"""
Every benchmark in its short form, one table each: ``python -m benchmarks [NAME …]``.

Each runs in a process of its own, so that none inherits another's memory or clocks. For figures
worth keeping run one by one on a quiet machine: ``python -m benchmarks.bench_calls``.
"""

import subprocess
import sys
from pathlib import Path

SHORT = {
    "bench_backlog": ["--captures", "200", "--seconds", "10"],
    "bench_calls": ["--short"],
    "bench_capture_crash": ["--calls", "50", "--seconds", "5"],
    "bench_customers": ["--customers", "2000", "--past", "40000", "--rows", "2000"],
    "bench_desktop_load": ["--quick"],
    "bench_desktop_pop": ["--quick"],
    "bench_desktop_streams": ["--quick"],
    "bench_digits": ["--keys", "1000", "--legs", "50"],
    "bench_fax": ["--faxes", "10"],
    "bench_event_log": ["--rate", "10", "--seconds", "5"],
    "bench_knowledge": ["--articles", "1000", "--searches", "60"],
    "bench_levels": ["--calls", "50", "--seconds", "4", "--runs", "1"],
    "bench_live": ["--seconds", "5"],
    "bench_media": ["--calls", "50", "--seconds", "5", "--runs", "1"],
    "bench_media_loop": ["--calls", "50", "--seconds", "3", "--runs", "1"],
    "bench_mixing": ["--calls", "30", "--seconds", "4", "--runs", "1"],
    "bench_recognition": ["--quick"],
    "bench_recording": ["--calls", "50", "--seconds", "10"],
    "bench_reports": ["--days", "2"],
    "bench_sms": ["--texts", "500"],
    "bench_values": ["--count", "2"],
    "bench_walks": ["--seconds", "5", "--runs", "1"],
    "bench_web": ["--calls", "50", "--seconds", "5", "--runs", "1"],
}
WITHIN = 300.0  # seconds for one of them


def names() -> list[str]:
    return sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))


def run(name: str) -> bool:
    """Whether it came to its end."""
    print(f"\n=== {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *SHORT.get(name, [])]
    try:
        return subprocess.run(command, timeout=WITHIN, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"{name}: not done within {WITHIN:g} s")
        return False


def main() -> None:
    chosen = sys.argv[1:] or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(names())}")
    failed = [name for name in chosen if not run(name)]
    if failed:
        sys.exit(f"\nfailed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
