"""Templates of what is said and sent: kept in versions, tried out, and filled with values."""

from aiohttp import web

from crm.errors import InvalidField
from cti_server.filled_templates import LANGUAGES, FilledTemplates, examples
from cti_server.store.routing_definitions import RoutingDefinitions
from cti_server.tickets.edit import Edit
from cti_server.wire.templates import (
    RenderedTemplate,
    TemplateContent,
    TemplateEdit,
    TemplateFault,
    TemplatePreview,
    TemplateToPreview,
    TemplateToRender,
    TemplateView,
)

from .kept_definitions import Kept, add_routes
from .parts import parts
from .permissions import Identity
from .routing import Routes, answer, read

routes = Routes()

READ, WRITE = ("templates.read",), ("templates.manage",)


@routes.add(
    "POST",
    "/api/v1/templates/preview",
    needs=WRITE,
    body=TemplateToPreview,
    answers=TemplatePreview,
)
async def preview_template(request: web.Request) -> web.Response:
    """
    What would become of a draft, with its examples or other values, and which are missing, or why
    it could not be kept: a draft is asked about while it is written.
    """
    wanted, filling = await read(request, TemplateToPreview), _filling(request)
    template = wanted.definition
    try:
        filling.check(template)
    except InvalidField as error:
        wrong = TemplateFault(field=error.field, rule=error.rule)
        return answer(TemplatePreview(wrong=wrong, missing=[], rendered={}))
    values = examples(template) if wanted.values is None else wanted.values
    missing = filling.missing(template, values)
    rendered = {one: filling.filled(template, one, values) for one in LANGUAGES if not missing}
    return answer(TemplatePreview(wrong=None, missing=missing, rendered=rendered))


@routes.add(
    "POST",
    "/api/v1/templates/{definition_id}/render",
    needs=READ,
    body=TemplateToRender,
    answers=RenderedTemplate,
)
async def render_template(request: web.Request) -> web.Response:
    """The template with these values, which are all that it takes, in one language."""
    wanted, filling = await read(request, TemplateToRender), _filling(request)
    async with parts(request).database.readers() as session:
        found = await RoutingDefinitions(session, "template").need(
            request.match_info["definition_id"]
        )
    template = TemplateContent.model_validate(found.content)
    if missing := filling.missing(template, wanted.values):
        raise InvalidField(f"values.{missing[0]}", "is missing")
    return answer(filling.filled(template, wanted.language, wanted.values))


def _filling(request: web.Request) -> FilledTemplates:
    return FilledTemplates(parts(request).default_region)


async def _check(request: web.Request, edit: Edit, who: Identity, wanted: TemplateContent) -> None:
    _filling(request).check(wanted)
    if wanted.document is None:
        return
    own = request.match_info.get("definition_id")
    for one in await RoutingDefinitions(edit.session, "template").all():
        if one.id != own and one.content.get("document") == wanted.document:
            label = one.content["labels"]["en"]
            raise InvalidField("document", f"the template {label!r} makes it already")


def _everybodys(who: Identity, wanted: TemplateContent) -> None:
    """Templates are of no team."""


add_routes(
    routes,
    Kept(
        kind="template",
        title="template",
        path="/api/v1/templates",
        read=READ,
        write=WRITE,
        content=TemplateContent,
        edit=TemplateEdit,
        view=TemplateView,
        check=_check,
        need_own=_everybodys,
    ),
)
