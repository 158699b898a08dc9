"""The parser's events as plain values: the one place that touches the YAML library."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Kind(Enum):
    """What a step of reading is."""

    DOCUMENT = auto()
    SCALAR = auto()
    ALIAS = auto()
    MAP = auto()
    MAP_END = auto()
    LIST = auto()
    LIST_END = auto()


_KINDS: Mapping[str, Kind] = {
    "DocumentStartEvent": Kind.DOCUMENT,
    "ScalarEvent": Kind.SCALAR,
    "AliasEvent": Kind.ALIAS,
    "MappingStartEvent": Kind.MAP,
    "MappingEndEvent": Kind.MAP_END,
    "SequenceStartEvent": Kind.LIST,
    "SequenceEndEvent": Kind.LIST_END,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `plain` is a scalar without quotes, `marked` a tag on a node or a directive before a document."""

    kind: Kind
    line: int
    text: str = ""
    plain: bool = False
    marked: bool = False


class MalformedError(Exception):
    """The text is not YAML; `reason` says why, at `line`."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def steps(text: str) -> Iterator[Step]:
    """The steps of reading `text`, one at a time, so that what follows a refused one is never parsed."""
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        for event in yaml.parse(text):
            kind = _KINDS.get(type(event).__name__)
            if kind is not None:
                yield _step(kind, event)
    except ReaderError as error:
        at: object = getattr(error, "position", None)
        line = text.count("\n", 0, at) + 1 if isinstance(at, int) else 1
        raise MalformedError(line, "This character may not be in a file: take it out.") from None
    except MarkedYAMLError as error:
        mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        raise MalformedError(1 if mark is None else int(mark.line) + 1, f"This is not YAML: {_said(error)}.") from None
    except YAMLError:
        raise MalformedError(1, "This is not YAML.") from None


def _step(kind: Kind, event: object) -> Step:
    mark: Any = getattr(event, "start_mark", None)
    return Step(
        kind,
        line=1 if mark is None else int(mark.line) + 1,
        text=_joined(str(getattr(event, "value", ""))),
        plain=kind is Kind.SCALAR and getattr(event, "style", None) is None,
        marked=_marked(kind, event),
    )


def _joined(text: str) -> str:
    """The text with pairs of surrogates as the one character they mean: JSON escapes what is beyond 16 bits so."""
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _marked(kind: Kind, event: object) -> bool:
    if kind is not Kind.DOCUMENT:
        return getattr(event, "tag", None) is not None
    return getattr(event, "version", None) not in (None, (1, 2)) or bool(getattr(event, "tags", None))


def _said(error: MarkedYAMLError) -> str:
    """What the parser says, in one line and without its markup."""
    said = " ".join(
        str(getattr(error, "problem", None) or getattr(error, "context", None) or "its form is broken").split()
    )
    if "'\\t'" in said:
        return "a tab indents nothing, use spaces"
    return said.replace("<", "").replace(">", "")
