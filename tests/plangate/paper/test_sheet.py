"""An invoice says in the customer's language what it is of, what it comes to, and what is left to pay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.calendar import Period
from billing.invoicing.invoices import InvoiceStatus
from billing.invoicing.parties import Party
from billing.invoicing.policy import TaxRule
from plangate.paper.sheet import Row, Sheet, Side, Sum, Weight, sheet_of
from plangate.paper.values import PaperLine, PaperTax
from tests.plangate.paper.samples import BUYER, FEBRUARY, LINES, VAT, WHOLE, day, frame
from widgets_config.shipped import SHIPPED_LOCALES


def test_everything_is_said_in_english() -> None:
    assert sheet_of(WHOLE, frame()) == Sheet(
        title="Invoice",
        number="NW-42",
        state="Open",
        tone="warn",
        facts=(("Invoice number", "NW-42"), ("Date of issue", "1 March 2026"), ("Due date", "31 March 2026")),
        seller=Side(
            "From",
            "Nordwind GmbH",
            ("Hafenstraße 1", "20457 Hamburg", "Germany", "Tax ID: DE123456789", "billing@nordwind.example"),
        ),
        buyer=Side(
            "Bill to",
            "Łódka Σ Ёлка AG",
            ("Hauptstraße 5", "50667 Köln", "Germany", "Tax ID: DE987654321", "pay@acme.example"),
        ),
        columns=("Description", "Quantity", "Amount"),
        rows=(
            Row("Team", ("1 Mar\u2009\u2013\u20091 Apr 2026", "Discount -€4.90"), "5", "€49.00"),
            Row("Team", ("17 Feb\u2009\u2013\u20091 Mar 2026", "12 of 28 days"), "1", "€20.00"),
            Row("Unused time of Free <b>", ("17 Feb\u2009\u2013\u20091 Mar 2026", "12 of 28 days"), "1", "-€12.00"),
            Row("API calls", ("1 Feb\u2009\u2013\u20091 Mar 2026",), "12,345.67 calls", "€12.34"),
            Row("Set-up", (), "1", "€100.00"),
        ),
        sums=(
            Sum("Subtotal", "€169.34"),
            Sum("Discount", "-€4.90"),
            Sum("USt 19% on €164.44", "€31.24"),
            Sum("Total", "€195.68", Weight.STRONG),
            Sum("Paid from credit balance", "-€10.00"),
            Sum("Credited", "-€5.00"),
            Sum("Paid", "-€50.00"),
            Sum("Amount due", "€130.68", Weight.STRONG),
        ),
        notes=("Order 4711.\nThank you.", "Questions about this invoice? Write to billing@nordwind.example."),
    )


def test_the_same_is_said_in_german() -> None:
    sheet = sheet_of(WHOLE, frame("de"))

    assert (sheet.title, sheet.state) == ("Rechnung", "Offen")
    assert sheet.facts == (
        ("Rechnungsnummer", "NW-42"),
        ("Rechnungsdatum", "1. März 2026"),
        ("Zahlbar bis", "31. März 2026"),
    )
    assert sheet.rows[1] == Row(
        "Team", ("17. Feb.\u2009\u2013\u20091. März 2026", "12 von 28 Tagen"), "1", "20,00\xa0€"
    )
    assert sheet.rows[2].name == "Nicht genutzte Zeit von Free <b>"
    assert [each.label for each in sheet.sums] == [
        "Zwischensumme",
        "Rabatt",
        "USt 19\xa0% auf 164,44\xa0€",
        "Gesamtbetrag",
        "Aus Guthaben bezahlt",
        "Gutgeschrieben",
        "Bezahlt",
        "Offener Betrag",
    ]


@pytest.mark.parametrize("locale", SHIPPED_LOCALES)
def test_every_shipped_language_says_as_much(locale: str) -> None:
    sheet, english = sheet_of(WHOLE, frame(locale)), sheet_of(WHOLE, frame("en"))

    assert [len(row.notes) for row in sheet.rows] == [len(row.notes) for row in english.rows]
    assert (len(sheet.sums), len(sheet.facts), len(sheet.notes)) == (len(english.sums), 3, 2)


def test_a_plain_paid_invoice_says_no_more_than_its_total() -> None:
    plain = replace(
        WHOLE, status=InvoiceStatus.PAID, lines=LINES[4:], subtotal=100_00, total=100_00, taxes=(), discount=0,
        balance_applied=0, credited=0, paid=0, remaining=0, memo="",
    )  # fmt: skip
    sheet = sheet_of(plain, frame())

    assert (sheet.state, sheet.tone, len(sheet.facts)) == ("Paid", "good", 2)
    assert sheet.sums == (Sum("Total", "€100.00", Weight.STRONG),)


def test_a_tax_that_prices_contain_is_told_and_adds_nothing() -> None:
    taxes = (PaperTax(TaxRule(190_000, "USt", "DE", inclusive=True), 119_00, 19_00),)
    paper = replace(WHOLE, taxes=taxes, discount=0, subtotal=119_00, total=119_00, balance_applied=0, credited=0)

    assert sheet_of(replace(paper, paid=0, remaining=119_00), frame()).sums == (
        Sum("Includes USt 19% in €119.00", "€19.00", Weight.QUIET),
        Sum("Total", "€119.00", Weight.STRONG),
        Sum("Amount due", "€119.00", Weight.STRONG),
    )


def test_what_comes_to_less_than_nothing_goes_to_the_balance_and_says_so() -> None:
    paper = replace(
        WHOLE, status=InvoiceStatus.PAID, subtotal=-12_00, discount=0, taxes=(PaperTax(VAT, -12_00, -2_28),),
        total=-14_28, balance_applied=0, credited=0, paid=0, remaining=0,
    )  # fmt: skip
    sheet = sheet_of(paper, frame())

    assert sheet.sums[-1] == Sum("Total", "-€14.28", Weight.STRONG)
    assert sheet.notes[0] == "€14.28 was added to your credit balance."


@pytest.mark.parametrize(
    ("status", "state", "due"),
    [
        (InvoiceStatus.OPEN, "Open", True),
        (InvoiceStatus.PAID, "Paid", False),
        (InvoiceStatus.VOID, "Void", False),
        (InvoiceStatus.UNCOLLECTIBLE, "Not collected", True),
    ],
)
def test_only_what_is_still_asked_for_has_a_due_date(status: InvoiceStatus, state: str, *, due: bool) -> None:
    sheet = sheet_of(replace(WHOLE, status=status), frame())

    assert (sheet.state, "Due date" in dict(sheet.facts)) == (state, due)


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "JP¥17,034"), ("KWD", "KWD17.034"), ("AFN", "AFN170.34"), ("CLF", "CLF1.7034")]
)
def test_money_has_the_decimals_of_its_minor_unit(currency: str, shown: str) -> None:
    paper = replace(WHOLE, currency=currency, total=17_034)

    assert next(each for each in sheet_of(paper, frame()).sums if each.weight is Weight.STRONG).amount == shown


def test_a_day_is_counted_as_the_calendar_does_when_a_clock_is_set() -> None:
    line = PaperLine("Team", 1, period=Period(day(3, 16), day(4, 1)), natural=Period(day(3, 1), day(4, 1)))
    broken = PaperLine("Team", 1, period=Period(day(2, 15).replace(hour=11), day(3, 1)), natural=FEBRUARY)

    shown = sheet_of(replace(WHOLE, lines=(line, broken)), frame())
    assert [row.notes[1] for row in shown.rows] == ["16 of 31 days", "14.5 of 28 days"]


def test_without_a_seller_the_environment_sells_and_an_erased_buyer_is_nobody() -> None:
    sheet = sheet_of(replace(WHOLE, seller=Party(), buyer=Party()), frame())

    assert (sheet.seller, sheet.buyer) == (Side("From", "Nordwind", ()), Side("Bill to", "", ()))
    assert sheet.notes == ("Order 4711.\nThank you.",)


def test_the_merchants_own_words_are_used() -> None:
    own = frame("en", texts={"en": {"invoice_title": "Tax invoice"}})

    assert sheet_of(replace(WHOLE, buyer=BUYER), own).title == "Tax invoice"
