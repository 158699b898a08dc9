"""The worked month: a plan with add-ons and a grant, consumed to the last unit, and the first of February."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.entitlements.counters import counter
from billing.entitlements.decisions import Decision, Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.sources import Usage
from tests.billing.entitlements.cases import CALLS, add_on, allowance, burn, metered, sources, subscription, utc

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Sources

FEBRUARY = utc("2024-02-01")


@dataclass
class Ledger:
    """What was consumed: of the limit with its instant, and of each allowance."""

    sources: Sources
    limit_rows: list[tuple[datetime, int]] = field(default_factory=list[tuple["datetime", int]])

    def usage(self, at: datetime) -> Usage:
        """What the counter holds."""
        window = counter(self.sources, "", at)
        assert window is not None
        rows = [n for when, n in self.limit_rows if window.start is None or when >= window.start]
        return Usage(sum(rows))

    def decision(self, at: datetime, requested: int | None = None) -> Decision:
        """What may be used."""
        return evaluate(self.sources, self.usage(at), at, requested=requested)

    def consume(self, amount: int, at: datetime) -> Decision:
        """All or nothing."""
        decision = self.decision(at, amount)
        if decision.has_access:
            burned = burn(self.sources, self.usage(at), amount, at)
            taken = dict(burned.allowances)
            self.limit_rows.append((at, burned.limit_amount))
            after = tuple(replace(a, used=a.used + taken.get(a.id, 0)) for a in self.sources.allowances)
            self.sources = replace(self.sources, allowances=after)
        return decision


def january() -> Ledger:
    """Plan 1,000, add-on 200 twice, monthly; 500 granted until February."""
    plan = subscription(metered(1000), add_ons=(add_on(metered(200), 2),))
    return Ledger(sources(CALLS, plan, allowances=(allowance(500, expires_at=FEBRUARY),)))


def test_limit_and_grant_are_consumed_to_the_last_unit_and_come_back_as_promised() -> None:
    ledger = january()

    assert ledger.consume(1450, utc("2024-01-12")).reason is Reason.GRANTED
    middle = ledger.decision(utc("2024-01-13"))
    assert (middle.limit, middle.used, middle.allowance_left, middle.remaining) == (1400, 1400, 450, 450)

    too_much = ledger.consume(451, utc("2024-01-13"))
    assert (too_much.reason, too_much.remaining) == (Reason.REQUESTED_EXCEEDS_LIMIT, 450)
    for _ in range(450):
        assert ledger.consume(1, utc("2024-01-14")).has_access
    assert ledger.consume(1, FEBRUARY - timedelta(microseconds=1)) == Decision(
        feature_key="api-calls",
        kind=CALLS.kind,
        resource="",
        reason=Reason.LIMIT_REACHED,
        has_access=False,
        requested=1,
        limit=1400,
        used=1400,
        remaining=0,
        window_start=utc("2024-01-01"),
        resets_at=FEBRUARY,
        valid_until=FEBRUARY,
    )

    assert ledger.decision(FEBRUARY) == Decision(
        feature_key="api-calls",
        kind=CALLS.kind,
        resource="",
        reason=Reason.GRANTED,
        has_access=True,
        limit=1400,
        remaining=1400,
        window_start=FEBRUARY,
        resets_at=utc("2024-03-01"),
        valid_until=utc("2024-03-01"),
    )


def test_one_call_or_many_leave_the_same_ledger() -> None:
    at_once, one_by_one = january(), january()

    at_once.consume(1450, utc("2024-01-12"))
    for _ in range(1450):
        one_by_one.consume(1, utc("2024-01-12"))

    assert one_by_one.sources == at_once.sources
    assert one_by_one.usage(utc("2024-01-13")) == at_once.usage(utc("2024-01-13")) == Usage(1400)
