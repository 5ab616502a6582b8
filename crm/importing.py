"""
Customers from a spreadsheet: bytes in, valid customers and the problems of the other rows out.

Pure. UTF-8 (with or without a byte order mark), UTF-16 with one, and GB 18030 (with it GBK and
GB 2312) are understood; columns have English or Chinese names; cells are parted by commas,
semicolons or tabs. Each problem names row, field and rule, never the cell's content.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ValidationError

from .customer_row import NUMBER_FIELDS, CustomerRow, field_of

MAX_LINE = 16_384  # characters of one record
MAX_ROWS = 100_000
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


@dataclass(slots=True)
class ReadCustomers:
    """What a file holds."""

    customers: list[CustomerRow] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)


class _Unreadable(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def read_customers(
    data: bytes,
    region: str,
    *,
    max_rows: int = MAX_ROWS,
    max_line: int = MAX_LINE,
) -> ReadCustomers:
    """
    Read a whole file. ``region`` is where numbers without a country code are from.

    A bad row is left out and named; the good ones are kept. Where a line cannot be parsed at all,
    the rest of the file is left out, for nobody knows where the next row begins.
    """
    found = ReadCustomers()
    try:
        text = _decode(data)
        _read_rows(text, region, found, max_rows, max_line)
    except _Unreadable as problem:
        found.problems.append(ImportProblem(0, "file", problem.rule))
    return found


def _read_rows(text: str, region: str, found: ReadCustomers, max_rows: int, max_line: int) -> None:
    records = _records(text, max_line)
    _, header = next(records, (0, []))
    columns = [field_of(name) for name in header]
    _check_header(columns)
    seen = _Seen()
    for count, (row, cells) in enumerate(records, 1):
        if count > max_rows:
            raise _Unreadable(f"has more than {max_rows} rows; row {row} and later are left out")
        problems = _take(row, columns, cells, region, seen, found.customers)
        found.problems.extend(problems)
        if len(found.problems) >= MAX_PROBLEMS:
            raise _Unreadable(f"has too many problems; it was read up to row {row}")


def _take(
    row: int,
    columns: list[str | None],
    cells: list[str],
    region: str,
    seen: "_Seen",
    customers: list[CustomerRow],
) -> list[ImportProblem]:
    if len(cells) > len(columns):
        return [ImportProblem(row, "row", "has more cells than the header has columns")]
    try:
        customer = CustomerRow.model_validate(_by_field(columns, cells), context={"region": region})
    except ValidationError as error:
        return _problems(row, error)
    if (first := seen.add(row, customer)) is not None:
        return [ImportProblem(row, "row", f"repeats row {first}")]
    customers.append(customer)
    return []


def _by_field(columns: list[str | None], cells: list[str]) -> dict[str, str | list[str]]:
    """The row's cells by field; the cells of all number columns together."""
    values: dict[str, str | list[str]] = {}
    numbers: list[str] = []
    for column, cell in zip(columns, cells, strict=False):
        if column in NUMBER_FIELDS:
            numbers.append(cell)
        elif column is not None and cell.strip():
            values[column] = cell
    return {**values, "numbers": numbers}


def _problems(row: int, error: ValidationError) -> list[ImportProblem]:
    return [
        ImportProblem(
            row,
            str(fault["loc"][0]) if fault["loc"] else "row",
            _RULES.get(fault["type"], fault["msg"].removeprefix("Value error, ")),
        )
        for fault in error.errors(include_input=False, include_url=False)
    ]


class _Seen:
    """Which customers the file has had, to find those that come twice."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], int] = {}

    def add(self, row: int, customer: CustomerRow) -> int | None:
        """Remember this one; return the row in which it already came, if it did."""
        keys = self._keys(customer)
        for key in keys:
            if key in self._rows:
                return self._rows[key]
        self._rows.update(dict.fromkeys(keys, row))
        return None

    @staticmethod
    def _keys(customer: CustomerRow) -> list[tuple[str, ...]]:
        """Two people may share a number; one name with one number is one person."""
        if customer.external_id:
            return [("id", customer.external_id)]
        return [("number", number.text, customer.name) for number in customer.numbers]


def _check_header(columns: list[str | None]) -> None:
    known = [column for column in columns if column]
    if not known:
        raise _Unreadable("has no header with a column that is known")
    if "name" not in known:
        raise _Unreadable("has no column for the name")
    repeated = {name for name in known if known.count(name) > 1} - NUMBER_FIELDS
    if repeated:
        raise _Unreadable(f"has several columns for {', '.join(sorted(repeated))}")


def _decode(data: bytes) -> str:
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if utf_16 else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and _mostly_utf_8(data):
                line = data.count(b"\n", 0, error.start) + 1
                raise _Unreadable(f"is UTF-8, but for a broken character in line {line}") from None
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise _Unreadable("is not text in UTF-8, UTF-16 or GB 18030")


def _mostly_utf_8(data: bytes) -> bool:
    """Whether a few broken bytes spoil a file of UTF-8, which GB 18030 would read as rubbish."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return whole > 4 * broken


def _records(text: str, max_line: int) -> Iterator[tuple[int, list[str]]]:
    """The records that are not empty, with the number of the line where each ends."""
    lines = _Lines(text, max_line)
    reader = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    row = 0
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Unreadable(f"cannot be read after row {row}: {error}") from None
        row += 1
        if any(cell.strip() for cell in cells):
            yield row, cells


class _Lines:
    """The lines of a text for the CSV reader, which itself would swallow a gigabyte."""

    def __init__(self, text: str, longest: int) -> None:
        self._text = text
        self._at = 0
        self._longest = longest
        self._end_of_record = longest

    def begin_record(self) -> None:
        self._end_of_record = self._at + self._longest

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._at >= len(self._text):
            raise StopIteration
        end = self._text.find("\n", self._at, self._end_of_record) + 1
        if not end:
            if len(self._text) > self._end_of_record:
                raise _Unreadable(f"has a record of more than {self._longest} characters")
            end = len(self._text)
        line, self._at = self._text[self._at : end], end
        return line


def _delimiter(text: str) -> Literal[",", ";", "\t"]:
    header = text.lstrip().split("\n", 1)[0][:MAX_LINE]
    candidates: tuple[Literal[",", ";", "\t"], ...] = (",", ";", "\t")
    return max(candidates, key=header.count)
