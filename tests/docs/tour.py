"""Reading the tour: its commands, and the answers that it shows."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    answer: str
    shows: bool
    span: tuple[int, int]


def steps() -> list[Step]:
    """Every command of the tour, in order."""
    found: list[Step] = []
    for match in _STEP.finditer(TOUR.read_text()):
        file, *values = shlex.split(match["command"])
        shown = match["answer"]
        span = match.span("answer") if shown is not None else (0, 0)
        given = dict(value.split("=", 1) for value in values)
        found.append(Step(ROOT / file, given, shown or "", shown is not None, span))
    return found


def same(shown: str, got: Any) -> bool:
    """Whether an answer is the one shown; an ellipsis ends a text that differs from run to run."""
    pattern = re.escape(shown.strip()).replace("…", '[^"]*')
    return re.fullmatch(pattern, written(got)) is not None


def shortened(answer: Any) -> str:
    """An answer as the page shows it: ids and secrets end in an ellipsis."""
    return re.sub(r'((?:sub|cus|use)_|/portal/open/plk_)\w+"', r'\1…"', written(answer)) + "\n"


def written(answer: Any) -> str:
    """An answer as JSON, as the demo would give it."""
    text = json.dumps(answer, indent=2, ensure_ascii=False)
    return text.replace("http://testserver", "http://127.0.0.1:8000")
