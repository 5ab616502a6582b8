"""Recordings go by the rules of their queues and kinds, on both databases; what is held stays."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from cti_server import shipped_retention
from cti_server.privacy.recordings_going import going
from cti_server.store.database import Database
from cti_server.store.legal_holds import Held, LegalHold, LegalHolds
from cti_server.store.recordings import Recording
from cti_server.store.retention import RECORDINGS, RecordingRetention, Retention, RetentionRule

from .office import Office, office
from .test_retention import LONG_AGO, SetClock, ran

KEPT = [
    ("sales", "conversation"),
    ("sales", "message"),
    ("service", "conversation"),
    ("", "message"),
]
AGES = (5, 20, 400)
"""Days."""


async def recorded(here: Office) -> None:
    """One of each kind and age, of 1000 bytes."""
    await shipped_retention.load(here.changes, LONG_AGO)
    async with here.database.sessions.begin() as session:
        for queue, kind in KEPT:
            for age in AGES:
                name = f"{queue}-{kind}-{age}"
                session.add(
                    Recording(
                        id=name,
                        call_id=f"call-{name}",
                        contact_id=f"contact-{name}",
                        interaction_id="",
                        agent_id="",
                        queue=queue,
                        caller_number="13800138000",
                        dialled_number="",
                        started_at=LONG_AGO - timedelta(days=age),
                        state="stored",
                        size=1000,
                        kind=kind,
                        file=f"{name}.wav",
                        sha256="0",
                    )
                )


async def rule(here: Office, name: str, days: int | None, queue: str = "", kind: str = "") -> None:
    async with here.database.sessions.begin() as session:
        session.add(
            RecordingRetention(
                id=name, queue=queue, kind=kind, days=days, created_at=LONG_AGO, updated_at=LONG_AGO
            )
        )
        await Retention(session).rules_changed(LONG_AGO)


async def left(here: Office) -> set[str]:
    async with here.database.readers() as session:
        rows = await session.scalars(select(Recording.id).where(Recording.state == "stored"))
        return set(rows)


async def hold(here: Office, recording_id: str) -> None:
    async with here.database.sessions.begin() as session:
        session.add(
            LegalHold(
                id="hold1",
                record="recording",
                record_id=recording_id,
                reason="a court",
                placed_by="sun",
                placed_at=LONG_AGO,
            )
        )


async def test_each_goes_by_the_rule_that_says_most_of_it(
    database: Database, tmp_path: Path
) -> None:
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        await recorded(here)
        await rule(here, "r-messages", 10, kind="message")
        await rule(here, "r-sales", None, queue="sales")
        await rule(here, "r-both", 3, queue="sales", kind="message")
        await hold(here, "sales-message-400")
        foretold = await foreseen(here)
        dry = await ran(here, clock, dry=True)
        untouched = await left(here)
        run = await ran(here, clock)

        assert len(untouched) == len(KEPT) * len(AGES)
        assert await left(here) == {
            *("sales-conversation-5", "sales-conversation-20", "sales-conversation-400"),
            "sales-message-400",  # held
            *("service-conversation-5", "service-conversation-20"),
            "-message-5",
        }
        assert (
            run.counts
            == dry.counts
            == {
                "recordings": 1,
                "recordings/r-messages": 2,
                "recordings/r-both": 2,
            }
        )
        assert +Counter(run.held) == +Counter(dry.held) == {"recordings/r-both": 1}
        assert foretold == {
            None: (1, 1000, 0),
            "r-messages": (2, 2000, 0),
            "r-sales": (0, 0, 0),
            "r-both": (2, 2000, 1),
        }


async def foreseen(here: Office, *, held: Held | None = None) -> dict[str | None, tuple[int, ...]]:
    async with here.database.readers() as session:
        rules = [each.rule for each in await Retention(session).of_recordings()]
        held = held or await LegalHolds(session).held(LONG_AGO)
        found = await going(session, rules, 365, held, LONG_AGO)
    return {
        None if each.rule is None else each.rule.id: (each.recordings, each.bytes, each.held)
        for each in found
    }


async def test_what_a_rule_kept_goes_when_the_rule_is_gone(
    database: Database, tmp_path: Path
) -> None:
    """Though the class was gone through up to long after them before."""
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        await recorded(here)
        await rule(here, "r-sales", None, queue="sales")
        await ran(here, clock)
        kept = await left(here)
        async with database.sessions.begin() as session:
            await session.delete(await session.get_one(RecordingRetention, "r-sales"))
            await Retention(session).rules_changed(clock.now())
        await ran(here, clock)

        assert {"sales-conversation-400", "sales-message-400"} <= kept
        assert not {"sales-conversation-400", "sales-message-400"} & await left(here)


async def test_a_rule_that_goes_while_a_run_is_under_way_hides_nothing_from_the_next(
    database: Database, tmp_path: Path
) -> None:
    clock = SetClock(LONG_AGO)
    async with office(database, tmp_path, clock) as here:
        await recorded(here)
        await rule(here, "r-sales", None, queue="sales")
        await here.retention.begin("sun", dry=False, now=clock.now())
        await here.retention.do(clock.now())  # some of the class, without sales
        clock.at += timedelta(minutes=1)
        async with database.sessions.begin() as session:
            await session.delete(await session.get_one(RecordingRetention, "r-sales"))
            await Retention(session).rules_changed(clock.now())
        await ran(here, clock)
        async with database.readers() as session:
            of_class = await session.get_one(RetentionRule, RECORDINGS)
        assert of_class.swept_until is None
        clock.at += timedelta(minutes=1)
        await ran(here, clock)

        assert not {"sales-conversation-400", "sales-message-400"} & await left(here)
