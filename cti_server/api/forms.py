"""Forms: defined by administrators, filled in by agents."""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from sqlalchemy import select

from crm.errors import InvalidField
from crm.forms import FIRST_SERIAL, PREFIX, cells, check_definition, check_successor, values_of
from crm.json_form import check_values
from crm.tickets import number_of
from crm.timeline import Place
from cti_server.store.contacts import Contacts
from cti_server.store.customers import Customers
from cti_server.store.forms import FilledForm, Form, Forms, FormVersion
from cti_server.store.places import before
from cti_server.store.ticket_types import next_number
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.definitions import DefinitionVersionPage, DefinitionVersionView
from cti_server.wire.forms import (
    FilledFormPage,
    FilledFormView,
    FormCreate,
    FormEdit,
    FormToFill,
    FormVersionView,
    FormView,
)

from .contact_scope import in_sight
from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import named, number_in_path
from .parts import identity, parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/forms",
    needs=("forms.read",),
    answers=FormView,
    many=True,
    query=(Query("queue", "string", "only those that are offered for its contacts"),),
)
async def list_forms(request: web.Request) -> web.Response:
    """The forms, each with the version that is filled in now."""
    queue = named(request, "queue")
    async with parts(request).database.readers() as session:
        stored = Forms(session)
        found = [
            form
            for form in await stored.all()
            if queue is None or (form.active and (not form.queues or queue in form.queues))
        ]
        latest = await stored.latest(found)
    return answer_many([_view(form, latest[form.id]) for form in found])


@routes.add(
    "POST",
    "/api/v1/forms",
    needs=("forms.manage",),
    body=FormCreate,
    answers=FormView,
    status=201,
)
async def create_form(request: web.Request) -> web.Response:
    """Define a form."""
    wanted = await read(request, FormCreate)
    check_definition(wanted.definition)
    async with editing(request) as edit:
        form = Form(
            id=wanted.id,
            labels=wanted.labels.model_dump(),
            queues=wanted.queues,
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(form)
        await edit.session.flush()
        version = _version(edit, form, wanted.definition)
        edit.change.record("form", form.id, "created")
        await edit.session.flush()
    return answer(_view(form, version), 201)


@routes.add(
    "PATCH",
    "/api/v1/forms/{form_id}",
    needs=("forms.manage",),
    body=FormEdit,
    answers=FormView,
)
async def edit_form(request: web.Request) -> web.Response:
    """Change a form; what was filled in keeps the version that it was filled in by."""
    wanted = await read(request, FormEdit)
    changes = wanted.model_dump(exclude={"version", "definition"}, exclude_none=True)
    async with editing(request) as edit:
        stored = Forms(edit.session)
        form = await stored.need(request.match_info["form_id"])
        check_version(form, wanted.version)
        for name, value in changes.items():
            setattr(form, name, value)
        version = await stored.version(form.id, form.latest)
        if wanted.definition is not None:
            check_successor(version.definition, wanted.definition)
            form.latest += 1
            version = _version(edit, form, wanted.definition)
        form.updated_at = edit.now
        fields = wanted.model_fields_set - {"version"}
        edit.change.record("form", form.id, "updated", fields=fields)
        await edit.session.flush()
    return answer(_view(form, version))


@routes.add(
    "GET",
    "/api/v1/forms/{form_id}/versions",
    needs=("forms.read",),
    answers=DefinitionVersionPage,
    query=PAGING,
)
async def list_form_versions(request: web.Request) -> web.Response:
    """What the form asked for, the newest version first."""
    place, most = after(request, tuple[int]), limit(request)
    async with parts(request).database.readers() as session:
        stored = Forms(session)
        form = await stored.need(request.match_info["form_id"])
        found = await stored.versions(form.id, most, None if place is None else place[0])
    items = [_version_view(one) for one in found]
    more = cursor(found[-1].number) if len(found) == most else None
    return answer(DefinitionVersionPage(items=items, next=more))


@routes.add(
    "GET",
    "/api/v1/forms/{form_id}/versions/{number}",
    needs=("forms.read",),
    answers=FormVersionView,
)
async def form_version(request: web.Request) -> web.Response:
    """A form as it was at that version."""
    number = number_in_path(request, "number", of="form_version")
    async with parts(request).database.readers() as session:
        found = await Forms(session).version(request.match_info["form_id"], number)
    return answer(
        FormVersionView(
            form_id=found.form_id,
            number=found.number,
            definition=found.definition,
            written_by=found.written_by,
            written_at=found.written_at,
        )
    )


@routes.add(
    "POST",
    "/api/v1/filled-forms",
    needs=("forms.fill",),
    body=FormToFill,
    answers=FilledFormView,
    status=201,
)
async def fill_form(request: web.Request) -> web.Response:
    """Fill in a form, for a contact, for a customer, or for neither."""
    wanted = await read(request, FormToFill)
    here, who = parts(request), identity(request)
    if wanted.contact_id is not None:
        await here.log.stored()
    async with editing(request) as edit:
        contact_id = wanted.contact_id
        seen, contacts = in_sight(who), Contacts(edit.session)
        if contact_id is not None and await contacts.get(contact_id, seen) is None:
            raise InvalidField("contact_id", "there is no such contact")
        customer_id = wanted.customer_id
        if customer_id is not None:
            customer_id = (await Customers(edit.session).need_whole(customer_id, who.teams)).id
        filled = await fill(
            edit,
            wanted.form_id,
            wanted.values,
            form_version=wanted.form_version,
            contact_id=contact_id,
            customer_id=customer_id,
            team=who.team,
        )
        edit.change.record("filled_form", filled.id, "created")
        await edit.session.flush()
        view = await _filled_view(Forms(edit.session), [filled])
    return answer(view[0], 201)


@routes.add(
    "GET", "/api/v1/filled-forms/{filled_id}", needs=("forms.read",), answers=FilledFormView
)
async def filled_form(request: web.Request) -> web.Response:
    """What was filled in."""
    async with parts(request).database.readers() as session:
        stored = Forms(session)
        found = await stored.filled(request.match_info["filled_id"], identity(request).teams)
        [view] = await _filled_view(stored, [found])
    return answer(view)


@routes.add(
    "GET",
    "/api/v1/forms/{form_id}/filled",
    needs=("forms.read",),
    answers=FilledFormPage,
    query=(*PAGING, Query("contact_id"), Query("customer_id")),
)
async def filled_forms(request: web.Request) -> web.Response:
    """What was filled in of one form, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    teams = identity(request).teams
    async with parts(request).database.readers() as session:
        stored = Forms(session)
        form = await stored.need(request.match_info["form_id"])
        query = select(FilledForm).where(FilledForm.form_id == form.id)
        for name in ("contact_id", "customer_id"):
            if (wanted := named(request, name)) is not None:
                query = query.where(getattr(FilledForm, name) == wanted)
        if teams is not None:
            query = query.where(FilledForm.team.is_(None) | FilledForm.team.in_(teams))
        at, id = FilledForm.filled_at, FilledForm.id
        query = query.where(*before(at, id, Place(*place) if place else None))
        query = query.order_by(at.desc(), id.desc()).limit(most + 1)
        found = (await session.scalars(query)).all()
        page = found[:most]
        items = await _filled_view(stored, page)
    more = cursor(page[-1].filled_at, page[-1].id) if len(found) > most else None
    return answer(FilledFormPage(items=items, next=more))


async def fill(
    edit: Edit,
    form_id: str,
    values: dict[str, object],
    *,
    form_version: int | None,
    contact_id: str | None,
    customer_id: str | None,
    team: str | None,
) -> FilledForm:
    """Raises UnknownRecord and InvalidField."""
    stored = Forms(edit.session)
    form = await stored.need(form_id)
    if not form.active:
        raise InvalidField("form_id", "is not in use any more")
    version = await stored.version(form.id, form_version or form.latest)
    check_values(version.definition, values)
    serial = await next_number(edit.session, "filled_form", first=FIRST_SERIAL)
    filled = FilledForm(
        id=edit.new_id(),
        form_id=form.id,
        form_version=version.number,
        number=number_of(PREFIX, serial),
        contact_id=contact_id,
        customer_id=customer_id,
        team=team,
        filled_by=edit.by,
        filled_at=edit.now,
    )
    await stored.fill(filled, cells(version.definition, values))
    return filled


def _version(edit: Edit, form: Form, definition: dict[str, object]) -> FormVersion:
    version = FormVersion(
        form_id=form.id,
        number=form.latest,
        definition=definition,
        written_by=edit.by,
        written_at=edit.now,
    )
    edit.session.add(version)
    return version


def _version_view(version: FormVersion) -> DefinitionVersionView:
    return DefinitionVersionView(
        number=version.number,
        action="created" if version.number == 1 else "updated",
        content=version.definition,
        changed_by=version.written_by,
        changed_at=version.written_at,
    )


def _view(form: Form, version: FormVersion) -> FormView:
    return FormView.model_validate(
        {
            "id": form.id,
            "version": form.version,
            "labels": form.labels,
            "queues": form.queues,
            "active": form.active,
            "latest": form.latest,
            "definition": version.definition,
            "updated_at": form.updated_at,
        }
    )


async def _filled_view(stored: Forms, found: Sequence[FilledForm]) -> list[FilledFormView]:
    """Each read by the version that it was filled in by."""
    values = await stored.cells([one.id for one in found])
    keys = {(one.form_id, one.form_version) for one in found}
    definitions = {key: (await stored.version(*key)).definition for key in sorted(keys)}
    return [
        FilledFormView(
            id=one.id,
            number=one.number,
            form_id=one.form_id,
            form_version=one.form_version,
            values=values_of(definitions[one.form_id, one.form_version], values[one.id]),
            contact_id=one.contact_id,
            customer_id=one.customer_id,
            filled_by=one.filled_by,
            filled_at=one.filled_at,
        )
        for one in found
    ]
