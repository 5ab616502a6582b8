"""
Two customers that are one: what survives of each, and how it is taken apart again.

Pure. The survivor's word counts; the other's fills what it lacks. What can be had of both (numbers,
addresses, tags, notes, the hours of peace) is had of both. Whoever merges may decide on each single
value differently, having seen it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from .consents import Preferences
from .errors import InvalidField, NotNow

Source = Literal["survivor", "merged", "both"]
DEFAULT_TIER = "standard"

_SINGLE = ("name", "tier", "language", "company", "notes", "owner_id", "team")
_SETS = ("tags", "numbers", "addresses")
_OF_BOTH = {"notes", *_SETS, "preferences"}
_ATTRIBUTE = "attributes."


class NumberEntry(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    number: str
    tail: str | None
    use: str
    label: str | None


class AddressEntry(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    key: str
    value: str
    label: str | None


Entry = str | NumberEntry | AddressEntry


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as far as a merge touches it; it is kept as JSON until the merge is undone."""

    id: str
    kind: str
    name: str
    tier: str
    language: str
    company: str | None
    notes: str | None
    owner_id: str | None
    team: str | None
    tags: list[str]
    attributes: dict[str, Any]
    preferences: dict[str, Any]
    numbers: list[NumberEntry]
    addresses: list[AddressEntry]


class Merger(msgspec.Struct, frozen=True, kw_only=True):
    """``sources``: of each field in which the two differ, whose value ``after`` has."""

    survivor: Record
    merged: Record
    after: Record
    sources: dict[str, Source]


class UndoContradicted(NotNow):
    """What the merge brought was changed since; to take it apart would lose that change."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(f"the merge cannot be undone; changed since: {', '.join(fields)}")
        self.fields = fields


def merge(survivor: Record, merged: Record, choices: Mapping[str, Source] | None = None) -> Merger:
    """
    What becomes of the survivor. ``choices``: whose value to take, by field.

    Raises InvalidField for a choice that there is not, and if the two cannot be one.
    """
    if survivor.id == merged.id:
        raise InvalidField("merged_id", "a customer cannot be merged with itself")
    if survivor.kind != merged.kind:
        raise InvalidField("merged_id", "a person and a company cannot be one")
    mine, theirs = _values(survivor), _values(merged)
    differing = {field: None for field in [*mine, *theirs] if mine.get(field) != theirs.get(field)}
    sources = {field: _source(field, mine.get(field), theirs.get(field)) for field in differing}
    for field, chosen in (choices or {}).items():
        both = chosen == "both" and field not in _OF_BOTH
        if field not in sources or field in _SETS or both:
            raise InvalidField(f"choices.{field}", "no choice between the two")
        sources[field] = chosen
    after = {field: mine.get(field, theirs.get(field)) for field in [*mine, *theirs]}
    for field, source in sources.items():
        after[field] = _surviving(field, source, mine.get(field), theirs.get(field))
    return Merger(survivor=survivor, merged=merged, after=_record(survivor, after), sources=sources)


def undone(merger: Merger, current: Record) -> Record:
    """
    What the survivor is without the merge. What was edited since and has nothing to do with the
    merge stays edited.

    Raises UndoContradicted.
    """
    before, after, now = _values(merger.survivor), _values(merger.after), _values(current)
    contradicted: list[str] = []
    values: dict[str, Any] = {}
    for field in dict.fromkeys([*before, *after, *now]):
        if field in _SETS:
            came = [entry for entry in after[field] if entry not in before[field]]
            values[field] = [entry for entry in now[field] if entry not in came]
            fits = all(entry in now[field] for entry in came)
        else:
            was, became, is_now = before.get(field), after.get(field), now.get(field)
            values[field] = was if is_now == became else is_now
            fits = is_now == became or became == was
        if not fits:
            contradicted.append(field)
    if contradicted:
        raise UndoContradicted(contradicted)
    return _record(current, values)


def _values(record: Record) -> dict[str, Any]:
    """The record's values by field, its attributes by their own names."""
    fields = (*_SINGLE, *_SETS, "preferences")
    attributes = {f"{_ATTRIBUTE}{name}": value for name, value in record.attributes.items()}
    return {field: getattr(record, field) for field in fields} | attributes


def _record(like: Record, values: Mapping[str, Any]) -> Record:
    plain = {field: value for field, value in values.items() if not field.startswith(_ATTRIBUTE)}
    attributes = {
        field.removeprefix(_ATTRIBUTE): value
        for field, value in values.items()
        if field.startswith(_ATTRIBUTE) and value is not None
    }
    return msgspec.structs.replace(like, **plain, attributes=attributes)


def _source(field: str, mine: Any, theirs: Any) -> Source:
    """The rule of each field, where nobody decides otherwise."""
    if field == "team":
        return "survivor"  # None is a value there: everybody sees the record
    if field == "tier":
        return "merged" if mine == DEFAULT_TIER else "survivor"
    if not mine:
        return "merged"
    return "both" if field in _OF_BOTH and theirs else "survivor"


def _surviving(field: str, source: Source, mine: Any, theirs: Any) -> Any:
    if source != "both":
        return mine if source == "survivor" else theirs
    if field == "notes":
        return f"{mine}\n{theirs}"
    if field == "preferences":
        return _preferences(mine, theirs)
    return _union(mine, theirs)


def _union(mine: Sequence[Entry], theirs: Sequence[Entry]) -> list[Entry]:
    known = {_key(entry) for entry in mine}
    return [*mine, *(entry for entry in theirs if _key(entry) not in known)]


def _key(entry: Entry) -> tuple[str, ...]:
    match entry:
        case NumberEntry(number=number):
            return (number,)
        case AddressEntry(kind=kind, key=key):
            return kind, key
        case tag:
            return (tag,)


def _preferences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Whatever either of them will not have, the one who they are will not have."""
    one, other = Preferences.model_validate(mine), Preferences.model_validate(theirs)
    same_zone = one.time_zone == other.time_zone
    hours = (*one.quiet_hours, *(other.quiet_hours if same_zone else ()))
    return Preferences(
        preferred=one.preferred or other.preferred,
        never=tuple(dict.fromkeys([*one.never, *other.never])),
        quiet_hours=tuple(dict.fromkeys(hours or other.quiet_hours)),
        time_zone=one.time_zone if one.quiet_hours or one.time_zone else other.time_zone,
    ).model_dump(mode="json")
