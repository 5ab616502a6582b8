"""Which quarters are counted, and how they are stored. On a connection of the caller's."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from .base import Base
from .quarters import (
    AbsenceQuarter,
    AgentQuarter,
    ContactQuarter,
    CountedQuarter,
    HandlingQuarter,
    LineQuarter,
    MarkQuarter,
    SurveyQuarter,
    WaitQuarter,
)

COUNTED: Sequence[type[Base]] = (
    AgentQuarter,
    AbsenceQuarter,
    HandlingQuarter,
    WaitQuarter,
    SurveyQuarter,
    MarkQuarter,
    LineQuarter,
    ContactQuarter,
    CountedQuarter,
)


def newest_run(connection: Connection) -> range:
    """The newest quarters that are counted, without a gap; empty if none is."""
    numbers = connection.execute(
        select(CountedQuarter.number).order_by(CountedQuarter.number.desc())
    ).scalars()
    run = range(0)
    for number in numbers:
        if run and number != run.start - 1:
            break
        run = range(number, run.stop or number + 1)
    return run


def store(
    connection: Connection,
    numbers: Collection[int],
    counted: Mapping[type[Base], Sequence[dict[str, Any]]],
) -> None:
    """In place of what was counted of these quarters before."""
    first, last = min(numbers), max(numbers)
    for table in COUNTED:
        number = table.__table__.columns.number
        connection.execute(delete(table).where(number >= first, number <= last))
    for table, rows in counted.items():
        if rows:
            connection.execute(insert(table), [*rows])
    connection.execute(insert(CountedQuarter), [{"number": one} for one in numbers])
