"""What customers' pages are told and say, who serve themselves in writing."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from .resource import LARGEST_NUMBER, Identifier, Resource

Front = Literal["web", "chat"]
ReadLanguage = Literal["zh", "en"]


class ServiceOffered(Resource):
    """A service, by what customers call it, and the front ends that have it."""

    service: str
    title: Mapping[str, str]
    channels: list[str]


class SelfServiceWanted(Resource):
    service: Identifier
    channel: Front
    language: ReadLanguage = "zh"


class SelfServiceOpened(Resource):
    session: str = Field(description="The bearer token of all that follows; nobody can guess it.")


class LineRead(Resource):
    number: int
    author: Literal["service", "customer"]
    text: str


class AnswerOption(Resource):
    answer: str
    label: str


class QuestionAsked(Resource):
    """
    What is to be answered; ``number`` is that of the line that asks.

    ``open``: an answer that is no option is right, too, of ``least`` to ``most`` signs. ``secret``:
    to be typed where nobody sees it.
    """

    number: int
    options: list[AnswerOption]
    open: bool
    secret: bool
    least: int
    most: int


class SelfServiceState(Resource):
    """The lines after the one that was asked for, and what is to be answered now."""

    lines: list[LineRead]
    question: QuestionAsked | None
    over: bool
    language: str


class AnswerTyped(Resource):
    """``question``: its number; one that is not open any more changes nothing."""

    question: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
    answer: Annotated[SecretStr, Field(max_length=200)]
    since: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)] = 0
