"""The look-ups into other systems' databases that operations have written down, checked."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text

from config import yaml_text
from crm.errors import InvalidField
from crm.queries import Lookup, check_parameters

from .refusals import StartFailed
from .saved_queries_spoken import check_spoken

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_FILE = TypeAdapter(dict[str, Lookup])


def load_lookups(file: Path | None, databases: Collection[str]) -> Mapping[str, Lookup]:
    """Raises StartFailed, which names every look-up at fault and its rule."""
    if file is None:
        return {}
    try:
        lookups = _FILE.validate_python(yaml_text.load(file.read_text("utf-8")) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StartFailed(f"{file}: cannot be read: {error}") from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise StartFailed("\n".join(f"{file}: {fault}" for fault in faults)) from None
    problems = [
        f"{file}: {name}.{problem}"
        for name, lookup in lookups.items()
        for problem in _problems(name, lookup, databases)
    ]
    if problems:
        raise StartFailed("\n".join(problems))
    return lookups


def _problems(name: str, lookup: Lookup, databases: Collection[str]) -> list[str]:
    found = []
    if not _NAME.fullmatch(name):
        found.append("id: small letters, digits and underscores")
    if lookup.database not in databases:
        found.append(f"database: there is no {lookup.database} in queries.databases")
    try:
        check_parameters(lookup.parameters)
    except InvalidField as error:
        found.append(str(error))
    if not _READS.match(lookup.sql):
        found.append("sql: must be a SELECT")
    named, declared = text(lookup.sql).compile().params.keys(), {p.name for p in lookup.parameters}
    if named != declared:
        differing = ", ".join(sorted(named ^ declared))
        found.append(f"parameters: must be those of the SQL; only one has {differing}")
    columns = [column.column for column in lookup.columns]
    if len(set(columns)) < len(columns):
        found.append("columns: one is there twice")
    try:
        check_spoken(lookup.spoken, columns)
    except InvalidField as error:
        found.append(str(error))
    return found
