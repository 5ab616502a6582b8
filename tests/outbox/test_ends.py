"""Ends are noted together; what is wrong with one is its own."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from cti_server.outbox import ends
from cti_server.outbox.ends import TOGETHER, Attempt, Noting
from fax_sms_email.attempts import Pace, Patience

PATIENCE = Patience(Pace(timedelta(seconds=1), timedelta(seconds=1)), timedelta(days=1))


class Book:
    """What was noted, transaction by transaction; ``bad`` cannot be, ``away`` is the database."""

    def __init__(self) -> None:
        self.noted: list[list[str]] = []
        self.bad: set[str] = set()
        self.away = 0
        self.open = asyncio.Event()
        self.open.set()

    async def conclude(self, attempts: Sequence[Attempt]) -> None:
        await self.open.wait()
        if self.away:
            self.away -= 1
            raise ConnectionRefusedError
        ids = [one.job_id for one in attempts]
        if self.bad & set(ids):
            raise ValueError("one of them cannot be noted")
        self.noted.append(ids)


def attempt(name: str) -> Attempt:
    return Attempt(job_id=name, patience=PATIENCE, failure=None, sent=None)


async def test_what_ends_while_it_is_written_shares_the_next_transaction() -> None:
    book = Book()
    noting = Noting(book.conclude)
    book.open.clear()
    first = asyncio.create_task(noting.note(attempt("first")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(noting.note(attempt(str(n)))) for n in range(TOGETHER + 1)]
    await asyncio.sleep(0)
    book.open.set()
    await asyncio.gather(first, *others)

    assert [len(ids) for ids in book.noted] == [1, TOGETHER, 1]
    assert [name for ids in book.noted[1:] for name in ids] == [str(n) for n in range(TOGETHER + 1)]


async def test_one_that_cannot_be_noted_holds_up_none_of_the_others() -> None:
    book = Book()
    book.bad = {"bad"}
    noting = Noting(book.conclude)
    results = await asyncio.gather(
        *(noting.note(attempt(name)) for name in ("good", "bad", "better")), return_exceptions=True
    )
    await noting.note(attempt("after"))

    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert book.noted == [["good"], ["better"], ["after"]]


async def test_a_database_that_is_away_is_asked_again_until_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ends, "REST", 0.01)
    book = Book()
    book.away = 3
    noting = Noting(book.conclude)
    await asyncio.gather(*(noting.note(attempt(name)) for name in "ab"))

    assert book.noted == [["a", "b"]]


async def test_closed_while_the_database_is_away_it_ends() -> None:
    book = Book()
    book.away = 1000
    noting = Noting(book.conclude)
    waiting = asyncio.create_task(noting.note(attempt("a")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(1):
        await noting.close()
    assert book.noted == []
