"""Decisions that were taken are numbered, each once: others refer to them by number."""

from __future__ import annotations

from collections import Counter

from tests.house.repository import ROOT


def test_every_decision_has_a_number_of_its_own_and_says_it_first() -> None:
    found = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    numbers = Counter(each.name[:4] for each in found)
    assert found
    assert not {number for number, times in numbers.items() if times > 1}
    for each in found:
        assert each.read_text(encoding="utf-8").startswith(f"# {int(each.name[:4])}. "), each.name
