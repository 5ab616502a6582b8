"""The password asked again: for one session, one purpose and five minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from cti_server.api.confirmed import Confirmations
from cti_server.api.errors import ConfirmationNeeded
from cti_server.api.permissions import Identity
from cti_server.store.agents import Agent

from .asking import asking, told
from .conftest import PASSWORD, Centre
from .test_account import code_now, enrol

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
PATH = "account/confirmations"
EXPORT = {"purpose": "recordings.export"}


def session(token_id: str) -> Identity:
    return Identity("zhao", ("supervisor",), token_id, NINE, NINE + timedelta(days=1))


def test_it_holds_for_its_session_and_purpose_and_five_minutes() -> None:
    confirmations = Confirmations()
    here, elsewhere = session("a"), session("b")

    until = confirmations.put(here, "recordings.export", NINE)

    assert until == NINE + timedelta(minutes=5)
    confirmations.need(here, "recordings.export", until - timedelta(seconds=1))
    for who, purpose, now in (
        (here, "recordings.export", until),
        (here, "recordings.play", NINE),
        (elsewhere, "recordings.export", NINE),
    ):
        with pytest.raises(ConfirmationNeeded, match=purpose):
            confirmations.need(who, purpose, now)


def test_it_holds_as_long_as_it_is_set_to() -> None:
    confirmations = Confirmations(timedelta(minutes=1))

    until = confirmations.put(session("a"), "recordings.play", NINE)

    assert until == NINE + timedelta(minutes=1)


async def test_a_wrong_password_is_counted_as_at_the_log_in(centre: Centre) -> None:
    zhao = asking(centre, "zhao")

    right = await zhao("POST", PATH, EXPORT | {"password": PASSWORD})
    assert (right.status, right.body["purpose"]) == (201, "recordings.export")
    wrong = [await zhao("POST", PATH, EXPORT | {"password": "guess"}) for _ in range(6)]
    assert [each.status for each in wrong] == [401] * 5 + [429]
    assert (await zhao("POST", PATH, EXPORT | {"password": PASSWORD})).status == 429
    assert ("zhao", "confirmed", "session", zhao.id) in await told(centre, actor="zhao")
    assert (await zhao("POST", PATH, {"purpose": "tea", "password": PASSWORD})).status == 422


async def test_who_has_a_second_factor_is_asked_for_it(centre: Centre) -> None:
    secret, _, zhao = await enrol(centre, asking(centre, "zhao"))

    asked = await zhao("POST", PATH, EXPORT | {"password": PASSWORD})
    assert asked.kind == "SecondFactorNeeded"
    wrong = await zhao("POST", PATH, EXPORT | {"password": PASSWORD, "code": "000000"})
    assert wrong.kind == "WrongCode"
    code = code_now(centre, secret)
    right = await zhao("POST", PATH, EXPORT | {"password": PASSWORD, "code": code})
    assert right.status == 201


async def test_who_has_no_password_here_is_told_so(centre: Centre) -> None:
    async with centre.parts.database.sessions.begin() as session:
        (await session.get_one(Agent, "zhao")).password_hash = None

    refused = await asking(centre, "zhao")("POST", PATH, EXPORT | {"password": PASSWORD})

    assert (refused.status, refused.kind) == (403, "ConfirmationImpossible")
