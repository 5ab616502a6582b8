"""What operators are told, and what is no news to them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cti_server import logs


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    told, root = io.StringIO(), logging.getLogger()
    before, handlers = structlog.get_config(), root.handlers[:]
    root.handlers.clear()
    monkeypatch.setattr("sys.stderr", told)
    logs.configure(level="info", json_lines=True)
    try:
        yield told
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers


def test_a_line_is_one_json_object(said: io.StringIO) -> None:
    structlog.get_logger().info("call.arrived", call_id="c1")
    structlog.get_logger().warning("call.over")

    assert [json.loads(line)["event"] for line in said.getvalue().splitlines()] == [
        "call.arrived",
        "call.over",
    ]


def test_a_task_that_failed_is_told_and_that_somebody_has_gone_is_not(said: io.StringIO) -> None:
    log = logging.getLogger("asyncio")
    log.error("never retrieved", exc_info=ConnectionResetError("closing transport"))
    log.error("never retrieved", exc_info=ValueError("a fault"))

    assert "a fault" in said.getvalue()
    assert "closing transport" not in said.getvalue()
