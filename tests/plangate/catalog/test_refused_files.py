"""A file that is wrong is refused as a whole, with the line and the reason of everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.refusals import CatalogInvalid
from plangate.catalog.reading import parse_catalog, read_catalog
from tests.plangate.catalog.good import GOOD, PRICE, changed, refused

if TYPE_CHECKING:
    from pathlib import Path


def test_the_good_file_is_read() -> None:
    assert len(parse_catalog(GOOD.encode()).plans) == 2


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("", ("1: The file is empty: begin with `catalog: 1`.",)),
        ("# nothing\n", ("1: The file is empty: begin with `catalog: 1`.",)),
        ("just a text", ("1: A catalog is a map: begin with `catalog: 1`.",)),
        ("- 1\n", ("1: A catalog is a map: begin with `catalog: 1`.",)),
        ("catalog: 1\nplans:\n\tteam: 1\n", ("3: This is not YAML: a tab indents nothing, use spaces.",)),
        ("catalog: 1\na: b: c\n", ("2: This is not YAML: mapping values are not allowed here.",)),
        (
            "catalog: 1\nplans: [1,\n",
            ("3: This is not YAML: expected the node content, but found 'stream end'.",),
        ),
        (
            "catalog: 1\nx: &a 1\ny: *a\n",
            ("3: Aliases (`*name`) are not read: write the value again; plans share with `base`.",),
        ),
        ("catalog: !!int 1\n", ("1: Tags (`!name`) are not read: take it out.",)),
        ("catalog: 1\n---\ncatalog: 1\n", ("2: A file holds one catalog: take out this `---` and what follows.",)),
        ("%YAML 1.1\n---\ncatalog: 1\n", ("1: Take out the `%` lines: a catalog is plain YAML 1.2.",)),
        ("catalog: 1\nproducts: \x00\n", ("2: This character may not be in a file: take it out.",)),
        (b"catalog: 1\nproducts: \xff\n", ("2: This is not UTF-8: save the file in that encoding.",)),
        ("\n" + "[" * 100_000, ("2: This is nested deeper than 16 levels.",)),
        (b"#" * 1_000_001, ("1: The file is larger than 1000000 bytes: split the catalog or shorten its texts.",)),
        ("catalog: 1\ncatalog: 1\n", ('2: "catalog" stands twice here, first in line 1: keep one.',)),
        ("catalog: 1\n? [a]\n: b\n", ("2: A key is a single word.",)),
        ("catalog: 2\n", ("1: This reads catalogs of format 1: write `catalog: 1`.",)),
        ("catalog: one\n", ("1: `catalog` is a whole number; this is a text.",)),
        ("products: {}\n", ("1: `catalog` is missing: the version of this format, 1.",)),
        ("catalog: 1\nplan: {}\n", ('2: "plan" is not known here. Did you mean "plans"?',)),
        (
            "catalog: 1\nxyz: {}\n",
            ('2: "xyz" is not known here. Expected: catalog, source, products, features, plans, addons.',),
        ),
        ("catalog: 1\nplans: [a]\n", ("2: `plans` is a map by key; this is a list.",)),
        (
            "catalog: 1\nplans: {team: }\n",
            ("2: A map is expected here (name, product, kind, description, ...); this is nothing.",),
        ),
        ("catalog: 1\nsource: {title: 12}\n", ("2: `title` is a text; this is a number: put it in quotes.",)),
    ],
)
def test_the_form_of_a_file(content: str | bytes, problems: tuple[str, ...]) -> None:
    assert refused(content) == problems


def test_all_problems_are_said_at_once_in_the_order_of_lines() -> None:
    content = GOOD.replace("name: Docs", "nam: Docs").replace("kind: boolean", "kind: bool").replace("19.00", "19.001")

    assert refused(content + "extras: 1\n") == (
        '4: "nam" is not known here. Did you mean "name"?',
        "4: `name` is missing: what people read.",
        '8: `kind` is one of: boolean, config, metered. Did you mean "boolean"?',
        "17: USD has 2 decimals: this amount has more.",
        '26: "extras" is not known here. Expected: catalog, source, products, features, plans, addons.',
    )


def test_what_only_follows_from_an_unreadable_thing_is_not_said() -> None:
    content = changed("kind: metered, scale: 2}", "kind: metred}").replace(
        "every: month, amount: 19.00", "amount: 19.00"
    )

    assert refused(content) == (
        '6: `kind` is one of: boolean, config, metered. Did you mean "metered"?',
        "17: `every` is missing: how often it recurs, such as month.",
    )


def test_the_lines_of_later_prices_are_right_after_an_unreadable_one() -> None:
    more = "      - {currency: usd, every: never, amount: 1}\n      - {currency: usd, every: year, amount: -1}\n"

    assert refused(changed(PRICE, PRICE + more)) == (
        "18: `every` is day, week, month or year, or several such as 3 months.",
        "19: An amount is zero or more, and at most 2^62 billionths.",
    )


def test_after_a_hundred_problems_only_their_number_is_said() -> None:
    content = "catalog: 1\nproducts:\n" + "".join(f"  p{number}: {{}}\n" for number in range(150))

    assert refused(content)[99:] == ("102: `name` is missing: what people read.", " and 50 more problems.")


def test_a_file_that_is_not_there_is_refused_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(CatalogInvalid) as caught:
        read_catalog(tmp_path / "none.yaml")

    assert caught.value.message == "none.yaml has 1 problem; nothing was changed."
    assert tuple(map(str, caught.value.problems)) == (
        "none.yaml:1: This file cannot be read: no such file or directory.",
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogInvalid):
        read_catalog(tmp_path)


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    assert parse_catalog(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == parse_catalog(GOOD.encode())


def test_words_that_other_readers_take_for_truth_stay_words() -> None:
    content = changed("values: [mail, phone]", "values: [NO, on, yes]").replace("name: Docs", "name: NO")
    catalog = parse_catalog(content.encode())

    assert (catalog.products[1].name, catalog.features[3].allowed_values) == ("NO", ("NO", "on", "yes"))


def test_after_a_thousand_problems_the_reading_ends() -> None:
    content = "catalog: 1\nproducts:\n" + "".join(f"  p{number}: {{}}\n" for number in range(5000))

    with pytest.raises(CatalogInvalid) as caught:
        parse_catalog(content.encode(), "f")

    assert caught.value.message == "f has 1000 problems; nothing was changed."
    assert str(caught.value.problems[-1]) == "f: and 900 more problems."
