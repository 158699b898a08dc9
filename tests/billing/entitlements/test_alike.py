"""What is heard once for all who have the same plans is what each of them would have been told alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.entitlements.alike import Alike
from billing.entitlements.counters import counter
from billing.entitlements.evaluate import decide, evaluate
from billing.entitlements.lasting import lasts_until
from billing.entitlements.resources import asked_about
from billing.entitlements.sources import (
    AddOnBehaviour,
    AddOnSource,
    Aggregation,
    Allowance,
    AllowanceKind,
    FeatureKind,
    Give,
    NoAccess,
    Override,
    ResetAnchor,
    ResetEvery,
    Speaking,
    SubscriptionSource,
    Usage,
)
from tests.billing.entitlements.cases import CALLS, REGION, SEATS, SSO, THEME
from tests.billing.entitlements.strategies import START, ZONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Feature, Json

SEED, WORLDS = 20_271, 250
STORED = replace(CALLS, id="feat_stored", key="stored", aggregation=Aggregation.MAX)
FEATURES = {each.id: each for each in (CALLS, STORED, SSO, SEATS, REGION, THEME)}
MADE = (START - timedelta(days=40), START - timedelta(days=40), START - timedelta(days=9))
WITHHELD = (NoAccess.PAUSED, NoAccess.TRIAL_ENDED)
VALUES: Mapping[str, list[Json]] = {SEATS.id: [1, 2, 5], REGION.id: ["eu", "us"], THEME.id: [{"dark": True}, ["x"]]}


class World:
    """Plans, and customers who have much in common, so that whatever tells two of them apart decides now and then."""

    def __init__(self, seed: int) -> None:
        """Draw what plans give."""
        self.draw = Random(seed)
        self.silent = self._rarely()
        self.plans = [(f"plan-{number}", self.draw.randint(1, 2), self._gives()) for number in range(3)]

    def customer(self) -> Speaking:
        """Draw a customer; few have something of their own."""
        several = [self._subscription(number) for number in range(self.draw.choice((0, 1, 1, 2, 2, 2)))]
        self.draw.shuffle(several)
        of = Speaking(FEATURES, tuple(several), self._rarely())
        own = self.draw.choice(list(FEATURES.values()))
        if self._rarely():
            of.allowances[own.id] = (self._allowance(own),)
        if self._rarely():
            of.overrides[own.id] = (self._override(own),)
        return of

    def _gives(self) -> dict[str, Give]:
        return {id_: self._give(feature) for id_, feature in FEATURES.items() if self.draw.random() < 0.7}

    def _give(self, feature: Feature) -> Give:
        return Give(
            feature.id,
            granted=feature.kind is not FeatureKind.BOOLEAN or self.draw.random() < 0.7,
            value=self._value(feature),
            limit=self.draw.choice((None, 0, 3, 5, 5)),
            hard=self.draw.random() < 0.7,
            reset=self.draw.choice(list(ResetEvery)),
            reset_anchor=self.draw.choice(list(ResetAnchor)),
            per_quantity=self.draw.random() < 0.5,
            behaviour=self.draw.choice(list(AddOnBehaviour)),
        )

    def _subscription(self, number: int) -> SubscriptionSource:
        key, rank, gives = self.draw.choice(self.plans)
        riding = [self.draw.choice(self.plans)] if self._rarely() else []
        start = START - timedelta(days=self.draw.randint(0, 3))
        return SubscriptionSource(
            subscription_id=f"sub_{number}",
            resource=self.draw.choice(("a", "b")) if self._rarely() else "",
            plan_key=key,
            plan_version=1,
            plan_rank=rank,
            quantity=self.draw.choice((1, 1, 1, 2)),
            anchor=start,
            zone=self.draw.choice(ZONES),
            period=Period(start, start + timedelta(days=60)),
            created_at=self.draw.choice(MADE),
            gives=gives,
            add_ons=tuple(AddOnSource(add_on, 1, self.draw.randint(0, 2), given) for add_on, _, given in riding),
            no_access=self.draw.choice(WITHHELD) if self.silent or self._rarely() else None,
            changes_at=self._instant() if self._rarely() else None,
        )

    def _allowance(self, of: Feature) -> Allowance:
        kind, ends = AllowanceKind.PROMOTIONAL, self._instant()
        return Allowance("grant", "", kind, 6, self.draw.randint(0, 6), 50, START, START, ends, self._value(of))

    def _override(self, of: Feature) -> Override:
        revoked, limit = self._rarely(), self.draw.choice((None, 0, 4))
        return Override("over", "", START, self._instant(), revoked, limit, value=self._value(of))

    def _value(self, feature: Feature) -> Json:
        return self.draw.choice(VALUES.get(feature.id, [None]))

    def _instant(self) -> datetime:
        return START + timedelta(hours=12 * self.draw.randint(1, 80))

    def _rarely(self) -> bool:
        return self.draw.random() < 0.15


def test_many_are_decided_as_each_would_be_alone() -> None:
    for seed in range(SEED, SEED + WORLDS):
        world = World(seed)
        at, resource = START + timedelta(days=20), world.draw.choice(("", "", "a"))
        usage = Usage(world.draw.randint(0, 9), world.draw.randint(0, 1))
        alike = Alike(at, resource)
        for of in [world.customer() for _ in range(12)]:
            terms, timings = alike.heard(of)
            asked = [(id_, each) for id_ in FEATURES for each in asked_about(of.about(id_), resource)]
            assert [term[:2] for term in terms] == asked
            told: list[tuple[Usage, Decision]] = []
            for id_, each, found, place in terms:
                sources, timing = of.about(id_), timings[place]
                alone = evaluate(sources, usage, at, resource=each)
                assert decide(found, usage, None, timing) == alone, seed
                assert found.closed or timing.counter == counter(sources, each, at), seed
                told.append((usage, alone))
            ends = [lasts_until(of.about(term.feature_id), [one], at) for term, one in zip(terms, told, strict=True)]
            assert lasts_until(of, told, at) == min((end for end in ends if end), default=None), seed
