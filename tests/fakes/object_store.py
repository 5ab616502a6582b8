"""A real S3 server (nanio) in a process of its own: it keeps files and checks signatures."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.archive import S3Settings

USER, PASSWORD, BUCKET = "hotline", "a secret of tests", "recordings"


class ObjectStore:
    """One server, with one bucket. Who asks before it is ready waits: its socket listens."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hotline-s3-")
        self.bucket = Path(self._folder.name, BUCKET)
        self.bucket.mkdir()
        own = {"DATA_DIR": self._folder.name, "ACCESS_KEY": USER, "SECRET_KEY": PASSWORD}
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
            descriptor = str(listening.fileno())
            app = ["-m", "uvicorn", "nanio.app:build_app", "--factory", "--fd", descriptor]
            self._process = subprocess.Popen(
                [sys.executable, *app, "--no-access-log"],
                env=os.environ | {f"NANIO_{name}": value for name, value in own.items()},
                pass_fds=[listening.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def settings(self, **changes: Any) -> S3Settings:
        return S3Settings(
            **{
                "kind": "s3",
                "bucket": BUCKET,
                "endpoint": f"http://127.0.0.1:{self.port}",
                "access_key": SecretStr(USER),
                "secret_key": SecretStr(PASSWORD),
                "patience": 30,
                "retries": 0,
                **changes,
            }
        )

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()
