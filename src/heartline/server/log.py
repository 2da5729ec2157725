"""Structured logs: readable on a terminal, JSON for machines. Never a key or a body."""

import logging
import sys
from typing import Any

import structlog

log: Any = structlog.get_logger("heartline")


def configure(style: str) -> None:
    """`console` or `json`, to standard error."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if style == "json" else _as_is,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _as_is(_: Any, __: str, event: Any) -> Any:
    return event
