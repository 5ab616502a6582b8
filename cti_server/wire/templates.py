"""Templates of what is said and sent: to every channel the same, in both languages."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from crm.labels import Labels

from .resource import Resource, Version, Word, printable_lines

TemplateChannel = Literal["speech", "sms", "email", "fax"]
VariableType = Literal["text", "number", "money", "date", "time", "phone", "truth", "list", "table"]
Written = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(printable_lines),
]
TemplateValues = Annotated[dict[str, JsonValue], Field(max_length=100)]


class TemplateText(Resource):
    """The same in Chinese and in English."""

    zh: Written
    en: Written


class TemplateVariable(Resource):
    """
    A value that the text takes. ``type`` says which values it takes, and how they are written:
    money 1234.5 as 1,234.50元, date 2026-11-22 as 22 November 2026. "truth" is for conditions,
    "list" has texts, for loops; "table" has rows of cells by their names, for loops, too:
    ``{% for row in rows %}{{ row.amount | money }}{% endfor %}``.
    """

    name: Word
    type: VariableType = "text"
    example: JsonValue = Field(description="What the template is tried with when it is kept.")


class TemplateContent(Resource):
    """
    ``body`` and ``subject`` are Jinja2's language, without attributes, calls and arithmetic:
    ``{{ name }}``, ``{{ account | digits }}``, ``{% if … %}``, ``{% for one in list %}``. What is
    faxed is written in Markdown, with tables.
    """

    labels: Labels
    channel: TemplateChannel
    subject: TemplateText | None = Field(default=None, description="Of a mail, which has one.")
    body: TemplateText
    variables: Annotated[list[TemplateVariable], Field(max_length=50)] = Field(default=[])
    document: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")] | None = Field(
        default=None,
        description="Of a fax: the code of the document in the configuration that it makes.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.channel == "email") != (self.subject is not None):
            raise ValueError("subject: a mail has one, nothing else has")
        if self.document is not None and self.channel != "fax":
            raise ValueError("document: only what is faxed makes one")
        names = [one.name for one in self.variables]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"variables: {name} is there twice")
            if name == "loop":
                raise ValueError("variables: loop is the language's own")
        return self


class TemplateEdit(Resource):
    """The template as a whole."""

    version: Version
    definition: TemplateContent


class TemplateView(Resource):
    """A template as it is stored."""

    id: str
    version: int
    definition: TemplateContent
    updated_at: datetime


class TemplateToPreview(Resource):
    """A draft. Without ``values`` it is filled with its examples."""

    definition: TemplateContent
    values: TemplateValues | None = None


class TemplateToRender(Resource):
    language: Literal["zh", "en"]
    values: TemplateValues = Field(default_factory=dict)


class TextOverTheAir(Resource):
    """How an SMS is sent: one sign that GSM-7 lacks makes all of it UCS-2, of shorter parts."""

    coding: Literal["gsm", "ucs2"]
    parts: int


class RenderedTemplate(Resource):
    """What became of it. ``over_the_air``: of an SMS."""

    subject: str | None
    body: str
    over_the_air: TextOverTheAir | None


class TemplateFault(Resource):
    """``field`` of the definition breaks ``rule``."""

    field: str
    rule: str


class TemplatePreview(Resource):
    """
    By language; nothing while values are ``missing``, which names them, or while the draft is
    ``wrong``: it could not be kept as it is.
    """

    wrong: TemplateFault | None
    missing: list[str]
    rendered: dict[Literal["zh", "en"], RenderedTemplate]
