"""Who tells who calls: our own records, and an outside CRM where there is one."""

from collections.abc import Iterable
from dataclasses import dataclass

from cti_server.caller_lookup import CallerLookup
from cti_server.outside_crm import OutsideCrm
from cti_server.store.lookup import CustomerLookup

from .ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    own: CustomerLookup
    customers: CustomerLookup | CallerLookup
    outside_crm: OutsideCrm | None

    def forget(self, numbers: Iterable[str]) -> None:
        if self.outside_crm is not None:
            self.outside_crm.forget(numbers)


def open_callers(ground: Ground) -> Callers:
    own = CustomerLookup(ground.database, ground.region)
    ground.log.subscribe(own.hear)
    outside = ground.settings.crm.outside
    if outside is None:
        return Callers(own=own, customers=own, outside_crm=None)
    outside_crm = OutsideCrm(outside)
    ground.opening.push_async_callback(outside_crm.close)
    both = CallerLookup(
        own,
        outside_crm,
        database=ground.database,
        changes=ground.changes,
        region=ground.region,
        now=ground.clock.now,
        new_id=ground.new_id,
    )
    return Callers(own=own, customers=both, outside_crm=outside_crm)
