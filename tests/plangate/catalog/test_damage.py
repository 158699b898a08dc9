"""Whatever is in a file, it is read or refused."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing.refusals import CatalogInvalid
from plangate.catalog.reading import parse_catalog
from tests.plangate.catalog.good import GOOD

BITS = st.text(max_size=8) | st.sampled_from([": ", "- ", "{", "[", "&a ", "*a", "\t", "\n", "'", "!x ", "? ", "%"])


def problems_of(content: bytes) -> tuple[str, ...]:
    """Why the file is refused; nothing where it is read."""
    try:
        parse_catalog(content, "f")
    except CatalogInvalid as refusal:
        return tuple(map(str, refusal.problems)) or ("?",)
    return ()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), BITS)
@example(0, 0, "")
def test_no_damage_to_a_file_does_more_than_refuse_it(at: int, length: int, put: str) -> None:
    damaged = GOOD[:at] + put + GOOD[at + length :]

    assert all(problem.startswith("f:") for problem in problems_of(damaged.encode("utf-8", "surrogatepass")))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    with pytest.raises(CatalogInvalid):
        parse_catalog(content)
