"""What a start makes of the settings: secrets that are none are refused; without a gateway, too."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.sms import SmsSettings
from cti_server.assembly.ground import Ground
from cti_server.assembly.sms import SmsWays, open_sms, open_sms_ways
from cti_server.due import DueWork
from cti_server.refusals import StartFailed
from cti_server.store.database import Database
from cti_server.store.sms_messages import KEPT, SEEN_TO, SmsMessages
from cti_server.store.sms_senders import SmsSenders
from cti_server.store.sms_sessions import SmsSessions
from tests.store.stories import NINE

from .desk import SMS
from .test_kept import row
from .test_stored import LI, take


class Due:
    """What was added."""

    def __init__(self) -> None:
        self.works: list[DueWork] = []

    def add(self, work: DueWork) -> None:
        self.works.append(work)


def ground(settings: SmsSettings, database: Database | None = None) -> Ground:
    """As much of it as is looked at before the start fails, or without a gateway."""
    return cast(
        "Ground",
        SimpleNamespace(
            settings=SimpleNamespace(sms=settings, self_service=SimpleNamespace(services={})),
            database=database,
            due=Due(),
        ),
    )


NO_WAYS = SmsWays({}, {})


def kannel(**changes: Any) -> SmsSettings:
    gateway = {**SMS["gateways"]["kannel"], **changes}
    return SmsSettings.model_validate({**SMS, "gateways": {"kannel": gateway}})


@pytest.mark.parametrize(
    ("kept", "rule"), [(b"", "is empty"), (b" \n", "is empty"), (b"0123456789a\n", "12 characters")]
)
async def test_a_file_without_a_secret_that_could_not_be_guessed_is_refused(
    tmp_path: Path, kept: bytes, rule: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(kept)
    here, nothing = ground(kannel(secret=None, secret_file=file)), cast("Any", None)

    with pytest.raises(StartFailed, match=r"^sms\.gateways\.kannel\.secret_file: .*") as refused:
        await open_sms(here, nothing, nothing, nothing, NO_WAYS)

    assert rule in str(refused.value)


async def test_a_file_without_a_password_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\n")

    with pytest.raises(StartFailed, match=r"^sms\.gateways\.kannel\.password_file: .* is empty"):
        await open_sms_ways(ground(kannel(password=None, password_file=file)))


async def test_without_a_gateway_what_is_over_is_forgotten_all_the_same(
    database: Database,
) -> None:
    for n in (1, 2):
        await take(database, n)
    async with database.sessions.begin() as session:
        first = await SmsMessages(session).get(f"kannel-{LI}-1")
        assert first is not None
        first.state, first.due_at = SEEN_TO, NINE + KEPT
        SmsSessions(session).add(row())
        await SmsSenders(session, b"key").put(LI, told_at=NINE)
    nothing, here = cast("Any", None), ground(SmsSettings(), database)

    assert await open_sms(here, nothing, nothing, nothing, NO_WAYS) is None

    [forgetting] = cast("Due", here.due).works
    at_first = await forgetting.earliest()
    assert at_first is not None
    assert at_first < NINE
    await forgetting.do(NINE + KEPT)
    assert await forgetting.earliest() == NINE + KEPT + timedelta(hours=1)
    async with database.readers() as session:
        assert await SmsSessions(session).all() == []
        assert await SmsSenders(session, b"key").of(LI) is None
    assert await take(database, 1)
    assert not await take(database, 2)
