"""
Rows of a saved query as a customer hears them: by the query's own spoken templates.

Pure. What is read is what the agent was shown, for the contact in whose service it was asked for: a
result is kept for a while for that, in memory only, and only as far as the templates name it. What
was masked on the screen is not said.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from crm.errors import InvalidField, UnknownRecord
from crm.queries import Spoken
from ivr.texts import SayAs, Slot, Value, pieces, placeholders

from .calls.aloud import Portion, Reading, Said
from .speech.saying.joins import joined

KEPT_FOR: Final = timedelta(minutes=15)
MOST_KEPT: Final = 500  # results

_MOMENTS: Final = {SayAs.DATE: "%Y-%m-%d", SayAs.TIME: "%H:%M"}


def check_spoken(spoken: Spoken | None, columns: Collection[str]) -> None:
    """Raises InvalidField."""
    for language, text in (spoken or {}).items():
        where = f"spoken.{language}"
        try:
            parts = pieces(text)
        except ValueError as error:
            raise InvalidField(where, str(error)) from None
        for part in parts:
            if isinstance(part, Slot) and part.name not in columns:
                raise InvalidField(where, f"there is no column {part.name!r} in the query")
        if not parts:
            raise InvalidField(where, "there is nothing to say in it")


def places(spoken: Spoken) -> set[str]:
    """The columns that it says."""
    return {place.name for text in spoken.values() for place in placeholders(text)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenResult:
    """``rows`` as the agent was shown them; what was masked is None."""

    query: str
    contact: str
    spoken: Spoken
    rows: Sequence[Mapping[str, Any]] = field(repr=False)
    revealed: bool
    zone: ZoneInfo

    def reading(self, rows: Sequence[int], language: str) -> Reading:
        """
        These rows, in their order; in the first language of the query where it has not this one.

        Raises InvalidField for a row that was not there.
        """
        for one in rows:
            if one >= len(self.rows):
                raise InvalidField("rows", f"there is no row {one}: the first one is 0")
        language = language.partition("-")[0]
        known = {str(one): text for one, text in self.spoken.items()}
        spoken = language if language in known else next(iter(known))
        parts = joined(pieces(known[spoken]), spoken)
        told = tuple(self._portion(parts, self.rows[row], spoken) for row in rows)
        return Reading(told, spoken, lasting=True, query=self.query, rows=len(rows))

    def _portion(
        self, parts: Sequence[str | Slot], row: Mapping[str, Any], language: str
    ) -> Portion:
        said = [self._said(part, row, language) for part in parts]
        return tuple(one for one in said if one is not None)

    def _said(self, part: str | Slot, row: Mapping[str, Any], language: str) -> str | Said | None:
        if isinstance(part, str):
            return part
        value = _plain(row.get(part.name), part.say_as, language, self.zone)
        return None if value == "" else Said(value, part.say_as)


class KeptResults:
    """The latest ones of all agents; each agent can have read what was shown to them alone."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[datetime, SpokenResult]] = OrderedDict()

    def keep(self, agent_id: str, result_id: str, result: SpokenResult, now: datetime) -> None:
        self._kept[agent_id, result_id] = (now, result)
        while len(self._kept) > MOST_KEPT or self._oldest() + KEPT_FOR <= now:
            self._kept.popitem(last=False)

    def need(self, agent_id: str, result_id: str, contact_id: str, now: datetime) -> SpokenResult:
        """Raises UnknownRecord, also for what was found in the service of another contact."""
        since, result = self._kept.get((agent_id, result_id), (now - KEPT_FOR, None))
        if result is None or result.contact != contact_id or since + KEPT_FOR <= now:
            raise UnknownRecord("result", result_id)
        return result

    def _oldest(self) -> datetime:
        return next(iter(self._kept.values()))[0]


def _plain(value: Any, say_as: SayAs, language: str, zone: ZoneInfo) -> Value:
    """As texts have it: moments by the centre's clock, labels in the language of the text."""
    match value:
        case None:
            return ""
        case bool() | int() | float() | str():
            return value
        case datetime():
            local = value.astimezone(zone) if value.tzinfo is not None else value
            return local.strftime(_MOMENTS.get(say_as, "%Y-%m-%d %H:%M"))
        case date():
            return value.isoformat()
        case dict():
            return _plain(value.get(language), say_as, language, zone)
        case list():
            return ", ".join(str(_plain(one, say_as, language, zone)) for one in value)
        case _:
            return str(value)
