"""
Templates with the values of somebody: checked when they are kept, filled when they are used. Pure.

How a value is written is what walks in writing have, too (:mod:`cti_server.self_service.values`).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

from pydantic import JsonValue

from crm.errors import InvalidField
from cti_server.self_service.values import in_region
from cti_server.speech.saying.values import Unsayable, read
from cti_server.wire.templates import (
    RenderedTemplate,
    TemplateContent,
    TemplateText,
    TextOverTheAir,
)
from fax_sms_email.fax.markdown import escaped
from fax_sms_email.templates import Language, TemplateInvalid, listed
from fax_sms_email.texts import coding_of, parts
from ivr.texts import SayAs, Slot

Written = Literal["zh", "en"]
LANGUAGES: Final[tuple[Written, ...]] = ("zh", "en")
LONGEST_VALUE: Final = 2000
MOST_LISTED: Final = 50
MOST_ROWS: Final = 200
MOST_CELLS: Final = 50

_SEPARATORS: Final = {"zh": "、", "en": ", "}
_SAID: Final = {
    "number": SayAs.NUMBER,
    "money": SayAs.MONEY,
    "date": SayAs.DATE,
    "time": SayAs.TIME,
    "phone": SayAs.PHONE,
}
"""Types whose values are read before they are written."""


class FilledTemplates:
    """``region``: where telephone numbers are written for."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._languages = {one: _language(one, region) for one in LANGUAGES}
        self._on_paper = {one: replace(self._languages[one], escaped=escaped) for one in LANGUAGES}

    def check(self, template: TemplateContent) -> None:
        """Raises InvalidField for one that could not be filled, with its examples at least."""
        declared = {one.name for one in template.variables}
        used: set[str] = set()
        for language in LANGUAGES:
            for name, text in _texts(template, language):
                found = self._names(f"{name}.{language}", text, language)
                if unknown := sorted(found - declared):
                    raise InvalidField(
                        f"{name}.{language}", f"{unknown[0]} is not among the variables"
                    )
                used |= found
        if unused := sorted(declared - used):
            raise InvalidField("variables", f"{unused[0]} is used nowhere")
        values = examples(template)
        self._check_values(template, values, "example")
        for language in LANGUAGES:
            self.filled(template, language, values)

    def missing(self, template: TemplateContent, values: Mapping[str, JsonValue]) -> list[str]:
        """The variables that there is no value for. Raises InvalidField for a wrong value."""
        self._check_values(template, values, "values")
        return [one.name for one in template.variables if values.get(one.name) is None]

    def filled(
        self, template: TemplateContent, language: Written, values: Mapping[str, JsonValue]
    ) -> RenderedTemplate:
        """Raises InvalidField."""
        usual: dict[str, str] = {
            one.name: one.type for one in template.variables if one.type in _SAID
        }
        usual |= {one.name: "listed" for one in template.variables if one.type == "list"}
        usual |= {
            one.name: one.type for one in template.variables if one.type in ("truth", "table")
        }
        languages = self._on_paper if template.channel == "fax" else self._languages
        found: dict[str, str] = {}
        for name, text in _texts(template, language):
            try:
                found[name] = languages[language].filled(text, values, usual)
            except TemplateInvalid as error:
                raise InvalidField(f"{name}.{language}", str(error)) from None
        body, subject = found["body"], found.get("subject")
        if not body.strip():
            raise InvalidField(f"body.{language}", "nothing is left of it with these values")
        return RenderedTemplate(
            subject=None if subject is None else " ".join(subject.split()),
            body=body,
            over_the_air=_over_the_air(body) if template.channel == "sms" else None,
        )

    def _names(self, field: str, text: str, language: Written) -> set[str]:
        try:
            return self._languages[language].names(text)
        except TemplateInvalid as error:
            raise InvalidField(field, str(error)) from None

    def _check_values(
        self, template: TemplateContent, values: Mapping[str, JsonValue], where: str
    ) -> None:
        types = {one.name: one.type for one in template.variables}
        for name, value in values.items():
            if name not in types:
                raise InvalidField(f"{where}.{name}", "the template has no such variable")
            if value is not None and (rule := self._rule(types[name], value)):
                raise InvalidField(f"{where}.{name}", rule)

    def _rule(self, kind: str, value: JsonValue) -> str | None:
        """That the value breaks."""
        match kind, value:
            case "truth", bool():
                return None
            case "truth", _:
                return "must be true or false"
            case "list", list():
                fits = len(value) <= MOST_LISTED and all(_is_text(one) for one in value)
                return None if fits else f"must be at most {MOST_LISTED} texts"
            case "list", _:
                return "must be a list of texts"
            case "table", _:
                rule = f"must be at most {MOST_ROWS} rows, each of cells by their names"
                return None if _is_table(value) else rule
            case "text", _:
                rule = f"must be a text of at most {LONGEST_VALUE} characters"
                return None if _is_text(value) else rule
            case (("number" | "money"), _) if isinstance(value, bool | str) or value is None:
                return "must be a number"
            case _, (str() | int() | float()):
                return self._unsayable(kind, value)
        return f"must be a {kind}"

    def _unsayable(self, kind: str, value: str | float) -> str | None:
        try:
            read(value, _SAID[kind], self._region)
        except Unsayable as error:
            return str(error)
        return None


def examples(template: TemplateContent) -> dict[str, JsonValue]:
    """Raises InvalidField for a variable without one."""
    found = {one.name: one.example for one in template.variables}
    for name, example in found.items():
        if example is None:
            raise InvalidField(f"example.{name}", "give one")
    return found


def _language(language: Written, region: str) -> Language:
    say = in_region(region)

    def way(kind: SayAs, value: Any) -> str:
        return say(value, Slot("", kind), language)

    ways = {str(kind): partial(way, kind) for kind in SayAs}
    own = {"listed": listed(_SEPARATORS[language]), "truth": _no_words, "table": _no_table}
    return Language({**ways, **own})


def _no_words(value: object) -> str:
    raise TemplateInvalid("a yes or no is for conditions: say it in words")


def _no_table(value: object) -> str:
    raise TemplateInvalid("a table is for loops: say what becomes of each row")


def _texts(template: TemplateContent, language: Written) -> list[tuple[str, str]]:
    both: list[tuple[str, TemplateText | None]] = [
        ("subject", template.subject),
        ("body", template.body),
    ]
    return [(name, getattr(text, language)) for name, text in both if text is not None]


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_VALUE


def _is_table(value: JsonValue) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_ROWS
        and all(isinstance(row, dict) and _are_cells(row) for row in value)
    )


def _are_cells(row: Mapping[str, JsonValue]) -> bool:
    return len(row) <= MOST_CELLS and all(
        _is_text(cell) or cell is None or isinstance(cell, int | float) for cell in row.values()
    )


def _over_the_air(text: str) -> TextOverTheAir:
    return TextOverTheAir(coding=coding_of(text), parts=len(parts(text)))
