"""
Reports as files: text for spreadsheets, and workbooks, made by a process of their own.

What a spreadsheet would run is written so that it does not (:mod:`crm.formulas`); a workbook says
of each cell whether it is a number or a text.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from crm.formulas import neutral

from .columns import Column, Value

Language = Literal["zh", "en"]
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the system's own code page, and shows no Chinese."""

LARGEST_SHEET = 50_000  # rows: some twenty seconds of a niced process

_WIDTH = 18  # characters of a column


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a process has to know to make a workbook: ``rows`` are JSON, a line each."""

    title: str
    header: Sequence[str]
    rows: Path
    file: Path


def titles(columns: Sequence[Column], language: Language) -> list[str]:
    return [column.zh if language == "zh" else column.en for column in columns]


def csv_text(rows: Sequence[Sequence[Value]]) -> str:
    """RFC 4180."""
    text = io.StringIO()
    csv.writer(text).writerows(
        [neutral(value) if isinstance(value, str) else value for value in row] for row in rows
    )
    return text.getvalue()


def write_workbook(sheet: Sheet) -> None:
    """The whole of it; no row is kept."""
    # Here, for the server imports this module at its start: 176 modules that only a sheet needs.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title[:31])  # no name of a sheet is longer
    page.freeze_panes = "A2"
    for place in range(1, len(sheet.header) + 1):
        page.column_dimensions[get_column_letter(place)].width = _WIDTH
    page.append([_cell(page, title, bold=True) for title in sheet.header])
    with sheet.rows.open(encoding="utf-8") as lines:
        for line in lines:
            page.append([_cell(page, value) for value in json.loads(line)])
    book.save(sheet.file)


def _cell(page: Any, value: Value, *, bold: bool = False) -> Any:
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    return cell
