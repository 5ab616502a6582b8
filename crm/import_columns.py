"""
What the columns of a spreadsheet mean: our own fields, and those that a centre has added.

Pure. A column of the centre's own is known by the field's name or one of its labels; the values of
such fields come as text, and become what :mod:`crm.schema` stores.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .customer_row import FIELDS, SEVERAL, field_of, heading
from .errors import InvalidField
from .formulas import plain
from .schema import Field, changed, complete

ATTRIBUTE = "attributes."
MAX_COLUMNS = 500
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
_MONEY = re.compile(r"(?:([A-Z]{3}|[¥￥$€£])\s*)?(-?[\d,]+(?:\.\d+)?)\s*([A-Z]{3}|元)?", re.ASCII)
_SIGNS = {"¥": "CNY", "￥": "CNY", "元": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}
_TRUE = {"true", "yes", "y", "1", "是", "有", "√"}
_FALSE = {"false", "no", "n", "0", "否", "无", "×"}


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that the centre has added: its rule, what people call it and its choices."""

    rule: Field
    labels: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)  # by label, without case

    def read(self, text: str) -> Any:
        """The value that the text stands for; one that is none stays text, and is refused."""
        read = _READERS.get(self.rule.type)
        if self.rule.type == "choice":
            return self.choices.get(heading(text), text.strip())
        return read(text.strip()) if read else text.strip()


class WrongColumns(Exception):
    """The columns are not those of a table of customers."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column is: a field of ours, ``attributes.`` and a field of the centre, or None."""

    fields: tuple[str | None, ...]
    own: Mapping[str, OwnField]

    @classmethod
    def of(
        cls,
        header: Sequence[str],
        own: Iterable[OwnField] = (),
        chosen: Mapping[str, str | None] | None = None,
    ) -> "Columns":
        """``chosen``: what somebody said that a header means. Raises WrongColumns."""
        known = {each.rule.name: each for each in own if not each.rule.retired}
        if len(header) > MAX_COLUMNS:
            raise WrongColumns(f"has more than {MAX_COLUMNS} columns")
        said = chosen or {}
        fields = tuple(
            said[name] if name in said else meaning(name, known.values()) for name in header
        )
        _check(fields, known)
        return cls(fields, known)

    def values(self, cells: Sequence[str]) -> dict[str, Any]:
        """A row's cells by field; those of numbers and of addresses as lists."""
        values: dict[str, Any] = {"numbers": []}
        for name, cell in zip(self.fields, cells, strict=False):
            if name in SEVERAL:
                values.setdefault(str(name), []).append(cell)
            elif name is not None and cell.strip() and not name.startswith(ATTRIBUTE):
                values[name] = cell
        return values

    def attributes(self, kind: str, cells: Sequence[str]) -> dict[str, Any]:
        """The centre's own fields of a row. Raises InvalidField."""
        if not self.own:
            return {}
        patch = {}
        for name, cell in zip(self.fields, cells, strict=False):
            if name is not None and name.startswith(ATTRIBUTE) and cell.strip():
                own = self.own[name.removeprefix(ATTRIBUTE)]
                patch[own.rule.name] = value = own.read(plain(cell.strip()))
                if isinstance(value, str) and cell.strip().startswith(("=", "+", "-", "@")):
                    raise InvalidField("attributes", "begins like a formula")
        rules = [own.rule for own in self.own.values()]
        values = changed(rules, kind, {}, patch)
        complete(rules, kind, values)
        return values


def meaning(header: str, own: Collection[OwnField]) -> str | None:
    """What a column of this name is: one of :class:`Columns`' fields; None: nothing of ours."""
    name = heading(header)
    for each in own:
        if name in {heading(each.rule.name), *map(heading, each.labels)}:
            return ATTRIBUTE + each.rule.name
    return field_of(header)


def _check(fields: Sequence[str | None], own: Mapping[str, OwnField]) -> None:
    known = Counter(name for name in fields if name)
    if not known:
        raise WrongColumns("has no header with a column that is known")
    for name in known:
        if name not in FIELDS and name.removeprefix(ATTRIBUTE) not in own:
            raise WrongColumns(f"has a column for {name}, and there is no such field")
    if "name" not in known:
        raise WrongColumns("has no column for the name")
    repeated = {name for name, count in known.items() if count > 1} - SEVERAL
    if repeated:
        raise WrongColumns(f"has several columns for {', '.join(sorted(repeated))}")


def _number(text: str) -> Any:
    try:
        return int(text.replace(",", ""))
    except ValueError:
        pass
    try:
        return float(text.replace(",", "").removesuffix("%"))
    except ValueError:
        return text


def _date(text: str) -> Any:
    found = _DATE.match(text)
    if not found:
        return text
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return text


def _money(text: str) -> Any:
    found = _MONEY.fullmatch(text)
    if not found:
        return text
    before, amount, behind = found.groups()
    currency = before or behind or "CNY"
    return {"amount": amount.replace(",", ""), "currency": _SIGNS.get(currency, currency)}


def _boolean(text: str) -> Any:
    folded = heading(text)
    return True if folded in _TRUE else False if folded in _FALSE else text


_READERS = {"number": _number, "date": _date, "money": _money, "boolean": _boolean}
