"""What a flow file says about prompts: where they are named, and what they sound like."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from .actions import Prompt
from .texts import Slot, pieces, placeholders

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
ToRead = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class Section(BaseModel):
    """A part of a flow file: unknown keys are refused, nothing is guessed into another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PromptSource(Section):
    """
    One prompt in one language: text for the voice, or a WAV file. A bare string is text.

    ``{name:kind}`` in a text stands for a value and how it is said: see
    :class:`ivr.texts.SayAs`.

    ``wav`` is written relative to the flow file and read as a path that can be opened.

    ``written`` is what customers read in its place who do not call: nothing, where it is empty. It
    may show the values that the text says, each in a way of its own. Without it they read the text.
    """

    text: Text | None = None
    wav: Path | None = None
    written: ToRead | None = None

    _pieces: tuple[str | Slot, ...] = PrivateAttr(default=())

    @model_validator(mode="before")
    @classmethod
    def _text_may_stand_alone(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @field_validator("wav", mode="before")
    @classmethod
    def _beside_the_flow_file(cls, value: Any, info: ValidationInfo) -> Any:
        path = Path(value) if isinstance(value, str) else Path()
        if path.is_absolute() or ".." in path.parts or not path.name:
            raise ValueError("must be a path below the flow file's folder")
        folder: Path = (info.context or {}).get("folder", Path())
        return folder / path

    @model_validator(mode="after")
    def _one_of_both(self) -> "PromptSource":
        if (self.text is None) == (self.wav is None):
            raise ValueError("give either 'text' or 'wav'")
        self._pieces = pieces(self.text or "")
        self._shows_what_is_said(self.written or "")
        return self

    def _shows_what_is_said(self, written: str) -> None:
        pieces(written)
        said = {slot.name for slot in self.slots}
        for found in placeholders(written):
            if found.name not in said:
                raise ValueError(f"written: '{{{found.name}}}' is not in the text")

    @property
    def in_writing(self) -> str | None:
        """What is read of it, with places for values; None where it can only be heard."""
        return self.text if self.written is None else self.written

    @property
    def pieces(self) -> tuple[str | Slot, ...]:
        """The text in what is known beforehand and what is not; nothing of a WAV file."""
        return self._pieces

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places that a caller's values fill, in their order."""
        return tuple(piece for piece in self._pieces if isinstance(piece, Slot))


class PromptName(Section):
    """A prompt to play; in the caller's language unless ``language`` pins another."""

    name: str
    language: Language | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_may_stand_alone(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def spoken_in(self, language: str) -> Prompt:
        return Prompt(self.name, self.language or language)


def _one_may_stand_alone(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


PromptNames = Annotated[Sequence[PromptName], BeforeValidator(_one_may_stand_alone)]
NOTHING: Sequence[PromptName] = ()
SomePromptNames = Annotated[PromptNames, Field(min_length=1)]
