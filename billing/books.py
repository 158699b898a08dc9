"""The books: what each document of money moves between accounts. Debits are positive; a booking sums to nothing.

What a document says never changes, and neither does its booking. What is sold is revenue when its invoice becomes
final; every posting of it names the time that it is for, so that whoever spreads revenue over time can.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.invoices import CreditKind, InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from billing.calendar import Period


class Account(StrEnum):
    """Where money stands."""

    RECEIVABLE = "RECEIVABLE"
    UNCOLLECTIBLE = "UNCOLLECTIBLE"
    REVENUE = "REVENUE"
    TAX = "TAX"
    BALANCE = "BALANCE"
    GRANTED = "GRANTED"
    CASH = "CASH"
    OUT_OF_BAND = "OUT_OF_BAND"
    REFUNDS = "REFUNDS"


class Booked(StrEnum):
    """What was booked."""

    INVOICE = "INVOICE"
    INVOICE_VOIDED = "INVOICE_VOIDED"
    INVOICE_GIVEN_UP = "INVOICE_GIVEN_UP"
    INVOICE_PAID_OUT_OF_BAND = "INVOICE_PAID_OUT_OF_BAND"
    CREDIT_NOTE = "CREDIT_NOTE"
    BALANCE_ENTRY = "BALANCE_ENTRY"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    DISPUTE = "DISPUTE"


@dataclass(frozen=True, slots=True)
class Share:
    """What a line asks: its net, which contains an inclusive tax, its tax, and the time that it is for."""

    net: int
    tax: int
    inclusive: bool
    period: Period | None = None

    @property
    def revenue(self) -> int:
        """What is earned by it."""
        return self.net - self.tax if self.inclusive else self.net

    def less(self, given: Iterable[Share]) -> Share:
        """What is left of it after these were given back."""
        back = list(given)
        net, tax = sum(each.net for each in back), sum(each.tax for each in back)
        return Share(self.net - net, self.tax - tax, self.inclusive, self.period)


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount in minor units on one account: positive is debit, negative credit."""

    account: Account
    amount: int
    period: Period | None = None


Postings = tuple[Posting, ...]


def owed(status: InvoiceStatus) -> Account:
    """Where what an invoice asks stands; what was given up stands apart, also for who pays it after all."""
    return Account.UNCOLLECTIBLE if status is InvoiceStatus.UNCOLLECTIBLE else Account.RECEIVABLE


def sold(shares: Iterable[Share]) -> Postings:
    """Book an invoice that became final."""
    return balanced(Account.RECEIVABLE, [each for share in shares for each in _earned(share, -1)])


def taken_back(
    shares: Iterable[Share], against: Account, elsewhere: Mapping[Account, int] = MappingProxyType({})
) -> Postings:
    """Book what is no longer sold, off what is owed; what money went `elsewhere` for is still owed."""
    postings = [each for share in shares for each in _earned(share, 1)]
    return balanced(against, [*postings, *(Posting(account, -amount) for account, amount in elsewhere.items())])


def given_up(remaining: int) -> Postings:
    """Book that nobody expects to be paid."""
    return balanced(Account.RECEIVABLE, [Posting(Account.UNCOLLECTIBLE, remaining)])


def paid(amount: int, against: Account, to: Account = Account.CASH) -> Postings:
    """Book money that came, negative where it went."""
    return balanced(against, [Posting(to, amount)])


def moved(kind: CreditKind, amount: int, against: Account) -> Postings:
    """Book a movement of a customer's credit; what was granted is nobody's debt, what is paid out is on its way."""
    return balanced(_BEHIND.get(kind, against), [Posting(Account.BALANCE, -amount)])


def balanced(against: Account, postings: Iterable[Posting]) -> Postings:
    """Sum what is of one account and time, leave out what is nothing, and book the rest against an account."""
    sums: Counter[tuple[Account, Period | None]] = Counter()
    for each in postings:
        sums[each.account, each.period] += each.amount
    sums[against, None] -= sum(sums.values())
    order = list(Account)
    found = [Posting(account, amount, period) for (account, period), amount in sums.items() if amount]
    return tuple(sorted(found, key=lambda each: order.index(each.account)))


def _earned(share: Share, sign: int) -> list[Posting]:
    return [
        Posting(Account.REVENUE, sign * share.revenue, share.period),
        Posting(Account.TAX, sign * share.tax),
    ]


_BEHIND: Mapping[CreditKind, Account] = MappingProxyType(
    {CreditKind.GRANT: Account.GRANTED, CreditKind.REFUND: Account.REFUNDS},
)

ACCOUNT_MEANINGS: Mapping[Account, str] = MappingProxyType(
    {
        Account.RECEIVABLE: "What is left to pay of open invoices.",
        Account.UNCOLLECTIBLE: "What is left to pay of invoices that were given up.",
        Account.REVENUE: "What was sold, without tax; a posting names the time that it is for, where there is one.",
        Account.TAX: "What is owed to tax offices.",
        Account.BALANCE: "What customers have in credit.",
        Account.GRANTED: "Credit that was given for nothing.",
        Account.CASH: "What providers collected and gave back.",
        Account.OUT_OF_BAND: "What was paid, and given back, by other ways than a provider.",
        Account.REFUNDS: "What is to go back and has not yet; as debit, what went back without a credit note.",
    },
)
BOOKED_MEANINGS: Mapping[Booked, str] = MappingProxyType(
    {
        Booked.INVOICE: "An invoice became final.",
        Booked.INVOICE_VOIDED: "An invoice was taken back.",
        Booked.INVOICE_GIVEN_UP: "An invoice was marked as uncollectible.",
        Booked.INVOICE_PAID_OUT_OF_BAND: "The merchant said that an invoice was paid by another way.",
        Booked.CREDIT_NOTE: "Something of a final invoice was given back.",
        Booked.BALANCE_ENTRY: "A customer's credit moved.",
        Booked.PAYMENT: "A provider collected an invoice.",
        Booked.REFUND: "A provider gave money back.",
        Booked.DISPUTE: "A customer's bank took money back.",
    },
)
