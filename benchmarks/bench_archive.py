"""
The archive step: CPU time and memory for ten minutes of stereo G.711 (``make bench``).

Sealed into two stores and read back from both; the memory is the whole process's.

Run it as ``python -m benchmarks.bench_archive``.
"""

import random
import resource
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from recording.archive import Order, StoredRecording, discard, store
from recording.capture import AGENT, CALLER, SAMPLE_RATE, CaptureInfo, write_header
from recording.laws import Codec
from recording.stores.folder import FolderStore
from recording.stores.port import Store
from recording.stores.s3 import S3Store
from tests.fakes.object_store import ObjectStore

RUNS = 5
LIMIT = 0.35  # seconds of CPU for ten minutes
MEMORY = 150 * 1024  # KiB of a process, at any length


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
    minute = random.Random(1).randbytes(60 * SAMPLE_RATE)
    for name, header in ((CALLER, write_header("PCMU", 0)), (AGENT, write_header(agent_codec, 12))):
        with (folder / name).open("wb") as file:
            file.write(header)
            file.writelines(minute for _ in range(minutes))
    return folder


def finish(folder: Path, stores: Sequence[Store]) -> StoredRecording:
    """What a job process does of it, and the removal of the capture."""
    stored = store(Order(folder, b"k" * 32), stores)
    if stored.owed:
        raise SystemExit(f"{stored.owed} did not take it")
    discard(folder)
    return stored


def folders(scratch: Path) -> Sequence[Store]:
    return [FolderStore(name, scratch / name) for name in ("near", "far")]


def measure(minutes: int, agent_codec: Codec, second: Store | None = None) -> float:
    """CPU seconds (user and system, median of the runs) for one call of that length."""
    spent = []
    for _ in range(RUNS):
        with TemporaryDirectory() as name:
            scratch = Path(name)
            folder = capture(scratch / "spool", minutes, agent_codec)
            near, far = folders(scratch)
            began = time.process_time()
            stored = finish(folder, [near, second or far])
            spent.append(time.process_time() - began)
            if second is not None:
                second.delete(stored.file)
    return statistics.median(spent)


def memory(minutes: int) -> int:
    """The most KiB that this process ever had, when a call of that length was archived."""
    with TemporaryDirectory() as name:
        folder = capture(Path(name, "spool"), minutes, "PCMU")
        finish(folder, folders(Path(name)))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    server = ObjectStore()
    try:
        s3 = S3Store("s3", server.settings())
        runs: list[tuple[Codec, Store | None]] = [("PCMU", None), ("PCMA", None), ("PCMU", s3)]
        for agent_codec, second in runs:
            spent = measure(10, agent_codec, second)
            print(
                f"archive, 10 min stereo, caller PCMU, agent {agent_codec}, sealed, two stores "
                f"({'folder and S3' if second else 'two folders'}), read back: {spent:.3f} s CPU "
                f"({'within' if spent <= LIMIT else 'OVER'} {LIMIT} s)"
            )
    finally:
        server.close()
    for minutes in (10, 120):
        most = memory(minutes)
        verdict = "within" if most <= MEMORY else "OVER"
        print(f"archive, {minutes} min stereo: {most} KiB at most ({verdict} {MEMORY} KiB)")


if __name__ == "__main__":
    main()
