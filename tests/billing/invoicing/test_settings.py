"""How an environment bills is read strictly: what cannot be is said in whole and by place, what is left out is ours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.calendar import Interval, IntervalUnit
from billing.change_rules import ChangeTerms, MoveRule, OverLimit, RuleTiming, Side
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
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.settings import POLICY as POLICY_NAMES
from billing.invoicing.settings import PolicyUnfit, policy_of, policy_written
from billing.invoicing.values import BillingMode
from billing.schedules import ProrationBehavior
from billing.trials import TrialEnding

WHOLE = {
    "seller": {
        "name": "Nordwind GmbH",
        "address": ["Hafenstraße 1", "20457 Hamburg"],
        "country": "DE",
        "tax_id": "DE123456789",
        "email": "billing@nordwind.example",
    },
    "number_prefix": "NW/",
    "days_until_due": 14,
    "taxes": [
        {"name": "USt", "rate": "19", "country": "DE", "inclusive": True},
        {"name": "MWST", "rate": "8.1", "country": "CH", "inclusive": False},
        {"name": "Tax", "rate": "0", "inclusive": False},
    ],
    "dunning": {"retry_days": [3, 5, 7], "after": "UNPAID", "sent": "DUN"},
    "usage_grace_minutes": 0,
    "proration_unit": "DAY",
    "usage_without_proration": "DISCARD",
    "on_dispute": "CANCEL_NOW",
    "on_first_failure": "PAST_DUE",
    "changes": {
        "up": "END_OF_PERIOD",
        "sideways": "REFUSE",
        "down": "IMMEDIATE",
        "proration": "NONE",
        "over_limit": "REFUSE",
        "rules": [
            {"name": "no-way-back", "from": {"plan": "big"}, "to": {"plan": "free"}, "timing": "REFUSE"},
            {
                "name": "to-quarters",
                "from": {"product": "paper", "interval": "1 month"},
                "to": {"interval": "3 month"},
                "timing": "END_OF_PERIOD",
                "proration": "CREATE_PRORATIONS",
            },
        ],
    },
    "billing_mode": "CLASSIC",
    "trial_ending": "PAUSE",
    "mails": {"payment_failed": True, "past_due": True, "payment_url": "https://shop.example/pay"},
}
POLICY = BillingPolicy(
    proration_unit=ProrationUnit.DAY,
    usage_grace_minutes=0,
    days_until_due=14,
    dunning=Dunning((3, 5, 7), AfterDunning.UNPAID, SentInvoices.DUN),
    on_dispute=OnDispute.CANCEL_NOW,
    on_first_failure=OnFirstFailure.PAST_DUE,
    usage_without_proration=UsageWithoutProration.DISCARD,
    number_prefix="NW/",
    seller=Seller("Nordwind GmbH", ("Hafenstraße 1", "20457 Hamburg"), "DE", "DE123456789", "billing@nordwind.example"),
    taxes=(
        TaxRule(190_000, "USt", "DE", inclusive=True),
        TaxRule(81_000, "MWST", "CH"),
        TaxRule(0),
    ),
    changes=ChangeTerms(
        RuleTiming.END_OF_PERIOD,
        RuleTiming.REFUSE,
        RuleTiming.IMMEDIATE,
        ProrationBehavior.NONE,
        (
            MoveRule("no-way-back", Side("big"), Side("free"), RuleTiming.REFUSE),
            MoveRule(
                "to-quarters",
                Side(product="paper", interval=Interval(IntervalUnit.MONTH)),
                Side(interval=Interval(IntervalUnit.MONTH, 3)),
                RuleTiming.END_OF_PERIOD,
                ProrationBehavior.CREATE_PRORATIONS,
            ),
        ),
        OverLimit.REFUSE,
    ),
    billing_mode=BillingMode.CLASSIC,
    trial_ending=TrialEnding.PAUSE,
    mails=Mails(payment_failed=True, past_due=True, payment_url="https://shop.example/pay"),
)

words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=60)
sellers = st.builds(
    Seller,
    words,
    st.lists(words, max_size=6).map(tuple),
    st.sampled_from(["", "DE", "FR"]),
    st.sampled_from(["", "DE123456789"]),
    st.sampled_from(["", "a@b.example"]),
)
policies = st.builds(
    BillingPolicy,
    proration_unit=st.sampled_from(ProrationUnit),
    usage_grace_minutes=st.integers(0, 4320),
    days_until_due=st.integers(0, 365),
    dunning=st.builds(
        Dunning,
        st.sets(st.integers(1, 60), max_size=7).map(lambda days: tuple(sorted(days))),
        st.sampled_from(AfterDunning),
    ),
    on_dispute=st.sampled_from(OnDispute),
    on_first_failure=st.sampled_from(OnFirstFailure),
    usage_without_proration=st.sampled_from(UsageWithoutProration),
    number_prefix=st.sampled_from(["", "INV-", "2026/"]),
    seller=st.one_of(st.just(Seller()), sellers),
    taxes=st.lists(
        st.builds(TaxRule, st.integers(0, 1_000_000), words, st.sampled_from(["DE", "FR", "CH"]), st.booleans()),
        max_size=3,
        unique_by=lambda rule: rule.country,
    ).map(tuple),
    changes=st.builds(ChangeTerms, *[st.sampled_from(RuleTiming)] * 3, st.sampled_from(ProrationBehavior)),
)


def rule(**other: Any) -> dict[str, Any]:
    """A rule that can be, and what is different about it."""
    return {"name": "a", "to": {"plan": "x"}, "timing": "REFUSE", **other}


WRONG: list[tuple[Any, str, str]] = [
    ([], "", "A map is expected here: seller, number_prefix, days_until_due, taxes, dunning, "),
    ({"sellers": {}}, "sellers", '"sellers" is not known here. Did you mean "seller"?'),
    ({"changes": {"up": "LATER"}}, "changes.up", "`up` is one of: IMMEDIATE, END_OF_PERIOD, REFUSE."),
    ({"seller": {}}, "seller.name", "Say who sells: the name that stands on invoices."),
    ({"seller": {"name": " "}}, "seller.name", "Say who sells: the name that stands on invoices."),
    ({"seller": "me"}, "seller", "A map is expected here: name, address, "),
    ({"seller": {"name": "N", "vat": 1}}, "seller.vat", '"vat" is not known here. Expected: name, address,'),
    ({"seller": {"name": 7}}, "seller.name", "A text is expected here: put quotes around it."),
    ({"seller": {"name": "a\nb"}}, "seller.name", "This text has a control character or a line break: "),
    ({"seller": {"name": "\ud800"}}, "seller.name", "This text has a control character"),
    ({"seller": {"name": "n" * 201}}, "seller.name", "This text has 201 characters: 200 are the most."),
    ({"seller": {"name": "N", "address": "x"}}, "seller.address", "`address` is a list."),
    ({"seller": {"name": "N", "address": ["x"] * 7}}, "seller.address", "There are 7 lines: 6 are the most."),
    ({"seller": {"name": "N", "address": ["x", 1]}}, "seller.address.1", "A text is expected here"),
    ({"seller": {"name": "N", "country": "de"}}, "seller.country", "Give a country by its two capital letters"),
    ({"seller": {"name": "N", "country": False}}, "seller.country", "A text is expected here"),
    ({"seller": {"name": "N", "email": "n"}}, "seller.email", "This is not an e-mail address."),
    ({"number_prefix": "2026"}, "number_prefix", "A prefix has at most 20 of A-Z, a-z, 0-9, / . _ and -, and"),
    ({"number_prefix": "INV #"}, "number_prefix", "A prefix has at most 20 of"),
    ({"number_prefix": "I" * 21}, "number_prefix", "A prefix has at most 20 of"),
    ({"number_prefix": 1}, "number_prefix", "A text is expected here"),
    ({"days_until_due": -1}, "days_until_due", "A whole number from 0 to 365 is expected here."),
    ({"days_until_due": 366}, "days_until_due", "A whole number from 0 to 365 is expected here."),
    ({"days_until_due": True}, "days_until_due", "A whole number from 0 to 365 is expected here."),
    ({"days_until_due": "14"}, "days_until_due", "A whole number from 0 to 365 is expected here."),
    ({"usage_grace_minutes": 4321}, "usage_grace_minutes", "A whole number from 0 to 4320 is expected here."),
    ({"proration_unit": "WEEK"}, "proration_unit", "`proration_unit` is one of: SECOND, DAY, MONTH."),
    ({"on_dispute": "CANCEL"}, "on_dispute", "`on_dispute` is one of: NOTHING, CANCEL_NOW, CANCEL_AT_PERIOD_END."),
    ({"usage_without_proration": 1}, "usage_without_proration", "`usage_without_proration` is one of: BILL, DIS"),
    ({"dunning": {"after": "NEVER"}}, "dunning.after", "`after` is one of: CANCEL, UNPAID, LEAVE_PAST_DUE."),
    ({"dunning": {"retry_days": [0]}}, "dunning.retry_days.0", "A whole number from 1 to 60 is expected here."),
    ({"dunning": {"retry_days": [61]}}, "dunning.retry_days.0", "A whole number from 1 to 60 is expected here."),
    ({"dunning": {"retry_days": [2, 2]}}, "dunning.retry_days", "Each day comes after the one before it."),
    ({"dunning": {"retry_days": [*range(1, 9)]}}, "dunning.retry_days", "7 retries after the first attempt are"),
    ({"taxes": {}}, "taxes", "`taxes` is a list."),
    ({"taxes": [19]}, "taxes.0", "A map is expected here: name, rate, country, inclusive."),
    ({"taxes": [{}]}, "taxes.0.rate", "Say how many percent, such as 19."),
    ({"taxes": [{"rate": 19.0}]}, "taxes.0.rate", "A rate is a percentage of at most 4 decimals"),
    ({"taxes": [{"rate": True}]}, "taxes.0.rate", "A rate is a percentage of at most 4 decimals"),
    ({"taxes": [{"rate": "0.00001"}]}, "taxes.0.rate", "A rate is a percentage of at most 4 decimals"),
    ({"taxes": [{"rate": Decimal("1E+3")}]}, "taxes.0.rate", "A rate is a percentage of at most 4 decimals"),
    ({"taxes": [{"rate": 101}]}, "taxes.0.rate", "A rate is 0 to 100 percent."),
    ({"taxes": [{"rate": -1}]}, "taxes.0.rate", "A rate is 0 to 100 percent."),
    ({"taxes": [{"rate": 1, "inclusive": "yes"}]}, "taxes.0.inclusive", "Say true or false."),
    ({"taxes": [{"rate": 1}, {"rate": 2, "country": "DE"}]}, "taxes.1", "This is never reached: Tax comes first."),
    ({"taxes": [{"rate": 1}] * 301}, "taxes", "There are 301 taxes: 300 are the most."),
    ({"changes": {"rules": [rule(name="default")]}}, "changes.rules.0.name", "A rule has a name of its own"),
    ({"changes": {"rules": [rule(name="No way")]}}, "changes.rules.0.name", "A rule has a name of its own"),
    ({"changes": {"rules": [rule(timing=None)]}}, "changes.rules.0.timing", "Say when: IMMEDIATE, END_OF_PERIOD, "),
    ({"changes": {"rules": [rule(to=None)]}}, "changes.rules.0", "Say `from` or `to`: what no rule speaks for"),
    ({"changes": {"rules": [rule(), rule(name="b")]}}, "changes.rules.1", "This is never reached: 'a' speaks for"),
    ({"changes": {"rules": [rule(), rule(to={"plan": "y"})]}}, "changes.rules.1.name", "There is a rule 'a' above."),
    ({"changes": {"rules": [rule(to={"plan": "x", "product": "y"})]}}, "changes.rules.0.to.product", "Say the plan or"),
    ({"changes": {"rules": [rule(to={"interval": "moon"})]}}, "changes.rules.0.to.interval", "`interval` is day, week"),
    (
        {"changes": {"rules": [rule(**{"from": {"product": "a"}, "to": {"product": "b"}})]}},
        "changes.rules.0",
        "No change leads from one product to another.",
    ),
    ({"changes": {"rules": [rule()] * 201}}, "changes.rules", "There are 201 rules: 200 are the most."),
]


def test_what_is_left_out_is_as_shipped() -> None:
    assert policy_of({}) == BillingPolicy()
    assert policy_of({"seller": None, "dunning": {}, "days_until_due": 7}) == BillingPolicy(days_until_due=7)


def test_every_setting_is_read_and_written() -> None:
    assert policy_of(WHOLE) == POLICY
    assert policy_written(POLICY) == WHOLE


def test_words_may_be_small_and_percents_are_exact() -> None:
    written = {"proration_unit": "month", "taxes": [{"rate": Decimal("8.875")}]}

    assert policy_of(written) == BillingPolicy(proration_unit=ProrationUnit.MONTH, taxes=(TaxRule(88_750),))


@settings(deadline=None)
@given(policies)
def test_what_is_written_is_read_back(policy: BillingPolicy) -> None:
    assert policy_of(policy_written(policy)) == policy


@pytest.mark.parametrize(
    ("written", "path", "message"),
    WRONG,
)
def test_what_cannot_be_is_refused_at_its_place(written: Any, path: str, message: str) -> None:
    with pytest.raises(PolicyUnfit) as refused:
        policy_of(written)

    problem, *more = refused.value.problems
    assert (".".join(map(str, problem.path)), problem.message[: len(message)], more) == (path, message, [])


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(PolicyUnfit) as refused:
        policy_of({"days_until_due": 900, "seller": {"email": "x"}, "taxes": [{"rate": 200}], "vat": 1})

    assert str(refused.value).split("; ") == [
        'vat: "vat" is not known here. Expected: ' + ", ".join(POLICY_NAMES) + ".",
        "days_until_due: A whole number from 0 to 365 is expected here.",
        "seller.name: Say who sells: the name that stands on invoices.",
        "seller.email: This is not an e-mail address.",
        "taxes.0.rate: A rate is 0 to 100 percent.",
    ]
