"""One customer as a spreadsheet has it: the columns' names and the rules of each cell."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from .contact_points import Address, address
from .duplicates import BIRTH_DATE, Facts
from .errors import InvalidField
from .formulas import MARK, plain
from .numbers import Number, complete_number
from .search import Searched

SEVERAL = frozenset({"numbers", "addresses"})
"""Fields that may have several columns."""
_MAX_NUMBERS = 20
_MAX_TAGS = 50

_NAMES = {
    "external_id": "id, customer id, customer_id, external_id, external id, code, "
    "编号, 客户编号, 客户号, 客户id",
    "kind": "kind, type, customer type, 类型, 客户类型",
    "name": "name, full name, customer, customer name, 姓名, 名称, 客户姓名, 客户名称, 客户",
    "tier": "tier, level, grade, 等级, 级别, 客户等级, 客户级别, 会员等级",
    "language": "language, lang, preferred language, 语言, 语种",
    "company": "company, organisation, organization, employer, 公司, 单位, 公司名称, 工作单位",
    "tags": "tags, tag, labels, 标签",
    "notes": "notes, note, remarks, comment, comments, 备注, 说明",
    "addresses": "mail, email, e-mail, email address, mail address, 邮箱, 电子邮箱, 电子邮件",
    "numbers": "number, numbers, phone, phones, phone number, telephone, tel, mobile, cell, "
    "mobile phone, phone 1, phone 2, phone1, phone2, phone_number, work phone, home phone, "
    "电话, 电话号码, 手机, 手机号, 手机号码, 联系电话, 固定电话, 座机, "
    "办公电话, 家庭电话, 电话1, 电话2",
}
_FIELDS = {name.strip(): field for field, names in _NAMES.items() for name in names.split(",")}
_KINDS = {"person": "person", "个人": "person", "company": "company", "企业": "company"} | {
    "individual": "person",
    "business": "company",
    "公司": "company",
    "单位": "company",
}
_LANGUAGES = {"chinese": "zh", "english": "en", "中文": "zh", "汉语": "zh", "普通话": "zh"} | {
    "英文": "en",
    "英语": "en",
}
_FORMULA = ("=", "+", "-", "@")
_SEPARATORS = ";；|、,，\\n"
_PARTING = re.compile(f"[{_SEPARATORS}]")
_SEPARATOR = re.compile(rf'[{_SEPARATORS}]|^"')
_PART = re.compile(
    rf'(?:^|[{_SEPARATORS}])(?:(?P<quoted>\s*"(?:[^"]|"")*"\s*(?=$|[{_SEPARATORS}]))'
    rf"|(?P<bare>[^{_SEPARATORS}]*))"
)


def field_of(header: str) -> str | None:
    """The field that a column's name stands for; None for a column that is ours not to read."""
    return _FIELDS.get(heading(header))


def heading(header: str) -> str:
    """A column's name without its case, width and spare blanks."""
    return " ".join(unicodedata.normalize("NFKC", header).casefold().split())


FIELDS = frozenset(_FIELDS.values())


def _printable(text: str) -> str:
    if not text.isprintable() and not all(c.isprintable() or c in "\r\n\t" for c in text):
        raise ValueError("has characters that cannot be printed")
    return text


def _no_formula(text: str) -> str:
    """What is not marked as text is somebody's attempt (OWASP: CSV injection)."""
    if text.startswith(_FORMULA):
        raise ValueError("begins like a formula")
    return plain(text)


def _quoted_formula(text: str) -> str:
    """A note may well begin with a dash: keep it, as text."""
    return f"'{text}" if text.startswith(_FORMULA) else plain(text)


def _named(names: dict[str, str]) -> BeforeValidator:
    def known(value: object) -> object:
        return names.get(value.strip().casefold(), value) if isinstance(value, str) else value

    return BeforeValidator(known)


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


_Checked = AfterValidator(_printable)
_Plain = AfterValidator(_no_formula)


class CustomerRow(BaseModel):
    """A valid row. The context of the validation names the ``region`` of national numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, _text(200), _Checked, _Plain]
    external_id: Annotated[str, _text(200), _Checked, _Plain] | None = None
    kind: Annotated[Literal["person", "company"], _named(_KINDS)] = "person"
    tier: Annotated[str, _text(32), _Checked, _Plain] = "standard"
    language: Annotated[
        str, _named(_LANGUAGES), StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    ] = "zh"
    company: Annotated[str, _text(200), _Checked, _Plain] | None = None
    tags: tuple[Annotated[str, _text(64), _Checked, _Plain], ...] = ()
    notes: Annotated[str, _text(20_000), _Checked, AfterValidator(_quoted_formula)] | None = None
    attributes: dict[str, Any] = {}  # checked by crm.schema
    addresses: tuple[Address, ...] = ()
    numbers: tuple[Number, ...]

    @cached_property
    def facts(self) -> Facts:
        """What is compared of it; whose it will be is not known yet."""
        return Facts(
            id="",
            kind=self.kind,
            name=self.name,
            numbers=self.numbers,
            addresses=frozenset((address.kind, address.key) for address in self.addresses),
            company=self.company,
            birth_date=self.attributes.get(BIRTH_DATE),
            external_id=self.external_id,
        )

    @cached_property
    def searched(self) -> Searched:
        """By what it can be found."""
        return Searched(
            name=self.name,
            kind=self.kind,
            numbers=self.numbers,
            addresses=tuple(address.value for address in self.addresses),
            company=self.company,
            external_id=self.external_id,
            tags=self.tags,
            notes=self.notes,
            attributes=self.attributes,
        )

    @field_validator("addresses", mode="before")
    @classmethod
    def _read_addresses(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        texts = [text for cell in value for text in _split(cell) if text]
        if len(texts) > _MAX_NUMBERS:
            raise ValueError(f"are more than {_MAX_NUMBERS}")
        found = [_mail(text) for text in texts]
        return tuple({one.key: one for one in found}.values())

    @field_validator("tags", mode="before")
    @classmethod
    def _split_tags(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        tags = [tag for tag in _split(value) if tag]
        if len(tags) > _MAX_TAGS:
            raise ValueError(f"are more than {_MAX_TAGS}")
        return tuple(dict.fromkeys(tags))

    @field_validator("numbers", mode="before")
    @classmethod
    def _normalise_numbers(cls, value: object, validation: ValidationInfo) -> object:
        """All numbers of the row, in one form, each once."""
        if not isinstance(value, list):
            return value
        region = (validation.context or {})["region"]
        texts = [text for cell in value for text in _split(cell) if text]
        numbers = dict.fromkeys(_number(text, region) for text in texts)
        if not numbers and not validation.data.get("addresses"):
            raise ValueError("is required")
        if len(numbers) > _MAX_NUMBERS:
            raise ValueError(f"are more than {_MAX_NUMBERS}")
        return tuple(numbers)


def _number(text: str, region: str) -> Number:
    return complete_number(text.removeprefix(MARK), region)


def _mail(text: str) -> Address:
    try:
        return address("mail", plain(text))
    except InvalidField:
        raise ValueError("is no mail address") from None


def _split(cell: str) -> list[str]:
    """The parts of a cell with several values; one in quotation marks may hold separators."""
    if not _PARTING.search(cell):
        return [_unquoted(cell.strip())]
    parts = (found["quoted"] or found["bare"] or "" for found in _PART.finditer(cell))
    return [_unquoted(part.strip()) for part in parts]


def joined(parts: Iterable[str]) -> str:
    """A cell with these values, which is read as the same ones."""
    return ";".join(_quoted(part) if _SEPARATOR.search(part) else part for part in parts)


def _quoted(part: str) -> str:
    doubled = part.replace('"', '""')
    return f'"{doubled}"'


def _unquoted(part: str) -> str:
    whole = len(part) > 1 and part.startswith('"') and part.endswith('"')
    return part[1:-1].replace('""', '"').strip() if whole else part
