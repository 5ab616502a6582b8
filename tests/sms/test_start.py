"""What keeps a server with texts from starting: it names the field."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.sms import SmsSettings
from cti_server.assembly.directory import Directory
from cti_server.assembly.ground import Ground
from cti_server.assembly.sms import open_sms, sms_sender
from cti_server.refusals import StartFailed

from .desk import SMS


def ground(**changes: Any) -> Ground:
    """As much of it as is looked at before the start fails."""
    kannel = {**SMS["gateways"]["kannel"], **changes}
    settings = SimpleNamespace(
        sms=SmsSettings.model_validate({**SMS, "gateways": {"kannel": kannel}}),
        self_service=SimpleNamespace(services={}),
    )
    return cast("Ground", SimpleNamespace(settings=settings))


@pytest.mark.parametrize(
    ("kept", "rule"), [(b"", "is empty"), (b" \n", "is empty"), (b"0123456789a\n", "12 characters")]
)
async def test_a_file_without_a_secret_that_could_not_be_guessed_is_refused(
    tmp_path: Path, kept: bytes, rule: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(kept)
    here, nothing = ground(secret=None, secret_file=file), cast("Any", None)

    with pytest.raises(StartFailed, match=r"^sms\.gateways\.kannel\.secret_file: .*") as refused:
        await open_sms(here, cast("Directory", nothing), nothing, nothing)

    assert rule in str(refused.value)


async def test_a_file_without_a_password_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\n")

    with pytest.raises(StartFailed, match=r"^sms\.gateways\.kannel\.password_file: .* is empty"):
        await sms_sender(ground(password=None, password_file=file))
