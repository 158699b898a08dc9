"""The promise as it is printed: complete, described, and the one that is committed."""

# graphql-core leaves the types inside lists open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
    specified_directives,
)

from schema import build
from tests.house.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

CORE: GraphQLSchema = build.schema._schema  # pyright: ignore[reportPrivateUsage]  (it has no public name)
COMMITTED = Path(build.__file__).with_name("schema.graphql")
OPERATIONS = {
    "Query": (
        "apiKeys catalog catalogPlan coupon coupons customer customers entitlement entitlements events"
        " features invoices job jobs journal node paymentsOverview plan planMigrationPreview plans products"
        " reservations subscription subscriptionCancellationPreview subscriptionCancellationUndoPreview"
        " subscriptionChangePreview subscriptionSchedulePreview subscriptions usageHistory usageRecords viewer"
    ),
    "Mutation": (
        "apiKeyCreate apiKeyRevoke billingPortalSessionCreate catalogApply couponArchive couponCreate"
        " creditBalanceRefund creditGrant creditNoteCreate customerArchive customerTokenCreate"
        " customerTokenRevoke customerUpsert discountApply discountRemove entitlementConsume"
        " entitlementReserve featureArchive grantCreate grantRevoke invoiceCollect invoiceCreate"
        " invoiceFinalize invoiceItemCreate invoiceItemDelete invoiceMarkPaid invoiceMarkUncollectible"
        " invoiceSend invoiceVoid jobCancel overrideClear overrideSet paymentMethodAdd paymentMethodRemove"
        " paymentMethodSetDefault paymentSimulate planArchive planMigrationStart planMigrationUndo"
        " productArchive promotionCodeArchive promotionCodeCreate refundCreate reservationRelease"
        " reservationSettle scheduledChangeUndo subscriptionCancel subscriptionCancellationUndo"
        " subscriptionChange subscriptionCollectionPause subscriptionCollectionResume subscriptionCreate"
        " subscriptionDowngrade subscriptionScheduleCreate subscriptionScheduleRelease"
        " subscriptionScheduleUpdate subscriptionUpdate subscriptionsCancel subscriptionsCancelUndo"
        " testClockAdvance usageReport usageReportMany"
    ),
}


def own() -> list[GraphQLNamedType]:
    """Our types, without the language's own."""
    kinds = CORE.type_map.values()
    return [kind for kind in kinds if not is_introspection_type(kind) and not is_specified_scalar_type(kind)]


def acts() -> dict[str, GraphQLField]:
    """Every act by name."""
    return dict(CORE.mutation_type.fields) if CORE.mutation_type else {}


def told() -> Iterator[tuple[str, str | None]]:
    """Everything that a reader can ask about, with what is said of it."""
    for kind in own():
        yield kind.name, kind.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                yield from ((f"{kind.name}.{name}({arg}:)", given.description) for arg, given in field.args.items())
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())
        elif isinstance(kind, GraphQLEnumType):
            yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())


def fields() -> Iterator[tuple[str, str, str]]:
    """Every field that is answered or given: where it is, its name, its type's name."""
    for kind in own():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield kind.name, name, get_named_type(field.type).name


def test_the_committed_schema_is_what_the_code_prints() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == build.printed()


def test_everything_is_described_in_whole_sentences() -> None:
    assert [place for place, text in told() if not text or not re.fullmatch(r"[A-Z0-9`].*[.)]", text, re.DOTALL)] == []


def test_the_schema_offers_what_was_agreed() -> None:
    roots = {root.name: " ".join(sorted(root.fields)) for root in (CORE.query_type, CORE.mutation_type) if root}

    assert roots == OPERATIONS


def test_an_act_takes_one_input_and_answers_a_union() -> None:
    odd = [
        name
        for name, act in acts().items()
        if [str(given.type) for given in act.args.values()] != [f"{name[0].upper()}{name[1:]}Input!"]
        or not isinstance(get_named_type(act.type), GraphQLUnionType)
    ]

    assert odd == []


BY_ROW = {"UsageReportManyInput": "reports"}
"""Acts of many rows: each row has its own key and its own human."""


def test_every_act_can_be_named_by_a_key_and_by_its_human() -> None:
    given = [cast("GraphQLInputObjectType", get_named_type(act.args["input"].type)) for act in acts().values()]
    named = [get_named_type(kind.fields[BY_ROW[kind.name]].type) if kind.name in BY_ROW else kind for kind in given]
    inputs = list(dict.fromkeys(cast("GraphQLInputObjectType", kind) for kind in named))
    required = [kind.name for kind in inputs if str(kind.fields["idempotencyKey"].type) == "String!"]

    assert [kind.name for kind in inputs if str(kind.fields["actor"].type) != "String"] == []
    assert required == [
        "EntitlementConsumeInput",
        "EntitlementReserveInput",
        "ReservationSettleInput",
        "UsageReportInput",
    ]


def test_amounts_and_money_are_exact_decimals_and_nothing_is_a_float() -> None:
    counted = re.compile(r"amount|used|limit|remaining|overBy|reserved|allowanceLeft|packageSize|upTo|left")
    money = {"UnitPrice", "Amount", "Money", "MoneyInput"}
    how_many = {("Instalments", "remaining")}
    odd = [(kind, name, of) for kind, name, of in fields() if counted.fullmatch(name) and of not in money]
    odd = [each for each in odd if each[:2] not in how_many]

    assert odd == []
    assert [found for found in fields() if found[2] == "Float"] == []


def test_no_directive_is_ours_and_nothing_is_deprecated() -> None:
    assert {directive.name for directive in CORE.directives} <= {one.name for one in specified_directives}
    assert "@deprecated" not in build.printed()


ONE_OF = """
from schema.build import schema
whole = schema.execute_sync("{ __schema { types { name isOneOf fields { type { isOneOf } } } } }")
types = whole.data["__schema"]["types"]
print(whole.errors, sorted(each["name"] for each in types if each["isOneOf"]),
    {field["type"]["isOneOf"] for each in types for field in each["fields"] or ()})
"""


def test_every_type_says_whether_one_of_its_fields_has_to_be_given() -> None:
    """In a program of its own: all schemas of a program share how this is answered."""
    said = subprocess.run([sys.executable, "-c", ONE_OF], cwd=ROOT, check=True, capture_output=True, text=True)

    assert said.stdout.strip() == "None ['CustomerRef', 'NoticeInput', 'PhaseEndInput', 'SubscriptionsChosen'] {False}"
