"""Moments in SQL, on either database: as whole seconds since 1970, and the time between two."""

from typing import Any

from sqlalchemy import BigInteger, Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class epoch(FunctionElement[int]):  # noqa: N801 - it reads as a function of SQL
    """Whole seconds since 1970, downwards."""

    type = BigInteger()
    inherit_cache = True


class seconds_between(FunctionElement[float]):  # noqa: N801 - it reads as a function of SQL
    """From the first moment to the second, to a millisecond."""

    type = Float()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _epoch_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(epoch, "postgresql")
def _epoch_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {moment})) AS BIGINT)"


@compiles(seconds_between, "sqlite")
def _between_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({second}) - julianday({first})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _between_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(extract(epoch FROM ({second} - {first})) AS DOUBLE PRECISION)"
