"""How an environment bills, as a person writes it: read strictly, with everything that is wrong, and printed back.

What is left out has its default. A percentage is a text, a whole number or a Decimal: never a float.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from billing.amounts import format_amount, parse_amount
from billing.invoicing.change_settings import CHANGES, changes_of, changes_written
from billing.invoicing.policy import (
    AfterDunning,
    BillingPolicy,
    Dunning,
    Mails,
    OnDispute,
    OnFirstFailure,
    Seller,
    SentInvoices,
    TaxRule,
    UsageWithoutProration,
)
from billing.invoicing.reading import Reading
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import BillingMode
from billing.refusals import AmountOutOfRange
from billing.trials import TrialEnding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.catalog.problem import Problem
    from billing.invoicing.reading import Fields

MOST_GRACE_MINUTES: Final = 72 * 60
MOST_DAYS_UNTIL_DUE: Final = 365
MOST_RETRIES: Final = 7
LAST_RETRY_DAY: Final = 60
MOST_TAXES: Final = 300
MOST_LINES: Final = 6
PERCENT_DECIMALS: Final = 4
"""A rate of 1 % is 10,000 millionths."""
WHOLE: Final = 1_000_000

POLICY: Final = (
    "seller",
    "number_prefix",
    "days_until_due",
    "taxes",
    "dunning",
    "usage_grace_minutes",
    "proration_unit",
    "usage_without_proration",
    "on_dispute",
    "on_first_failure",
    "changes",
    "billing_mode",
    "trial_ending",
    "mails",
)
SELLER: Final = ("name", "address", "country", "tax_id", "email")
MAILS: Final = ("payment_failed", "past_due", "payment_url")
DUNNING: Final = ("retry_days", "after", "sent")
TAX: Final = ("name", "rate", "country", "inclusive")
_PREFIX = re.compile(r"(?:[A-Za-z0-9/._-]{0,19}[A-Za-z/._-])?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_PAGE = re.compile(r"https://[^\s<>\"'\\]{1,1990}|http://(?:localhost|127\.0\.0\.1)[^\s<>\"'\\]{0,1990}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


class PolicyUnfit(ValueError):  # noqa: N818  (a ValueError to whoever does not look closer)
    """Settings that cannot be; `problems` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, each.path))}: {each.message}" for each in problems))
        self.problems = tuple(problems)


def policy_of(written: object) -> BillingPolicy:
    """Read a policy; `PolicyUnfit` says everything that is wrong with it."""
    reading = Reading()
    fields = reading.fields((), written, POLICY)
    policy = _policy(fields) if fields else BillingPolicy()
    if reading.problems:
        raise PolicyUnfit(reading.problems)
    return policy


def policy_written(policy: BillingPolicy) -> dict[str, Any]:
    """Write a policy so that reading gives it again; a seller without a name is left out."""
    seller = policy.seller
    return {
        **({"seller": _seller_written(seller)} if seller.name else {}),
        "number_prefix": policy.number_prefix,
        "days_until_due": policy.days_until_due,
        "taxes": [
            {
                "name": rule.name,
                "rate": format_amount(rule.ppm, PERCENT_DECIMALS),
                **({"country": rule.country} if rule.country else {}),
                "inclusive": rule.inclusive,
            }
            for rule in policy.taxes
        ],
        "dunning": {
            "retry_days": list(policy.dunning.retry_days),
            "after": policy.dunning.after.value,
            "sent": policy.dunning.sent.value,
        },
        "usage_grace_minutes": policy.usage_grace_minutes,
        "proration_unit": policy.proration_unit.value,
        "usage_without_proration": policy.usage_without_proration.value,
        "on_dispute": policy.on_dispute.value,
        "on_first_failure": policy.on_first_failure.value,
        "changes": changes_written(policy.changes),
        "billing_mode": policy.billing_mode.value,
        **({"trial_ending": policy.trial_ending.value} if policy.trial_ending else {}),
        "mails": asdict(policy.mails),
    }


def _seller_written(seller: Seller) -> dict[str, Any]:
    facts = {"country": seller.country, "tax_id": seller.tax_id, "email": seller.email}
    return {
        "name": seller.name,
        "address": list(seller.address),
        **{name: value for name, value in facts.items() if value},
    }


def _policy(of: Fields) -> BillingPolicy:
    shipped = BillingPolicy()
    seller, dunning = of.part("seller", SELLER), of.part("dunning", DUNNING)
    changes, mails = of.part("changes", CHANGES), of.part("mails", MAILS)
    return BillingPolicy(
        proration_unit=of.choice("proration_unit", ProrationUnit, shipped.proration_unit),
        usage_grace_minutes=of.whole("usage_grace_minutes", 0, MOST_GRACE_MINUTES, shipped.usage_grace_minutes),
        days_until_due=of.whole("days_until_due", 0, MOST_DAYS_UNTIL_DUE, shipped.days_until_due),
        dunning=_dunning(dunning) if dunning else shipped.dunning,
        on_dispute=of.choice("on_dispute", OnDispute, shipped.on_dispute),
        on_first_failure=of.choice("on_first_failure", OnFirstFailure, shipped.on_first_failure),
        usage_without_proration=of.choice(
            "usage_without_proration", UsageWithoutProration, shipped.usage_without_proration
        ),
        number_prefix=_prefix(of, shipped.number_prefix),
        seller=_seller(seller) if seller else shipped.seller,
        taxes=_taxes(of),
        changes=changes_of(changes) if changes else shipped.changes,
        billing_mode=of.choice("billing_mode", BillingMode, shipped.billing_mode),
        trial_ending=of.choice("trial_ending", TrialEnding, TrialEnding.CREATE_INVOICE)
        if "trial_ending" in of.written
        else None,
        mails=_mails(mails) if mails else shipped.mails,
    )


def _prefix(of: Fields, shipped: str) -> str:
    """A prefix ends in no digit, so that no two numbers are ever written alike after the prefix changed."""
    prefix = of.text("number_prefix", 200, shipped, empty=True)
    if not _PREFIX.fullmatch(prefix):
        of.wrong("number_prefix", "A prefix has at most 20 of A-Z, a-z, 0-9, / . _ and -, and does not end in a digit.")
    return prefix


def _seller(of: Fields) -> Seller:
    name = of.text("name", 200)
    if not name and isinstance(of.written.get("name", ""), str):
        of.wrong("name", "Say who sells: the name that stands on invoices.")
    lines = of.items("address")
    if len(lines) > MOST_LINES:
        of.wrong("address", f"There are {len(lines)} lines: {MOST_LINES} are the most.")
    address = tuple(of.reading.text((*of.path, "address", at), line, 120) for at, line in enumerate(lines))
    email = of.text("email", 320)
    if email and not _EMAIL.fullmatch(email):
        of.wrong("email", "This is not an e-mail address.")
    return Seller(name, address, _country(of), of.text("tax_id", 64), email)


def _country(of: Fields) -> str:
    country = of.text("country", 2)
    if country and not _COUNTRY.fullmatch(country):
        of.wrong("country", "Give a country by its two capital letters, such as DE.")
    return country


def _dunning(of: Fields) -> Dunning:
    after = of.choice("after", AfterDunning, AfterDunning.CANCEL)
    sent = of.choice("sent", SentInvoices, SentInvoices.WAIT)
    if "retry_days" not in of.written:
        return Dunning(after=after, sent=sent)
    found, fine = of.items("retry_days"), len(of.reading.problems)
    days = tuple(of.reading.whole((*of.path, "retry_days", at), day, 1, LAST_RETRY_DAY) for at, day in enumerate(found))
    if len(days) > MOST_RETRIES:
        of.wrong("retry_days", f"{MOST_RETRIES} retries after the first attempt are the most.")
    if len(of.reading.problems) == fine and any(later <= earlier for earlier, later in pairwise(days)):
        of.wrong("retry_days", "Each day comes after the one before it.")
    return Dunning(days, after, sent)


def _mails(of: Fields) -> Mails:
    url = of.text("payment_url", 2000, empty=True)
    if url and not _PAGE.fullmatch(url):
        of.wrong("payment_url", "Give the address of a page, such as https://shop.example/billing.")
    return Mails(of.flag("payment_failed"), of.flag("past_due"), url)


def _taxes(of: Fields) -> tuple[TaxRule, ...]:
    found = of.items("taxes")
    if len(found) > MOST_TAXES:
        of.wrong("taxes", f"There are {len(found)} taxes: {MOST_TAXES} are the most.")
        return ()
    rules: list[TaxRule] = []
    for at, written in enumerate(found):
        path = (*of.path, "taxes", at)
        fields = of.reading.fields(path, written, TAX)
        if fields is None:
            continue
        rule = _tax(fields)
        before = next((other for other in rules if other.country in ("", rule.country)), None)
        if before is not None:
            of.reading.wrong(path, f"This is never reached: {before.name} comes first.")
        rules.append(rule)
    return tuple(rules)


def _tax(of: Fields) -> TaxRule:
    if "rate" not in of.written:
        of.wrong("rate", "Say how many percent, such as 19.")
    rate = of.written.get("rate", 0)
    ppm = 0
    try:
        exact = isinstance(rate, str | int | Decimal) and not isinstance(rate, bool)
        ppm = parse_amount(str(rate) if exact else "", PERCENT_DECIMALS)
    except AmountOutOfRange:
        of.wrong("rate", f"A rate is a percentage of at most {PERCENT_DECIMALS} decimals, such as 19 or 7.7.")
    if not 0 <= ppm <= WHOLE:
        of.wrong("rate", "A rate is 0 to 100 percent.")
    return TaxRule(ppm, of.text("name", 60, TaxRule(0).name), _country(of), of.flag("inclusive"))
