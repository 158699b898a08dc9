"""The description of the format is whole, and its example is one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from billing.catalog.checks.texts import RESERVED_KEYS
from billing.catalog.format import CONFIG, METERED, ROOT
from billing.catalog.words import UNITS
from plangate.catalog.reading import parse_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.format import Shape

TEXT = (Path(__file__).parents[3] / "docs" / "catalog.md").read_text(encoding="utf-8")


def named(shape: Shape) -> Iterator[str]:
    """Every field and word of a shape, and of the shapes inside it."""
    for field in shape.fields:
        yield field.name
        yield from field.words or ()
        yield from named(field.shape) if field.shape is not None else ()


NAMES = {*named(ROOT), *named(METERED), *named(CONFIG), *UNITS, *RESERVED_KEYS}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_key_and_word_is_described(name: str) -> None:
    assert any(name in re.findall(r"[a-z_]+", code) for code in re.findall(r"`([^`]+)`", TEXT.partition("## Words")[2]))


def test_the_example_of_the_description_is_a_catalog() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)

    assert [[plan.key for plan in parse_catalog(block.encode()).plans] for block in blocks] == [
        ["closed", "free", "team", "more_calls"]
    ]
