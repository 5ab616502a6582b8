"""A real file system that stands still: whoever writes to it waits in the kernel meanwhile."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MB = 1 << 20


class FrozenDisk:
    """Mounted at ``folder``. Nobody in this process may touch it while it is frozen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def frozen(self) -> Iterator[None]:
        _run("fsfreeze", "--freeze", str(self.folder))
        try:
            yield
        finally:
            _run("fsfreeze", "--unfreeze", str(self.folder))


@contextmanager
def frozen_disk(folder: Path, image: Path, size: int = 64 * MB) -> Iterator[FrozenDisk]:
    """An ext4 in the file ``image``. Whoever is not root needs sudo, as for CI's packages."""
    folder.mkdir(parents=True, exist_ok=True)
    with image.open("wb") as file:
        file.truncate(size)
    _run("mkfs.ext4", "-q", str(image))
    _run("mount", "-o", "loop", str(image), str(folder))
    try:
        _run("rmdir", str(folder / "lost+found"))
        _run("chmod", "0777", str(folder))
        yield FrozenDisk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*words: str) -> None:
    asked = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*asked, *words], check=True, capture_output=True)
