"""Other systems that a flow asks for its caller: connectors, and look-ups into their databases."""

import asyncio
from collections.abc import Callable, Mapping

from crm.errors import InvalidField
from crm.queries import Lookup, OutsideUnavailable, QueryTooSlow, filled
from cti_server.connectors.calls import Connectors
from cti_server.connectors.errors import (
    NoSuchOperation,
    OutsideFailed,
    OutsideRefused,
    OutsideResting,
)
from cti_server.store.outside_data import OutsideData
from cti_server.typed_values import typed
from ivr.inquiries import (
    Answered,
    AskSystem,
    FirstRow,
    LookUp,
    Refused,
    Unanswered,
    revealed,
)


class OtherSystems:
    """
    Whatever is the matter with a system, there is an answer within the flow's time.

    Its reasons never hold what was asked with: that may be a PIN.
    """

    def __init__(
        self,
        connectors: Connectors,
        look_ups: Mapping[str, Lookup],
        outside: OutsideData,
        new_id: Callable[[], str],
    ) -> None:
        self._connectors = connectors
        self._look_ups = look_ups
        self._outside = outside
        self._new_id = new_id

    async def ask(self, asked: AskSystem) -> Answered | Refused | Unanswered:
        """One key for all attempts: what a caller wants once is done once."""
        try:
            operation = self._connectors.operation(asked.connector, asked.operation)
            kinds = {
                name: schema.get("type")
                for name, schema in operation.parameters.get("properties", {}).items()
                if isinstance(schema, Mapping)
            }
            values = typed(revealed(asked.values), kinds)
            async with asyncio.timeout(asked.within):
                answer = await self._connectors.call(
                    asked.connector, asked.operation, values, self._new_id()
                )
        except OutsideRefused:
            return Refused()
        except TimeoutError:
            return _late(asked)
        except (NoSuchOperation, InvalidField, OutsideFailed, OutsideResting) as error:
            return Unanswered(f"{asked.asked}: {error}")
        return Answered(answer)

    async def look_up(self, asked: LookUp) -> FirstRow | Unanswered:
        """The first row of those that the look-up finds."""
        if (look_up := self._look_ups.get(asked.look_up)) is None:
            return Unanswered(f"{asked.asked}: there is no such look-up")
        kinds = {parameter.name: parameter.type for parameter in look_up.parameters}
        try:
            values = filled(look_up.parameters, typed(revealed(asked.values), kinds), {})
            async with asyncio.timeout(asked.within):
                found = await self._outside.look_up(asked.look_up, look_up, values)
        except TimeoutError:
            return _late(asked)
        except (InvalidField, OutsideUnavailable, QueryTooSlow) as error:
            return Unanswered(f"{asked.asked}: {error}")
        if not found.rows:
            return FirstRow(None)
        columns = [column.column for column in look_up.columns]
        return FirstRow(dict(zip(columns, found.rows[0], strict=True)))


def _late(asked: AskSystem | LookUp) -> Unanswered:
    return Unanswered(f"{asked.asked}: no answer within {asked.within:g} s")
