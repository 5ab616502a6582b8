"""
The archive step: CPU time and memory for ten minutes of stereo G.711 (``make bench``).

Run it as ``python -m benchmarks.bench_archive``.
"""

import random
import statistics
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from recording.archive import finish
from recording.capture import AGENT, CALLER, SAMPLE_RATE, CaptureInfo, write_header
from recording.laws import Codec

RUNS = 5
LIMIT = 0.3  # seconds of CPU for ten minutes


def capture(spool: Path, minutes: int, agent_codec: Codec) -> Path:
    folder = spool / "bench"
    CaptureInfo(
        recording_id="bench",
        call_id="call",
        contact_id="contact",
        interaction_id="interaction",
        agent_id="agent",
        queue="queue",
        caller_number="+8613800138000",
        dialled_number="1000",
        started_at=datetime.now(UTC),
    ).save(folder)
    samples = random.Random(1).randbytes(minutes * 60 * SAMPLE_RATE)
    (folder / CALLER).write_bytes(write_header("PCMU", 0) + samples)
    (folder / AGENT).write_bytes(write_header(agent_codec, 12_345) + samples)
    return folder


def measure(minutes: int, agent_codec: Codec) -> float:
    """CPU seconds (user and system, median of the runs) for one call of that length."""
    spent = []
    for _ in range(RUNS):
        with TemporaryDirectory() as scratch:
            folder = capture(Path(scratch, "spool"), minutes, agent_codec)
            began = time.process_time()
            finish(folder, Path(scratch, "archive"))
            spent.append(time.process_time() - began)
    return statistics.median(spent)


def memory(minutes: int) -> int:
    """The most KiB that were allocated at once while a call of that length was archived."""
    with TemporaryDirectory() as scratch:
        folder = capture(Path(scratch, "spool"), minutes, "PCMU")
        tracemalloc.start()
        finish(folder, Path(scratch, "archive"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak // 1024


def main() -> None:
    for agent_codec in ("PCMU", "PCMA"):
        spent = measure(10, agent_codec)
        verdict = "within" if spent <= LIMIT else "OVER"
        print(
            f"archive, 10 min stereo, caller PCMU, agent {agent_codec}: "
            f"{spent:.3f} s CPU ({verdict} {LIMIT} s)"
        )
    print(f"archive, 60 min stereo: {memory(60)} KiB at most")


if __name__ == "__main__":
    main()
