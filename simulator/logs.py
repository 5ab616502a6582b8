"""The log of the simulator's processes: on standard error, and only what is out of order."""

import logging
import sys

import structlog


def quiet() -> None:
    """The SIP layer tells its story to servers; here it would drown what is printed."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ],
    )
