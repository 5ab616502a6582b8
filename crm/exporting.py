"""
Customers as rows of a spreadsheet that the import (:mod:`crm.importing`) reads as the same ones.

Pure. A column is named so that the import takes it for what it is; one with masked values, or with
what the import has no field for, so that the import leaves it out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from .contact_points import Address
from .customer_row import joined
from .errors import InvalidField
from .formulas import neutral
from .import_columns import ATTRIBUTE, OwnField, meaning
from .masking import mask_address
from .numbers import mask

Language = Literal["zh", "en"]

IMPORTED = {
    "external_id": ("客户编号", "external_id"),
    "kind": ("客户类型", "kind"),
    "name": ("姓名", "name"),
    "tier": ("等级", "tier"),
    "language": ("语言", "language"),
    "company": ("公司", "company"),
    "tags": ("标签", "tags"),
    "notes": ("备注", "notes"),
    "numbers": ("电话", "numbers"),
    "addresses": ("邮箱", "email"),
}
"""What the import reads, with the names that it knows, in Chinese and English."""
ONLY_SHOWN = {
    "id": ("记录号", "record_id"),
    "chats": ("其他联系方式", "other_addresses"),
    "owner_id": ("负责人", "owner_id"),
    "team": ("团队", "team"),
    "created_at": ("建档时间", "created_at"),
    "updated_at": ("更新时间", "updated_at"),
}
"""What it leaves out: that is decided here, not in a file."""
PROTECTED = frozenset({"numbers", "addresses", "chats"})
"""What is masked for whoever may not see it whole."""
_MASKED = ("(已隐藏)", " (masked)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What of a customer can be exported; ``addresses``: mail first, then the others."""

    id: str
    name: str
    kind: str = "person"
    external_id: str | None = None
    tier: str = "standard"
    language: str = "zh"
    company: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    numbers: Sequence[str] = ()
    addresses: Sequence[Address] = ()
    owner_id: str | None = None
    team: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    The columns of an export, by their names.

    ``typed``: the file says that its cells are text, so a number's plus needs no mark.
    """

    fields: Sequence[str]
    header: Sequence[str]
    revealed: bool
    typed: bool

    @classmethod
    def of(
        cls,
        wanted: Sequence[str] | None,
        own: Sequence[OwnField],
        *,
        language: Language,
        revealed: bool,
        typed: bool,
    ) -> "Sheet":
        """
        ``wanted``: fields in their order, the centre's own as ``attributes.<name>``; None: all
        that the import reads. Raises InvalidField.
        """
        known = {ATTRIBUTE + each.rule.name: each for each in own}
        withheld = set() if revealed else {n for n, each in known.items() if each.rule.sensitive}
        if wanted is None:
            fields = [*IMPORTED, *(name for name in known if name not in withheld)]
        else:
            fields = list(wanted)
            check_fields(fields, known.keys(), withheld)
        current = [each for each in own if not each.rule.retired]
        place = 0 if language == "zh" else 1
        header = [_header(one, known, current, place, revealed=revealed) for one in fields]
        return cls(fields, header, revealed, typed)

    def row(self, customer: Exported) -> list[str]:
        return [self._cell(name, customer) for name in self.fields]

    def _cell(self, name: str, customer: Exported) -> str:
        if name.startswith(ATTRIBUTE):
            return neutral(_written(customer.attributes.get(name.removeprefix(ATTRIBUTE))))
        match name:
            case "numbers":
                numbers = customer.numbers if self.revealed else map(mask, customer.numbers)
                return joined(numbers if self.typed and self.revealed else map(neutral, numbers))
            case "addresses" | "chats":
                wanted = [a for a in customer.addresses if (a.kind == "mail") == (name != "chats")]
                return joined(neutral(self._address(one)) for one in wanted)
            case "tags":
                return joined(map(neutral, customer.tags))
        return neutral(_written(getattr(customer, name)))

    def _address(self, address: Address) -> str:
        return address.value if self.revealed else mask_address(address.kind, address.value)


def check_fields(
    fields: Sequence[str], own: Collection[str], withheld: Collection[str] = ()
) -> None:
    """Raises InvalidField."""
    if not fields:
        raise InvalidField("columns", "at least one")
    if repeated := next((name for name in fields if fields.count(name) > 1), None):
        raise InvalidField("columns", f"{repeated} is there twice")
    for name in fields:
        if name not in IMPORTED and name not in ONLY_SHOWN and name not in own:
            raise InvalidField("columns", f"a customer has no {name}")
        if name in withheld:
            raise InvalidField("columns", f"{name} is withheld unless the export is revealed")


def _header(
    name: str,
    known: Mapping[str, OwnField],
    current: Collection[OwnField],
    place: int,
    *,
    revealed: bool,
) -> str:
    """A name by which the import takes the column for what it is, and for nothing else."""
    imported: str | None = None
    if name in known:
        own = known[name]
        names: Iterable[str] = (*own.labels[place : place + 1], own.rule.name, name)
        imported = None if own.rule.retired else name
    elif name in IMPORTED:
        names = (IMPORTED[name][place], IMPORTED[name][1 - place], name)
        imported = name
    else:
        names = (ONLY_SHOWN[name][place], name)
    if name in PROTECTED and not revealed:
        names, imported = (one + _MASKED[place] for one in names), None
    return _first(names, lambda one: meaning(one, current) == imported, name)


def _first(names: Iterable[str], fits: Callable[[str], bool], name: str) -> str:
    """Where none fits, a name that is nobody's: the column is then not read back."""
    return neutral(next((one for one in names if fits(one)), f"({name})"))


def _written(value: Any) -> str:
    """As :mod:`crm.import_columns` reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat()
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
    return str(value)
