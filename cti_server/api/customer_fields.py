"""The schema of the customers' records: the fields that a centre adds to them."""

from aiohttp import web

from crm.errors import AlreadyThere, InvalidField, UnknownRecord
from cti_server.store.customer_fields import CustomerField, CustomerFields
from cti_server.store.versions import check_version
from cti_server.wire.customers import FieldChange, FieldCreate, FieldEdit, FieldView

from .parts import identity, parts
from .routing import Routes, answer, answer_many, read

routes = Routes()

_COLUMNS = tuple(FieldChange.model_fields)


@routes.add(
    "GET", "/api/v1/customer-fields", needs=("customers.read",), answers=FieldView, many=True
)
async def list_customer_fields(request: web.Request) -> web.Response:
    """The fields, in the order in which a form shows them."""
    async with parts(request).database.readers() as session:
        return answer_many([_view(field) for field in await CustomerFields(session).all()])


@routes.add(
    "POST",
    "/api/v1/customer-fields",
    needs=("customers.schema",),
    body=FieldCreate,
    answers=FieldView,
    status=201,
)
async def create_customer_field(request: web.Request) -> web.Response:
    """Add a field to the customers' records."""
    wanted = await read(request, FieldCreate)
    here = parts(request)
    now = here.clock.now()
    async with here.changes.begin(identity(request).agent_id) as change:
        if await CustomerFields(change.session).get(wanted.name) is not None:
            raise AlreadyThere(f"there is a field {wanted.name!r} already")
        field = CustomerField(
            id=wanted.name, created_at=now, updated_at=now, **wanted.model_dump(exclude={"name"})
        )
        _check(field)
        CustomerFields(change.session).add(field)
        change.record("customer_field", field.id, "created")
    return answer(_view(field), status=201)


@routes.add(
    "PATCH",
    "/api/v1/customer-fields/{name}",
    needs=("customers.schema",),
    body=FieldEdit,
    answers=FieldView,
)
async def edit_customer_field(request: web.Request) -> web.Response:
    """Change a field; values that records have stay, also those that would not be allowed now."""
    wanted = await read(request, FieldEdit)
    here, name = parts(request), request.match_info["name"]
    async with here.changes.begin(identity(request).agent_id) as change:
        field = await CustomerFields(change.session).get(name)
        if field is None:
            raise UnknownRecord("customer field", name)
        check_version(field, wanted.version)
        for column, value in wanted.model_dump(include=wanted.model_fields_set).items():
            if column in _COLUMNS:
                setattr(field, column, value)
        _check(field)
        field.updated_at = here.clock.now()
        change.record(
            "customer_field", name, "updated", fields=wanted.model_fields_set - {"version"}
        )
    return answer(_view(field))


def _check(field: CustomerField) -> None:
    """Raises InvalidField for what no value could meet."""
    values = [choice["value"] for choice in field.choices]
    if (field.type == "choice") != bool(values) or len(set(values)) != len(values):
        raise InvalidField("choices", "a choice has some, each once; nothing else has any")
    if field.type not in {"number", "money"} and not field.minimum is field.maximum is None:
        raise InvalidField("minimum", "only numbers and money have bounds")
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        raise InvalidField("maximum", "less than the minimum")


def _view(field: CustomerField) -> FieldView:
    columns = {name: getattr(field, name) for name in (*_COLUMNS, "type", "applies_to", "version")}
    return FieldView.model_validate({"name": field.id, **columns})
