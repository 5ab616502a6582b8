"""
Customers from a spreadsheet: a file in, valid customers and the problems of the other rows out.

Pure. CSV in any usual form (:mod:`crm.import_text`) and XLSX (:mod:`crm.import_sheet`); columns
have English or Chinese names. Each problem names row, field and rule, never the cell's content.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from pydantic import ValidationError

from . import import_sheet, import_text
from .customer_row import CustomerRow
from .errors import InvalidField
from .import_columns import Columns, OwnField, WrongColumns
from .import_text import MAX_LINE, Unreadable
from .seen_rows import SeenRows

MAX_ROWS = 2_000_000
MAX_PROBLEMS = 1_000

_RULES = {
    "missing": "is required",
    "string_too_short": "is required",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "is no language",
    "literal_error": "is neither person nor company",
}


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Why a row was left out. Row 1 is the header; row 0 is the file itself."""

    row: int
    field: str
    rule: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.field} {self.rule}"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row: its cells as they are in the file, and the customer or what is wrong."""

    row: int
    cells: Sequence[str]
    customer: CustomerRow | None
    problems: tuple[ImportProblem, ...] = ()

    def __reduce__(self) -> tuple[type["ReadRow"], tuple[object, ...]]:
        """To another process, and without its cells if all is well: nobody needs them there."""
        return ReadRow, (
            self.row,
            self.cells if self.problems or not self.customer else (),
            self.customer,
            self.problems,
        )


class CustomerFile:
    """A file of customers, read row by row; memory does not grow with it."""

    def __init__(
        self,
        file: BinaryIO,
        region: str,
        *,
        own: Iterable[OwnField] = (),
        chosen: Mapping[str, str | None] | None = None,
        max_rows: int = MAX_ROWS,
        max_line: int = MAX_LINE,
    ) -> None:
        """
        ``region``: where numbers without a country code are from; ``own``: the centre's fields;
        ``chosen``: what columns mean, by header, where somebody said so.

        Raises Unreadable if it is no file of customers at all.
        """
        self._region = region
        self._max_rows = max_rows
        self._seen = SeenRows()
        read = import_sheet if import_sheet.is_sheet(file) else import_text
        self.kind = "xlsx" if read is import_sheet else "csv"
        self._records = read.records(file, max_line)
        _, header = next(self._records, (0, list[str]()))
        self.header = tuple(header)
        try:
            self.columns = Columns.of(header, own, chosen)
        except WrongColumns as error:
            raise Unreadable(str(error)) from None

    def __iter__(self) -> Iterator[ReadRow]:
        """
        The rows. A bad one is named and left out; where a line cannot be parsed at all, the rest
        of the file is (row 0), for nobody knows where the next row begins.
        """
        try:
            for row, cells in islice(self._records, self._max_rows):
                yield self._read(row, cells)
            for row, _ in islice(self._records, 1):
                rule = f"has more than {self._max_rows} rows; row {row} and later are left out"
                yield _whole_file(rule)
        except Unreadable as problem:
            yield _whole_file(problem.rule)

    def _read(self, row: int, cells: Sequence[str]) -> ReadRow:
        if len(cells) > len(self.header):
            rule = "has more cells than the header has columns"
            return ReadRow(row, cells, None, (ImportProblem(row, "row", rule),))
        values = self.columns.values(cells)
        try:
            customer = CustomerRow.model_validate(values, context={"region": self._region})
            if self.columns.own:
                attributes = self.columns.attributes(customer.kind, cells)
                customer = customer.model_copy(update={"attributes": attributes})
        except ValidationError as error:
            return ReadRow(row, cells, None, _problems(row, error))
        except InvalidField as error:
            return ReadRow(row, cells, None, (ImportProblem(row, error.field, error.rule),))
        if (first := self._seen.first(_keys(customer), row)) is not None:
            return ReadRow(row, cells, None, (ImportProblem(row, "row", f"repeats row {first}"),))
        return ReadRow(row, cells, customer)


@dataclass(slots=True)
class ReadCustomers:
    """What a small file holds."""

    customers: list[CustomerRow] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)


def read_customers(
    data: bytes, region: str, *, max_rows: int = MAX_ROWS, max_line: int = MAX_LINE
) -> ReadCustomers:
    """Read a whole file that fits into memory; the good rows of a bad one are kept."""
    found = ReadCustomers()
    try:
        file = CustomerFile(io.BytesIO(data), region, max_rows=max_rows, max_line=max_line)
    except Unreadable as problem:
        found.problems.append(ImportProblem(0, "file", problem.rule))
        return found
    for read in file:
        found.problems.extend(read.problems)
        if read.customer is not None:
            found.customers.append(read.customer)
        if len(found.problems) >= MAX_PROBLEMS:
            rule = f"has too many problems; it was read up to row {read.row}"
            found.problems.append(ImportProblem(0, "file", rule))
            break
    return found


def _whole_file(rule: str) -> ReadRow:
    return ReadRow(0, (), None, (ImportProblem(0, "file", rule),))


def _problems(row: int, error: ValidationError) -> tuple[ImportProblem, ...]:
    return tuple(
        ImportProblem(
            row,
            str(fault["loc"][0]) if fault["loc"] else "row",
            _RULES.get(fault["type"], fault["msg"].removeprefix("Value error, ")),
        )
        for fault in error.errors(include_input=False, include_url=False)
    )


def _keys(customer: CustomerRow) -> list[tuple[str, ...]]:
    """Two people may share a number; one name with one number is one person."""
    if customer.external_id:
        return [("id", customer.external_id)]
    reached = [number.text for number in customer.numbers]
    reached += [address.key for address in customer.addresses]
    return [("number", one, customer.name) for one in reached]
