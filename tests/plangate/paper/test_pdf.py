"""The PDF of an invoice says what its page says, and is the same file each time."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from plangate.paper.pdf import pdf_of
from plangate.paper.sheet import Sheet, sheet_of
from plangate.paper.values import PaperLine
from tests.plangate.paper.samples import LINES, WHOLE, frame
from widgets_config.shipped import SHIPPED_LOCALES


def printed(sheet: Sheet, locale: str = "en-GB", country: str = "DE") -> PdfReader:
    """Print and open it."""
    return PdfReader(BytesIO(pdf_of(sheet, frame(locale), issued_at=WHOLE.issued_at, country=country)), strict=True)


def words(sheet: Sheet) -> set[str]:
    """Every word of an invoice."""
    said = [sheet.title, sheet.number, sheet.state, *sheet.columns, *sheet.notes]
    said += [text for pair in sheet.facts for text in pair]
    said += [text for side in (sheet.seller, sheet.buyer) for text in (side.heading, side.name, *side.lines)]
    said += [text for row in sheet.rows for text in (row.name, *row.notes, row.quantity, row.amount)]
    said += [text for each in sheet.sums for text in (each.label, each.amount)]
    return {word for text in said for word in text.split()}


@pytest.mark.parametrize("locale", SHIPPED_LOCALES)
def test_every_word_of_the_invoice_is_printed(locale: str) -> None:
    sheet = sheet_of(WHOLE, frame(locale))
    pages = printed(sheet, locale).pages

    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert len(pages) == 1
    assert {word for word in words(sheet) if word not in text} == set()


def test_the_same_invoice_is_the_same_file() -> None:
    first, second, other = (
        pdf_of(sheet_of(paper, frame()), frame(), issued_at=paper.issued_at)
        for paper in (WHOLE, WHOLE, replace(WHOLE, number="NW-43"))
    )

    assert first == second
    assert first != other


def test_the_file_says_what_it_is() -> None:
    found = printed(sheet_of(WHOLE, frame("de")), "de")

    assert found.metadata is not None
    assert (found.metadata.title, found.metadata.author) == ("Rechnung NW-42", "Nordwind GmbH")
    assert found.metadata.creation_date == WHOLE.issued_at
    assert str(found.root_object["/Lang"]) == "de"


def test_many_lines_take_many_pages_and_each_begins_with_the_heading() -> None:
    lines = tuple(PaperLine(f"Seat {number}", 100, period=LINES[0].period) for number in range(300))
    pages = [page.extract_text() for page in printed(sheet_of(replace(WHOLE, lines=lines), frame())).pages]

    assert len(pages) == 16
    assert all("Description" in page for page in pages[:-1])
    assert [f"Page {at} of 16" in page for at, page in enumerate(pages, 1)] == [True] * 16
    assert [sum(f"Seat {number}\n" in page for page in pages) for number in (0, 150, 299)] == [1, 1, 1]
    assert sum("Amount due" in page for page in pages) == 1


def test_what_does_not_fit_a_line_is_broken_and_nothing_is_lost() -> None:
    endless = PaperLine("N" * 400, 10**15, quantity=10**15, unit="u" * 60)
    told = printed(sheet_of(replace(WHOLE, lines=(endless,), memo="Ж" * 3_000), frame())).pages

    text = "".join(page.extract_text() for page in told).replace("\n", "")
    assert (text.count("N" * 400), text.count("Ж"), text.count("u" * 60)) == (1, 3_000, 1)


def test_letters_that_the_font_lacks_cost_themselves_only() -> None:
    told = printed(sheet_of(replace(WHOLE, memo="\u6f22\u5b57 \U0001f389 \u202eabc"), frame())).pages[0].extract_text()

    assert "Amount due" in told


@pytest.mark.parametrize(("country", "width"), [("US", 612), ("DE", 595), ("", 595)])
def test_paper_is_as_it_is_where_the_seller_is(country: str, width: int) -> None:
    assert int(printed(sheet_of(WHOLE, frame()), country=country).pages[0].mediabox.width) == width
