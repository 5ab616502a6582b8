"""
The archive step: CPU time and memory for ten minutes of stereo (``make bench``).

Sealed into two stores and read back from both; the memory is the whole process's.

Run it as ``python -m benchmarks.bench_archive``.
"""

import resource
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from config.recording_words import Format
from recording.archive import Order, StoredRecording, discard, store
from recording.capture import AGENT, CALLER, SAMPLE_RATE, CaptureInfo, write_header
from recording.laws import Codec, in_law
from recording.stores.folder import FolderStore
from recording.stores.port import Store
from recording.stores.s3 import S3Store
from tests.fakes.object_store import ObjectStore

RUNS = 5
LIMITS: dict[Format, float] = {"wav": 0.35, "opus": 3.0}  # seconds of CPU for ten minutes
MEMORY = 150 * 1024  # KiB of a process, at any length


def minute(law: Codec) -> bytes:
    """Syllables of noise and tone with pauses between them: no codec finds this easy."""
    at = np.arange(60 * SAMPLE_RATE) / SAMPLE_RATE
    noise = np.random.default_rng(1).normal(0, 1500, len(at))
    voice = sum(3000 / n * np.sin(2 * np.pi * 130 * n * at) for n in range(1, 20))
    loud = np.clip(np.sin(2 * np.pi * 1.5 * at), 0, 1) * (at % 10 < 6)
    return in_law((loud * (voice + noise)).astype(np.int32), law).tobytes()


def capture(spool: Path, minutes: int, agent_codec: Codec, file_format: Format = "wav") -> Path:
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
        file_format=file_format,
    ).save(folder)
    sides: tuple[tuple[str, Codec, int], ...] = ((CALLER, "PCMU", 0), (AGENT, agent_codec, 12))
    for name, law, offset in sides:
        said = minute(law)
        with (folder / name).open("wb") as file:
            file.write(write_header(law, offset))
            file.writelines(said for _ in range(minutes))
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


def measure(
    minutes: int, agent_codec: Codec, second: Store | None = None, file_format: Format = "wav"
) -> float:
    """CPU seconds (user and system, median of the runs) for one call of that length."""
    spent = []
    for _ in range(RUNS):
        with TemporaryDirectory() as name:
            scratch = Path(name)
            folder = capture(scratch / "spool", minutes, agent_codec, file_format)
            near, far = folders(scratch)
            began = time.process_time()
            stored = finish(folder, [near, second or far])
            spent.append(time.process_time() - began)
            if second is not None:
                second.delete(stored.file)
    return statistics.median(spent)


def memory(minutes: int, file_format: Format) -> int:
    """The most KiB that this process ever had, when a call of that length was archived."""
    with TemporaryDirectory() as name:
        folder = capture(Path(name, "spool"), minutes, "PCMU", file_format)
        finish(folder, folders(Path(name)))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    server = ObjectStore()
    try:
        s3 = S3Store("s3", server.settings())
        runs: list[tuple[Codec, Store | None, Format]] = [
            *(("PCMU", None, "wav"), ("PCMA", None, "wav"), ("PCMU", s3, "wav")),
            ("PCMU", None, "opus"),
        ]
        for agent_codec, second, file_format in runs:
            spent, limit = measure(10, agent_codec, second, file_format), LIMITS[file_format]
            print(
                f"archive, 10 min stereo as {file_format}, caller PCMU, agent {agent_codec}, "
                f"sealed, two stores ({'folder and S3' if second else 'two folders'}), "
                f"read back: {spent:.3f} s CPU "
                f"({'within' if spent <= limit else 'OVER'} {limit} s)"
            )
    finally:
        server.close()
    lengths: list[tuple[int, Format]] = [(10, "wav"), (120, "wav"), (10, "opus"), (120, "opus")]
    for minutes, file_format in lengths:
        most = memory(minutes, file_format)
        verdict = "within" if most <= MEMORY else "OVER"
        print(
            f"archive, {minutes} min stereo as {file_format}: {most} KiB at most "
            f"({verdict} {MEMORY} KiB)"
        )


if __name__ == "__main__":
    main()
