"""The log: one line per happening, JSON for machines or coloured for people, on standard error.

No secret, no query string and no document is ever passed to it; what looks like a secret is blotted out all the same,
and no text in a line is longer than a bound.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
import structlog

from plangate.secrets import SHOWN_SECRET
from plangate.settings import LogFormat
from plangate.traces import LONGEST as LONGEST_TRACE
from plangate.traces import traced

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

    from plangate.settings import LogLevel

LONGEST: Final = 400
"""Characters of one text in a line; what is told of an error has its own bound."""

_BLOT: Final = "[hidden]"
_HIDDEN: Final = (
    SHOWN_SECRET,
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=\bbearer )\S+"),
)
OURS: Final = "plangate"


def configure(level: LogLevel, form: LogFormat) -> None:
    """Send our lines and the libraries' through the same steps; libraries speak from WARNING on."""
    least = logging.getLevelNamesMapping()[level.value.upper()]
    people = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        traced,
        discreet,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Processor = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(_json)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=("problem", "code")), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING), force=True)
    logging.getLogger(OURS).setLevel(least)


def logger(name: str = OURS) -> FilteringBoundLogger:
    """Give the logger that the rooms in front of the schema are handed."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def discreet(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Blot out what looks like a secret, and cut what is long."""
    for name, value in line.items():
        if isinstance(value, str):
            most = LONGEST_TRACE if name == "exception" else LONGEST
            text = value if len(value) <= most + 2 else f"{value[: most // 2]} … {value[-most // 2 :]}"
            text = text.encode(errors="backslashreplace").decode()
            for hidden in _HIDDEN:
                text = hidden.sub(_BLOT, text)
            line[name] = text
    return line


def _json(line: Any, **_: Any) -> str:  # noqa: ANN401  (a line holds anything)
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
