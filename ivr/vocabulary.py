"""What a caller may say in answer to a question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Each phrase in one language, with the label of what it stands for."""

    language: str
    phrases: tuple[tuple[str, str], ...]  # label, phrase
