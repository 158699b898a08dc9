"""The evaluator agrees with a plain reading of the rules, and keeps the laws that make it trustworthy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from billing.entitlements.counters import counter
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.explain import explain
from billing.entitlements.explanations import SourceKind
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import AddOnBehaviour, AddOnSource, Counter, FeatureKind, Sources, Usage
from billing.refusals import ResourceRequired
from tests.billing.entitlements import oracle
from tests.billing.entitlements.cases import CALLS, SSO, burn
from tests.billing.entitlements.strategies import allowances, by_feature, gives, questions, subscriptions

if TYPE_CHECKING:
    from billing.entitlements.burning import Burn
    from billing.entitlements.decisions import Decision
    from billing.entitlements.explanations import ExplainedSource
    from billing.entitlements.sources import Json

Question = tuple[Sources, Usage, datetime, str, "Json"]
CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOWLY = settings(CALMLY, max_examples=200)

metered = questions(st.just(CALLS))
unforced = questions(st.sampled_from((CALLS, SSO)), most_overrides=0)


@SLOWLY
@given(questions())
def test_the_evaluator_decides_what_the_plain_rules_say(question: Question) -> None:
    sources, usage, at, resource, requested = question
    try:
        expected = oracle.answer(sources, usage, at, resource, requested)
    except oracle.NameOne:
        with pytest.raises(ResourceRequired) as refused:
            evaluate(sources, usage, at, resource=resource, requested=requested)
        assert list(refused.value.resources) == oracle.resources(sources)
        return

    decision = evaluate(sources, usage, at, resource=resource, requested=requested)

    assert {name: getattr(decision, name) for name in expected} == expected


@SLOWLY
@given(metered)
def test_the_counter_is_the_winners_scope_and_window(question: Question) -> None:
    sources, _, at, resource, _ = question
    assume(resource or len(oracle.resources(sources)) < 2)

    found = counter(sources, resource, at)

    meant = effective_resource(sources, resource)
    assert found == Counter(*oracle.count(sources, meant, at))
    assert found == counter(sources, meant, at)


@SLOWLY
@given(metered, st.integers(1, 30))
def test_burning_is_taking_tokens_one_at_a_time(question: Question, amount: int) -> None:
    sources, usage, at, resource, _ = question
    assume(resource or len(oracle.resources(sources)) < 2)

    burned = burn(sources, usage, amount, at, resource)

    assert (burned.limit_amount, dict(burned.allowances)) == oracle.burn_tokens(sources, usage, amount, at, resource)
    assert burned.limit_amount + sum(part for _, part in burned.allowances) == amount


@CALMLY
@given(metered, st.integers(1, 30), st.data())
def test_consuming_at_once_or_in_parts_burns_alike(question: Question, amount: int, data: st.DataObject) -> None:
    sources, usage, at, resource, _ = question
    assume(resource or len(oracle.resources(sources)) < 2)
    at_once = _booked(sources, usage, burn(sources, usage, amount, at, resource))

    rest = amount
    while rest:
        part = data.draw(st.integers(1, rest))
        sources, usage = _booked(sources, usage, burn(sources, usage, part, at, resource))
        rest -= part

    assert (sources, usage) == at_once


@CALMLY
@given(metered, st.data())
def test_what_remains_can_be_taken_and_nothing_more(question: Question, data: st.DataObject) -> None:
    sources, usage, at, resource, _ = question
    assume(resource or len(oracle.resources(sources)) < 2)
    decision = evaluate(sources, usage, at, resource=resource)
    amount = data.draw(st.integers(1, decision.remaining)) if decision.remaining else 7

    after = evaluate(*_booked(sources, usage, burn(sources, usage, amount, at, resource)), at, resource=resource)

    if decision.remaining is None:
        assert after.remaining is None
    elif decision.remaining:
        assert (after.remaining, after.over_by) == (decision.remaining - amount, decision.over_by)
    else:
        assert (after.remaining, after.has_access) == (0, decision.has_access)


@CALMLY
@given(unforced, st.data())
def test_more_sources_never_give_less(question: Question, data: st.DataObject) -> None:
    sources, usage, at, _, requested = question
    assert sources.feature is not None
    more = _with_more(sources, data)
    before = evaluate(sources, usage, at, resource="a", requested=requested)
    after = evaluate(more, usage, at, resource="a", requested=requested)

    soft = any(not give.hard for one in _all_gives(more) for give in one.gives.values())
    assert after.has_access or not before.has_access or soft
    if sources.feature.kind is FeatureKind.METERED:
        assert _size(after.remaining) >= _size(before.remaining)
        assert after.unlimited or (after.limit or 0) >= (before.limit or 0)


@SLOWLY
@given(questions(), st.data())
def test_a_decision_holds_until_it_says(question: Question, data: st.DataObject) -> None:
    sources, usage, at, resource, requested = question
    assume(resource or sources.feature is SSO or len(oracle.resources(sources)) < 2)
    decision = evaluate(sources, usage, at, resource=resource, requested=requested)

    for moment in _moments(sources, at, decision.valid_until, data):
        assert evaluate(sources, usage, moment, resource=resource, requested=requested) == decision


@SLOWLY
@given(questions())
def test_the_explanation_tells_the_same_decision(question: Question) -> None:
    sources, usage, at, resource, requested = question
    assume(resource or sources.feature is SSO or len(oracle.resources(sources)) < 2)
    decision = evaluate(sources, usage, at, resource=resource, requested=requested)

    told = explain(sources, usage, at, resource=resource, requested=requested)

    assert told.decision == decision
    assert all(line.won == (line.lost is None) for line in told.sources)
    winners = [line for line in told.sources if line.won]
    assert bool(winners) == (decision.reason.value not in oracle.ABSENT)
    if winners and decision.reason is not Reason.REVOKED:
        _ends_where_the_decision_stands(winners, decision)


def _ends_where_the_decision_stands(winners: list[ExplainedSource], decision: Decision) -> None:
    standing = winners[-1].after
    assert standing.granted
    if decision.kind is FeatureKind.CONFIG:
        assert standing.value == decision.value
    if decision.kind is FeatureKind.METERED:
        grants = sum(line.amount or 0 for line in winners if line.kind is SourceKind.ALLOWANCE)
        assert standing.unlimited == decision.unlimited
        assert standing.unlimited or standing.limit == (decision.limit or 0) + grants


def _size(amount: int | None) -> float:
    return float("inf") if amount is None else amount


def _all_gives(sources: Sources) -> list[Any]:
    return [one for s in sources.subscriptions for one in (s, *s.add_ons)]


def _with_more(sources: Sources, data: st.DataObject) -> Sources:
    """One more subscription, adding add-on or allowance."""
    feature = sources.feature
    assert feature is not None
    kind = data.draw(st.sampled_from(("subscription", "allowance", "add-on")))
    if kind == "allowance":
        return replace(sources, allowances=(*sources.allowances, data.draw(allowances(feature, 9))))
    if kind == "subscription" or not sources.subscriptions:
        return replace(sources, subscriptions=(*sources.subscriptions, data.draw(subscriptions(feature, 9))))
    first, *others = sources.subscriptions
    extra = data.draw(gives(feature))._replace(behaviour=AddOnBehaviour.ADD)
    riding = replace(first, add_ons=(*first.add_ons, AddOnSource("more", 1, 2, by_feature(extra))))
    return replace(sources, subscriptions=(riding, *others))


def _booked(sources: Sources, usage: Usage, burned: Burn) -> tuple[Sources, Usage]:
    """The sources and usage once the burn is in the ledger."""
    taken = dict(burned.allowances)
    after = tuple(replace(a, used=a.used + taken.get(a.id, 0)) for a in sources.allowances)
    return replace(sources, allowances=after), Usage(usage.used + burned.limit_amount, usage.reserved)


def _moments(sources: Sources, at: datetime, until: datetime | None, data: st.DataObject) -> list[datetime]:
    """Instants before `until` at which something could have changed, and some others."""
    end = until or at + timedelta(days=4000)
    tick = timedelta(microseconds=1)
    named = [x for a in sources.allowances for x in (a.starts_at, a.expires_at) if x]
    named += [x for o in sources.overrides for x in (o.starts_at, o.ends_at) if x]
    chance = at + (end - at) * data.draw(st.floats(0, 1, exclude_max=True))
    tried = [chance, end - tick, *named, *(x - tick for x in named)]
    return [moment for moment in tried if at <= moment < end]
