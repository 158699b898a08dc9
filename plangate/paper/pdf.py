"""An invoice as a PDF: the words of the page, and the same bytes each time they are the same.

Letters beyond Latin, Greek and Cyrillic are not in the fonts that travel with the program, and show as boxes.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, XPos, YPos

from plangate.paper.sheet import Weight
from widgets_config.text_keys import TextKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from plangate.paper.sheet import Row, Sheet, Side, Sum
    from plangate.portal.views import Frame

FONT: Final = "Noto Sans"
FONTS: Final = Path(__file__).parent / "fonts"
LETTER: Final = frozenset({"CA", "CL", "CO", "CR", "DO", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
"""Countries where paper has another size than A4."""

MARGIN: Final = 18.0
FOOT: Final = 24.0
GAP: Final = 6.0
QUANTITY: Final = 34.0
AMOUNT: Final = 38.0
SUMS: Final = 104.0
SMALL, PLAIN, STRONG, LARGE = 8.5, 10.0, 11.0, 22.0
LEADING: Final = 0.5
"""The height of a line in millimetres for each point of its letters."""

_INK: Final = (23, 26, 38)
_GREY: Final = (90, 96, 114)
_RULE: Final = (215, 218, 228)

logging.getLogger("fpdf").setLevel(logging.ERROR)  # letters that a font lacks are a customer's words
logging.getLogger("fontTools").setLevel(logging.ERROR)


def pdf_of(sheet: Sheet, frame: Frame, *, issued_at: datetime, country: str = "") -> bytes:
    """Print an invoice; `country` is the seller's, and decides about the size of the paper."""
    page = _Page("letter" if country in LETTER else "A4", sheet, frame)
    page.set_creation_date(issued_at)
    page.set_title(f"{sheet.title} {sheet.number}")
    page.set_author(sheet.seller.name)
    page.set_lang(frame.language)
    page.add_page()
    page.head()
    page.sides()
    page.rows()
    page.sums()
    page.notes()
    return bytes(page.output() or b"")


class _Page(FPDF):
    """Paper, written from top to bottom."""

    def __init__(self, size: Literal["A4", "letter"], sheet: Sheet, frame: Frame) -> None:
        super().__init__(unit="mm", format=size)
        self.sheet = sheet
        self.frame = frame
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=FOOT)
        self.add_font(FONT, "", FONTS / "NotoSans-Regular.ttf")
        self.add_font(FONT, "B", FONTS / "NotoSans-SemiBold.ttf")
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)

    def footer(self) -> None:
        """Say at the foot of each page whose page it is."""
        self.set_y(-FOOT + GAP)
        pages = self.frame.text(TextKey.INVOICE_PAGE, page=str(self.page_no()), pages=str(self.str_alias_nb_pages))
        self._write(self.epw, f"{self.sheet.number} · {pages}", SMALL, _GREY, align=Align.C)

    def head(self) -> None:
        """Say what it is, how it stands, and the facts by which it is known."""
        self._write(self.epw, self.sheet.title, LARGE, bold=True)
        self._write(self.epw, self.sheet.state, PLAIN, _GREY, bold=True)
        self._down(GAP)
        top, width = self.get_y(), self.epw / max(3, len(self.sheet.facts))
        reached = top
        for index, (label, value) in enumerate(self.sheet.facts):
            self.set_y(top)
            left = MARGIN + index * width
            self._write(width - 2, label, SMALL, _GREY, left=left)
            self._write(width - 2, value, PLAIN, left=left)
            reached = max(reached, self.get_y())
        self.set_y(reached)
        self._down(GAP)

    def sides(self) -> None:
        """Say who sells and who buys, beside each other."""
        top, width = self.get_y(), self.epw / 2
        reached = top
        for index, side in enumerate((self.sheet.seller, self.sheet.buyer)):
            self.set_y(top)
            self._side(side, MARGIN + index * width, width - GAP)
            reached = max(reached, self.get_y())
        self.set_y(reached)
        self._down(GAP * 1.5)

    def rows(self) -> None:
        """Write the lines; their heading stands again on each page."""
        self._table_head()
        for row in self.sheet.rows:
            if self.get_y() + self._height(row) > self.page_break_trigger:
                self.add_page()
                self._table_head()
            self._row(row)

    def sums(self) -> None:
        """Write the sums at the right, all on one page."""
        self._down(GAP / 2)
        if self.get_y() + sum(self._sum_height(each) for each in self.sheet.sums) > self.page_break_trigger:
            self.add_page()
        for each in self.sheet.sums:
            self._sum(each)

    def notes(self) -> None:
        """Write what else is to be said."""
        self._down(GAP)
        for note in self.sheet.notes:
            self._write(self.epw, note, SMALL, _GREY)
            self._down(1)

    def _side(self, side: Side, left: float, width: float) -> None:
        self._write(width, side.heading, SMALL, _GREY, left=left)
        self._write(width, side.name, PLAIN, bold=True, left=left)
        for line in side.lines:
            self._write(width, line, PLAIN, left=left)

    def _table_head(self) -> None:
        what, quantity, amount = self.sheet.columns
        top = self.get_y()
        self._write(self._wide, what, SMALL, _GREY)
        self.set_y(top)
        self._write(QUANTITY, quantity, SMALL, _GREY, left=MARGIN + self._wide, align=Align.R)
        self.set_y(top)
        self._write(AMOUNT, amount, SMALL, _GREY, left=MARGIN + self._wide + QUANTITY, align=Align.R)
        self._rule(1)

    def _row(self, row: Row) -> None:
        top = self.get_y()
        self._write(self._wide - GAP, row.name, PLAIN, bold=True)
        if row.notes:
            self._write(self._wide - GAP, " · ".join(row.notes), SMALL, _GREY)
        reached = self.get_y()
        self.set_y(top)
        self._write(QUANTITY, row.quantity, PLAIN, left=MARGIN + self._wide, align=Align.R)
        reached = max(reached, self.get_y())
        self.set_y(top)
        self._write(AMOUNT, row.amount, PLAIN, left=MARGIN + self._wide + QUANTITY, align=Align.R)
        self.set_y(max(reached, self.get_y()))
        self._rule(1.5)

    def _height(self, row: Row) -> float:
        name = self._lines(self._wide - GAP, row.name, PLAIN, bold=True) * PLAIN
        notes = self._lines(self._wide - GAP, " · ".join(row.notes), SMALL) * SMALL
        quantity = self._lines(QUANTITY, row.quantity, PLAIN) * PLAIN
        return max(name + notes, quantity) * LEADING + GAP

    def _sum(self, each: Sum) -> None:
        size, ink, bold = self._look(each)
        left, top = self.w - MARGIN - SUMS, self.get_y()
        self._write(SUMS - AMOUNT, each.label, size, ink, bold=bold, left=left)
        reached = self.get_y()
        self.set_y(top)
        self._write(AMOUNT, each.amount, size, ink, bold=bold, left=left + SUMS - AMOUNT, align=Align.R)
        self.set_y(reached + 1.2)

    def _sum_height(self, each: Sum) -> float:
        size, _, bold = self._look(each)
        return self._lines(SUMS - AMOUNT, each.label, size, bold=bold) * size * LEADING + 1.2

    def _look(self, each: Sum) -> tuple[float, tuple[int, int, int], bool]:
        if each.weight is Weight.STRONG:
            return STRONG, _INK, True
        return (SMALL, _GREY, False) if each.weight is Weight.QUIET else (PLAIN, _INK, False)

    @property
    def _wide(self) -> float:
        """How wide the description of a line is."""
        return self.epw - QUANTITY - AMOUNT

    def _rule(self, around: float) -> None:
        self._down(around)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self._down(around)

    def _down(self, by: float) -> None:
        self.set_y(self.get_y() + by)

    def _lines(self, width: float, text: str, size: float, *, bold: bool = False) -> int:
        """How many lines a text takes."""
        if not text:
            return 0
        self.set_font(FONT, "B" if bold else "", size)
        found = self.multi_cell(width, text=text, align=Align.L, dry_run=True, output=MethodReturnValue.LINES)
        return len(found) if isinstance(found, list) else 1

    def _write(
        self,
        width: float,
        text: str,
        size: float,
        ink: Sequence[int] = _INK,
        *,
        bold: bool = False,
        left: float = MARGIN,
        align: Align = Align.L,
    ) -> None:
        """Write a text from here down, in as many lines as it needs."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*ink)
        self.set_x(left)
        self.multi_cell(width, size * LEADING, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
