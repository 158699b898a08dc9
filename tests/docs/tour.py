"""Reading the tour: its commands, and the answers that it shows."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parent.parent.parent
TOUR = ROOT / "docs" / "tour.md"
_STEP = re.compile(
    r"```sh\npython3 examples/ask\.py (?P<command>[^\n]+)\n```\n(?P<shown>```json\n(?P<answer>.*?)```)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    """One command of the tour, and the answer shown below it, if one is."""

    file: Path
    given: dict[str, str]
    answer: Any
    shows: bool
    span: tuple[int, int]


def steps() -> list[Step]:
    """Every command of the tour, in order."""
    found: list[Step] = []
    for match in _STEP.finditer(TOUR.read_text()):
        file, *values = shlex.split(match["command"])
        shown = match["answer"]
        answer = json.loads(shown) if shown and shown.strip() else None
        span = match.span("answer") if shown is not None else (0, 0)
        given = dict(value.split("=", 1) for value in values)
        found.append(Step(ROOT / file, given, answer, shown is not None, span))
    return found


def same(shown: Any, got: Any) -> bool:
    """Whether an answer is the one shown; an ellipsis ends a text that differs from run to run."""
    if isinstance(shown, str) and shown.endswith("…"):
        return isinstance(got, str) and got.startswith(shown[:-1])
    if isinstance(shown, dict) and isinstance(got, dict):
        left, right = cast("dict[str, Any]", shown), cast("dict[str, Any]", got)
        return list(left) == list(right) and all(same(left[name], right[name]) for name in left)
    if isinstance(shown, list) and isinstance(got, list):
        ours, theirs = cast("list[Any]", shown), cast("list[Any]", got)
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(shown == got)


def shortened(answer: Any) -> Any:
    """What of an answer is the same in every run: ids and secrets end in an ellipsis."""
    if isinstance(answer, dict):
        return {name: shortened(value) for name, value in cast("dict[str, Any]", answer).items()}
    if isinstance(answer, list):
        return [shortened(value) for value in cast("list[Any]", answer)]
    if isinstance(answer, str):
        return re.sub(r"((?:sub|cus|use)_|/portal/open/plk_)\w+$", r"\1…", answer)
    return answer


def at_home(answer: Any) -> Any:
    """An answer of the tests' server, as the demo would give it."""
    return json.loads(json.dumps(answer).replace("http://testserver", "http://127.0.0.1:8000"))
