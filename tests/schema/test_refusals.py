"""Each refusal has its type, with the same facts; each union has what can be refused."""

from __future__ import annotations

import sys
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType

from billing import (
    ending_refusals,
    invoice_refusals,
    limit_refusals,
    payment_refusals,
    preview_refusals,
    refusals,
    schedule_refusals,
)
from billing.preview_refusals import StaleReason
from billing.schedules import ScheduleStatus
from schema.answers import answer, members
from schema.mutations.subscription_downgrade import SubscriptionDowngradeAnswer
from schema.refusals import PAIRS, TOLD_OF_ROWS, NotADowngrade, told_of
from tests.schema.test_printed import CORE

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = sorted(refusals.Refusal.__subclasses__(), key=lambda kind: kind.__name__)
RAISED_IN = {
    each.__name__
    for each in (
        refusals,
        ending_refusals,
        invoice_refusals,
        limit_refusals,
        payment_refusals,
        preview_refusals,
        schedule_refusals,
    )
}
OURS = [
    kind
    for kind in EVERY
    if kind.__module__ in RAISED_IN and getattr(sys.modules[kind.__module__], kind.__name__) is kind
]
"""A class that was made anew with slots leaves the first one behind until it is collected."""
FACTS: dict[str, Any] = {
    "why": ending_refusals.Unfit.SAME,
    "action": "CANCEL_NOW",
    "reason_code": "POLICY_FORBIDS",
    "status": "APPLIED",
    "invoice_status": "PAID",
    "schedule_status": ScheduleStatus.RELEASED,
    "stale_reason": StaleReason.EXPIRED,
    "state": "SETTLED",
    "kind": "BOOLEAN",
    "aggregation": "LAST",
    "outcome": "DONE",
}


OF_JOBS = ("JobDetails", "JobResult")
"""Unions that say what a job of each kind is about, and refuse nothing."""


def made(kind: type[refusals.Refusal]) -> refusals.Refusal:
    """One of a kind, with a value for each fact."""
    words = {"datetime": datetime, "ScheduleStatus": ScheduleStatus, "StaleReason": StaleReason}
    hints = get_type_hints(
        kind, {**vars(refusals), **words, "Unfit": ending_refusals.Unfit, "Above": limit_refusals.Above}
    )
    facts = {one.name: FACTS.get(one.name, _some(hints[one.name])) for one in fields(kind)}
    return kind(**facts | {"message": "No.", "field": "planId"})


def _some(hint: object) -> object:
    for word, value in (("datetime", datetime(2026, 1, 1, tzinfo=UTC)), ("tuple", ("a", "b")), ("int", 7)):
        if word in str(hint):
            return value
    return "x"


def unions() -> Iterator[tuple[str, list[GraphQLObjectType]]]:
    """Every union by name with its members."""
    for kind in CORE.type_map.values():
        if isinstance(kind, GraphQLUnionType):
            yield kind.name, list(kind.types)


def test_every_refusal_of_the_engine_has_its_type() -> None:
    assert sorted(kind.__name__ for kind in PAIRS) == [kind.__name__ for kind in OURS]
    assert {kind.__name__: pair.__name__ for kind, pair in PAIRS.items() if kind.__name__ != pair.__name__} == {}


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_a_refusal_is_told_with_all_its_facts(kind: type[refusals.Refusal]) -> None:
    refusal = made(kind)
    facts = {name: ["a", "b"] if fact == ("a", "b") else fact for name, fact in refusal.facts().items()}

    told = told_of(refusal)

    assert vars(told) == {"message": "No.", "code": refusal.code, "field": "planId", **facts}
    held = {one.name for one in fields(told) if getattr(one, "base_resolver", None) is None}
    assert held == {"message", "code", "field", *facts}


def test_what_no_closed_set_has_is_told_as_nothing() -> None:
    told: Any = told_of(refusals.ActionNotAllowed("No.", action="DANCE"))

    assert (told.action, told.reason_code) == (None, None)


def test_what_a_union_promises_beside_its_payload_is_a_user_error() -> None:
    payloads = {
        name: [kind.name for kind in types if "UserError" not in {face.name for face in kind.interfaces}]
        for name, types in unions()
        if name not in OF_JOBS
    }

    assert [name for name in payloads if not name.endswith("Answer")] == []
    assert {name: found for name, found in payloads.items() if len(found) != 1} == {
        "EntitlementConsumeAnswer": ["EntitlementGranted", "EntitlementDenied"],
        "EntitlementReserveAnswer": ["EntitlementReserved", "EntitlementDenied"],
        "ReservationSettleAnswer": ["ReservationSettled", "EntitlementDenied"],
    }


def test_what_has_one_name_in_a_union_has_one_type_so_that_both_can_be_selected() -> None:
    odd: dict[str, set[str]] = {}
    for name, kinds in unions():
        found: dict[str, set[str]] = {}
        for kind in kinds:
            for field, promised in kind.fields.items():
                found.setdefault(field, set()).add(str(promised.type))
        odd |= {f"{name}.{field}": types for field, types in found.items() if len(types) > 1}

    assert odd == {}


def test_every_refusal_that_is_promised_can_come() -> None:
    promised = {kind.name for _, types in unions() for kind in types}

    assert [kind.__name__ for kind in OURS if kind.__name__ not in promised] == [
        "ChangePending",
        "MovedMeanwhile",
    ]
    assert [kind.__name__ for kind in TOLD_OF_ROWS] == ["ChangePending", "MovedMeanwhile"]


async def test_a_refusal_becomes_its_member_of_the_union() -> None:
    async def refuse() -> None:
        raise refusals.NotADowngrade("No.", field="planId", current_rank=1, target_rank=2)

    told = await answer(SubscriptionDowngradeAnswer, str, refuse())

    assert told == NotADowngrade(message="No.", code="NOT_A_DOWNGRADE", field="planId", current_rank=1, target_rank=2)


async def test_a_refusal_that_the_union_does_not_have_is_raised() -> None:
    class Unheard(refusals.InvalidInput):
        """A refusal of some other room."""

    async def refuse(refusal: refusals.Refusal) -> None:
        raise refusal

    for refusal in (refusals.CatalogInvalid("No."), Unheard("No.")):
        with pytest.raises(type(refusal)):
            await answer(SubscriptionDowngradeAnswer, str, refuse(refusal))


async def test_an_outcome_is_shown_by_its_payload() -> None:
    async def done() -> int:
        return 7

    assert await answer(SubscriptionDowngradeAnswer, str, done()) == "7"


def test_the_members_of_a_union_are_those_of_the_schema() -> None:
    listed = dict(unions())["SubscriptionDowngradeAnswer"]

    assert {kind.__name__ for kind in members(SubscriptionDowngradeAnswer) if kind} == {kind.name for kind in listed}
