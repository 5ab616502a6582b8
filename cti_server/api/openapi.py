"""The OpenAPI 3.1 page, made from the routes and their wire types."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cti_server.wire.problem import Problem

from .routing import Route

_REF = "#/components/schemas/{model}"

Refs = Mapping[Any, Mapping[str, Any]]  # by model


def page(routes: Iterable[Route], version: str) -> dict[str, Any]:
    routes = list(routes)
    models: list[type[BaseModel]] = [Problem]
    models += [kind for route in routes for kind in (route.body, route.answers) if kind]
    # Two of one name in two modules have longer names here.
    named, schemas = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template=_REF
    )
    refs = {model: ref for (model, _), ref in named.items()}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hotline", "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, refs: Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _name(route),
        "summary": route.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", route.path)
        ]
        + [
            {
                "name": query.name,
                "in": "query",
                "description": query.description,
                "schema": {"type": query.kind},
            }
            for query in route.query
        ],
        "responses": {
            str(route.status): _answer(route, refs),
            "default": {
                "description": "Refused (RFC 9457)",
                "content": {"application/problem+json": {"schema": refs[Problem]}},
            },
        },
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[route.body]}},
        }
    elif route.accepts != "application/json":
        operation["requestBody"] = {
            "required": True,
            "content": {route.accepts: {"schema": {"type": "string"}}},
        }
    if route.needs is not None:
        operation["security"] = [{"session": []}]
        operation["x-permissions"] = list(route.needs)
    return operation


def _answer(route: Route, refs: Refs) -> dict[str, Any]:
    if route.answers is None:
        if route.status in {101, 204}:
            return {"description": route.summary}
        return {"description": route.summary, "content": {route.media_type: {}}}
    schema = refs[route.answers]
    if route.many:
        schema = {"type": "array", "items": schema}
    return {"description": route.summary, "content": {route.media_type: {"schema": schema}}}


def _name(route: Route) -> str:
    """Two modules may have a handler of one name, and an operation's is its own."""
    module = route.handler.__module__.rpartition(".")[2]
    return f"{module}.{route.handler.__name__}"
