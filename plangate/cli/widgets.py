"""A widget configuration from a file, before anything is known of what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from plangate.problems import UserProblem

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 1_000_000


def read_widgets(file: Path) -> dict[str, Any]:
    """The settings of a JSON file, or of a YAML file by any other name."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise UserProblem(f"{file.name} cannot be read: {reason}.") from None
    if len(content) > MOST_BYTES:
        raise UserProblem(f"{file.name} is larger than {MOST_BYTES} bytes.")
    try:
        read = orjson.loads(content) if file.suffix == ".json" else _yaml(content)
    except (YAMLError, ValueError, RecursionError):
        raise UserProblem(f"{file.name} is no well-formed {'JSON' if file.suffix == '.json' else 'YAML'}.") from None
    if not isinstance(read, dict):
        raise UserProblem(f"{file.name} is not a map of settings.")
    return cast("dict[str, Any]", read)


def _yaml(content: bytes) -> object:
    yaml: Any = YAML(typ="safe", pure=True)
    return yaml.load(content.decode("utf-8-sig"))
