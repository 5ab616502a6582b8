"""What a connector is, whatever it speaks; its class is found by name."""

import importlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ValidationError

from config.connectors import ConnectorSettings

from .errors import ConnectorUnusable

SHIPPED = {"rest": "cti_server.connectors.rest:Rest"}


@dataclass(frozen=True, slots=True)
class Operation:
    """
    Something that can be asked of a system. ``parameters`` is a JSON Schema of the values.

    ``repeatable``: done twice it does no more than done once, so it may be tried again. ``risk``:
    the part of the answer that says whether there is one, if it says that. ``answers``: the parts
    of the answer; None if they are not known before. ``in_address``: the values that become a part
    of an address, which the systems on the way write down.
    """

    parameters: Mapping[str, Any]
    repeatable: bool
    risk: str | None = None
    answers: Collection[str] | None = None
    in_address: Collection[str] = ()


class Connector(Protocol):
    """
    The way to one system. ``Settings`` is the schema of what the operator says of it.

    Time-outs, further attempts and rests are not its business: :class:`.calls.Connectors` has them
    for all kinds.
    """

    Settings: ClassVar[type[BaseModel]]

    def __init__(self, settings: Any) -> None:
        """``settings`` are those of its schema. Raises ValueError, which says what is wrong."""

    @property
    def operations(self) -> Mapping[str, Operation]: ...

    async def call(
        self, operation: str, values: Mapping[str, Any], key: str | None
    ) -> Mapping[str, Any]:
        """
        Ask once; ``key`` is the same whenever the same is asked again.

        Raises OutsideRefused and OutsideFailed; OSError and TimeoutError are taken for the latter.
        """

    async def close(self) -> None: ...


def opened(name: str, entry: ConnectorSettings) -> Connector:
    """The connector of this name. Raises ConnectorUnusable."""
    kind = _class_of(name, entry.kind)
    try:
        return kind(kind.Settings.model_validate(entry.settings))
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, ("settings", *fault["loc"])))
        raise ConnectorUnusable(name, f"{where}: {fault['msg']}") from None
    except (ValueError, OSError) as error:
        raise ConnectorUnusable(name, str(error)) from error


def _class_of(name: str, kind: str) -> type[Connector]:
    module, _, attribute = SHIPPED.get(kind, kind).partition(":")
    try:
        found: type[Connector] = getattr(importlib.import_module(module), attribute or "?")
    except (ImportError, AttributeError) as error:
        raise ConnectorUnusable(name, f"kind: there is no {kind!r}") from error
    return found
