"""What a cancellation does with money: every cell of timing, pair, refund and access. (C4-C6, C8, K1)"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from billing.ending import (
    AUTOMATIC,
    EndAccess,
    EndAsked,
    EndPreset,
    EndRefund,
    EndTerms,
    OpenInvoices,
    PendingItems,
    terms_for,
)
from billing.ending_refusals import (
    AccessNeedsImmediateEnd,
    AccessOrMoney,
    NothingUnused,
    RefundNeedsImmediateEnd,
    RefundOrCredit,
)
from billing.lifecycle import CancelTiming
from billing.refusals import Refusal

REFUSED = {
    "whole": NothingUnused,
    "later": RefundNeedsImmediateEnd,
    "twice": RefundOrCredit,
    "stays": AccessNeedsImmediateEnd,
    "money": AccessOrMoney,
}
SAID = {"-": None, "T": True, "F": False}
CELLS = """
                    END_NOW                          UNTIL_PAID_THROUGH
                    NONE   PRORATED LAST_PAYMENT     NONE   PRORATED LAST_PAYMENT
IMMEDIATE     - -   FT     FT       FT               FT     money    money
IMMEDIATE     - F   FF     FF       FF               FF     money    money
IMMEDIATE     - T   FT     FT       FT               FT     money    money
IMMEDIATE     F -   FT     FT       FT               FT     money    money
IMMEDIATE     F F   FF     FF       FF               FF     money    money
IMMEDIATE     F T   FT     FT       FT               FT     money    money
IMMEDIATE     T -   TT     twice    twice            money  twice    twice
IMMEDIATE     T F   TF     twice    twice            money  twice    twice
IMMEDIATE     T T   TT     twice    twice            money  twice    twice
END_OF_PERIOD - -   TF     whole    TF               stays  whole    stays
END_OF_PERIOD - F   whole  whole    whole            whole  whole    whole
END_OF_PERIOD - T   whole  whole    whole            whole  whole    whole
END_OF_PERIOD F -   whole  whole    whole            whole  whole    whole
END_OF_PERIOD F F   whole  whole    whole            whole  whole    whole
END_OF_PERIOD F T   whole  whole    whole            whole  whole    whole
END_OF_PERIOD T -   whole  whole    whole            whole  whole    whole
END_OF_PERIOD T F   whole  whole    whole            whole  whole    whole
END_OF_PERIOD T T   whole  whole    whole            whole  whole    whole
ON_DATE       - -   TF     later    later            stays  later    later
ON_DATE       - F   TF     later    later            stays  later    later
ON_DATE       - T   TT     later    later            stays  later    later
ON_DATE       F -   FF     later    later            stays  later    later
ON_DATE       F F   FF     later    later            stays  later    later
ON_DATE       F T   FT     later    later            stays  later    later
ON_DATE       T -   TF     later    later            stays  later    later
ON_DATE       T F   TF     later    later            stays  later    later
ON_DATE       T T   TT     later    later            stays  later    later
AFTER_CYCLES  - -   TF     later    later            stays  later    later
AFTER_CYCLES  - F   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  - T   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  F -   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  F F   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  F T   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  T -   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  T F   whole  whole    whole            whole  whole    whole
AFTER_CYCLES  T T   whole  whole    whole            whole  whole    whole
AFTER_NOTICE  - -   TF     later    later            stays  later    later
AFTER_NOTICE  - F   TF     later    later            stays  later    later
AFTER_NOTICE  - T   TT     later    later            stays  later    later
AFTER_NOTICE  F -   FF     later    later            stays  later    later
AFTER_NOTICE  F F   FF     later    later            stays  later    later
AFTER_NOTICE  F T   FT     later    later            stays  later    later
AFTER_NOTICE  T -   TF     later    later            stays  later    later
AFTER_NOTICE  T F   TF     later    later            stays  later    later
AFTER_NOTICE  T T   TT     later    later            stays  later    later
"""
"""By timing, prorate and invoiceNow (`-`: not said): the pair that holds, or the refusal."""
COLUMNS = list(product(EndAccess, EndRefund))
ROWS = [line.split() for line in CELLS.strip().splitlines()[2:]]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_every_combination_of_options_holds_or_is_refused_by_name(row: list[str]) -> None:
    timing = CancelTiming(row[0])
    pair = EndAsked(prorate=SAID[row[1]], invoice_now=SAID[row[2]])

    found = [_cell(timing, replace(pair, refund=refund, access=access)) for access, refund in COLUMNS]

    assert found == row[3:]


def test_the_table_has_every_combination() -> None:
    assert {tuple(row[:3]) for row in ROWS} == set(product(CancelTiming, SAID, SAID))


def _cell(timing: CancelTiming, asked: EndAsked) -> str:
    try:
        terms = terms_for(timing, asked, merchant=True)
    except Refusal as refusal:
        return next(word for word, kind in REFUSED.items() if kind is type(refusal))
    assert (terms.refund, terms.access) == (asked.refund, asked.access)
    return "".join("T" if each else "F" for each in (terms.prorate, terms.invoice_now))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (EndAsked(prorate=False), "prorate"),
        (EndAsked(invoice_now=True), "invoiceNow"),
        (EndAsked(refund=EndRefund.PRORATED), "refund"),
    ],
)
def test_nothing_unused_names_the_argument(asked: EndAsked, field: str) -> None:
    with pytest.raises(NothingUnused) as refused:
        terms_for(CancelTiming.END_OF_PERIOD, asked, merchant=True)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("timing", "merchant", "preset", "pair"),
    [
        (CancelTiming.IMMEDIATE, True, None, (False, True)),
        (CancelTiming.IMMEDIATE, True, EndPreset.STRIPE, (False, False)),
        (CancelTiming.IMMEDIATE, False, None, (True, True)),
        (CancelTiming.ON_DATE, True, None, (True, False)),
        (CancelTiming.ON_DATE, True, EndPreset.STRIPE, (True, False)),
        (CancelTiming.AFTER_NOTICE, True, None, (True, False)),
        (CancelTiming.END_OF_PERIOD, False, None, (True, False)),
    ],
)
def test_who_ends_it_and_when_decide_what_is_not_said(
    timing: CancelTiming, merchant: bool, preset: EndPreset | None, pair: tuple[bool, bool]
) -> None:
    terms = terms_for(timing, EndAsked(preset=preset), merchant=merchant)

    assert terms == EndTerms(*pair)
    assert terms.open_invoices is OpenInvoices.STOP_COLLECTION
    assert terms.pending_items is PendingItems.KEEP


def test_what_is_said_speaks_louder_than_the_preset() -> None:
    terms = terms_for(CancelTiming.IMMEDIATE, EndAsked(invoice_now=True, preset=EndPreset.STRIPE), merchant=True)

    assert terms == EndTerms(prorate=False, invoice_now=True)


@pytest.mark.parametrize(("prorate", "invoice_now"), list(product((False, True), repeat=2)))
def test_only_neither_prorated_nor_invoiced_drops_what_waits(prorate: bool, invoice_now: bool) -> None:  # C13
    terms = EndTerms(prorate=prorate, invoice_now=invoice_now)

    assert terms.drops is not (prorate or invoice_now)
    assert terms.when_it_comes() == EndTerms(prorate=True, invoice_now=True)


def test_what_nobody_asked_for_drops_what_waits_whenever_it_comes() -> None:  # C2, C10
    assert AUTOMATIC.drops
    assert AUTOMATIC.when_it_comes() is AUTOMATIC
