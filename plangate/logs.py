"""The log: one line per happening, JSON for machines or coloured for people, on standard error.

No secret, no query string and no document is ever passed to it; what looks like a secret is blotted out all the same,
and no text in a line is longer than a bound.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import orjson

from plangate.later import without
from plangate.secrets import SHOWN_SECRET
from plangate.settings import LogFormat
from plangate.traces import LONGEST as LONGEST_TRACE
from plangate.traces import traced

with without("rich"):  # for pictures of errors: ours are told in words (`traces`)
    import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

    from plangate.settings import LogLevel

LONGEST: Final = 400
"""Characters of one text in a line; what is told of an error has its own bound."""
SHORTEST: Final = 8
"""What is shorter holds no secret."""

SERVED: Final = ContextVar("request_id", default="")
"""Which request is being served: its id in the log, on events and in its answer."""
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
        traced,
        discreet,
        served,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(_json)
    lines = Lines(sys.stderr)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=("problem", "code")), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING), force=True)


class Lines:
    """Writes lines. One that cannot be written is lost, and nothing else: whoever is served has no part in it."""

    def __init__(self, out: TextIO) -> None:
        """Write there."""
        self._out = out

    def msg(self, line: str) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):
            self._out.write(f"{line}\n")
            self._out.flush()

    debug = info = warning = error = critical = msg


def logger(name: str = OURS) -> FilteringBoundLogger:
    """Give the logger that the rooms in front of the schema are handed."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def served(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Name the request that is being served, where one is."""
    name = SERVED.get()
    if name:
        line["request_id"] = name
    return line


def discreet(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Blot out what looks like a secret, and cut what is long."""
    for name, value in line.items():
        if isinstance(value, str):
            most = LONGEST_TRACE if name == "exception" else LONGEST
            text = value if len(value) <= most + 2 else f"{value[: most // 2]} … {value[-most // 2 :]}"
            if not text.isascii():
                text = text.encode(errors="backslashreplace").decode()
            for hidden in _HIDDEN if len(text) >= SHORTEST else ():
                text = hidden.sub(_BLOT, text)
            line[name] = text
    return line


def _json(line: Any, **_: Any) -> str:  # noqa: ANN401  (a line holds anything)
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
