"""
The records of a workbook's first sheet (XLSX, ISO/IEC 29500): a file in, cells as text out.

An XLSX is a ZIP archive, and so may be a thousand times what it seems: what it says of its parts is
checked before anything is unpacked, and rows are read one at a time.
"""

import datetime as dt
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from .import_text import MAX_LINE, Unreadable

MAGIC = b"PK\x03\x04"
LARGEST = 2 * 1024 * 1024 * 1024  # bytes of all parts, unpacked
LARGEST_STRINGS = 256 * 1024 * 1024
"""Bytes of the table of texts, which is the one part that is held in memory."""
_RATIO = 200  # times what the file takes; worksheets with little in them reach 50
_SMALL = 1024 * 1024  # bytes: so little may be packed however well
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, OSError, ParseError, TypeError, IndexError)
MAX_COLUMNS = 16_384  # of a sheet (Excel's own limit)


def is_sheet(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(MAGIC)) == MAGIC


def records(file: BinaryIO, max_line: int = MAX_LINE) -> Iterator[tuple[int, list[str]]]:
    """
    The rows of the first sheet that are not empty, with their numbers; a formula is its result.

    Raises Unreadable, also after the first rows.
    """
    from openpyxl import load_workbook  # 176 modules: not for a server's start

    file.seek(0)
    _check(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _BROKEN as error:
        raise _unreadable(error) from None
    try:
        if not book.worksheets:
            raise Unreadable("has no worksheet")
        rows = book.worksheets[0].iter_rows(values_only=True)
        yield from _rows(rows, max_line)
    finally:
        book.close()


def _rows(rows: Iterator[tuple[object, ...]], max_line: int) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except _BROKEN as error:
            raise _unreadable(error) from None
        number += 1
        cells = [_written(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if sum(map(len, cells)) > max_line:
            raise Unreadable(f"has a record of more than {max_line} characters")
        if cells:
            yield number, cells


def _unreadable(error: Exception) -> Unreadable:
    return Unreadable(f"is no workbook that can be read ({type(error).__name__})")


def _check(file: BinaryIO) -> None:
    """Raises Unreadable for what is no XLSX, or would be far larger than it looks."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unreadable("is a broken ZIP archive") from None
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise Unreadable("is a ZIP archive, but no workbook")
    if sum(part.file_size for part in parts) > LARGEST or any(map(_swells, parts)):
        raise Unreadable("is a workbook that would be too large when unpacked")


def _swells(part: zipfile.ZipInfo) -> bool:
    if part.filename.endswith("sharedStrings.xml") and part.file_size > LARGEST_STRINGS:
        return True
    return part.file_size > max(_SMALL, _RATIO * part.compress_size)


def _written(value: object) -> str:
    """A cell as somebody would type it into a CSV file."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))  # a telephone number, as a sheet keeps it
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
    return str(value)
