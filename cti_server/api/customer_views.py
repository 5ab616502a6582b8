"""How customers are shown: whole to those who asked for it and may, masked to everybody else."""

from collections.abc import Iterable

from crm.consents import Preferences
from crm.masking import mask_address
from crm.numbers import mask
from crm.schema import Field
from cti_server.store.customers import Customer
from cti_server.wire.customers import AddressView, CustomerView, NumberView


def customer_view(
    customer: Customer, fields: Iterable[Field], *, revealed: bool = False
) -> CustomerView:
    """``fields``: the centre's; those that are sensitive are withheld unless ``revealed``."""
    sensitive = {field.name for field in fields if field.sensitive}
    withheld = set() if revealed else sensitive & customer.attributes.keys()
    return CustomerView(
        id=customer.id,
        version=customer.version,
        external_id=customer.external_id,
        kind="company" if customer.kind == "company" else "person",
        name=customer.name,
        tier=customer.tier,
        language=customer.language,
        company=customer.company,
        tags=customer.tags,
        notes=customer.notes,
        owner_id=customer.owner_id,
        team=customer.team,
        attributes={k: v for k, v in customer.attributes.items() if k not in withheld},
        withheld=sorted(withheld),
        numbers=_numbers(customer, revealed=revealed),
        addresses=_addresses(customer, revealed=revealed),
        preferences=Preferences.model_validate(customer.preferences),
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        erased_at=customer.erased_at,
        revealed=revealed,
    )


def _numbers(customer: Customer, *, revealed: bool) -> list[NumberView]:
    return [
        NumberView(
            position=number.position,
            number=number.number if revealed else mask(number.number),
            kind=number.kind,
            use=number.use,
            label=number.label,
        )
        for number in customer.numbers
    ]


def _addresses(customer: Customer, *, revealed: bool) -> list[AddressView]:
    return [
        AddressView(
            position=point.position,
            kind=point.kind,
            value=point.value if revealed else mask_address(point.kind, point.value),
            label=point.label,
        )
        for point in customer.contact_points
    ]
