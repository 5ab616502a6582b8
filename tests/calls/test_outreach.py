"""Whether a call may leave: what the customers said, in a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm.consents import Preferences
from crm.numbers import normalise
from cti_server.calls.outreach import CustomerDeclines, Outreach
from cti_server.store.consents import Consent, Consents
from cti_server.store.customers import Customer, CustomerNumber
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.wire.events import Event, OutreachRefused
from tests.fakes.databases import new_sqlite

NOON = datetime(2031, 7, 4, 4, 0, tzinfo=UTC)  # in Shanghai
SHARED, UNKNOWN = "0755-83765566", "13800138000"


class Office:
    """Two who share a telephone: Zhang agreed to advertising, Li wants no calls at night."""

    def __init__(self, database: Database) -> None:
        self.told: list[Event] = []
        self.now = NOON
        self.outreach = Outreach(
            database,
            self.told.append,
            now=lambda: self.now,
            region="CN",
            time_zone="Asia/Shanghai",
        )

    async def cause(self, purpose: str, number: str, customer_id: str | None = None) -> str | None:
        """Why the call may not leave; None if it may."""
        try:
            await self.outreach.need_allowed(
                "voice",
                "marketing" if purpose == "marketing" else "service",
                number=number,
                customer_id=customer_id,
                asked_by="li",
            )
        except CustomerDeclines as error:
            return error.cause
        return None


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = new_sqlite(tmp_path)
    night = Preferences.model_validate({"quiet_hours": [{"start": "20:00", "end": "08:00"}]})
    async with database.sessions.begin() as session:
        for name, preferences in (("zhang", Preferences()), ("li", night)):
            customer = Customer(
                id=name,
                name=name,
                created_at=NOON,
                updated_at=NOON,
                preferences=preferences.model_dump(mode="json"),
                contact_points=[],
                numbers=[CustomerNumber.of(normalise(SHARED, "CN"))],
            )
            session.add(customer)
        await session.flush()
        Consents(session).add(
            Consent(
                id="consent",
                customer_id="zhang",
                channel="voice",
                purpose="marketing",
                given=True,
                source="paper",
                at=NOON - timedelta(days=1),
                recorded_by="wang",
            )
        )
    yield Office(database)
    await database.close()


async def test_the_customer_who_is_meant_counts_and_else_everyone_with_the_number(
    office: Office,
) -> None:
    assert await office.cause("marketing", SHARED, "zhang") is None
    assert await office.cause("marketing", SHARED, "li") == "no_consent"
    assert await office.cause("marketing", SHARED) == "no_consent"
    assert await office.cause("service", SHARED) is None

    office.now = NOON + timedelta(hours=8)  # 20:00
    assert await office.cause("service", SHARED) == "quiet_hours"
    assert await office.cause("service", SHARED, "zhang") is None


async def test_who_is_nobodys_customer_has_agreed_to_no_advertising(office: Office) -> None:
    assert await office.cause("marketing", UNKNOWN) == "no_consent"
    assert await office.cause("service", UNKNOWN) is None


async def test_each_refusal_is_told_with_its_cause_and_by_whom_it_was_asked_for(
    office: Office,
) -> None:
    office.now = NOON - timedelta(hours=5)  # 07:00

    assert await office.cause("service", SHARED, "li") == "quiet_hours"

    assert office.told == [
        OutreachRefused(
            customer_id="li",
            channel="voice",
            purpose="service",
            cause="quiet_hours",
            asked_by="li",
        )
    ]


async def test_without_a_database_service_goes_on_and_advertising_does_not(tmp_path: Path) -> None:
    office = Office(Database(f"sqlite:///{tmp_path / 'nowhere' / 'hotline.db'}"))

    assert await office.cause("service", SHARED) is None
    with pytest.raises(UNAVAILABLE):
        await office.cause("marketing", SHARED)


async def test_a_call_that_is_made_all_the_same_is_not_told_as_refused(office: Office) -> None:
    office.now = NOON + timedelta(hours=10)
    await office.outreach.need_allowed(
        "voice",
        "service",
        number=SHARED,
        customer_id="li",
        asked_by="wang",
        overruled=lambda refusal: refusal.cause == "quiet_hours",
    )

    assert office.told == []
