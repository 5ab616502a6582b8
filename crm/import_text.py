"""
The records of a CSV file: bytes in, cells out, however large the file and whoever made it.

UTF-8 (with or without a byte order mark), UTF-16 with one, and GB 18030 (with it GBK and GB 2312)
are understood; cells are parted by commas, semicolons or tabs. Memory holds one record.
"""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Literal

MAX_LINE = 131_072  # characters of one record; csv's own limit for one cell
_EMPTY_LINES = 100  # in front of the header
_CHUNK = 1024 * 1024  # bytes

Delimiter = Literal[",", ";", "\t"]


class Unreadable(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def records(file: BinaryIO, max_line: int = MAX_LINE) -> Iterator[tuple[int, list[str]]]:
    """
    The records that are not empty, with their numbers; the header is 1.

    Raises Unreadable, also after the first records.
    """
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline=None)
    try:
        yield from _records(_Lines(text, max_line))
    finally:
        if not file.closed:
            text.detach()  # else it would close the file, which is not ours


def encoding_of(file: BinaryIO) -> str:
    """How the whole file is written. Raises Unreadable."""
    file.seek(0)
    start = file.read(2)
    utf_16 = start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    for encoding in ["utf-16"] if utf_16 else ["utf-8-sig", "gb18030"]:
        if _reads_as(file, encoding):
            return encoding
        if encoding == "utf-8-sig" and (line := _broken_line(file)) is not None:
            raise Unreadable(f"is UTF-8, but for a broken character in line {line}")
    raise Unreadable("is not text in UTF-8, UTF-16 or GB 18030")


def _reads_as(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _broken_line(file: BinaryIO) -> int | None:
    """
    Where a file of UTF-8 is spoiled by a few broken bytes, which GB 18030 would read as rubbish.

    None for what was never UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = whole = 0
    line, first = 1, None
    file.seek(0)
    while True:
        chunk = file.read(_CHUNK)
        text = decoder.decode(chunk, final=not chunk)
        if first is None and "\ufffd" in text:
            first = line + text.count("\n", 0, text.index("\ufffd"))
        line += text.count("\n")
        broken += text.count("\ufffd")
        whole += sum(1 for character in text if character > "\x7f")
        if not chunk:
            return first if whole - broken > 4 * broken else None


def _records(lines: "_Lines") -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=_delimiter(lines.header()), strict=True)
    row = 0
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(f"cannot be read after row {row}: {error}") from None
        row += 1
        if any(cell.strip() for cell in cells):
            yield row, cells


class _Lines:
    """The lines of a text for the CSV reader, which itself would swallow a gigabyte."""

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._text = text
        self._longest = longest
        self._left = longest
        self._ahead: deque[str] = deque()

    def header(self) -> str:
        """The first line that is not empty, which is still to come."""
        while len(self._ahead) < _EMPTY_LINES and not "".join(self._ahead).strip():
            self._ahead.append(self._read())
        return self._ahead[-1]

    def begin_record(self) -> None:
        self._left = self._longest

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._read()
        if not line:
            raise StopIteration
        self._left -= len(line)
        return line

    def _read(self) -> str:
        line = self._text.readline(self._left + 1)
        if len(line) > self._left:
            raise Unreadable(f"has a record of more than {self._longest} characters")
        return line


def _delimiter(header: str) -> Delimiter:
    candidates: tuple[Delimiter, ...] = (",", ";", "\t")
    return max(candidates, key=header.count)
