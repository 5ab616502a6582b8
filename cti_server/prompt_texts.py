"""Every text that the voice says to callers and agents, and where it is used. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from config.floor import QueueSettings
from config.recording import RecordingSettings
from crm.queries import Spoken
from ivr.flow import Flow
from ivr.prompts import PromptSource
from ivr.texts import Slot, pieces

from .speech import phrases
from .speech.saying.joins import joined
from .speech.studio import recording_id
from .speech.tts import primary


class Use(NamedTuple):
    """A text in a language, and where it is said, in words."""

    text: str
    language: str
    where: str


Place = tuple[str, str, str, str]
_BEGINNING = 40  # characters of a text by which it is sorted


@dataclass(frozen=True, slots=True)
class PromptText:
    """One text in one language, however many say it."""

    id: str
    language: str
    text: str
    used_by: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where it stands in a list: by language and first use."""
        return self.language, self.used_by[0], self.text[:_BEGINNING], self.id


def spoken_pieces(source: PromptSource, language: str) -> tuple[str | Slot, ...]:
    """A flow's prompt as the voice says it: known texts, and places for values."""
    return joined(source.pieces, primary(language))


def ways_said(queue: QueueSettings) -> list[Mapping[str, str]]:
    """What callers hear of a queue's rules and keys, by language."""
    ways = [rule.say for rule in queue.overflow]
    return ways + [text for one in queue.exits.values() for text in (one.offer, one.say)]


def of_flows(flows: Iterable[Flow]) -> Iterator[Use]:
    """Of their prompts and their parts'; WAV files beside a flow are none."""
    for one in {part.edition: part for flow in flows for part in flow.whole()}.values():
        for name, by_language in one.prompts.items():
            for language, source in by_language.items():
                for piece in spoken_pieces(source, language):
                    if isinstance(piece, str):
                        yield Use(piece, language, f"flow {one.name}: {name}")


def of_queues(queues: Iterable[QueueSettings]) -> Iterator[Use]:
    for queue in queues:
        for language, text in queue.whisper.items():
            yield Use(text, language, f"queue {queue.name}: whisper")
        for way in ways_said(queue):
            for language, text in way.items():
                yield Use(text, language, f"queue {queue.name}: rules and keys")


def of_recording(recording: RecordingSettings) -> Iterator[Use]:
    """What customers are told of it."""
    every = [("queues", recording.announce), *((one.name, one.announce) for one in recording.rules)]
    for name, by_language in every:
        for language, text in by_language.items():
            yield Use(text, language, f"recording {name}: announcement")


def of_tiers(greetings: Mapping[str, Mapping[str, str]]) -> Iterator[Use]:
    for tier, by_language in greetings.items():
        for language, text in by_language.items():
            yield Use(text, language, f"tier {tier}: greeting")


def of_queries(spoken: Mapping[str, Spoken]) -> Iterator[Use]:
    """What is known of the rows that agents have read to customers."""
    for query, by_language in spoken.items():
        for language, text in by_language.items():
            for piece in joined(pieces(text), language):
                if isinstance(piece, str):
                    yield Use(piece, language, f"query {query}: read out")


def of_announcements(languages: Iterable[str]) -> Iterator[Use]:
    """Their clips: see :mod:`cti_server.speech.phrases`."""
    for language in dict.fromkeys(map(primary, languages)):
        for text in phrases.every_clip(language):
            yield Use(text, language, "announcements")


def listed(uses: Iterable[Use]) -> list[PromptText]:
    """Each text once."""
    found: dict[str, tuple[Use, list[str]]] = {}
    for use in uses:
        text = " ".join(use.text.split())
        if text:
            _, where = found.setdefault(recording_id(text, use.language), (use, []))
            where.append(use.where)
    texts = [
        PromptText(name, primary(use.language), " ".join(use.text.split()), _sorted(where))
        for name, (use, where) in found.items()
    ]
    return sorted(texts, key=lambda text: text.place)


def _sorted(where: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(where)))
