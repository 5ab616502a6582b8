"""Our server and the foreign peers as processes on the loopback, for the SIP interop tests."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCENARIOS = Path(__file__).parent.parent / "sip" / "sipp"
HOST = "127.0.0.1"


class Server:
    """The echo server; ``report`` is there after it has stopped."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process = process
        self.port = port
        self.report: dict[str, Any] = {}

    @property
    def counts(self) -> dict[str, int]:
        """What became of the calls."""
        counts: dict[str, int] = self.report["counts"]
        return counts

    @property
    def left_behind(self) -> tuple[int, int]:
        return self.report["calls_open"], self.report["dialogs_open"]

    def finish(self, within: float) -> None:
        """Wait until it ends by itself (or end it, after SIGTERM was sent), and read its report."""
        output, _ = self._process.communicate(timeout=within)
        assert self._process.returncode == 0
        self.report = json.loads(output.splitlines()[-1])

    def stop(self) -> None:
        if self._process.poll() is None and not self.report:
            self._process.terminate()
            self.finish(10)


@contextmanager
def server(port: int, *options: str) -> Iterator[Server]:
    """Start the echo server; stop it at the end and read its report."""
    command = [sys.executable, "-m", "tests.interop.sip_echo_server", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready")
            running = Server(process, port)
            yield running
            running.stop()
        finally:
            process.kill()


def sipp_command(scenario: str, port: int, calls: int, *options: str) -> list[str]:
    """SIPp, bounded in calls and time. A name without ".xml" is one of its own scenarios."""
    which = ["-sf", str(SCENARIOS / scenario)] if scenario.endswith(".xml") else ["-sn", scenario]
    bounds = ["-m", str(calls), "-nostdin", "-timeout", "75s", "-i", HOST, "-p", str(port)]
    return ["sipp", *which, *bounds, *options]


def sipp(folder: Path, scenario: str, port: int, calls: int, *options: str) -> str:
    """Run SIPp to its end; fails with its last screen if any call failed."""
    done = subprocess.run(
        sipp_command(scenario, port, calls, *options),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=90,
        check=False,
    )
    screen = done.stdout.decode(errors="replace")
    assert done.returncode == 0, screen[-4000:]
    return screen


@contextmanager
def sipp_answering(
    folder: Path, scenario: str, port: int, calls: int, *options: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """SIPp as the callee, in the background; at the end it must have had all of its calls."""
    command = sipp_command(scenario, port, calls, *options)
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            wait_for_port(port, "tcp" if "t1" in options else "udp")
            yield process
            output, _ = process.communicate(timeout=90)
            assert process.returncode == 0, output.decode(errors="replace")[-4000:]
        finally:
            process.kill()


def wait_for_port(port: int, transport: str, within: float = 10.0) -> None:
    """Until somebody is bound to the port."""
    wanted = f"0100007F:{port:04X}"
    give_up = time.monotonic() + within
    while wanted not in Path(f"/proc/net/{transport}").read_text():
        assert time.monotonic() < give_up, f"nobody listens on port {port}"
        time.sleep(0.05)
