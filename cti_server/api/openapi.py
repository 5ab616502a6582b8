"""The OpenAPI 3.1 page, made from the routes and their wire types."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cti_server.wire.problem import Problem

from .routing import Route

_REF = "#/components/schemas/{model}"

Use = Literal["validation", "serialization"]
READ: Final = "validation"
SAID: Final = "serialization"

Refs = Mapping[Any, Mapping[str, Any]]  # by model and how it is used


def page(routes: Iterable[Route], version: str) -> dict[str, Any]:
    routes = list(routes)
    # What is read may leave out what has a default; what is said has it all the same.
    models: list[tuple[type[BaseModel], Use]] = [(Problem, SAID)]
    models += [(route.body, READ) for route in routes if route.body]
    models += [(route.answers, SAID) for route in routes if route.answers]
    refs, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=_REF)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(_plain(route.path), {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hotline", "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _plain(path: str) -> str:
    """As OpenAPI writes it: what a part of the path may be is the router's."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)


def _operation(route: Route, refs: Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _name(route),
        "summary": route.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", _plain(route.path))
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
                "content": {"application/problem+json": {"schema": refs[Problem, SAID]}},
            },
        },
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[route.body, READ]}},
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
    schema = refs[route.answers, SAID]
    if route.many:
        schema = {"type": "array", "items": schema}
    return {"description": route.summary, "content": {route.media_type: {"schema": schema}}}


def _name(route: Route) -> str:
    """Two modules may have a handler of one name, and an operation's is its own."""
    module = route.handler.__module__.rpartition(".")[2]
    return f"{module}.{route.handler.__name__}"
