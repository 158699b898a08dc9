"""The books: every booking sums to nothing, and giving back undoes selling."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from billing.books import Account, Posting, Share, given_up, moved, owed, paid, sold, taken_back
from billing.calendar import Period
from billing.invoicing.invoices import CreditKind, InvoiceStatus

JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
amounts = some.integers(-(10**12), 10**12)
shares = some.lists(
    some.builds(Share, amounts, amounts, some.booleans(), some.sampled_from([None, JANUARY, FEBRUARY])), max_size=6
)
accounts = some.sampled_from(Account)
owing = some.sampled_from(InvoiceStatus).map(owed)
bookings = some.one_of(
    some.builds(sold, shares),
    some.builds(taken_back, shares, owing, some.dictionaries(accounts, amounts)),
    some.builds(given_up, amounts),
    some.builds(moved, some.sampled_from(CreditKind), amounts, owing),
    some.builds(paid, amounts, owing, some.sampled_from([Account.CASH, Account.OUT_OF_BAND])),
)


@given(bookings)
def test_every_booking_sums_to_nothing_and_posts_nothing_twice(booking: tuple[Posting, ...]) -> None:
    assert sum(each.amount for each in booking) == 0
    assert all(each.amount for each in booking)
    assert len({(each.account, each.period) for each in booking}) == len(booking)


@given(shares)
def test_giving_all_of_an_invoice_back_undoes_it(asked: list[Share]) -> None:
    sums = Counter[tuple[Account, Period | None]]()
    for each in (*sold(asked), *taken_back(asked, Account.RECEIVABLE)):
        sums[each.account, each.period] += each.amount

    assert not any(sums.values())
    assert not taken_back([each.less([each]) for each in asked], Account.RECEIVABLE)


def test_an_invoice_with_tax_in_and_on_its_prices_for_two_times() -> None:
    lines = [Share(1190, 190, True, JANUARY), Share(1000, 70, False, FEBRUARY), Share(-100, -7, False, FEBRUARY)]  # noqa: FBT003  (a table)

    assert sold(lines) == (
        Posting(Account.RECEIVABLE, 2153),
        Posting(Account.REVENUE, -1000, JANUARY),
        Posting(Account.REVENUE, -900, FEBRUARY),
        Posting(Account.TAX, -253),
    )


def test_money_that_goes_elsewhere_is_not_taken_off_what_is_owed() -> None:
    back = [Share(1000, 190, inclusive=False)]

    assert taken_back(back, Account.UNCOLLECTIBLE, {Account.OUT_OF_BAND: 690}) == (
        Posting(Account.UNCOLLECTIBLE, -500),
        Posting(Account.REVENUE, 1000),
        Posting(Account.TAX, 190),
        Posting(Account.OUT_OF_BAND, -690),
    )


def test_credit_that_was_granted_is_nobodys_debt_and_what_is_paid_out_is_on_its_way() -> None:
    assert moved(CreditKind.GRANT, 500, Account.RECEIVABLE) == (
        Posting(Account.BALANCE, -500),
        Posting(Account.GRANTED, 500),
    )
    assert moved(CreditKind.APPLIED, -500, Account.RECEIVABLE) == (
        Posting(Account.RECEIVABLE, -500),
        Posting(Account.BALANCE, 500),
    )
    assert moved(CreditKind.REFUND, -500, Account.RECEIVABLE) == (
        Posting(Account.BALANCE, 500),
        Posting(Account.REFUNDS, -500),
    )
