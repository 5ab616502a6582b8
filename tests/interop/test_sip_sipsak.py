"""sipsak: OPTIONS, and REGISTER with a password; a hundred phones at once."""

import subprocess

import pytest

from .sip_process import HOST, server

pytestmark = pytest.mark.interop

SERVER = 15170


def sipsak(*options: str) -> "subprocess.CompletedProcess[bytes]":
    command = ["sipsak", *options]
    return subprocess.run(command, capture_output=True, timeout=30, check=False)


def register(user: int, password: str, *, expires: int = 600) -> list[str]:
    return [
        "-U", "-i", "-x", str(expires), "-C", f"sip:{user}@{HOST}:15171",
        "-s", f"sip:{user}@{HOST}:{SERVER}", "-u", str(user), "-a", password,
    ]  # fmt: skip


def test_options_are_answered() -> None:
    with server(SERVER):
        done = sipsak("-vv", "-s", f"sip:anything@{HOST}:{SERVER}")
    assert done.returncode == 0
    assert b"200 OK" in done.stdout
    assert b"Allow: INVITE" in done.stdout


def test_a_phone_registers_and_leaves_again() -> None:
    with server(SERVER) as ours:
        assert sipsak(*register(200, "pw200")).returncode == 0
        assert sipsak(*register(201, "pw201")).returncode == 0
        assert sipsak(*register(201, "pw201", expires=0)).returncode == 0
    assert ours.report["bindings"] == 1


@pytest.mark.parametrize(("user", "password"), [(200, "wrong"), (999, "pw999")])
def test_a_wrong_password_and_an_unknown_account_are_refused(user: int, password: str) -> None:
    with server(SERVER) as ours:
        assert sipsak(*register(user, password)).returncode != 0
    assert ours.report["bindings"] == 0


def test_a_hundred_phones_register_at_once() -> None:
    with server(SERVER) as ours:
        running = [
            subprocess.Popen(
                ["sipsak", *register(user, f"pw{user}")],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for user in range(200, 300)
        ]
        assert [process.wait(timeout=60) for process in running] == [0] * 100
    assert ours.report["bindings"] == 100
