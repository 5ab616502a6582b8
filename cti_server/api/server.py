"""The HTTP server: every route behind its permission, on one port."""

import asyncio
import functools
import json
import ssl

from aiohttp import web

from config.api import ApiSettings

from . import (
    about,
    account,
    activities,
    agent_messages,
    alert_rules,
    alerts,
    api_keys,
    archive,
    article_approval,
    article_search,
    articles,
    audit,
    broadcasts,
    call_backs,
    call_control,
    calls_out,
    campaign_members,
    campaigns,
    care,
    catalogue,
    channels,
    confirmations,
    connectors,
    consents,
    contact_notes,
    contacts,
    customer_choices,
    customer_fields,
    customer_merges,
    customer_search,
    customers,
    demo,
    desktop_page,
    disks,
    dispositions,
    drafts,
    erasure,
    explanations,
    exports,
    fax_sending,
    faxes,
    feed,
    figures,
    floor,
    flow_figures,
    flow_trials,
    flows,
    forms,
    health,
    imports,
    incidents,
    lead_rules,
    leads,
    legal_holds,
    media_workers,
    moves,
    next_action_answers,
    next_actions,
    number_definitions,
    numbers,
    oidc,
    openapi,
    opportunities,
    orders,
    outbox,
    person_export,
    prompts,
    quality_calibrations,
    quality_plans,
    quality_reviews,
    quality_scorecards,
    queries,
    queue_definitions,
    recording_approvals,
    recording_bookmarks,
    recording_edits,
    recording_exports,
    recording_merges,
    recording_retention,
    recording_rights,
    recording_search,
    recording_searches,
    recordings,
    reports,
    reservations,
    retention,
    saved_queries,
    self_service,
    service_promises,
    sessions,
    skill_matrix,
    skills,
    sms,
    stream,
    supervision,
    system_health,
    targets,
    tasks,
    teams,
    templates,
    ticket_figures,
    ticket_notes,
    ticket_reasons,
    ticket_types,
    ticketed_audio,
    tickets,
    timeline,
    trunks,
    user_routing,
    users,
    waiting,
    web_calls,
    webhooks,
    work,
    work_orders,
    working_calendars,
)
from .origins import only_from
from .parts import PARTS, Parts
from .problems import problems
from .routing import Route, guarded

ROUTES: tuple[Route, ...] = tuple(
    route
    for module in (
        about,
        sessions,
        oidc,
        account,
        confirmations,
        users,
        user_routing,
        api_keys,
        audit,
        floor,
        figures,
        channels,
        waiting,
        trunks,
        number_definitions,
        numbers,
        broadcasts,
        reports,
        queue_definitions,
        flows,
        flow_figures,
        flow_trials,
        prompts,
        skills,
        skill_matrix,
        teams,
        explanations,
        incidents,
        system_health,
        contact_notes,
        contacts,
        call_control,
        call_backs,
        calls_out,
        supervision,
        moves,
        recording_edits,
        recording_bookmarks,
        recording_merges,
        recording_search,
        recording_searches,
        recording_rights,
        recording_exports,
        recording_approvals,
        recordings,
        ticketed_audio,
        quality_scorecards,
        quality_plans,
        quality_reviews,
        quality_calibrations,
        outbox,
        fax_sending,
        faxes,
        imports,
        exports,
        customers,
        customer_choices,
        customer_fields,
        customer_merges,
        customer_search,
        consents,
        timeline,
        next_action_answers,
        next_actions,
        ticket_figures,
        tickets,
        ticket_notes,
        ticket_types,
        ticket_reasons,
        working_calendars,
        work,
        work_orders,
        article_search,
        article_approval,
        articles,
        forms,
        dispositions,
        drafts,
        catalogue,
        orders,
        reservations,
        leads,
        lead_rules,
        opportunities,
        campaigns,
        campaign_members,
        care,
        service_promises,
        tasks,
        activities,
        agent_messages,
        alerts,
        alert_rules,
        targets,
        templates,
        person_export,
        erasure,
        legal_holds,
        retention,
        recording_retention,
        archive,
        disks,
        queries,
        saved_queries,
        connectors,
        self_service,
        web_calls,
        demo,
        sms,
        feed,
        webhooks,
        stream,
        media_workers,
        health,
    )
    for route in module.routes.routes
)


def application(here: Parts, version: str) -> web.Application:
    app = web.Application(
        middlewares=[problems, only_from(here.origins)], client_max_size=1024 * 1024
    )
    app[PARTS] = here
    for route in ROUTES:
        app.router.add_route(route.method, route.path, guarded(route, public=here.public))

    async def described(request: web.Request) -> web.Response:
        text = await asyncio.to_thread(openapi_page, version)
        return web.Response(text=text, content_type="application/json")

    app.router.add_get("/api/v1/openapi.json", described)
    desktop_page.add_to(app, self_service=here.self_service is not None)
    return app


@functools.cache
def openapi_page(version: str) -> str:
    """A third of a second's work: beside the loop, and for the first who asks."""
    return json.dumps(openapi.page(ROUTES, version), ensure_ascii=False)


class HttpServer:
    """Listens from :meth:`start` to :meth:`close`; ``port`` is the real one, also for port 0."""

    def __init__(self, app: web.Application, settings: ApiSettings) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        self._settings = settings
        self.port = settings.port

    @property
    def base_url(self) -> str:
        scheme = "https" if self._settings.tls else "http"
        return f"{scheme}://{self._settings.host}:{self.port}"

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(
            self._runner, self._settings.host, self._settings.port, ssl_context=self._tls()
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self._runner.cleanup()

    def _tls(self) -> ssl.SSLContext | None:
        if self._settings.tls is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._settings.tls.certificate, self._settings.tls.key)
        return context
