"""How the server speaks to its operators: structlog, one JSON object a line in production."""

import logging
import sys

import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": 30, "error": 40}


def configure(*, level: str, json_lines: bool) -> None:
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(LEVELS[level], logging.WARNING), stream=sys.stderr)
    logging.getLogger("asyncio").addFilter(_is_fault)


def _is_fault(record: logging.LogRecord) -> bool:
    """
    Whether it is one: not that somebody has gone.

    Who closes a stream while a long frame is compressed leaves aiohttp a task that nobody awaits.
    """
    return record.exc_info is None or not isinstance(record.exc_info[1], ConnectionResetError)
