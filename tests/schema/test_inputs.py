"""Nothing that a database cannot keep gets past an input: every text of every act is refused by name."""

# graphql-core leaves the types inside lists open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
)

from tests.schema.test_printed import acts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLInputType

    from tests.schema.asking import World

Path = tuple["str | int", ...]

MANY = {
    "usageReportMany": "... on UsageManyReported { results { __typename ... on UserError { code field } } }",
}
ONE_OF = {
    "CustomerRef": {"id", "externalId"},
    "NoticeInput": {"days", "months"},
    "PhaseEndInput": {"endsAt", "cycles"},
    "SubscriptionsChosen": {"ids", "filter"},
}
"""Inputs of which one field is given."""
BAD_TEXTS = ("\x00", "a\x00b", "\ud800", "x" * 200_001)
BAD_WHOLES = (-(2**31), -1)
SCALARS: dict[str, Any] = {
    "Amount": "1",
    "Boolean": False,
    "ID": "x",
    "Instant": "2026-02-01T00:00:00Z",
    "Int": 1,
    "JSON": 1,
    "Metadata": {"a": "b"},
    "String": "x",
}
BAD_METADATA: tuple[dict[str, str], ...] = (
    {"a": "\x00"},
    {"\ud800": "a"},
    {"": "a"},
    {"k" * 41: "a"},
    {"a": "v" * 501},
    {f"k{n}": "v" for n in range(51)},
)


def filled(kind: GraphQLInputType) -> Any:
    """A value with every field of every object, and one of each list."""
    if isinstance(kind, GraphQLNonNull):
        return filled(cast("GraphQLInputType", kind.of_type))
    if isinstance(kind, GraphQLList):
        return [filled(cast("GraphQLInputType", kind.of_type))]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLScalarType):
        return SCALARS[kind.name]
    assert isinstance(kind, GraphQLInputObjectType)
    fields = dict(list(kind.fields.items())[:1]) if kind.name in ONE_OF else kind.fields
    return {name: filled(field.type) for name, field in fields.items()}


def leaves(kind: GraphQLInputType, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where the scalars of an input are, and which they are."""
    if isinstance(kind, GraphQLNonNull):
        yield from leaves(cast("GraphQLInputType", kind.of_type), path)
    elif isinstance(kind, GraphQLList):
        yield from leaves(cast("GraphQLInputType", kind.of_type), (*path, 0))
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            yield from leaves(field.type, (*path, name))
    elif isinstance(kind, GraphQLScalarType):
        yield path, kind.name


def changed(value: Any, path: Path, leaf: object) -> Any:
    """The value with another leaf; of what takes one field, only that on the way stays; made where it is not there."""
    if not path:
        return leaf
    if isinstance(path[0], int):
        return [changed(value[0] if value else None, path[1:], leaf)]
    there = value or {}
    inner = changed(there.get(path[0]), path[1:], leaf)
    one = any(len(there) == 1 and {*there, path[0]} <= names for names in ONE_OF.values())
    return {path[0]: inner} if one else {**there, path[0]: inner}


async def told(asked: World, act: str, value: object) -> dict[str, Any]:
    """The answer; of an act of many rows that of its only one, where the act as a whole was not refused."""
    kind = get_named_type(acts()[act].args["input"].type).name
    answered = f"{{ __typename {MANY.get(act, '')} ... on UserError {{ code field }} }}"
    document = f"mutation ($input: {kind}!) {{ {act}(input: $input) {answered} }}"
    found: dict[str, Any] = (await asked.ask(document, input=value))[act]
    (row,) = found.get("results", (found,))
    return cast("dict[str, Any]", row)


def bad(act: str) -> Iterator[tuple[Path, object]]:
    for path, scalar in leaves(acts()[act].args["input"].type):
        values: dict[str, tuple[object, ...]] = {
            "ID": BAD_TEXTS, "String": BAD_TEXTS, "Metadata": BAD_METADATA, "Int": BAD_WHOLES
        }  # fmt: skip
        for value in values.get(scalar, ()):
            yield path, value


@pytest.mark.parametrize("act", acts())
async def test_what_cannot_be_kept_is_refused_by_name(asked: World, act: str) -> None:
    whole = filled(acts()[act].args["input"].type)
    for path, value in bad(act):
        found = await told(asked, act, changed(whole, path, value))
        assert (found["__typename"], found["code"]) == ("InvalidInput", "INVALID_INPUT"), (path, value)
        assert found["field"], path


NOWHERE = {
    "apiKeyCreate": ("InvalidInput", "scopes"),
    "apiKeyRevoke": ("NotFound", "id"),
    "billingPortalSessionCreate": ("InvalidInput", "locale"),
    "catalogApply": ("CatalogInvalid", None),
    "couponArchive": ("NotFound", "couponId"),
    "couponCreate": ("InvalidInput", "percentOff"),
    "customerArchive": ("NotFound", "customer"),
    "customerTokenCreate": ("InvalidInput", "scopes"),
    "customerTokenRevoke": ("NotFound", "customer"),
    "customerUpsert": ("InvalidInput", "email"),
    "entitlementConsume": ("EntitlementDenied", None),
    "discountApply": ("InvalidInput", "couponId"),
    "discountRemove": ("NotFound", "id"),
    "featureArchive": ("NotFound", "featureId"),
    "entitlementReserve": ("EntitlementDenied", None),
    "reservationRelease": ("NotFound", "id"),
    "reservationSettle": ("NotFound", "id"),
    "grantCreate": ("NotFound", "customer"),
    "grantRevoke": ("NotFound", "id"),
    "creditGrant": ("InvalidInput", "amount.currency"),
    "creditNoteCreate": ("InvalidInput", "amount"),
    "creditBalanceRefund": ("InvalidInput", "currency"),
    "invoiceVoid": ("NotFound", "invoiceId"),
    "invoiceMarkUncollectible": ("NotFound", "invoiceId"),
    "invoiceCreate": ("InvalidInput", "currency"),
    "invoiceFinalize": ("NotFound", "invoiceId"),
    "invoiceItemCreate": ("InvalidInput", "amount.currency"),
    "invoiceItemDelete": ("NotFound", "id"),
    "invoiceSend": ("NotFound", "invoiceId"),
    "invoiceCollect": ("NotFound", "invoiceId"),
    "invoiceMarkPaid": ("NotFound", "invoiceId"),
    "jobCancel": ("NotFound", "id"),
    "overrideClear": ("NotFound", "customer"),
    "overrideSet": ("NotFound", "customer"),
    "paymentMethodAdd": ("PaymentMethodUnknown", "provider"),
    "paymentMethodRemove": ("NotFound", "id"),
    "paymentMethodSetDefault": ("NotFound", "id"),
    "paymentSimulate": ("NotFound", "paymentId"),
    "planArchive": ("NotFound", "planId"),
    "productArchive": ("NotFound", "productId"),
    "planMigrationStart": ("NotFound", "from"),
    "planMigrationUndo": ("NotFound", "id"),
    "promotionCodeArchive": ("NotFound", "promotionCodeId"),
    "promotionCodeCreate": ("NotFound", "couponId"),
    "refundCreate": ("NotFound", "invoiceId"),
    "scheduledChangeUndo": ("NotFound", "id"),
    "subscriptionCancel": ("NotFound", "subscriptionId"),
    "subscriptionsCancel": ("InvalidInput", "date"),
    "subscriptionsCancelUndo": ("NotFound", "id"),
    "subscriptionCancellationUndo": ("NotFound", "subscriptionId"),
    "subscriptionChange": ("NotFound", "subscriptionId"),
    "subscriptionCollectionPause": ("NotFound", "subscriptionId"),
    "subscriptionCollectionResume": ("NotFound", "subscriptionId"),
    "subscriptionCreate": ("NotFound", "customer"),
    "subscriptionDowngrade": ("NotFound", "subscriptionId"),
    "subscriptionScheduleCreate": ("NotFound", "subscriptionId"),
    "subscriptionScheduleRelease": ("NotFound", "id"),
    "subscriptionScheduleUpdate": ("NotFound", "id"),
    "subscriptionUpdate": ("NotFound", "subscriptionId"),
    "testClockAdvance": ("TestClockAdvanced", None),
    "usageReport": ("NotFound", "customer"),
    "usageReportMany": ("NotFound", "customer"),
}


async def test_what_fits_and_points_nowhere_is_answered_by_name(asked: World) -> None:
    found = {act: await told(asked, act, filled(field.args["input"].type)) for act, field in acts().items()}

    assert {act: (one["__typename"], one.get("field")) for act, one in found.items()} == NOWHERE
