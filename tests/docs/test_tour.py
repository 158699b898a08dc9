"""The tour is true: every command runs, every answer that it shows is the answer."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.docs.tour import TOUR, same, shortened, steps
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database
    from tests.docs.tour import Step

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
WRITE = "PLANGATE_WRITE_TOUR"


async def test_every_answer_of_the_tour_is_the_one_shown(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database, at=AT)
    answers = await _walked(world)
    if os.environ.get(WRITE):
        _written(answers)
    assert len(answers) >= 14
    for step, got in answers:
        assert not step.shows or same(step.answer, got) or os.environ.get(WRITE), (step.file.name, got)


async def test_every_example_operation_is_part_of_the_tour() -> None:
    used = {step.file.name for step in steps()}

    assert {file.name for file in (TOUR.parent.parent / "examples" / "tour").glob("*.graphql")} == used


async def _walked(world: World) -> list[tuple[Step, Any]]:
    answers: list[tuple[Step, Any]] = []
    kept: dict[str, str] = {}
    for step in steps():
        document = step.file.read_text()
        declared = set(re.findall(r"\$(\w+)\s*:", document))
        given: dict[str, Any] = {name: _dated(value) for name, value in (kept | step.given).items() if name in declared}
        got = await world.ask(document, **given)
        for found in re.findall(r'"(sub_\w+)"', json.dumps(got)):
            kept["subscription"] = found
        answers.append((step, got))
    return answers


def _dated(value: str) -> str:
    """What `+45d` stands for, at the instant at which the tour was written."""
    if not re.fullmatch(r"\+\d+d", value):
        return value
    return f"{(AT + timedelta(days=int(value[1:-1]))).date().isoformat()}T00:00:00Z"


def _written(answers: list[tuple[Step, Any]]) -> None:
    text = TOUR.read_text()
    for step, got in reversed(answers):
        if step.shows:
            begin, end = step.span
            text = text[:begin] + shortened(got) + text[end:]
    TOUR.write_text(text)
